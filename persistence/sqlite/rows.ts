import { crc32 } from 'node:zlib'

/*
 * Rows as SQLite gives them, and how to tell whether to believe them: in a damaged file a column may hold anything.
 *
 * CRC-32 is there to notice accidents: it finds every flipped bit and every burst up to 32 bits, and misses one in
 * four thousand million of anything else. It is no defence against someone who edits the file, and nothing kept in
 * that same file could be. It covers the id, so that bytes which end up under another document are noticed.
 */

export interface DocumentRow {
  readonly number: number
  readonly id: string
  readonly title: string
  readonly createdAt: number
  readonly changedAt: number
  readonly bytes: number
  readonly head: number
  readonly through: number
  readonly segments: number
  readonly removed: number
  readonly checksum: number
}

export interface RecordRow {
  readonly seq: number
  readonly at: number
  readonly checksum: number
  readonly bytes: Uint8Array
}

export interface StateRow {
  readonly through: number
  readonly checksum: number
  readonly bytes: Uint8Array
}

export interface SegmentRow {
  readonly position: number
  readonly startedAt: number
  readonly endedAt: number
  readonly clients: string
  readonly checksum: number
  readonly bytes: Uint8Array
}

/** The row of a document that has nothing yet. */
export function createRow(number: number, id: string, at: number): Unsealed<DocumentRow> {
  const nothing = { bytes: 0, head: 0, through: 0, segments: 0, removed: 0 }
  return { number, id, title: '', createdAt: at, changedAt: at, ...nothing }
}

type Unsealed<Row> = Omit<Row, 'checksum'>

const RECORD = 1
const STATE = 2
const SEGMENT = 3

/** What every checksum of a document's content starts from. */
export function idChecksum(id: string): number {
  return crc32(Buffer.from(id))
}

export function recordChecksum(idSum: number, row: Unsealed<RecordRow>): number {
  return addBytes(crc32(numbers(RECORD, row.seq, row.at), idSum), row.bytes)
}

export function stateChecksum(idSum: number, row: Unsealed<StateRow>): number {
  return addBytes(crc32(numbers(STATE, row.through, 0), idSum), row.bytes)
}

export function segmentChecksum(idSum: number, row: Unsealed<SegmentRow>): number {
  const times = crc32(numbers(SEGMENT, row.startedAt, row.endedAt), idSum)
  return addBytes(crc32(Buffer.from(`${row.position}${row.clients}`), times), row.bytes)
}

/** Covers everything kept about a document besides its content. */
export function documentChecksum(row: Unsealed<DocumentRow>): number {
  const { number, id, title, createdAt, changedAt, bytes, head, through, segments, removed } = row
  const fields = [number, id, title, createdAt, changedAt, bytes, head, through, segments, removed]
  return crc32(Buffer.from(JSON.stringify(fields)))
}

export function isIntactDocument(row: DocumentRow, id: string): boolean {
  return row.id === id && documentChecksum(row) === row.checksum
}

export function isIntactRecord(idSum: number, row: RecordRow): boolean {
  return row.bytes instanceof Uint8Array && recordChecksum(idSum, row) === row.checksum
}

export function isIntactState(idSum: number, row: StateRow): boolean {
  return row.bytes instanceof Uint8Array && stateChecksum(idSum, row) === row.checksum
}

export function isIntactSegment(idSum: number, row: SegmentRow): boolean {
  return row.bytes instanceof Uint8Array && segmentChecksum(idSum, row) === row.checksum
}

// zlib takes an empty buffer, which may have no address, for a wish to start again.
function addBytes(sum: number, bytes: Uint8Array): number {
  return bytes.byteLength === 0 ? sum : crc32(bytes, sum)
}

const scratch = Buffer.alloc(17)

function numbers(kind: number, first: number, second: number): Buffer {
  scratch.writeUInt8(kind, 0)
  scratch.writeDoubleBE(first, 1)
  scratch.writeDoubleBE(second, 9)
  return scratch
}
