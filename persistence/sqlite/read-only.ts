import { existsSync, readFileSync, statSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import type { Database } from 'better-sqlite3'
import { StorageError } from '../errors.ts'
import { DamagedFile, isDamage } from './damage.ts'
import { BUSY_TIMEOUT_MS, databasePath, findWrongHeader } from './file.ts'
import { findLostCommit, readLastCommit } from './last-commit.ts'
import { checkFormat, FORMAT_VERSION, upgrade } from './schema.ts'
import { Store } from './store.ts'
import { prepareTables } from './tables.ts'

/**
 * Opens the store of a folder that others may be using, and changes nothing in it: a store of an older format is
 * upgraded in memory. Throws `damaged` for one that can't be read.
 */
export function readStore(directory: string): Store {
  const path = databasePath(directory)
  if (!existsSync(path) && !existsSync(`${path}-wal`)) {
    throw new StorageError('invalid', `${directory} holds no documents: there is no ${path}`)
  }
  // Read first: beside a running server, the database may only be newer than this.
  const noted = readLastCommit(directory)
  let db: Database | null = null
  try {
    db = connectToRead(path)
    const lost = noted && findLostCommit(prepareTables(db), noted)
    return new Store(db, null, lost)
  } catch (error) {
    db?.close()
    throw toUnreadable(directory, error)
  }
}

/** What those are told who meet with the error while reading; damage is named as such. */
export function toUnreadable(directory: string, error: unknown): unknown {
  // Our own statements are right, so what they fail to find in a store of our format has been damaged away.
  const isSchemaDamage = error instanceof Sqlite.SqliteError && error.code === 'SQLITE_ERROR'
  if (!isSchemaDamage && !isDamage(error)) return error
  const reason = error instanceof Error ? error.message : 'damaged'
  return new StorageError('damaged', `the store in ${directory} can't be read: ${reason}`, { cause: error })
}

/** Why the store in the folder lacks commits that were acknowledged, or null. Needs nobody else to have it open. */
export function findLoss(directory: string): string | null {
  const noted = readLastCommit(directory)
  const path = databasePath(directory)
  if (!noted || !existsSync(path)) return null
  // A connection for reading leaves the write-ahead log as it is.
  const db = new Sqlite(path, { readonly: true, timeout: BUSY_TIMEOUT_MS })
  try {
    return findLostCommit(prepareTables(db), noted)
  } catch (error) {
    // Whatever it is, opening the store for use will meet with it, too.
    if (error instanceof Sqlite.SqliteError) return null
    throw error
  } finally {
    db.close()
  }
}

function connectToRead(path: string): Database {
  if (!existsSync(path)) throw new DamagedFile('the database file is missing, its write-ahead log is not')
  const wrong = findWrongHeader(path)
  if (wrong !== null) throw new DamagedFile(wrong)
  const db = openToRead(path)
  try {
    if (checkFormat(db) === FORMAT_VERSION) return db
    const image = openImage(db.serialize())
    db.close()
    upgrade(image)
    return image
  } catch (error) {
    db.close()
    throw error
  }
}

function openToRead(path: string): Database {
  const db = new Sqlite(path, { readonly: true, timeout: BUSY_TIMEOUT_MS })
  try {
    db.pragma('cell_size_check = ON')
    db.pragma('trusted_schema = OFF')
    db.pragma('user_version')
    return db
  } catch (error) {
    db.close()
    // Where nothing can be written, SQLite can't make the index of the write-ahead log that it wants even for reading.
    const isUnwritable = error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_CANTOPEN')
    const hasLog = existsSync(`${path}-wal`) && statSync(`${path}-wal`).size > 0
    if (!isUnwritable || hasLog) throw error
    return openImage(readFileSync(path))
  }
}

/** The database in memory, where it can be changed without changing it. */
function openImage(image: Buffer): Database {
  // A write-ahead log needs files, so the header says that there is none.
  return new Sqlite(image.fill(1, 18, 20))
}
