import { chainCommands, createParagraphNear, exitCode, newlineInCode } from 'prosemirror-commands'
import type { Command, EditorState, Transaction } from 'prosemirror-state'
import { TextSelection } from 'prosemirror-state'
import { canSplit } from 'prosemirror-transform'
import { parseParagraph, plainParagraph, schemaOf, type ParagraphAttrs } from '../schema/index.ts'
import { writeParagraph } from './blocks.ts'
import { leaveCallout } from './callouts.ts'
import { breakLine } from './code.ts'

/** In an empty list item moves it out, then out of the list; in an empty quote leaves the quote. */
export const leaveEmptyItem: Command = (state, dispatch) => {
  const { $from, empty } = state.selection
  if (!empty || $from.parent.type.name !== 'paragraph' || $from.parent.content.size > 0) return false
  const { list, level, style } = parseParagraph($from.parent.attrs)
  if (list === null && style !== 'quote') return false
  const isNested = list !== null && level !== null
  const change = isNested
    ? { level: level > 1 ? level - 1 : null, checked: null }
    : { list: null, level: null, checked: null, style: null }
  dispatch?.(writeParagraph(state.tr, $from.before(), change).scrollIntoView())
  return true
}

/** What the new paragraph is after Enter at the end of one. */
function attrsAfter(attrs: ParagraphAttrs): ParagraphAttrs {
  const isHeading = attrs.style !== null && attrs.style !== 'quote'
  return { ...attrs, checked: null, start: null, style: isHeading ? null : attrs.style }
}

/** Starts a new paragraph: a plain one after a heading or title, one like it after a quote or list item. */
export const splitParagraph: Command = (state, dispatch) => {
  const { $from } = state.selection
  if (!(state.selection instanceof TextSelection) || $from.parent.type.name !== 'paragraph') return false
  if (!dispatch) return true
  const attrs = parseParagraph($from.parent.attrs)
  const isAtStart = $from.parentOffset === 0 && state.selection.empty && $from.parent.content.size > 0
  if (isAtStart) {
    // The text stays in its own node, and so does whoever else is typing in it.
    const above = schemaOf(state).nodes.paragraph.create({ ...attrsAfter(attrs), start: attrs.start })
    const tr = state.tr.insert($from.before(), above)
    dispatch(writeParagraph(tr, tr.mapping.map($from.before()), { start: null }).scrollIntoView())
    return true
  }
  const tr = state.tr.deleteSelection()
  const $split = tr.doc.resolve(tr.mapping.map($from.pos))
  const isAtEnd = $split.parentOffset === $split.parent.content.size
  const next = isAtEnd ? attrsAfter(attrs) : { ...attrs, checked: null, start: null }
  const typesAfter = [{ type: schemaOf(state).nodes.paragraph, attrs: next }]
  if (!canSplit(tr.doc, $split.pos, 1, typesAfter)) return false
  tr.split($split.pos, 1, typesAfter)
  const isSameStyle = next.style === attrs.style
  if (isSameStyle) tr.ensureMarks(marksAtCursor(state))
  dispatch(tr.scrollIntoView())
  return true
}

function marksAtCursor(state: EditorState) {
  const { $to } = state.selection
  const marks = state.storedMarks ?? ($to.parentOffset > 0 ? state.selection.$from.marks() : [])
  return marks.filter((mark) => mark.type.name !== 'link' && mark.type.name !== 'code')
}

/** At the end of a code block, the third line break in a row leaves it and takes the two before it away. */
export const leaveCodeOnThirdBreak: Command = (state, dispatch) => {
  const { $from, empty } = state.selection
  const { parent } = $from
  if (!empty || parent.type.name !== 'code_block' || $from.parentOffset < parent.content.size) return false
  if (!parent.textContent.endsWith('\n\n')) return false
  if (dispatch) {
    const tr = state.tr.delete($from.pos - 2, $from.pos)
    const after = tr.mapping.map($from.after())
    tr.insert(after, schemaOf(state).nodes.paragraph.create(plainParagraph))
    dispatch(tr.setSelection(TextSelection.create(tr.doc, after + 1)).scrollIntoView())
  }
  return true
}

/** Arrow-down on the last line of a code block that ends the document leaves it. */
export const leaveCodeDownwards: Command = (state, dispatch, view) => {
  const { $from, empty } = state.selection
  if (!empty || $from.parent.type.name !== 'code_block') return false
  const isLast = $from.after() === state.doc.content.size
  const isOnLastLine = !$from.parent.textContent.slice($from.parentOffset).includes('\n')
  if (!isLast || !isOnLastLine || view?.endOfTextblock('down') === false) return false
  return exitCode(state, dispatch)
}

/** Makes a code block of the paragraph that holds nothing but the fence just typed; null when it holds more. */
export function openFence(state: EditorState, language: string): Transaction | null {
  const { $from } = state.selection
  const isFence = $from.parent.type.name === 'paragraph' && $from.parent.textContent === `\`\`\`${language}`
  if (!isFence) return null
  const tr = state.tr.delete($from.start(), $from.end())
  return tr.setBlockType($from.start(), $from.start(), schemaOf(state).nodes.code_block, {
    language: language || null,
  })
}

/** Enter after "```", with or without the name of a language. */
const enterAfterFence: Command = (state, dispatch) => {
  const { $from, empty } = state.selection
  const match = /^```([^\s`]*)$/.exec($from.parent.textContent)
  if (!empty || match === null || $from.parentOffset < $from.parent.content.size) return false
  const tr = openFence(state, match[1] ?? '')
  if (tr === null) return false
  dispatch?.(tr.scrollIntoView())
  return true
}

/** Enter. */
export const enter: Command = chainCommands(
  enterAfterFence,
  leaveCodeOnThirdBreak,
  breakLine,
  newlineInCode,
  leaveEmptyItem,
  leaveCallout,
  splitParagraph,
  createParagraphNear,
)
