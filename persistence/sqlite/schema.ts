import type { Database } from 'better-sqlite3'
import { StorageError } from '../errors.ts'

/** Marks a file as ours ("CoSc"), so that nobody else's database is taken for a store. */
export const APPLICATION_ID = 0x436f5363

/*
 * What turns a store of version n into one of version n + 1; an empty file has version 0. Entries are never edited.
 *
 * A document is known by its `number` inside the file. `head` is the last sequence number given out, `through` the
 * one its state reaches, `segments` how many segments its history has: with them, a missing tail is noticed too.
 * `log` is clustered by document, so a load reads neighbouring pages and a compaction frees whole ones.
 */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE documents (
     number INTEGER PRIMARY KEY,
     id TEXT NOT NULL,
     title TEXT NOT NULL,
     created_at INTEGER NOT NULL,
     changed_at INTEGER NOT NULL,
     bytes INTEGER NOT NULL,
     head INTEGER NOT NULL,
     through INTEGER NOT NULL,
     segments INTEGER NOT NULL,
     removed INTEGER NOT NULL,
     checksum INTEGER NOT NULL
   ) STRICT;
   CREATE UNIQUE INDEX documents_by_id ON documents (id);
   CREATE INDEX documents_by_change ON documents (changed_at) WHERE removed = 0;
   CREATE TABLE log (
     document INTEGER NOT NULL,
     seq INTEGER NOT NULL,
     at INTEGER NOT NULL,
     checksum INTEGER NOT NULL,
     bytes BLOB NOT NULL,
     PRIMARY KEY (document, seq)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE state (
     document INTEGER PRIMARY KEY,
     through INTEGER NOT NULL,
     checksum INTEGER NOT NULL,
     bytes BLOB NOT NULL
   ) STRICT;
   CREATE TABLE history (
     document INTEGER NOT NULL,
     position INTEGER NOT NULL,
     started_at INTEGER NOT NULL,
     ended_at INTEGER NOT NULL,
     clients TEXT NOT NULL,
     checksum INTEGER NOT NULL,
     bytes BLOB NOT NULL,
     PRIMARY KEY (document, position)
   ) STRICT, WITHOUT ROWID;`,
]

/** The format version this code writes. */
export const FORMAT_VERSION = MIGRATIONS.length

/** The format of a store. Throws `format` for a newer one than ours and for what is no store of ours. */
export function checkFormat(db: Database): number {
  const applicationId = Number(db.pragma('application_id', { simple: true }))
  if (applicationId !== APPLICATION_ID) {
    throw new StorageError('format', `${db.name} is not a Coscribe store: choose another data folder`)
  }
  const version = Number(db.pragma('user_version', { simple: true }))
  if (version > FORMAT_VERSION) {
    throw new StorageError(
      'format',
      `${db.name} has format ${version}, this version of Coscribe knows up to ${FORMAT_VERSION}: use a newer one`,
    )
  }
  return version
}

/** Brings a store to the current format. Throws like `checkFormat`. */
export function upgrade(db: Database): void {
  const version = checkFormat(db)
  for (const [index, migration] of MIGRATIONS.entries()) {
    if (index < version) continue
    db.transaction(() => {
      db.exec(migration)
      db.pragma(`user_version = ${index + 1}`)
    })()
  }
}
