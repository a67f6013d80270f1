import Sqlite from 'better-sqlite3'
import { StorageError } from '../errors.ts'

/** Thrown where a store turns out to be damaged although SQLite itself did not complain. */
export class DamagedFile extends Error {}

/** Whether the error says that the file, and not the world around it, is broken. */
export function isDamage(error: unknown): boolean {
  if (error instanceof DamagedFile) return true
  // Our own writes never break a constraint, so a broken one means that the tables contradict each other.
  return (
    error instanceof Sqlite.SqliteError &&
    /^SQLITE_(CORRUPT|NOTADB|CONSTRAINT|IOERR_SHORT_READ)/.test(error.code)
  )
}

/** The rows before the first unreadable page. */
export function* untilDamage<Row>(rows: Iterable<Row>): Generator<Row, void> {
  try {
    yield* rows
  } catch (error) {
    if (!isDamage(error)) throw error
  }
}

/** The value, or undefined when the page it is on can't be read. */
export function unlessDamaged<Value>(read: () => Value): Value | undefined {
  try {
    return read()
  } catch (error) {
    if (!isDamage(error)) throw error
    return undefined
  }
}

/** What callers get to see of a failure: SQLite's own code and words, as `unavailable`. */
export function toStorageError(error: unknown): StorageError {
  if (error instanceof StorageError) return error
  const code = error instanceof Sqlite.SqliteError ? ` (${error.code})` : ''
  const reason = error instanceof Error ? error.message : String(error)
  return new StorageError('unavailable', `the store can't do this now: ${reason}${code}`, { cause: error })
}
