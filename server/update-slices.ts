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

/**
 * Cuts an update into small ones. Applied one after the other they make the same document, and each of them can be
 * applied by itself: first what was written, then what is deleted. `most` is asked before each how many structs or
 * deletions it may have.
 */
export function* slicesOf(
  { bytes, order, deletesAt }: LandedUpdate,
  most: () => number,
): Generator<Uint8Array> {
  for (let first = 0; first < order.length;) {
    const next = first + most()
    yield encodeStructs(bytes, order.slice(first, next))
    first = next
  }
  yield* deletionSlices(bytes.subarray(deletesAt), most)
}

/**
 * How much to do in one turn, so that it takes a few milliseconds. What one struct takes varies by a factor of
 * thousands: Yjs walks past everything that was written at the same place by people who did not see each other.
 */
export class SliceSize {
  #structs = firstStructs

  get structs(): number {
    return this.#structs
  }

  /** So much has taken so long. */
  took(ms: number): void {
    if (ms > tooLongMs) this.#structs = Math.max(leastStructs, Math.floor(this.#structs / 2))
    else if (ms < shortMs) this.#structs = Math.min(mostStructs, this.#structs * 2)
  }
}

const mostStructs = 128
const firstStructs = 32
const leastStructs = 1
const tooLongMs = 4
const shortMs = 2

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
function* deletionSlices(bytes: Uint8Array, most: () => number): Generator<Uint8Array> {
  const decoder = decoding.createDecoder(bytes)
  for (let clients = decoding.readVarUint(decoder); clients > 0; clients--) {
    const client = decoding.readVarUint(decoder)
    for (let left = decoding.readVarUint(decoder); left > 0;) {
      const count = Math.min(left, most())
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
