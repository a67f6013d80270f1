import type { Damage, History, Loaded, LogRecord, Segment, State, Verification } from '../storage.ts'
import { isDamage, untilDamage } from './damage.ts'
import {
  idChecksum,
  isIntactDocument,
  isIntactRecord,
  isIntactSegment,
  isIntactState,
  type DocumentRow,
} from './rows.ts'
import type { Tables } from './tables.ts'

const UNREADABLE = 'the database file is unreadable here'
const MISMATCH = 'the checksum does not match'
const MISSING = 'it is missing'

// How many documents one call of `verify` checks, so that what others ask for meanwhile isn't kept waiting.
const DOCUMENTS_AT_ONCE = 32

/** The row of a document. One that isn't intact has been put together from what is left of the document. */
export interface Found {
  readonly row: DocumentRow
  readonly isIntact: boolean
}

/** A part of a verification; `next` is where to go on, null at the end. */
export interface Verified extends Omit<Verification, 'files'> {
  readonly next: number | null
}

/** Reads documents, believing nothing that doesn't check out. */
export interface Reader {
  find(id: string): Found | null
  believe(row: DocumentRow, id: string): Found
  content(found: Found): Loaded
  history(found: Found): History
  verify(after: number): Verified
}

/** What two parts of a verification say together. */
export function addVerified(first: Verified, second: Verified): Verified {
  return {
    documents: first.documents + second.documents,
    records: first.records + second.records,
    damaged: [...first.damaged, ...second.damaged],
    next: second.next,
  }
}

type Log = Pick<Loaded, 'records' | 'damage'>

export function createReader(tables: Tables): Reader {
  const find = (id: string) => {
    const row = tables.documentById.get(id)
    return row ? believe(row, id) : null
  }

  const believe = (row: DocumentRow, id: string) =>
    isIntactDocument(row, id)
      ? { row, isIntact: true }
      : { row: rebuildDocument(tables, row.number, id, row.removed), isIntact: false }

  const content = ({ row, isIntact }: Found): Loaded => {
    const { state, damage } = readState(tables, row)
    if (damage) return { state: null, records: [], damage }
    const log = readLog(tables, row)
    return { state, records: log.records, damage: isIntact ? log.damage : asDocumentDamage(log.damage) }
  }

  const history = ({ row, isIntact }: Found): History => {
    const { segments, damage } = readSegments(tables, row)
    if (damage) return { segments, records: [], damage }
    const log = readLog(tables, row)
    return { segments, records: log.records, damage: isIntact ? log.damage : asDocumentDamage(log.damage) }
  }

  const verify = (after: number): Verified => {
    const damaged: Verification['damaged'][number][] = []
    let documents = 0
    let records = 0
    let number: number | null = after
    for (let count = 0; count < DOCUMENTS_AT_ONCE; count++) {
      number = tables.nextNumber.get({ after: number }) ?? null
      if (number === null) break
      const row = tables.documentByNumber.get(number)
      if (!row) {
        const detail = `there is content of a document ${number} without a name`
        damaged.push({ document: '', damage: { part: 'document', seq: 0, detail } })
        continue
      }
      const found = believe(row, row.id)
      if (found.row.removed === 1) continue
      const loaded = content(found)
      const { damage } = readSegments(tables, found.row)
      documents++
      records += loaded.records.length
      for (const part of [loaded.damage, damage]) if (part) damaged.push({ document: row.id, damage: part })
    }
    return { documents, records, damaged, next: number }
  }

  return { find, believe, content, history, verify }
}

/**
 * The row of a document whose own row is lost. Nobody knows how far its log went, so the row claims one record more
 * than there is: the hole shows in every load until a compaction reaches past it, and no number is given out twice.
 */
export function rebuildDocument(tables: Tables, number: number, id: string, removed: number): DocumentRow {
  const [state] = untilDamage(tables.state.iterate(number))
  const [first] = untilDamage(tables.records.iterate(number, 0))
  const [last] = untilDamage(tables.recordsBackwards.iterate(number))
  const [segment] = untilDamage(tables.segmentsBackwards.iterate(number))
  const isRemoved = removed === 1 && !state && !last && !segment
  const through = state?.through ?? 0
  return {
    number,
    id,
    title: '',
    createdAt: first?.at ?? 0,
    changedAt: last?.at ?? 0,
    bytes: isRemoved ? 0 : countBytes(tables, number),
    head: isRemoved ? 0 : Math.max(through, last?.seq ?? 0) + 1,
    through,
    segments: segment?.position ?? 0,
    removed: isRemoved ? 1 : 0,
    checksum: 0,
  }
}

function countBytes(tables: Tables, number: number): number {
  const log = tables.recordBytes.get(number, Number.MAX_SAFE_INTEGER) ?? 0
  return log + (tables.stateBytes.get(number) ?? 0) + (tables.segmentBytes.get(number) ?? 0)
}

function asDocumentDamage(damage: Damage | null): Damage | null {
  return damage && { part: 'document', seq: damage.seq, detail: `the entry of the document: ${MISMATCH}` }
}

function readState(tables: Tables, document: DocumentRow): { state: State | null; damage: Damage | null } {
  if (document.through === 0) return { state: null, damage: null }
  const broken = (detail: string) => ({
    state: null,
    damage: { part: 'state', seq: document.through, detail } as const,
  })
  try {
    const row = tables.state.get(document.number)
    if (!row) return broken(MISSING)
    const isIntact = row.through === document.through && isIntactState(idChecksum(document.id), row)
    return isIntact ? { state: { through: row.through, bytes: row.bytes }, damage: null } : broken(MISMATCH)
  } catch (error) {
    if (!isDamage(error)) throw error
    return broken(UNREADABLE)
  }
}

function readLog(tables: Tables, document: DocumentRow): Log {
  const idSum = idChecksum(document.id)
  const records: LogRecord[] = []
  let seq = document.through + 1
  const broken = (detail: string): Log => ({ records, damage: { part: 'record', seq, detail } })
  try {
    for (const row of tables.records.iterate(document.number, document.through)) {
      if (row.seq !== seq) return broken(MISSING)
      if (!isIntactRecord(idSum, row)) return broken(MISMATCH)
      records.push({ seq, at: row.at, bytes: row.bytes })
      seq++
    }
  } catch (error) {
    if (!isDamage(error)) throw error
    return broken(UNREADABLE)
  }
  if (seq <= document.head) return broken(MISSING)
  if (seq > document.head + 1)
    return broken('the entry of the document does not know of records before this one')
  return { records, damage: null }
}

function readSegments(tables: Tables, document: DocumentRow): Omit<History, 'records'> {
  const idSum = idChecksum(document.id)
  const segments: Segment[] = []
  let position = 1
  const broken = (detail: string): Omit<History, 'records'> => ({
    segments,
    damage: { part: 'segment', seq: position, detail },
  })
  try {
    for (const row of tables.segments.iterate(document.number)) {
      if (row.position !== position) return broken(MISSING)
      if (!isIntactSegment(idSum, row)) return broken(MISMATCH)
      segments.push({
        from: row.startedAt,
        to: row.endedAt,
        clients: parseClients(row.clients),
        bytes: row.bytes,
      })
      position++
    }
  } catch (error) {
    if (!isDamage(error)) throw error
    return broken(UNREADABLE)
  }
  return position <= document.segments ? broken(MISSING) : { segments, damage: null }
}

// The checksum has vouched for the text.
function parseClients(text: string): number[] {
  return JSON.parse(text) as number[]
}
