import { EditorState, Selection, TextSelection, type Command } from 'prosemirror-state'
import {
  CellSelection,
  deleteTable as removeTable,
  fixTables,
  rowIsHeader,
  selectedRect,
} from 'prosemirror-tables'
import { schemaOf } from '../schema/index.ts'
import { goToCell } from './go-to-cell.ts'
import { createCell, isInTable } from './insert-table.ts'

/** A command on a whole table: one in which two people's changes left gaps is repaired in the same step. */
export function onTable(command: Command): Command {
  return (state, dispatch, view) => {
    if (!isInTable(state)) return false
    if (selectedRect(state).map.problems === null) return command(state, dispatch, view)
    const { tr } = state
    const bare = EditorState.create({ doc: state.doc, selection: state.selection })
    const repair = fixTables(bare)
    if (repair === undefined) return command(state, dispatch, view)
    const mended = bare.apply(repair)
    if (!isInTable(mended)) return false
    if (!dispatch) return command(mended)
    return command(mended, (next) => {
      for (const step of [...repair.steps, ...next.steps]) tr.step(step)
      dispatch(tr.setSelection(Selection.fromJSON(tr.doc, next.selection.toJSON())))
    })
  }
}

/** Tab: goes to the next cell, from the last one into a new row. */
export const nextCell: Command = (state, dispatch) => {
  if (goToCell(1)(state, dispatch)) return true
  return addLastRow(state, dispatch)
}

const addLastRow: Command = onTable((state, dispatch) => {
  const { map, table, tableStart } = selectedRect(state)
  if (!dispatch) return true
  const schema = schemaOf(state)
  const last = map.height - 1
  const isHeaderOnly = rowIsHeader(map, table, last)
  const cells = Array.from({ length: map.width }, (_, column) => {
    const above = table.nodeAt(map.map[last * map.width + column] ?? 0)
    return createCell(schema, !isHeaderOnly && above?.type.name === 'table_header')
  })
  const end = tableStart + table.content.size
  const tr = state.tr.insert(end, schema.nodes.table_row.create(null, cells))
  dispatch(tr.setSelection(TextSelection.near(tr.doc.resolve(end + 1))).scrollIntoView())
  return true
})

/** Shift-Tab: goes to the cell before. */
export const previousCell: Command = goToCell(-1)

/** Backspace with all cells selected: deletes the table. */
export const deleteSelectedTable: Command = (state, dispatch) => {
  const { selection } = state
  if (!(selection instanceof CellSelection)) return false
  return selection.isRowSelection() && selection.isColSelection() && removeTable(state, dispatch)
}
