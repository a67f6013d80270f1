import type { Node } from 'prosemirror-model'
import { Selection, type Command, type EditorState } from 'prosemirror-state'
import { schemaOf } from '../schema/index.ts'

/** Where a new block goes: before the selected block when that is an empty paragraph, else after it. */
function findPlace(state: EditorState): number {
  const { $from, $to } = state.selection
  if ($to.depth === 0) return $to.pos
  const { parent } = $from
  const isEmpty = parent.type.name === 'paragraph' && parent.content.size === 0
  return isEmpty ? $from.before() : $to.after()
}

/** Inserts a block and puts the caret at the start of it; there is text after it to go on in. */
export function insertBlock(node: Node): Command {
  return (state, dispatch) => {
    const position = findPlace(state)
    const $place = state.doc.resolve(position)
    if (!$place.parent.canReplaceWith($place.index(), $place.index(), node.type)) return false
    if (!dispatch) return true
    const isLast = $place.nodeAfter === null
    const tr = state.tr.insert(position, isLast ? [node, schemaOf(state).nodes.paragraph.create()] : node)
    tr.setSelection(Selection.near(tr.doc.resolve(position + 1), 1))
    dispatch(tr.scrollIntoView())
    return true
  }
}
