import type { NodeSpec } from 'prosemirror-model'
import { tableNodes } from 'prosemirror-tables'

const made = tableNodes({ tableGroup: 'block', cellContent: 'block*', cellAttributes: {} })

/** Tables, rows and cells as `prosemirror-tables` knows them, but any of them may be empty. */
export const tables = {
  table: { ...made.table, content: 'table_row*' },
  table_row: { ...made.table_row, content: '(table_cell | table_header)*' },
  table_cell: made.table_cell,
  table_header: made.table_header,
} satisfies Record<string, NodeSpec>
