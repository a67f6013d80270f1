import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import type { Database } from 'better-sqlite3'
import type { Verification } from '../storage.ts'
import { databasePath, draftDatabase, makeDirectory, PAGE_SIZE, publish, SIDE_FILES, sync } from './file.ts'
import { addVerified, createReader } from './reader.ts'
import type { Reader } from './reader.ts'
import { salvage } from './salvage.ts'
import { prepareTables } from './tables.ts'

/** What was done about a database file that SQLite could not read any more. */
export interface DamageReport {
  /** What was wrong with it. */
  readonly reason: string
  /** Where the damaged file is now, untouched. */
  readonly keptAs: string
  /** What the store holds now; its `damaged` documents have lost something. */
  readonly recovered: Omit<Verification, 'files'>
  /** How many documents could not be recovered because nothing tells their ids any more. */
  readonly nameless: number
}

/**
 * Puts a new database in the place of a damaged one, with every record, state and segment that still checks out.
 *
 * It works on a copy, and swaps the files when the new one is complete and durable: whenever it is interrupted, the
 * next start either finds the damaged file as it was, or finishes the swap.
 */
export function recover(directory: string, reason: string): DamageReport {
  const workshop = join(directory, 'recovery')
  rmSync(workshop, { recursive: true, force: true })
  makeDirectory(workshop)
  const draft = join(workshop, 'draft.sqlite')
  const target = draftDatabase(draft)
  const { nameless, recovered } = refill(target, openCopy(directory, workshop))
  target.close()
  publish(draft, recoveredPath(directory))
  const keptAs = finishRecovery(directory) ?? ''
  rmSync(workshop, { recursive: true, force: true })
  return { reason, keptAs, recovered, nameless }
}

/** Swaps the damaged database for the recovered one, if there is one. Returns where the damaged one is now. */
export function finishRecovery(directory: string): string | null {
  if (!existsSync(recoveredPath(directory))) return null
  const database = databasePath(directory)
  const keptAs = damagedPath(directory)
  for (const suffix of ['', ...SIDE_FILES]) {
    if (existsSync(database + suffix)) renameSync(database + suffix, keptAs + suffix)
  }
  sync(directory)
  renameSync(recoveredPath(directory), database)
  sync(directory)
  return keptAs
}

/** Copies a store that stays in use as it is, durably, before anything is changed in it. Returns where to. */
export function keepAside(directory: string): string {
  const keptAs = damagedPath(directory)
  for (const suffix of ['', '-wal']) {
    if (!existsSync(databasePath(directory) + suffix)) continue
    copyFileSync(databasePath(directory) + suffix, keptAs + suffix)
    sync(keptAs + suffix)
  }
  sync(directory)
  return keptAs
}

function damagedPath(directory: string): string {
  return join(directory, `coscribe.damaged-${new Date().toISOString().replaceAll(':', '-')}.sqlite`)
}

function recoveredPath(directory: string): string {
  return join(directory, 'coscribe.recovered.sqlite')
}

function refill(target: Database, source: Database | null): Pick<DamageReport, 'nameless' | 'recovered'> {
  const nameless = source ? target.transaction(() => salvage(source, target))() : 0
  source?.close()
  return { nameless, recovered: verifyAll(createReader(prepareTables(target))) }
}

/** Reads all of a store at once. */
export function verifyAll(reader: Pick<Reader, 'verify'>): Omit<Verification, 'files'> {
  let verified = reader.verify(0)
  while (verified.next !== null) verified = addVerified(verified, reader.verify(verified.next))
  const { documents, records, damaged } = verified
  return { documents, records, damaged }
}

function openCopy(directory: string, workshop: string): Database | null {
  const database = databasePath(directory)
  const copy = join(workshop, 'damaged.sqlite')
  if (!existsSync(database)) return null
  for (const suffix of ['', '-wal']) {
    if (existsSync(database + suffix)) copyFileSync(database + suffix, copy + suffix)
  }
  const opened = openDamaged(copy)
  if (opened || statSync(copy).size < PAGE_SIZE) return opened
  graftFirstPage(copy, join(workshop, 'template.sqlite'))
  return openDamaged(copy)
}

function openDamaged(path: string): Database | null {
  const db = new Sqlite(path)
  try {
    // Together these make SQLite open a file that is shorter than its header says.
    db.unsafeMode()
    db.pragma('writable_schema = ON')
    prepareTables(db)
    return db
  } catch (error) {
    db.close()
    if (!(error instanceof Sqlite.SqliteError)) throw error
    return null
  }
}

// The first page says where the tables begin. They begin at the same pages in every store made with this schema, so
// when that page is lost, the one of an empty store leads to the content of all the others.
function graftFirstPage(path: string, templatePath: string): void {
  draftDatabase(templatePath).close()
  const page = readFileSync(templatePath).subarray(0, PAGE_SIZE)
  page.fill(2, 18, 20) // the journal is a write-ahead log
  page.writeUInt32BE(Math.floor(statSync(path).size / PAGE_SIZE), 28)
  page.fill(0, 32, 40) // no free pages
  const descriptor = openSync(path, 'r+')
  try {
    writeSync(descriptor, page, 0, PAGE_SIZE, 0)
  } finally {
    closeSync(descriptor)
  }
}
