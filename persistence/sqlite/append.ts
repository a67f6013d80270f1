import { StorageError } from '../errors.ts'
import { toTitle } from '../requests.ts'
import type { Append } from '../storage.ts'
import type { Reader } from './reader.ts'
import { createRow, documentChecksum, idChecksum, recordChecksum } from './rows.ts'
import type { DocumentRow } from './rows.ts'
import type { Tables } from './tables.ts'

type Row = Omit<DocumentRow, 'checksum'>

/**
 * Writes batches, inside a transaction of the caller's. Returns for each why it was left out, or null: a batch that
 * names a removed document is refused before any of it is written, because a savepoint to undo it would copy every
 * page it touches.
 */
export function appendAll(
  tables: Tables,
  reader: Reader,
  batches: readonly (readonly Append[])[],
): (StorageError | null)[] {
  const rows = new Map<string, Row | null>()
  const changed = new Set<string>()

  const find = (document: string): Row | null => {
    const known = rows.get(document)
    if (known !== undefined) return known
    const row = reader.find(document)?.row ?? null
    rows.set(document, row)
    return row
  }

  const create = (document: string, at: number): Row => {
    const row = createRow((tables.lastNumber.get() ?? 0) + 1, document, at)
    putDocument(tables, row)
    return row
  }

  const outcomes = batches.map((batch) => {
    if (batch.some(({ document }) => find(document)?.removed === 1)) {
      return new StorageError('removed', 'a document of the batch was removed')
    }
    for (const entry of batch) {
      const row = find(entry.document) ?? create(entry.document, entry.at)
      rows.set(entry.document, putRecords(tables, row, entry))
      changed.add(entry.document)
    }
    return null
  })
  for (const document of changed) {
    const row = rows.get(document)
    if (row) putDocument(tables, row)
  }
  return outcomes
}

/** Writes the row of a document, with its checksum. */
export function putDocument(tables: Tables, row: Row): void {
  tables.putDocument.run({ ...row, checksum: documentChecksum(row) })
}

function putRecords(tables: Tables, row: Row, { document, records, at, title }: Append): Row {
  const idSum = idChecksum(document)
  let { head, bytes } = row
  for (const record of records) {
    const seq = ++head
    tables.putRecord.run(row.number, seq, at, recordChecksum(idSum, { seq, at, bytes: record }), record)
    bytes += record.byteLength
  }
  const changedAt = Math.max(row.changedAt, at)
  return { ...row, head, bytes, changedAt, title: title === undefined ? row.title : toTitle(title) }
}
