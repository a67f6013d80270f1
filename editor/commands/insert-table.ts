import type { Node } from 'prosemirror-model'
import type { Command, EditorState } from 'prosemirror-state'
import { schemaOf, tableLimits, type CoscribeSchema } from '../schema/index.ts'
import { insertBlock } from './insert.ts'

/** Whether the caret, or the selection's moving end, is in a table. */
export const isInTable = (state: EditorState): boolean => depthOfRow(state) > 0

/** How deep the row of a table is that it is in; 0 when it is in none. */
export function depthOfRow({ selection: { $head } }: EditorState): number {
  let depth = $head.depth
  while (depth > 0 && $head.node(depth).type.spec['tableRole'] !== 'row') depth--
  return depth
}

/** A cell with a paragraph to write into. */
export function createCell(
  { nodes }: CoscribeSchema,
  isHeader: boolean,
  content: readonly Node[] = [],
): Node {
  const type = isHeader ? nodes.table_header : nodes.table_cell
  return type.create(null, content.length > 0 ? content : nodes.paragraph.create())
}

/** Inserts a table, the caret in its first cell; not inside another table, nor one larger than it may be. */
export function insertTable(rows = 3, columns = 3, hasHeader = true): Command {
  return (state, dispatch, view) => {
    const isSound =
      rows >= 1 && columns >= 1 && rows <= tableLimits.rows && rows * columns <= tableLimits.places
    if (!isSound || isInTable(state)) return false
    const schema = schemaOf(state)
    const made = Array.from({ length: rows }, (_row, row) =>
      schema.nodes.table_row.create(
        null,
        Array.from({ length: columns }, () => createCell(schema, hasHeader && row === 0)),
      ),
    )
    return insertBlock(schema.nodes.table.create(null, made))(state, dispatch, view)
  }
}
