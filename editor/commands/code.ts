import { TextSelection, type Command } from 'prosemirror-state'
import { mathLanguage, parseLanguage, schemaOf } from '../schema/index.ts'
import { insertBlock } from './insert.ts'

/** Makes a code block of an empty paragraph, else inserts one after the selected block; null is plain text. */
export function insertCode(language: string | null = null): Command {
  return (state, dispatch, view) => {
    const attrs = { language: parseLanguage(language) }
    const { $from, empty } = state.selection
    const { parent } = $from
    const isEmpty = empty && parent.type.name === 'paragraph' && parent.content.size === 0
    const { code_block } = schemaOf(state).nodes
    if (!isEmpty) return insertBlock(code_block.create(attrs))(state, dispatch, view)
    dispatch?.(state.tr.setBlockType($from.pos, $from.pos, code_block, attrs).scrollIntoView())
    return true
  }
}

/** Inserts a formula that stands by itself. */
export const insertFormula: Command = insertCode(mathLanguage)

/** Gives the code block at a position another language; null is plain text. */
export function setLanguage(position: number, language: string | null): Command {
  return (state, dispatch) => {
    const node = state.doc.nodeAt(position)
    if (node?.type.name !== 'code_block') return false
    dispatch?.(state.tr.setNodeAttribute(position, 'language', parseLanguage(language)))
    return true
  }
}

const indentation = '  '

/** Enter in code: the new line begins with the spaces that its own began with. */
export const breakLine: Command = (state, dispatch) => {
  const { $from, $to } = state.selection
  if ($from.parent.type.name !== 'code_block' || !$from.sameParent($to)) return false
  const line = $from.parent.textContent.slice(0, $from.parentOffset).split('\n').at(-1) ?? ''
  dispatch?.(state.tr.insertText(`\n${/^[ \t]*/.exec(line)?.[0] ?? ''}`).scrollIntoView())
  return true
}

/** Where the lines that the selection touches begin, in document positions. */
function lineStarts(
  text: string,
  { from, to, start }: { from: number; to: number; start: number },
): number[] {
  const starts: number[] = []
  let at = 0
  for (const line of text.split('\n')) {
    const end = at + line.length
    if (end >= from - start && at <= to - start) starts.push(start + at)
    at = end + 1
  }
  return starts
}

/** Tab in code: spaces at the caret, or before each selected line. */
export const indentCode: Command = (state, dispatch) => {
  const { $from, $to, empty, from, to } = state.selection
  if ($from.parent.type.name !== 'code_block' || !$from.sameParent($to)) return false
  const text = $from.parent.textContent
  const isInLine = empty || !text.slice($from.parentOffset, $to.parentOffset).includes('\n')
  if (isInLine) {
    dispatch?.(state.tr.insertText(indentation).scrollIntoView())
    return true
  }
  const { tr } = state
  for (const at of lineStarts(text, { from, to, start: $from.start() }).reverse())
    tr.insertText(indentation, at)
  dispatch?.(tr)
  return true
}

/** Shift-Tab in code: takes the spaces away again; outermost it does nothing, so that the keyboard can leave. */
export const outdentCode: Command = (state, dispatch) => {
  const { $from, $to, from, to } = state.selection
  if ($from.parent.type.name !== 'code_block' || !$from.sameParent($to)) return false
  const text = $from.parent.textContent
  const start = $from.start()
  const { tr } = state
  for (const at of lineStarts(text, { from, to, start }).reverse()) {
    const width = /^(?:\t| {1,2})/.exec(text.slice(at - start))?.[0].length ?? 0
    if (width > 0) tr.delete(at, at + width)
  }
  if (!tr.docChanged) return false
  dispatch?.(tr.setSelection(TextSelection.between(tr.doc.resolve(tr.selection.anchor), tr.selection.$head)))
  return true
}
