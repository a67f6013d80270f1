import { findWrapping, liftTarget } from 'prosemirror-transform'
import type { ResolvedPos } from 'prosemirror-model'
import { TextSelection, type Command, type EditorState, type Transaction } from 'prosemirror-state'
import { parseCallout, parseParagraph, schemaOf, type CalloutKind } from '../schema/index.ts'
import { isPlain, writeParagraph } from './blocks.ts'

/** The innermost callout around a position: where it starts, its depth and its kind; null when there is none. */
export function findCallout(
  $position: ResolvedPos,
): { readonly position: number; readonly depth: number; readonly kind: CalloutKind } | null {
  for (let depth = $position.depth; depth > 0; depth--) {
    const node = $position.node(depth)
    if (node.type.name === 'callout')
      return { position: $position.before(depth), depth, kind: parseCallout(node.attrs['kind']) }
  }
  return null
}

/** Puts the selected blocks into a callout. */
export function insertCallout(kind: CalloutKind): Command {
  return (state, dispatch) => {
    const { $from, $to } = state.selection
    const range = $from.blockRange($to)
    const wrapping = range && findWrapping(range, schemaOf(state).nodes.callout, { kind })
    if (!range || !wrapping) return false
    dispatch?.(state.tr.wrap(range, wrapping).scrollIntoView())
    return true
  }
}

/** Gives the callout at a position another kind. */
export function setCalloutKind(position: number, kind: CalloutKind): Command {
  return (state, dispatch) => {
    if (state.doc.nodeAt(position)?.type.name !== 'callout') return false
    dispatch?.(state.tr.setNodeAttribute(position, 'kind', kind))
    return true
  }
}

/** Takes the callout at a position away from around its blocks. */
export function unwrapCallout(position: number): Command {
  return (state, dispatch) => {
    const callout = state.doc.nodeAt(position)
    if (callout?.type.name !== 'callout') return false
    if (!dispatch) return true
    const { tr } = state
    if (callout.childCount === 0) tr.delete(position, position + callout.nodeSize)
    else {
      const $start = state.doc.resolve(position + 1)
      const range = $start.blockRange(state.doc.resolve(position + callout.nodeSize - 1))
      const target = range && liftTarget(range)
      if (!range || target == null) return false
      tr.lift(range, target)
    }
    dispatch(tr.scrollIntoView())
    return true
  }
}

/** Puts the selected blocks into a callout, or takes the callout around the caret away. */
export const toggleCallout: Command = (state, dispatch, view) => {
  const callout = findCallout(state.selection.$from)
  const command = callout === null ? insertCallout('note') : unwrapCallout(callout.position)
  return command(state, dispatch, view)
}

/** Backspace at the start of a callout's first block: lifts that one out. */
export const liftFromCallout: Command = (state, dispatch, view) => {
  const { $from, empty } = state.selection
  const isAtStart = view?.endOfTextblock('backward', state) ?? $from.parentOffset === 0
  if (!empty || !isAtStart || $from.depth < 2 || $from.node(-1).type.name !== 'callout') return false
  if ($from.index(-1) > 0) return false
  const range = $from.blockRange()
  const target = range && liftTarget(range)
  if (!range || target == null) return false
  dispatch?.(state.tr.lift(range, target).scrollIntoView())
  return true
}

/** Enter in the empty paragraph that ends a callout: goes on below the callout. */
export const leaveCallout: Command = (state, dispatch) => {
  const { $from, empty } = state.selection
  const { parent } = $from
  if (!empty || $from.depth < 2 || parent.type.name !== 'paragraph' || parent.content.size > 0) return false
  const callout = $from.node(-1)
  const isLast = $from.indexAfter(-1) === callout.childCount && callout.childCount > 1
  if (callout.type.name !== 'callout' || !isLast || !isPlain(parseParagraph(parent.attrs))) return false
  const range = $from.blockRange()
  const target = range && liftTarget(range)
  if (!range || target == null) return false
  dispatch?.(state.tr.lift(range, target).scrollIntoView())
  return true
}

/** Makes a callout of the paragraph that begins with `typed`, which goes; for `[!note] ` as it is typed. */
export function openCallout(state: EditorState, kind: CalloutKind, typed: number): Transaction | null {
  const { $from } = state.selection
  if ($from.parent.type.name !== 'paragraph') return null
  const start = $from.start()
  const tr = state.tr.delete(start, start + typed)
  writeParagraph(tr, start - 1, { style: null })
  const range = tr.doc.resolve(start).blockRange()
  const wrapping = range && findWrapping(range, schemaOf(state).nodes.callout, { kind })
  if (!range || !wrapping) return null
  tr.wrap(range, wrapping)
  return tr.setSelection(TextSelection.create(tr.doc, start + 1))
}
