import { existsSync, rmSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import Sqlite from 'better-sqlite3'
import type { Database } from 'better-sqlite3'
import { StorageError } from '../errors.ts'
import { copyFiles, filesPath, syncFolder } from '../files/folder.ts'
import { DamagedFile, isDamage } from './damage.ts'
import { connect, createDatabase, databasePath, findWrongHeader, makeDirectory, publish } from './file.ts'
import { LastCommit } from './last-commit.ts'
import { findLoss } from './read-only.ts'
import { finishRecovery, keepAside, recover, verifyAll } from './recovery.ts'
import type { DamageReport } from './recovery.ts'
import { Store } from './store.ts'

/** Opens the store of a folder that is locked for us, makes it when there is none, recovers it when it is damaged. */
export function openStore(directory: string, onDamage: (report: DamageReport) => void): Store {
  finishRecovery(directory)
  const path = databasePath(directory)
  const isLogAlone = !existsSync(path) && existsSync(`${path}-wal`)
  if (isLogAlone) onDamage(recover(directory, 'the database file is missing, its write-ahead log is not'))
  if (!existsSync(path)) createDatabase(path)
  const lastCommit = new LastCommit(directory)
  // Kept before the database is opened for use, which writes over what is damaged.
  const loss = findLoss(directory)
  const keptAs = loss === null ? '' : keepAside(directory)
  try {
    const store = connectStore(path, lastCommit)
    if (loss !== null) {
      lastCommit.erase()
      onDamage({ reason: loss, keptAs, recovered: verifyAll(store), nameless: 0 })
    }
    return store
  } catch (error) {
    if (!isDamage(error)) throw error
    onDamage(recover(directory, error instanceof Error ? error.message : 'damaged'))
    lastCommit.erase()
    return connectStore(path, lastCommit)
  }
}

function connectStore(path: string, lastCommit: LastCommit): Store {
  const wrong = findWrongHeader(path)
  if (wrong !== null) throw new DamagedFile(wrong)
  let db: Database | null = null
  try {
    db = connect(path)
    return new Store(db, lastCommit)
  } catch (error) {
    db?.close()
    // Our own statements are right, so what they fail to find in a store of our format has been damaged away.
    const isSchemaDamage = error instanceof Sqlite.SqliteError && error.code === 'SQLITE_ERROR'
    throw isSchemaDamage ? new DamagedFile(error.message) : error
  }
}

/** Copies the store of the folder `source` into `directory`, where it appears complete and durable or not at all. */
export async function backUp(store: Store, source: string, directory: string): Promise<void> {
  makeDirectory(directory)
  const path = databasePath(directory)
  const files = filesPath(directory)
  const suffix = `.${randomUUID()}`
  const refuse = () => {
    refuseExisting(path)
    refuseExisting(files)
  }
  refuse()
  try {
    // Twice: what is removed while the database is copied is in the copy, and so is what it refers to when it is.
    await copyFiles(filesPath(source), files + suffix)
    await store.copyTo(path + suffix)
    await copyFiles(filesPath(source), files + suffix)
    refuse()
    if (existsSync(files + suffix)) {
      rmSync(join(files + suffix, 'drafts'), { recursive: true, force: true })
      await rename(files + suffix, files)
      await syncFolder(dirname(files))
    }
    publish(path + suffix, path)
  } finally {
    rmSync(path + suffix, { force: true })
    rmSync(files + suffix, { recursive: true, force: true })
  }
}

function refuseExisting(path: string): void {
  if (existsSync(path)) throw new StorageError('invalid', `${path} exists already: choose an empty folder`)
}
