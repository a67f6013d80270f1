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

/** Few enough that applying them takes a few milliseconds. */
const structsPerSlice = 2000
const bytesPerSlice = 128 * 1024
const deletionsPerSlice = 2000

/**
 * Cuts an update into small ones. Applied one after the other they make the same document, and each of them can be
 * applied, stored and relayed by itself: first what was written, then what is deleted.
 */
export function* slicesOf({ bytes, order, deletesAt }: LandedUpdate): Generator<Uint8Array> {
  let first = 0
  let size = 0
  for (const [index, struct] of order.entries()) {
    size += struct.end - struct.start
    if (index + 1 - first < structsPerSlice && size < bytesPerSlice) continue
    yield encodeStructs(bytes, order.slice(first, index + 1))
    first = index + 1
    size = 0
  }
  if (first < order.length) yield encodeStructs(bytes, order.slice(first))
  yield* deletionSlices(bytes.subarray(deletesAt))
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
function* deletionSlices(bytes: Uint8Array): Generator<Uint8Array> {
  const decoder = decoding.createDecoder(bytes)
  for (let clients = decoding.readVarUint(decoder); clients > 0; clients--) {
    const client = decoding.readVarUint(decoder)
    for (let left = decoding.readVarUint(decoder); left > 0; ) {
      const count = Math.min(left, deletionsPerSlice)
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
