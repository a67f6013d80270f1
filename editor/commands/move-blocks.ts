import { Fragment, Slice, type Node, type ResolvedPos } from 'prosemirror-model'
import { NodeSelection, Selection, TextSelection, type Command, type EditorState } from 'prosemirror-state'
import { dropPoint } from 'prosemirror-transform'
import { undoneApart } from '../binding/binding.ts'
import { schemaOf } from '../schema/index.ts'

/*
 * Blocks are moved by taking the nodes themselves out here and putting them in there, in one transaction: that is what
 * the binding knows a move by, so that what somebody else types inside meanwhile goes along.
 */

/** Blocks in a row of one parent, by where they begin and end. */
export interface BlockRange {
  readonly from: number
  readonly to: number
}

/** Parents whose children are blocks of their own to a person; a table is one block with all its cells. */
function holdsBlocks(node: Node): boolean {
  return node.type.name === 'doc' || node.type.name === 'callout'
}

/** The depth of the block around a position that a person would move: inside callouts, but not inside tables. */
function blockDepth($position: ResolvedPos): number {
  let depth = 0
  while (depth < $position.depth && holdsBlocks($position.node(depth))) depth++
  return depth
}

/** Where the block around (or right after) a position begins; null in an empty document. */
export function findBlock(state: EditorState, position: number): number | null {
  const $position = state.doc.resolve(Math.min(position, state.doc.content.size))
  const depth = blockDepth($position)
  const isInside = depth > 0 && !(holdsBlocks($position.node(depth)) && $position.nodeAfter?.isBlock === true)
  if (isInside) return $position.before(depth)
  return $position.nodeAfter === null ? null : position
}

/** The blocks the selection touches: siblings in a document, callout or table cell. */
export function selectedBlocks(state: EditorState): BlockRange | null {
  const { $from, $to, from, to } = state.selection
  if (state.selection instanceof NodeSelection && state.selection.node.isBlock) return { from, to }
  const isHolder = (node: Node): boolean => holdsBlocks(node) || node.type.spec['tableRole'] === 'cell'
  let depth = $from.sharedDepth(to)
  while (depth > 0 && !isHolder($from.node(depth))) depth--
  if ($from.depth <= depth || $to.depth <= depth) return null
  return { from: $from.before(depth + 1), to: $to.after(depth + 1) }
}

/** Moves blocks to a place between blocks; false when they are there already, or can't be there. */
export function moveBlocksTo({ from, to }: BlockRange, place: number): Command {
  return (state, dispatch) => {
    if (place >= from && place <= to) return false
    const { content } = state.doc.slice(from, to)
    const $place = state.doc.resolve(place)
    if (!$place.parent.canReplace($place.index(), $place.index(), content)) return false
    if (!dispatch) return true
    const { selection } = state
    const tr = state.tr.delete(from, to)
    const target = tr.mapping.map(place)
    tr.insert(target, content)
    const shift = target - from
    const isInside = selection.from >= from && selection.to <= to
    if (isInside && selection instanceof TextSelection)
      tr.setSelection(TextSelection.create(tr.doc, selection.anchor + shift, selection.head + shift))
    else if (isInside && selection instanceof NodeSelection)
      tr.setSelection(NodeSelection.create(tr.doc, selection.from + shift))
    dispatch(undoneApart(tr).scrollIntoView().setMeta('uiEvent', 'drop'))
    return true
  }
}

/** Where blocks go that move by one: past their neighbour, or out of the callout they are first or last in. */
function placeBeyond(state: EditorState, { from, to }: BlockRange, step: 1 | -1): number | null {
  const $edge = state.doc.resolve(step === 1 ? to : from)
  const neighbour = step === 1 ? $edge.nodeAfter : $edge.nodeBefore
  if (neighbour !== null) return $edge.pos + step * neighbour.nodeSize
  if ($edge.depth === 0) return null
  return step === 1 ? $edge.after() : $edge.before()
}

/** Moves the blocks in `range` one place up (-1) or down (1). */
export function moveRange(range: BlockRange, step: 1 | -1): Command {
  return (state, dispatch) => {
    const place = placeBeyond(state, range, step)
    return place !== null && moveBlocksTo(range, place)(state, dispatch)
  }
}

/** Moves the selected blocks one place up (-1) or down (1). */
export function moveBlocks(step: 1 | -1): Command {
  return (state, dispatch) => {
    const range = selectedBlocks(state)
    return range !== null && moveRange(range, step)(state, dispatch)
  }
}

/** Where a block would go that is dropped at a position; null where it can't. */
export function findDropPlace(state: EditorState, block: Node, position: number): number | null {
  return dropPoint(state.doc, position, new Slice(Fragment.from(block), 0, 0))
}

/** Puts a copy of the block that starts at `position` after it. */
export function duplicateBlock(position: number): Command {
  return (state, dispatch) => {
    const node = state.doc.nodeAt(position)
    if (node === null) return false
    // Nodes of its own: the same ones in two places would look like a move.
    const copy = state.schema.nodeFromJSON(node.toJSON())
    dispatch?.(undoneApart(state.tr.insert(position + node.nodeSize, copy)).scrollIntoView())
    return true
  }
}

/** Deletes the block that starts at `position`. */
export function deleteBlock(position: number): Command {
  return (state, dispatch) => {
    const node = state.doc.nodeAt(position)
    if (node === null) return false
    dispatch?.(undoneApart(state.tr.delete(position, position + node.nodeSize)))
    return true
  }
}

/** Puts the caret into the block that starts at `position`, or selects it where it has no text. */
export function selectBlock(position: number): Command {
  return (state, dispatch) => {
    const node = state.doc.nodeAt(position)
    if (node === null) return false
    const { tr, doc } = state
    const isInside = state.selection.from > position && state.selection.to < position + node.nodeSize
    if (isInside && dispatch) return true
    const near = Selection.findFrom(doc.resolve(position + (node.isAtom ? 0 : 1)), 1, true)
    const isIn = near !== null && near.from < position + node.nodeSize
    dispatch?.(tr.setSelection(isIn ? near : NodeSelection.create(doc, position)))
    return true
  }
}

/** Puts the caret into the block that starts at `position` when that is an empty line, else into a new one after it. */
export function startBlockAfter(position: number): Command {
  return (state, dispatch) => {
    const node = state.doc.nodeAt(position)
    if (node === null) return false
    const isEmptyLine = node.type.name === 'paragraph' && node.content.size === 0
    const start = isEmptyLine ? position : position + node.nodeSize
    const { tr } = state
    if (!isEmptyLine) undoneApart(tr.insert(start, schemaOf(state).nodes.paragraph.create()))
    dispatch?.(tr.setSelection(TextSelection.create(tr.doc, start + 1)).scrollIntoView())
    return true
  }
}
