import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import type { Struct } from './update-structs.ts'

/** An update that can be applied, and how. */
export interface LandedUpdate {
  readonly bytes: Uint8Array
  /** What of it is new, each after everything it refers to. */
  readonly order: readonly Struct[]
  /** Where its delete set begins. */
  readonly deletesAt: number
}

export interface SliceSize {
  readonly structs: number
  readonly deletions: number
}

/** Applying so much takes a few milliseconds. */
const aFewMilliseconds: SliceSize = { structs: 2000, deletions: 2000 }

/**
 * Cuts an update into small ones. Applied one after the other they make the same document, and each of them can be
 * applied, stored and relayed by itself: first what was written, then what is deleted.
 */
export function* slicesOf(
  { bytes, order, deletesAt }: LandedUpdate,
  most = aFewMilliseconds,
): Generator<Uint8Array> {
  for (let first = 0; first < order.length; first += most.structs) {
    yield encodeStructs(bytes, order.slice(first, first + most.structs))
  }
  yield* deletionSlices(bytes.subarray(deletesAt), most.deletions)
}

function encodeStructs(bytes: Uint8Array, structs: readonly Struct[]): Uint8Array {
  const byClient = new Map<number, Struct[]>()
  for (const struct of structs) {
    const own = byClient.get(struct.client)
    if (own === undefined) byClient.set(struct.client, [struct])
    else own.push(struct)
  }
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, byClient.size)
  // Highest client first, as in every update: merging relies on it.
  for (const [client, own] of [...byClient].sort(([a], [b]) => b - a)) {
    encoding.writeVarUint(encoder, own.length)
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, own[0]?.clock ?? 0)
    for (const { start, end } of own) encoding.writeUint8Array(encoder, bytes.subarray(start, end))
  }
  encoding.writeVarUint(encoder, 0)
  return encoding.toUint8Array(encoder)
}

/** `bytes` is a delete set that was checked to be well-formed. */
function* deletionSlices(bytes: Uint8Array, most: number): Generator<Uint8Array> {
  const decoder = decoding.createDecoder(bytes)
  for (let clients = decoding.readVarUint(decoder); clients > 0; clients--) {
    const client = decoding.readVarUint(decoder)
    for (let left = decoding.readVarUint(decoder); left > 0;) {
      const count = Math.min(left, most)
      const start = decoder.pos
      for (let i = 0; i < 2 * count; i++) decoding.readVarUint(decoder)
      yield encodeDeletions(client, count, bytes.subarray(start, decoder.pos))
      left -= count
    }
  }
}

function encodeDeletions(client: number, count: number, ranges: Uint8Array): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, 0)
  encoding.writeVarUint(encoder, 1)
  encoding.writeVarUint(encoder, client)
  encoding.writeVarUint(encoder, count)
  encoding.writeUint8Array(encoder, ranges)
  return encoding.toUint8Array(encoder)
}
