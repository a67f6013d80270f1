import type { Node } from 'prosemirror-model'
import { createCell } from '../commands/insert-table.ts'
import { tableLimits, type CoscribeSchema } from '../schema/index.ts'

/** The rows and columns of a text as spreadsheets copy it; null when it isn't that. */
export function parseTabbed(text: string, isInCells: boolean): string[][] | null {
  const rows = text
    .replace(/\r\n?/g, '\n')
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => line.split('\t'))
  const columns = rows[0]?.length ?? 0
  const isGrid = columns > 1 && rows.every((row) => row.length === columns)
  const isSmall = rows.length <= tableLimits.rows && rows.length * columns <= tableLimits.places
  return isGrid && isSmall && (rows.length > 1 || isInCells) ? rows : null
}

/** A table of texts. */
export function toTable(schema: CoscribeSchema, rows: readonly (readonly string[])[]): Node {
  const cells = (row: readonly string[]) =>
    row.map((text) => {
      const trimmed = text.trim()
      return createCell(schema, false, [
        schema.nodes.paragraph.create(null, trimmed === '' ? null : schema.text(trimmed)),
      ])
    })
  return schema.nodes.table.create(
    null,
    rows.map((row) => schema.nodes.table_row.create(null, cells(row))),
  )
}
