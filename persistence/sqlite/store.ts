import Sqlite from 'better-sqlite3'
import type { Database } from 'better-sqlite3'
import { StorageError } from '../errors.ts'
import { isDone, toCursor } from '../requests.ts'
import type { Place } from '../requests.ts'
import type {
  Append,
  Compaction,
  DocumentMeta,
  DocumentPage,
  History,
  Loaded,
  Seq,
  Standing,
} from '../storage.ts'
import { forgetAside, setAside } from './aside.ts'
import { appendAll, putDocument } from './append.ts'
import { findContradiction } from './file.ts'
import { createReader } from './reader.ts'
import type { Reader, Verified } from './reader.ts'
import { createRow, idChecksum, segmentChecksum, stateChecksum } from './rows.ts'
import type { LastCommit } from './last-commit.ts'
import type { DocumentRow } from './rows.ts'
import { prepareTables } from './tables.ts'
import type { Tables } from './tables.ts'

// After a compaction pages that hold nothing go back to the file system, so many at a time.
const PAGES_GIVEN_BACK = 2_000

/** An open database file: the storage contract without the thread around it. Arguments have been checked before. */
export class Store {
  readonly #db: Database
  readonly #tables: Tables
  readonly #read: Reader
  readonly #lastCommit: LastCommit | null
  readonly #lost: string | null
  /** The rows the latest transaction has put. */
  #puts: DocumentRow[] = []

  /** Commits are taken down in `lastCommit`, if there is one; `lost` is damage that `verify` could not find. */
  constructor(db: Database, lastCommit: LastCommit | null = null, lost: string | null = null) {
    this.#db = db
    const tables = prepareTables(db)
    const run = (row: DocumentRow) => {
      this.#puts.push(row)
      return tables.putDocument.run(row)
    }
    this.#tables = { ...tables, putDocument: { run } }
    this.#lastCommit = lastCommit
    this.#lost = lost
    this.#read = createReader(this.#tables)
  }

  /**
   * Writes many batches with one sync to disk. Returns why a batch was left out, if it was; throws when none of them
   * is stored.
   */
  append(batches: readonly (readonly Append[])[]): (StorageError | null)[] {
    return this.#atomically(() => appendAll(this.#tables, this.#read, batches))
  }

  load(document: string): Loaded {
    const found = this.#present(document)
    return found ? this.#read.content(found) : { state: null, records: [], damage: null }
  }

  history(document: string): History {
    const found = this.#present(document)
    return found ? this.#read.history(found) : { segments: [], records: [], damage: null }
  }

