import type { Database } from 'better-sqlite3'
import { unlessDamaged, untilDamage } from './damage.ts'
import { PAGE_SIZE } from './file.ts'
import { rebuildDocument } from './reader.ts'
import { documentChecksum, idChecksum, isIntactRecord, isIntactSegment, isIntactState } from './rows.ts'
import type { DocumentRow } from './rows.ts'
import { prepareTables } from './tables.ts'
import type { Tables } from './tables.ts'

const SHORTEST_ROW_BYTES = 16

/**
 * Copies what still reads and checks out from a damaged database into an empty one, and leaves a hole for what does
 * not. Returns how many documents had no id left to file them under.
 */
export function salvage(source: Database, target: Database): number {
  const from = prepareTables(source)
  const to = prepareTables(target)
  const names = readNames(from)
  const ids = new Set<string>()
  let nameless = 0
  // No row is shorter than that, so a damaged number can't send us counting for ever.
  const mostRows = Number(source.pragma('page_count', { simple: true })) * (PAGE_SIZE / SHORTEST_ROW_BYTES)
  const last = Math.min(findLastNumber(from, names), mostRows)
  for (let number = 1; number <= last; number++) {
    const row = unlessDamaged(() => from.documentByNumber.get(number))
    const id = identify(from, number, row, names.get(number))
    if (id !== undefined && !ids.has(id)) {
      ids.add(id)
      copyDocument({ from, to, number, id, row })
    } else if (row || hasContent(from, number)) {
      nameless++
    }
  }
  return nameless
}

// The index on ids is a second copy of what a lost page of the table held. From both ends, a bad page hides little.
function readNames(from: Tables): Map<number, string> {
  const names = new Map<number, string>()
  for (const rows of [from.names, from.namesBackwards]) {
    for (const { number, id } of untilDamage(rows.iterate())) names.set(number, id)
  }
  return names
}

function findLastNumber(from: Tables, names: ReadonlyMap<number, string>): number {
  let last = 0
  for (const number of names.keys()) last = Math.max(last, number)
  for (const rows of [from.numbers, from.numbersBackwards]) {
    for (const number of untilDamage(rows.iterate())) last = Math.max(last, number)
  }
  return last
}

function identify(
  from: Tables,
  number: number,
  row: DocumentRow | undefined,
  name: string | undefined,
): string | undefined {
  const candidates = [row?.id, name].filter((id) => typeof id === 'string')
  return (
    candidates.find((id) => row && isTrue(row, id)) ??
    candidates.find((id) => hasContent(from, number, idChecksum(id))) ??
    name
  )
}

function isTrue(row: DocumentRow, id: string): boolean {
  return documentChecksum({ ...row, id }) === row.checksum
}

// Whether there is anything under the number; with the checksum of an id, anything of that document.
function hasContent(from: Tables, number: number, idSum?: number): boolean {
  for (const row of untilDamage(from.state.iterate(number))) {
    if (idSum === undefined || isIntactState(idSum, row)) return true
  }
  for (const row of untilDamage(from.records.iterate(number, 0))) {
    if (idSum === undefined || isIntactRecord(idSum, row)) return true
  }
  for (const row of untilDamage(from.segments.iterate(number))) {
    if (idSum === undefined || isIntactSegment(idSum, row)) return true
  }
  return false
}

interface Copying {
  readonly from: Tables
  readonly to: Tables
  readonly number: number
  readonly id: string
  readonly row: DocumentRow | undefined
}

function copyDocument({ from, to, number, id, row }: Copying): void {
  const idSum = idChecksum(id)
  const records = bothWays(from.records.iterate(number, 0), from.recordsBackwards.iterate(number), 'seq')
  let head = row?.head ?? 0
  for (const record of records) {
    if (!isIntactRecord(idSum, record)) continue
    head = Math.max(head, record.seq)
    to.putRecord.run(number, record.seq, record.at, record.checksum, record.bytes)
  }
  for (const state of untilDamage(from.state.iterate(number))) {
    if (isIntactState(idSum, state)) to.putState.run(number, state.through, state.checksum, state.bytes)
  }
  const segments = bothWays(from.segments.iterate(number), from.segmentsBackwards.iterate(number), 'position')
  for (const segment of segments) {
    if (!isIntactSegment(idSum, segment)) continue
    const { position, startedAt, endedAt, clients, checksum, bytes } = segment
    to.putSegment.run(number, position, startedAt, endedAt, clients, checksum, bytes)
  }
  const known =
    row && isTrue(row, id) ? { ...row, id, head } : rebuildDocument(to, number, id, row?.removed ?? 0)
  to.putDocument.run({ ...known, checksum: documentChecksum(known) })
}

// Rows from the front, then those that an unreadable page hides from there, from the back.
function* bothWays<Key extends string, Row extends Record<Key, number>>(
  forward: Iterable<Row>,
  backward: Iterable<Row>,
  key: Key,
): Generator<Row, void> {
  let reached = -1
  for (const row of untilDamage(forward)) {
    reached = row[key]
    yield row
  }
  for (const row of untilDamage(backward)) {
    if (row[key] <= reached) return
    yield row
  }
}
