import type { Database, Statement } from 'better-sqlite3'
import type { DocumentRow, RecordRow, SegmentRow, StateRow } from './rows.ts'

type Select<Parameters extends unknown[], Row> = Statement<Parameters, Row>

interface DocumentTable {
  readonly documentById: Select<[string], DocumentRow>
  readonly documentByNumber: Select<[number], DocumentRow>
  readonly documentsBefore: Select<[number, number, number], DocumentRow>
  readonly lastNumber: Select<[], number>
  readonly putDocument: { run(row: DocumentRow): unknown }
}

/** What goes through a whole store. */
interface Scans {
  readonly names: Select<[], { number: number; id: string }>
  readonly namesBackwards: Select<[], { number: number; id: string }>
  readonly numbers: Select<[], number>
  readonly numbersBackwards: Select<[], number>
  readonly nextNumber: Select<[{ after: number }], number | null>
}

interface LogTable {
  readonly records: Select<[number, number], RecordRow>
  readonly recordsBackwards: Select<[number], RecordRow>
  readonly recordBytes: Select<[number, number], number>
  readonly putRecord: Statement<[number, number, number, number, Uint8Array]>
  readonly deleteRecords: Statement<[number, number]>
}

interface StateTable {
  readonly state: Select<[number], StateRow>
  readonly stateBytes: Select<[number], number>
  readonly putState: Statement<[number, number, number, Uint8Array]>
  readonly deleteState: Statement<[number]>
}

interface HistoryTable {
  readonly segments: Select<[number], SegmentRow>
  readonly segmentsBackwards: Select<[number], SegmentRow>
  readonly segmentBytes: Select<[number], number>
  readonly putSegment: Statement<[number, number, number, number, string, number, Uint8Array]>
  readonly deleteSegments: Statement<[number]>
}

/** Every statement that touches the tables, prepared once. */
export interface Tables extends DocumentTable, Scans, LogTable, StateTable, HistoryTable {}

/** Prepares the statements. Throws when the schema can't be read or is not ours. */
export function prepareTables(db: Database): Tables {
  return {
    ...prepareDocuments(db),
    ...prepareScans(db),
    ...prepareLog(db),
    ...prepareState(db),
    ...prepareHistory(db),
  }
}

function prepareDocuments(db: Database): DocumentTable {
  const document = `SELECT number, id, title, created_at AS createdAt, changed_at AS changedAt, bytes, head, through,
    segments, removed, checksum FROM documents`
  return {
    documentById: db.prepare(`${document} WHERE id = ?`),
    documentByNumber: db.prepare(`${document} WHERE number = ?`),
    documentsBefore: db.prepare(
      `${document} WHERE removed = 0 AND (changed_at, number) < (?, ?)
       ORDER BY changed_at DESC, number DESC LIMIT ?`,
    ),
    lastNumber: db.prepare<[], number>('SELECT coalesce(max(number), 0) FROM documents').pluck(),
    // The id never changes, and naming it would write its index again.
    putDocument: db.prepare(
      `INSERT INTO documents VALUES (@number, @id, @title, @createdAt, @changedAt, @bytes, @head, @through,
         @segments, @removed, @checksum)
       ON CONFLICT (number) DO UPDATE SET title = excluded.title,
         created_at = excluded.created_at, changed_at = excluded.changed_at, bytes = excluded.bytes,
         head = excluded.head, through = excluded.through, segments = excluded.segments,
         removed = excluded.removed, checksum = excluded.checksum`,
    ),
  }
}

function prepareScans(db: Database): Scans {
  const names = 'SELECT number, id FROM documents INDEXED BY documents_by_id ORDER BY id'
  const numbers = 'SELECT number FROM documents ORDER BY number'
  const nextNumber = `SELECT min(n) FROM (
    SELECT min(number) AS n FROM documents WHERE number > @after
    UNION ALL SELECT min(document) FROM log WHERE document > @after
    UNION ALL SELECT min(document) FROM state WHERE document > @after
    UNION ALL SELECT min(document) FROM history WHERE document > @after)`
  return {
    names: db.prepare(names),
    namesBackwards: db.prepare(`${names} DESC`),
    numbers: db.prepare<[], number>(numbers).pluck(),
    numbersBackwards: db.prepare<[], number>(`${numbers} DESC`).pluck(),
    nextNumber: db.prepare<[{ after: number }], number | null>(nextNumber).pluck(),
  }
}

function prepareLog(db: Database): LogTable {
  const record = 'SELECT seq, at, checksum, bytes FROM log WHERE document = ?'
  const bytes = 'SELECT coalesce(sum(length(bytes)), 0) FROM log WHERE document = ? AND seq <= ?'
  return {
    records: db.prepare(`${record} AND seq > ? ORDER BY seq`),
    recordsBackwards: db.prepare(`${record} ORDER BY seq DESC`),
    recordBytes: db.prepare<[number, number], number>(bytes).pluck(),
    putRecord: db.prepare('INSERT INTO log VALUES (?, ?, ?, ?, ?)'),
    deleteRecords: db.prepare('DELETE FROM log WHERE document = ? AND seq <= ?'),
  }
}

function prepareState(db: Database): StateTable {
  return {
    state: db.prepare('SELECT through, checksum, bytes FROM state WHERE document = ?'),
    stateBytes: db.prepare<[number], number>('SELECT length(bytes) FROM state WHERE document = ?').pluck(),
    putState: db.prepare('INSERT OR REPLACE INTO state VALUES (?, ?, ?, ?)'),
    deleteState: db.prepare('DELETE FROM state WHERE document = ?'),
  }
}

function prepareHistory(db: Database): HistoryTable {
  const segment = `SELECT position, started_at AS startedAt, ended_at AS endedAt, clients, checksum, bytes
    FROM history WHERE document = ?`
  const bytes = 'SELECT coalesce(sum(length(bytes)), 0) FROM history WHERE document = ?'
  return {
    segments: db.prepare(`${segment} ORDER BY position`),
    segmentsBackwards: db.prepare(`${segment} ORDER BY position DESC`),
    segmentBytes: db.prepare<[number], number>(bytes).pluck(),
    putSegment: db.prepare('INSERT INTO history VALUES (?, ?, ?, ?, ?, ?, ?)'),
    deleteSegments: db.prepare('DELETE FROM history WHERE document = ?'),
  }
}