  setAside(document: string): Seq {
    const found = this.#present(document)
    if (!found) throw new StorageError('invalid', 'there is no such document')
    setAside(this.#db.name, this.#tables, found.row)
    return found.row.head
  }

  compact(document: string, compaction: Compaction): void {
    this.#atomically(() => this.#compact(document, compaction))
    this.#giveBackPages()
  }

  remove(document: string): void {
    this.#atomically(() => {
      const row = this.#tables.documentById.get(document)
      const number = row?.number ?? this.#unusedNumber()
      this.#tables.deleteRecords.run(number, Number.MAX_SAFE_INTEGER)
      this.#tables.deleteState.run(number)
      this.#tables.deleteSegments.run(number)
      forgetAside(this.#db.name, number)
      putDocument(this.#tables, { ...createRow(number, document, 0), removed: 1 })
    })
    this.#giveBackPages()
  }

  meta(document: string): DocumentMeta | null {
    const row = this.#read.find(document)?.row
    return row && row.removed === 0 ? toMeta(row) : null
  }

  standing(document: string): Standing {
    const row = this.#read.find(document)?.row
    if (!row) return 'unknown'
    return row.removed === 0 ? 'present' : 'removed'
  }

  list(limit: number, from: Place): DocumentPage {
    const rows = this.#tables.documentsBefore.all(from.changedAt, from.number, limit + 1)
    const page = rows.slice(0, limit)
    const last = page.at(-1)
    return {
      documents: page.map((row) => this.#read.believe(row, row.id).row).map(toMeta),
      next: last && rows.length > limit ? toCursor(last) : null,
    }
  }

  /** Checks some documents with numbers above `after`. */
  verify(after: number): Verified {
    const verified = this.#read.verify(after)
    if (verified.next !== null) return verified
    const details = [findContradiction(this.#db), this.#lost].filter((detail) => detail !== null)
    const damaged = details.map((detail) => ({
      document: '',
      damage: { part: 'document', seq: 0, detail } as const,
    }))
    return { ...verified, damaged: [...verified.damaged, ...damaged] }
  }

  /** Copies the database as it is now to the file `path`, some pages at a time; other calls go on meanwhile. */
  async copyTo(path: string): Promise<void> {
    if (!this.#db.readonly) {
      await this.#db.backup(path)
      return
    }
    // Another process may be writing, and a copy begins anew with each of its commits, unless this one does not see them.
    this.#db.exec('BEGIN; SELECT count(*) FROM sqlite_schema')
    try {
      await this.#db.backup(path)
    } finally {
      this.#db.exec('COMMIT')
    }
  }

  close(): void {
    this.#db.close()
    this.#lastCommit?.erase()
  }

  #atomically<Result>(run: () => Result): Result {
    this.#puts = []
    try {
      const result = this.#db.transaction(run).immediate()
      const last = this.#puts.at(-1)
      if (last) this.#lastCommit?.note(last)
      return result
    } catch (error) {
      this.#forgetFailedCommit(error)
      throw error
    }
  }

  // A commit whose sync failed has its frames in the write-ahead log, where a crash now would bring them back to life.
  #forgetFailedCommit(error: unknown): void {
    if (!(error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_IOERR'))) return
    try {
      this.#db.pragma('wal_checkpoint(TRUNCATE)')
    } catch {
      // The disk still says no. The next commit overwrites those frames.
    }
  }

  #compact(document: string, compaction: Compaction): void {
    const { through, state, segments, replacesHistory = false } = compaction
    const row = this.#present(document)?.row
    const head = row?.head ?? 0
    if (through > head) throw new StorageError('invalid', `the log ends at ${head}, before ${through}`)
    if (!row || isDone(compaction, row.through)) return
    const { number } = row
    const idSum = idChecksum(document)
    let bytes = row.bytes + state.byteLength - (this.#tables.stateBytes.get(number) ?? 0)
    bytes -= this.#tables.recordBytes.get(number, through) ?? 0
    this.#tables.deleteRecords.run(number, through)
    this.#tables.putState.run(number, through, stateChecksum(idSum, { through, bytes: state }), state)
    if (replacesHistory) {
      bytes -= this.#tables.segmentBytes.get(number) ?? 0
      this.#tables.deleteSegments.run(number)
    }
    let position = replacesHistory ? 0 : row.segments
    for (const segment of segments) {
      position++
      bytes += segment.bytes.byteLength
      const clients = JSON.stringify(segment.clients)
      const unsealed = {
        position,
        startedAt: segment.from,
        endedAt: segment.to,
        clients,
        bytes: segment.bytes,
      }
      const checksum = segmentChecksum(idSum, unsealed)
      this.#tables.putSegment.run(
        number,
        position,
        segment.from,
        segment.to,
        clients,
        checksum,
        segment.bytes,
      )
    }
    putDocument(this.#tables, { ...row, through, bytes, segments: position })
  }

  #present(document: string): ReturnType<Reader['find']> {
    const found = this.#read.find(document)
    if (found?.row.removed === 1) throw new StorageError('removed', 'the document was removed')
    return found
  }

  #unusedNumber(): number {
    return (this.#tables.lastNumber.get() ?? 0) + 1
  }

  #giveBackPages(): void {
    const free = Number(this.#db.pragma('freelist_count', { simple: true }))
    const all = Number(this.#db.pragma('page_count', { simple: true }))
    // `exec`, because a prepared statement gives back one page per step.
    if (free * 4 > all) this.#db.exec(`PRAGMA incremental_vacuum(${PAGES_GIVEN_BACK})`)
  }
}

function toMeta({ id, title, createdAt, changedAt, bytes }: DocumentRow): DocumentMeta {
  return { document: id, title, createdAt, changedAt, bytes }
}
