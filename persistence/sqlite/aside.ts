import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { untilDamage } from './damage.ts'
import { makeDirectory, publish } from './file.ts'
import type { DocumentRow } from './rows.ts'
import type { Tables } from './tables.ts'

/**
 * Writes all rows of a document that can be read at all, intact or not, to a file of its own beside the database, for
 * somebody who wants to look whether more can be saved. Durable when it returns.
 */
export function setAside(databasePath: string, tables: Tables, row: DocumentRow): void {
  const { number } = row
  const forwards = untilDamage(tables.records.iterate(number, 0))
  const backwards = untilDamage(tables.recordsBackwards.iterate(number))
  const records = new Map([...forwards, ...backwards].map((record) => [record.seq, record]))
  const early = untilDamage(tables.segments.iterate(number))
  const late = untilDamage(tables.segmentsBackwards.iterate(number))
  const segments = new Map([...early, ...late].map((segment) => [segment.position, segment]))
  const kept = {
    document: row,
    state: [...untilDamage(tables.state.iterate(number))],
    log: [...records.values()].sort((a, b) => a.seq - b.seq),
    history: [...segments.values()].sort((a, b) => a.position - b.position),
  }
  const directory = asideDirectory(databasePath)
  makeDirectory(directory)
  const name = `${number}-${new Date().toISOString().replaceAll(':', '-')}`
  const draft = join(directory, `${name}.draft`)
  writeFileSync(draft, JSON.stringify(kept, toJson), { mode: 0o600 })
  publish(draft, join(directory, `${name}.json`))
}

/** Deletes what was set aside of a document. */
export function forgetAside(databasePath: string, number: number): void {
  const directory = asideDirectory(databasePath)
  if (!existsSync(directory)) return
  for (const file of readdirSync(directory)) {
    if (file.startsWith(`${number}-`)) rmSync(join(directory, file), { force: true })
  }
}

function asideDirectory(databasePath: string): string {
  return join(dirname(databasePath), 'damaged')
}

// A Buffer has been turned into an object of numbers before this is asked, other bytes have not.
function toJson(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const original = this[key]
  return original instanceof Uint8Array ? Buffer.from(original).toString('base64') : value
}
