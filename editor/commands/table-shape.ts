import type { EditorState, Command } from 'prosemirror-state'
import {
  addColumnAfter,
  addColumnBefore,
  addRowAfter,
  addRowBefore,
  columnIsHeader,
  deleteColumn,
  deleteRow,
  deleteTable as removeTable,
  mergeCells as merge,
  rowIsHeader,
  selectedRect,
  splitCell as split,
  toggleHeader,
} from 'prosemirror-tables'
import type { EditorView } from 'prosemirror-view'
import { clampColumnWidth, parseCell } from '../schema/index.ts'
import { isInTable } from './insert-table.ts'
import { onTable } from './tables.ts'

/*
 * Rows and columns are moved and changed node by node: a row that stays is not touched, so whoever types in it goes on
 * typing, and one that moves is told as a move to the binding.
 */

export const rowAbove: Command = onTable(addRowBefore)
export const rowBelow: Command = onTable(addRowAfter)
export const columnBefore: Command = onTable(addColumnBefore)
export const columnAfter: Command = onTable(addColumnAfter)
export const mergeCells: Command = onTable(merge)
export const splitCell: Command = onTable(split)

/** Deletes the table around the caret. */
export const deleteTable: Command = (state, dispatch) => isInTable(state) && removeTable(state, dispatch)

/** Deletes the selected rows, and with all of them the table. */
export const deleteRows: Command = onTable((state, dispatch) => {
  const { top, bottom, map } = selectedRect(state)
  return (top === 0 && bottom === map.height ? removeTable : deleteRow)(state, dispatch)
})

/** Deletes the selected columns, and with all of them the table. */
export const deleteColumns: Command = onTable((state, dispatch) => {
  const { left, right, map } = selectedRect(state)
  return (left === 0 && right === map.width ? removeTable : deleteColumn)(state, dispatch)
})

/** Makes the first row a header, or a row like the others. */
export const toggleHeaderRow: Command = onTable(toggleHeader('row'))
/** Makes the first column a header, or a column like the others. */
export const toggleHeaderColumn: Command = onTable(toggleHeader('column'))

/** Whether the table around the caret has a header row, and a header column. */
export function headersOf(state: EditorState): { row: boolean; column: boolean } {
  if (!isInTable(state)) return { row: false, column: false }
  const { map, table } = selectedRect(state)
  return { row: rowIsHeader(map, table, 0), column: columnIsHeader(map, table, 0) }
}

type Rect = ReturnType<typeof selectedRect>

/** Whether a cell reaches from one side of the line above a row to the other. */
function isRowCut({ map }: Rect, row: number): boolean {
  const at = row * map.width
  return map.map.slice(at, at + map.width).some((pos, index) => pos === map.map[at - map.width + index])
}

function isColumnCut({ map }: Rect, column: number): boolean {
  return Array.from({ length: map.height }, (_, row) => row * map.width + column).some(
    (index) => column > 0 && map.map[index] === map.map[index - 1],
  )
}

/**
 * Moves the selected rows one up (-1) or down (1): the row they change places with is what moves. Not past a header row,
 * nor where a cell spans the rows that would part.
 */
export function moveRow(step: 1 | -1): Command {
  return onTable((state, dispatch) => {
    const rect = selectedRect(state)
    const { top, bottom, map, table, tableStart } = rect
    const other = step > 0 ? bottom : top - 1
    if (other < 0 || other >= map.height) return false
    const first = Math.min(top, other)
    if (first === 0 && rowIsHeader(map, table, 0)) return false
    const lines = [first, Math.max(top, first + 1), bottom, other + 1]
    if (lines.some((row) => row > 0 && row < map.height && isRowCut(rect, row))) return false
    if (!dispatch) return true
    const startOf = (row: number) =>
      table.children.slice(0, row).reduce((sum, { nodeSize }) => sum + nodeSize, tableStart)
    const tr = state.tr.delete(startOf(other), startOf(other + 1))
    tr.insert(tr.mapping.map(startOf(step > 0 ? top : bottom)), table.child(other))
    dispatch(tr.scrollIntoView())
    return true
  })
}

/** Moves the selected columns one to the start (-1) or end (1), as `moveRow` does rows. */
export function moveColumn(step: 1 | -1): Command {
  return onTable((state, dispatch) => {
    const rect = selectedRect(state)
    const { left, right, map, table, tableStart } = rect
    const other = step > 0 ? right : left - 1
    if (other < 0 || other >= map.width) return false
    const first = Math.min(left, other)
    if (first === 0 && columnIsHeader(map, table, 0)) return false
    const lines = [first, left, right, other + 1]
    if (lines.some((column) => column < map.width && isColumnCut(rect, column))) return false
    if (!dispatch) return true
    const { tr } = state
    for (let row = map.height - 1; row >= 0; row--) {
      const position = map.map[row * map.width + other] ?? 0
      const isContinued = row > 0 && map.map[(row - 1) * map.width + other] === position
      const cell = table.nodeAt(position)
      if (isContinued || cell === null) continue
      const target = map.positionAt(row, step > 0 ? left : right, table)
      const from = tr.steps.length
      tr.delete(tableStart + position, tableStart + position + cell.nodeSize)
      tr.insert(tr.mapping.slice(from).map(tableStart + target), cell)
    }
    dispatch(tr.scrollIntoView())
    return true
  })
}

/** Width of a column that has none of its own, where nothing is drawn to be measured, in CSS pixels. */
const usualWidth = 120

/** Makes the selected columns wider, or narrower when negative, by so many CSS pixels. */
export function widenColumns(by: number): Command {
  return onTable((state, dispatch, view) => {
    const { left, right, map, table, tableStart } = selectedRect(state)
    const { tr } = state
    const done = new Set<number>()
    for (let row = 0; row < map.height; row++) {
      for (let column = left; column < right; column++) {
        const position = map.map[row * map.width + column] ?? 0
        const cell = table.nodeAt(position)
        if (cell === null || done.has(position)) continue
        done.add(position)
        const { colspan, colwidth } = parseCell(cell.attrs)
        const start = map.colCount(position)
        const widths = Array.from({ length: colspan }, (_, index) => {
          const isMeant = left <= start + index && start + index < right
          const width = colwidth?.[index] ?? 0
          return isMeant
            ? clampColumnWidth((width || measure(view, tableStart + position, colspan)) + by)
            : width
        })
        tr.setNodeAttribute(tableStart + position, 'colwidth', widths)
      }
    }
    if (!tr.docChanged) return false
    dispatch?.(tr)
    return true
  })
}

function measure(view: EditorView | undefined, position: number, colspan: number): number {
  const cell = view?.nodeDOM(position)
  return cell instanceof HTMLElement && cell.offsetWidth > 0 ? cell.offsetWidth / colspan : usualWidth
}
