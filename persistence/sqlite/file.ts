import { closeSync, fsyncSync, mkdirSync, openSync, readSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Sqlite from 'better-sqlite3'
import type { Database } from 'better-sqlite3'
import { StorageError } from '../errors.ts'
import { DamagedFile } from './damage.ts'
import { APPLICATION_ID, upgrade } from './schema.ts'

/** The database of a data folder; a folder has at most one. */
export function databasePath(directory: string): string {
  return join(directory, 'coscribe.sqlite')
}

/** What SQLite keeps beside a database while it is open, or after a crash. */
export const SIDE_FILES = ['-wal', '-shm'] as const

/** Fixed when a database is made. */
export const PAGE_SIZE = 4096

/** Another process (a backup, a look with the sqlite3 shell) may hold the file for a moment. */
export const BUSY_TIMEOUT_MS = 5_000
// One huge state leaves a huge write-ahead log, whose space is given back. Well above what SQLite lets it grow to
// otherwise (4 MB), because a log that is cut has to be made longer again.
const KEPT_LOG_BYTES = 16 * 1024 * 1024

/** Makes sure that the folder exists; one that is made now is its owner's alone. */
export function makeDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
}

/**
 * Takes the folder for this process until the connection is closed. Throws `unavailable` while another has it.
 *
 * The lock is SQLite's own, held on an empty file beside the database: the operating system drops it with the
 * process, however that ends, and others may still read the database (`locking_mode=EXCLUSIVE` would forbid it).
 */
export function lockDirectory(directory: string): Database {
  const lock = new Sqlite(join(directory, 'coscribe.lock'), { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    lock.close()
    if (!(error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY'))) throw error
    const message = `${directory} is in use by another server: stop that one, or choose another data folder`
    throw new StorageError('unavailable', message, { cause: error })
  }
}

/** Opens a database for use and brings its format up to date. */
export function connect(path: string): Database {
  const db = new Sqlite(path, { timeout: BUSY_TIMEOUT_MS, fileMustExist: true })
  try {
    db.pragma('cell_size_check = ON')
    db.pragma('trusted_schema = OFF')
    upgrade(db)
    db.pragma('journal_mode = WAL')
    // better-sqlite3 is compiled to sync the write-ahead log at checkpoints only, unless told otherwise.
    db.pragma('synchronous = FULL')
    db.pragma(`journal_size_limit = ${KEPT_LOG_BYTES}`)
    const contradiction = findContradiction(db)
    if (contradiction !== null) throw new DamagedFile(contradiction)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** What is wrong with the file that SQLite would not notice or take for something else, or null. */
export function findWrongHeader(path: string): string | null {
  const header = Buffer.alloc(20)
  const descriptor = openSync(path, 'r')
  try {
    // An empty file is an empty database to SQLite; a store of ours is not empty even before its first record.
    if (readSync(descriptor, header, 0, 20, 0) === 0) return 'the database file is empty'
  } finally {
    closeSync(descriptor)
  }
  // SQLite opens a file that needs a version above 2 to be written, of which there is none, as one to be read only.
  return header.readUInt8(18) > 2 ? 'the header of the database file is damaged' : null
}

/**
 * What is wrong with the table of documents and its indexes, or null. Content is checked when it is read, but a
 * document that an index no longer finds would seem never to have been written.
 */
export function findContradiction(db: Database): string | null {
  const detail = String(db.pragma('integrity_check(documents)', { simple: true }))
  return detail === 'ok' ? null : detail
}

/** Makes an empty database. Without a name of its own until it is complete, it can't be found half done. */
export function createDatabase(path: string): void {
  const draft = `${path}.new`
  draftDatabase(draft).close()
  publish(draft, path)
}

/** An empty database under construction: nothing in it is durable before `publish`. */
export function draftDatabase(path: string): Database {
  for (const suffix of ['', '-journal', ...SIDE_FILES]) rmSync(path + suffix, { force: true })
  const db = new Sqlite(path)
  db.pragma('synchronous = OFF')
  db.pragma(`page_size = ${PAGE_SIZE}`)
  db.pragma('auto_vacuum = INCREMENTAL')
  db.pragma(`application_id = ${APPLICATION_ID}`)
  upgrade(db)
  return db
}

/** Gives a complete, closed file its name, durably. */
export function publish(draft: string, path: string): void {
  sync(draft)
  renameSync(draft, path)
  sync(dirname(path))
}

/** Makes the content of a file, or the names in a folder, durable. */
export function sync(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
