import { deflateRawSync, inflateRawSync } from 'node:zlib'

/**
 * What the bytes of a history segment say. `whole`: the document from the beginning, so that nothing before it is
 * needed; otherwise what happened since the segment before.
 */
export interface SegmentContent {
  readonly isWhole: boolean
  readonly update: Uint8Array
}

/** The bytes to store: one byte that says how the rest is written, then the update, deflated where that helps. */
export function encodeSegment({ isWhole, update }: SegmentContent): Uint8Array {
  const deflated = deflateRawSync(update)
  const isSmaller = deflated.byteLength < update.byteLength
  const body = isSmaller ? deflated : update
  const bytes = new Uint8Array(body.byteLength + 1)
  bytes[0] = (isSmaller ? deflatedBit : 0) | (isWhole ? wholeBit : 0)
  bytes.set(body, 1)
  return bytes
}

/** Throws for bytes that `encodeSegment` of this version never made. */
export function decodeSegment(bytes: Uint8Array): SegmentContent {
  const [format] = bytes
  if (format === undefined || format > (deflatedBit | wholeBit)) {
    throw new Error(`a history segment of the unknown format ${format ?? 'nothing'}`)
  }
  const body = bytes.subarray(1)
  const update = (format & deflatedBit) === 0 ? body : new Uint8Array(inflateRawSync(body))
  return { isWhole: (format & wholeBit) !== 0, update }
}

const deflatedBit = 1
const wholeBit = 2
