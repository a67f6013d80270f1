import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import type { Id, Span } from './spans.ts'

/*
 * What one change did to text that was there before it, as the others need to know it.
 *
 * Yjs can't move: whoever splits a paragraph deletes letters here and makes new ones there, and what somebody else
 * typed between the old ones stays behind. The record says which new ids are copies of which old ones.
 */

/**
 * `moved`: the text was alive here and is now there. `restored`: it was dead, and whoever brought it back knew that.
 * `carried`: a repair took its author's text along with what had been around it. `dropped`: of two copies of the same
 * text, this one gave way to that one.
 */
export type MoveKind = 'moved' | 'restored' | 'carried' | 'dropped'
const kinds: readonly MoveKind[] = ['moved', 'restored', 'carried', 'dropped']

/** `length` ids from `from` on go on as those from `to` on. */
export interface Move {
  readonly from: Id
  readonly to: Id
  readonly length: number
}

export interface MoveRecord {
  readonly kind: MoveKind
  readonly moves: readonly Move[]
  /**
   * Every id, dead or alive, in elements that were deleted whole, and the attributes they had then: their deleter knew
   * these, and no others.
   */
  readonly buried: readonly Span[]
  /** The same for blocks that live on and lost text to another place. */
  readonly seen: readonly Span[]
  /** What the change made, if anything. */
  readonly born: Span | null
  /** The client that wrote it, where that is known; not in its bytes. */
  readonly by?: number
}

const version = 1

/** Largest number of moves and spans read from a record: what a change to a very long document needs. */
const maxParts = 100_000

/** A record as bytes; clients are numbered by first appearance, since few take part. */
export function encodeRecord(record: MoveRecord): Uint8Array {
  const clients: number[] = []
  const body = encoding.createEncoder()
  const write = (value: number): void => encoding.writeVarUint(body, value)
  const writeId = ({ client, clock }: Id): void => {
    if (!clients.includes(client)) clients.push(client)
    write(clients.indexOf(client))
    write(clock)
  }
  write(record.moves.length)
  for (const { from, to, length } of record.moves) {
    writeId(from)
    writeId(to)
    write(length)
  }
  for (const spans of [record.buried, record.seen, record.born === null ? [] : [record.born]]) {
    write(spans.length)
    for (const span of spans) {
      writeId(span)
      write(span.length)
    }
  }
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, version)
    encoding.writeVarUint(encoder, kinds.indexOf(record.kind))
    encoding.writeVarUint(encoder, clients.length)
    for (const client of clients) encoding.writeVarUint(encoder, client)
    encoding.writeUint8Array(encoder, encoding.toUint8Array(body))
  })
}

/** A record from bytes; null when it isn't one that this version reads. Anybody may have written it. */
export function parseRecord(value: unknown, by: number): MoveRecord | null {
  if (!(value instanceof Uint8Array)) return null
  try {
    const record = readRecord(decoding.createDecoder(value))
    return record === null ? null : { ...record, by }
  } catch {
    // Cut short, or numbers that are none.
    return null
  }
}

function readRecord(decoder: decoding.Decoder): MoveRecord | null {
  const read = (): number => decoding.readVarUint(decoder)
  const many = <Value>(make: () => Value): Value[] => {
    const count = read()
    if (count > maxParts) throw new RangeError(`${count} parts in one record of moves`)
    return Array.from({ length: count }, make)
  }
  if (read() !== version) return null
  const kind = kinds[read()]
  const clients = many(read)
  const readId = (): Id => {
    const client = clients[read()]
    if (client === undefined) throw new RangeError('An unnumbered client in a record of moves')
    return { client, clock: read() }
  }
  const readLength = (): number => {
    const length = read()
    if (length === 0) throw new RangeError('An empty span in a record of moves')
    return length
  }
  const moves = many(() => ({ from: readId(), to: readId(), length: readLength() }))
  const readSpans = () => many(() => ({ ...readId(), length: readLength() }))
  const [buried, seen, born] = [readSpans(), readSpans(), readSpans()]
  return kind === undefined ? null : { kind, moves, buried, seen, born: born[0] ?? null }
}
