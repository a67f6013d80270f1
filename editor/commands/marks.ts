import { toggleMark } from 'prosemirror-commands'
import type { Mark, MarkType, ResolvedPos } from 'prosemirror-model'
import { TextSelection, type Command, type EditorState } from 'prosemirror-state'
import { completeAddress, parseAddress } from '../address.ts'
import { schemaOf } from '../schema/index.ts'
import { mergeText, type TextChange } from './merge-text.ts'

/** Names of the marks that are simply on or off. */
export type ToggledMark = 'strong' | 'em' | 'underline' | 'strike' | 'code'

/** Turns a mark on or off in the selection, or for what is typed next. */
export function toggle(name: ToggledMark): Command {
  return (state, dispatch) =>
    toggleMark(schemaOf(state).marks[name], null, { removeWhenPresent: false })(state, dispatch)
}

/** Lowers or raises the selection, or what is typed next; a letter is never both. */
export function toggleScript(name: 'subscript' | 'superscript'): Command {
  return (state, dispatch) => {
    const { marks } = schemaOf(state)
    const other = marks[name === 'subscript' ? 'superscript' : 'subscript']
    const change = toggleMark(marks[name], null, { removeWhenPresent: false })
    if (!dispatch) return change(state)
    return change(state, (tr) => {
      for (const { $from, $to } of state.selection.ranges) tr.removeMark($from.pos, $to.pos, other)
      dispatch(tr.removeStoredMark(other))
    })
  }
}

/** Whether the whole selection, or what is typed next, has the mark. */
export function isMarkActive(state: EditorState, type: MarkType): boolean {
  const { empty, $from, from, to } = state.selection
  if (empty) return type.isInSet(state.storedMarks ?? $from.marks()) !== undefined
  const texts: boolean[] = []
  state.doc.nodesBetween(from, to, (node) => {
    if (node.isText) texts.push(type.isInSet(node.marks) !== undefined)
  })
  return texts.length > 0 && texts.every((isMarked) => isMarked)
}

/** A link in the document. */
export interface LinkRange {
  readonly from: number
  readonly to: number
  readonly href: string
}

/** The link around a position, undefined when there is none (or none that may be followed). */
export function findLink($position: ResolvedPos): LinkRange | undefined {
  const { parent, parentOffset } = $position
  const near = parent.childAfter(parentOffset)
  const mark = findLinkMark(near.node?.marks) ?? findLinkMark(parent.childBefore(parentOffset).node?.marks)
  if (mark === undefined) return undefined
  const href = parseAddress(mark.attrs['href'])
  if (href === null) return undefined
  const start = $position.start()
  let found: LinkRange | undefined
  let from = 0
  let offset = 0
  let isOpen = false
  parent.forEach((child) => {
    const isLinked = mark.isInSet(child.marks)
    if (isLinked && !isOpen) from = offset
    offset += child.nodeSize
    isOpen = isLinked
    if (isLinked && from <= parentOffset && parentOffset <= offset)
      found = { from: start + from, to: start + offset, href }
  })
  return found
}

function findLinkMark(marks: readonly Mark[] | undefined): Mark | undefined {
  return marks?.find((mark) => mark.type.name === 'link')
}

/** Whether a link can be put on the selection: some text of one textblock that isn't code. */
export function canLink(state: EditorState): boolean {
  const { $from, $to } = state.selection
  return (
    $from.parent.inlineContent &&
    $from.sameParent($to) &&
    $from.parent.type.allowsMarkType(schemaOf(state).marks.link)
  )
}

/**
 * Links the selection (or the link it is in) to what was typed as an address; with nothing selected it inserts the
 * address. Does nothing when the address isn't one the document may hold.
 */
export function setLink(typed: string): Command {
  return (state, dispatch) => {
    const href = completeAddress(typed)
    if (href === null || !canLink(state)) return false
    if (!dispatch) return true
    const mark = schemaOf(state).marks.link.create({ href })
    const { from, to, empty, $from } = state.selection
    const existing = findLink($from)
    const tr = state.tr
    if (empty && existing === undefined) {
      tr.replaceSelectionWith(state.schema.text(typed.trim(), [...$from.marks(), mark]), false)
    } else {
      const range = empty && existing !== undefined ? existing : { from, to }
      tr.removeMark(range.from, range.to, schemaOf(state).marks.link).addMark(range.from, range.to, mark)
    }
    dispatch(tr.removeStoredMark(schemaOf(state).marks.link).scrollIntoView())
    return true
  }
}

/** What is to change about a link; null leaves what is there by now. */
export interface LinkChange {
  readonly from: number
  readonly to: number
  readonly text: TextChange | null
  readonly href: string | null
}

/** Links a range and writes its text. */
export function writeLink({ from, to, text, href }: LinkChange): Command {
  return (state, dispatch) => {
    const { parent } = state.doc.resolve(from)
    const { link } = schemaOf(state).marks
    if (!parent.inlineContent || !parent.type.allowsMarkType(link)) return false
    if (!dispatch) return true
    const { tr } = state
    const old = findLinkMark(state.doc.nodeAt(from)?.marks)
    const written = text === null ? null : mergeText(tr, { from, to }, text)
    const until = tr.mapping.map(to, 1)
    if (href !== null) tr.removeMark(from, until, link).addMark(from, until, link.create({ href }))
    else if (written !== null && old !== undefined) tr.addMark(written.from, written.to, old)
    tr.setSelection(TextSelection.create(tr.doc, until)).removeStoredMark(link)
    dispatch(tr.scrollIntoView())
    return true
  }
}

/** Takes the link away from the selection, or from the whole link the caret is in; its text stays. */
export const removeLink: Command = (state, dispatch) => {
  const { from, to, empty, $from } = state.selection
  const range = empty ? findLink($from) : { from, to }
  const { link } = schemaOf(state).marks
  if (range === undefined || !state.doc.rangeHasMark(range.from, range.to, link)) return false
  dispatch?.(state.tr.removeMark(range.from, range.to, link))
  return true
}
