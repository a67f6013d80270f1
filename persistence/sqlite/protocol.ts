import type { StorageErrorCode } from '../errors.ts'
import type { Place } from '../requests.ts'
import type { Append, Compaction, Damage, DocumentMeta, DocumentPage, LogRecord } from '../storage.ts'
import type { Segment, Seq, Standing, State } from '../storage.ts'
import type { Verified } from './reader.ts'
import type { DamageReport } from './recovery.ts'

/* What `thread.ts` and `worker.ts` say to each other. */

/** What a worker is told when it starts. */
export interface WorkerData {
  readonly directory: string
  /** Whether it leaves the folder as it is, and to whoever else has it open. */
  readonly isReadOnly: boolean
}

/** Many byte strings as one, because cloning one buffer costs the same as cloning one small array. */
export interface Packed {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly ends: Float64Array<ArrayBuffer>
}

export interface PackedLog {
  readonly first: Seq
  readonly at: Float64Array<ArrayBuffer>
  readonly packed: Packed
}

/** The entries of a batch in few objects, because each costs as much to clone as hundreds of bytes. */
export interface PackedBatch {
  /** Each once. */
  readonly documents: readonly string[]
  /** Of each entry: which document, when, how many records. */
  readonly entries: Float64Array<ArrayBuffer>
  /** By entry, where one has a title. */
  readonly titles: ReadonlyMap<number, string>
  readonly packed: Packed
}

export interface PackedContent {
  readonly state: State | null
  readonly log: PackedLog
  readonly damage: Damage | null
}

export interface PackedHistory {
  readonly segments: readonly Omit<Segment, 'bytes'>[]
  readonly packed: Packed
  readonly log: PackedLog
  readonly damage: Damage | null
}

/** The calls a worker answers. */
export interface Calls {
  open(): void
  append(batch: PackedBatch): void
  load(document: string): PackedContent
  compact(document: string, compaction: Compaction): void
  history(document: string): PackedHistory
  setAside(document: string): Seq
  meta(document: string): DocumentMeta | null
  standing(document: string): Standing
  list(limit: number, from: Place): DocumentPage
  remove(document: string): void
  verify(after: number): Verified
  backup(directory: string): void
  close(): void
}

export type Call = keyof Calls
export type Request = { [Name in Call]: { id: number; call: Name; args: Parameters<Calls[Name]> } }[Call]

export interface Failure {
  readonly code: StorageErrorCode
  readonly message: string
  readonly cause: string
}

/**
 * What comes back. `value` is of the type that the call with this id returns: `never` stands for that, so that it
 * can be handed to whoever waits for it, and to nobody else.
 */
export type Reply =
  | { readonly type: 'done'; readonly id: number; readonly value: never }
  | { readonly type: 'failed'; readonly id: number; readonly failure: Failure }
  | { readonly type: 'damage'; readonly report: DamageReport }

/** Copies the parts into one buffer. */
export function pack(parts: readonly Uint8Array[]): Packed {
  const ends = new Float64Array(parts.length)
  let end = 0
  for (const [index, part] of parts.entries()) ends[index] = end += part.byteLength
  const bytes = new Uint8Array(end)
  for (const [index, part] of parts.entries()) bytes.set(part, (ends[index] ?? 0) - part.byteLength)
  return { bytes, ends }
}

/** The parts again, as views of the one buffer. */
export function unpack({ bytes, ends }: Packed): Uint8Array[] {
  let start = 0
  return Array.from(ends, (end) => bytes.subarray(start, (start = end)))
}

/** Packs a log, which has no holes. */
export function packLog(records: readonly LogRecord[]): PackedLog {
  return {
    first: records[0]?.seq ?? 0,
    at: Float64Array.from(records, (record) => record.at),
    packed: pack(records.map((record) => record.bytes)),
  }
}

export function unpackLog({ first, at, packed }: PackedLog): LogRecord[] {
  return unpack(packed).map((bytes, index) => ({ seq: first + index, at: at[index] ?? 0, bytes }))
}

/** Packs a batch; the caller's arrays are its own again. */
export function packBatch(batch: readonly Append[]): PackedBatch {
  const numbers = new Map<string, number>()
  const entries = new Float64Array(batch.length * ENTRY_FIELDS)
  const titles = new Map<number, string>()
  for (const [index, { document, at, records, title }] of batch.entries()) {
    const number = numbers.get(document) ?? numbers.size
    numbers.set(document, number)
    entries[index * ENTRY_FIELDS] = number
    entries[index * ENTRY_FIELDS + 1] = at
    entries[index * ENTRY_FIELDS + 2] = records.length
    if (title !== undefined) titles.set(index, title)
  }
  const packed = pack(batch.flatMap(({ records }) => records))
  return { documents: [...numbers.keys()], entries, titles, packed }
}

export function unpackBatch({ documents, entries, titles, packed }: PackedBatch): Append[] {
  const records = unpack(packed)
  let start = 0
  return Array.from({ length: entries.length / ENTRY_FIELDS }, (_, index) => {
    const field = (number: number) => entries[index * ENTRY_FIELDS + number] ?? 0
    const [document = '', at] = [documents[field(0)], field(1)]
    const own = records.slice(start, (start += field(2)))
    const title = titles.get(index)
    return title === undefined ? { document, at, records: own } : { document, at, records: own, title }
  })
}

const ENTRY_FIELDS = 3

/** The buffers that may change hands instead of being copied. */
export function buffersOf(
  ...parts: readonly (Packed | { readonly bytes: Uint8Array<ArrayBuffer> })[]
): ArrayBuffer[] {
  return parts.flatMap((part) =>
    'ends' in part ? [part.bytes.buffer, part.ends.buffer] : [part.bytes.buffer],
  )
}

/** The bytes in a buffer that holds nothing else, as they are if they are alone already. Only for what we made. */
export function toOwn(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes
  const isAlone = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength
  return isAlone ? new Uint8Array(buffer) : new Uint8Array(bytes)
}
