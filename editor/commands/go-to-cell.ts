import { TextSelection, type Command } from 'prosemirror-state'
import type { ResolvedPos } from 'prosemirror-model'

/** Selects what the next (1) or the previous (-1) cell holds; not from the last one, or the first. */
export function goToCell(direction: 1 | -1): Command {
  return (state, dispatch) => {
    const { $head } = state.selection
    const depth = depthOfCell($head)
    if (depth === null) return false
    const start = $head.start(depth - 2)
    const cells: number[] = []
    $head.node(depth - 2).descendants((node, position) => {
      if (isCellRole(node.type.spec['tableRole'])) cells.push(start + position)
      return node.type.spec['tableRole'] === 'row'
    })
    const cell = cells[cells.indexOf($head.before(depth)) + direction]
    if (cell === undefined) return false
    const { tr } = state
    const end = cell + (tr.doc.nodeAt(cell)?.nodeSize ?? 0)
    const selection = TextSelection.between(tr.doc.resolve(cell + 1), tr.doc.resolve(end - 1))
    dispatch?.(tr.setSelection(selection).scrollIntoView())
    return true
  }
}

function depthOfCell($head: ResolvedPos): number | null {
  for (let depth = $head.depth; depth > 0; depth--)
    if (isCellRole($head.node(depth).type.spec['tableRole'])) return depth
  return null
}

const isCellRole = (role: unknown): boolean => role === 'cell' || role === 'header_cell'
