import type { Command, EditorState } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { parseParagraph, schemaOf, type ParagraphAttrs } from '../schema/index.ts'
import { isPlain, writeParagraph } from './blocks.ts'

function isAtBlockStart(state: EditorState, view: EditorView | undefined): boolean {
  const { $from, empty } = state.selection
  if (!empty || !$from.parent.isTextblock) return false
  return view === undefined ? $from.parentOffset === 0 : view.endOfTextblock('backward', state)
}

function nextPlainer({ list, level, style }: ParagraphAttrs): Partial<ParagraphAttrs> | null {
  if (list !== null) return { list: null, checked: null, start: null }
  if (level !== null) return { level: null }
  return style === null ? null : { style: null }
}

/** At the start of a list item, indented paragraph, heading or quote: makes it plainer, one step at a time. */
export const makePlainer: Command = (state, dispatch, view) => {
  const { $from } = state.selection
  if ($from.parent.type.name !== 'paragraph' || !isAtBlockStart(state, view)) return false
  const change = nextPlainer(parseParagraph($from.parent.attrs))
  if (change === null) return false
  dispatch?.(writeParagraph(state.tr, $from.before(), change).scrollIntoView())
  return true
}

/** At the start of an empty code block: makes it a paragraph. */
export const leaveEmptyCode: Command = (state, dispatch, view) => {
  const { $from } = state.selection
  const { parent } = $from
  if (parent.type.name !== 'code_block' || parent.content.size > 0) return false
  if (!isAtBlockStart(state, view)) return false
  dispatch?.(state.tr.setNodeMarkup($from.before(), schemaOf(state).nodes.paragraph, {}).scrollIntoView())
  return true
}

/**
 * After an empty plain paragraph: removes that one. Joining would move this paragraph's text into it, away from
 * whoever else is typing in it.
 */
export const removeEmptyBefore: Command = (state, dispatch, view) => {
  const { $from } = state.selection
  if (!isAtBlockStart(state, view) || $from.depth === 0) return false
  const before = state.doc.resolve($from.before()).nodeBefore
  if (before?.type.name !== 'paragraph' || before.content.size > 0) return false
  if (!isPlain(parseParagraph(before.attrs))) return false
  dispatch?.(state.tr.delete($from.before() - before.nodeSize, $from.before()).scrollIntoView())
  return true
}
