import type { Node } from 'prosemirror-model'
import type { Command, EditorState } from 'prosemirror-state'
import { schemaOf, type CoscribeSchema } from '../schema/index.ts'
import { insertBlock } from './insert.ts'

/** Whether the caret, or the selection's moving end, is in a table. */
export function isInTable({ selection: { $head } }: EditorState): boolean {
  for (let depth = $head.depth; depth > 0; depth--)
    if ($head.node(depth).type.spec['tableRole'] === 'row') return true
  return false
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

/** Inserts a table whose first row is a header, the caret in its first cell; not inside another table. */
export function insertTable(rows = 3, columns = 3): Command {
  return (state, dispatch, view) => {
    if (isInTable(state)) return false
    const schema = schemaOf(state)
    const made = Array.from({ length: rows }, (_row, row) =>
      schema.nodes.table_row.create(
        null,
        Array.from({ length: columns }, () => createCell(schema, row === 0)),
      ),
    )
    return insertBlock(schema.nodes.table.create(null, made))(state, dispatch, view)
  }
}
