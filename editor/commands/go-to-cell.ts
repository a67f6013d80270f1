import { TextSelection, type Command } from 'prosemirror-state'
import { depthOfRow } from './insert-table.ts'

/** Selects what the next (1) or the previous (-1) cell holds; not from the last one, or the first. */
export function goToCell(direction: 1 | -1): Command {
  return (state, dispatch) => {
    const { tr, selection } = state
    const depth = depthOfRow(state)
    if (depth === 0 || selection.$head.depth === depth) return false
    const start = selection.$head.start(depth - 1)
    const cells: number[] = []
    selection.$head.node(depth - 1).descendants((_node, position, parent) => {
      if (parent?.type.spec['tableRole'] !== 'row') return true
      cells.push(start + position)
      return false
    })
    const cell = cells[cells.indexOf(selection.$head.before(depth + 1)) + direction]
    if (cell === undefined) return false
    const end = cell + (tr.doc.nodeAt(cell)?.nodeSize ?? 0)
    const content = TextSelection.between(tr.doc.resolve(cell + 1), tr.doc.resolve(end - 1))
    dispatch?.(tr.setSelection(content).scrollIntoView())
    return true
  }
}
