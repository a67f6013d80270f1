import { toggleMark } from 'prosemirror-commands'
import type { Mark, ResolvedPos } from 'prosemirror-model'
import { TextSelection, type Command, type EditorState } from 'prosemirror-state'
import { schemaOf } from '../schema/index.ts'

/** A formula in a line of text. */
export interface FormulaRange {
  readonly from: number
  readonly to: number
  readonly tex: string
}

const isMath = ({ type }: Mark): boolean => type.name === 'math'

/** The formulas among a textblock's text, which starts at `start`. */
export function formulasIn(parent: ResolvedPos['parent'], start: number): FormulaRange[] {
  const found: { from: number; to: number; tex: string }[] = []
  parent.forEach((child, offset) => {
    if (!child.isText || !child.marks.some(isMath)) return
    const from = start + offset
    const last = found.at(-1)
    if (last?.to === from) {
      last.to += child.nodeSize
      last.tex += child.text ?? ''
    } else found.push({ from, to: from + child.nodeSize, tex: child.text ?? '' })
  })
  return found
}

/** The formula that the caret is in or beside; null when none is, or when it was left on purpose. */
export function openFormula({ selection, storedMarks }: EditorState): FormulaRange | null {
  const { $from, $to } = selection
  if (!(selection instanceof TextSelection) || !$from.sameParent($to)) return null
  if (storedMarks !== null && !storedMarks.some(isMath)) return null
  const formulas = formulasIn($from.parent, $from.start())
  return formulas.find(({ from, to }) => from <= $from.pos && $to.pos <= to) ?? null
}

/** Makes the selected text a formula, or text again; with nothing selected inserts `x`, selected to be typed over. */
export const insertMath: Command = (state, dispatch, view) => {
  const { $from, $to, empty } = state.selection
  const { math } = schemaOf(state).marks
  const isPlace = $from.parent.type.allowsMarkType(math) && $from.sameParent($to)
  if (!isPlace || !$from.parent.inlineContent) return false
  if (!empty) return toggleMark(math)(state, dispatch, view)
  if (!dispatch) return true
  const { tr } = state
  const from = $from.pos
  tr.replaceSelectionWith(state.schema.text('x', [...$from.marks(), math.create()]), false)
  dispatch(tr.setSelection(TextSelection.create(tr.doc, from, from + 1)).scrollIntoView())
  return true
}

/** ArrowRight or Escape at the end of a formula: what is typed next is text. */
export const leaveFormula: Command = (state, dispatch) => {
  const { empty, from, $from } = state.selection
  const formula = empty ? openFormula(state) : null
  if (formula?.to !== from) return false
  const marks = (state.storedMarks ?? $from.marks()).filter((mark) => !isMath(mark))
  dispatch?.(state.tr.setStoredMarks(marks))
  return true
}
