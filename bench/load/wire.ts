import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'

export type WireName = 'y-websocket' | 'coscribe' | 'hocuspocus'

export type FrameKind = 'step1' | 'step2' | 'update' | 'awareness' | 'other'

/** How one document is spoken about on a socket. */
export interface Wire {
  readonly path: string
  /** What is asked for in the upgrade; null for nothing. */
  readonly subprotocol: string | null
  /** What to say as soon as the socket is open, with what the client has already. */
  hello(stateVector: Uint8Array): Uint8Array[]
  step1(stateVector: Uint8Array): Uint8Array
  step2(update: Uint8Array): Uint8Array
  update(update: Uint8Array): Uint8Array
  awareness(update: Uint8Array): Uint8Array
  kindOf(bytes: Uint8Array, start: number): FrameKind
  /** What a frame of sync or presence carries. */
  bodyOf(bytes: Uint8Array, start: number, end: number): Uint8Array
}

/** The empty update, and the state vector of who has nothing. */
export const emptyUpdate = Uint8Array.of(0, 0)
export const emptyStateVector = Uint8Array.of(0)

export function wireOf(name: WireName, document: string): Wire {
  const isHocuspocus = name === 'hocuspocus'
  const prefix = isHocuspocus
    ? encoding.encode((encoder) => encoding.writeVarString(encoder, document))
    : new Uint8Array()
  const frame = (types: readonly number[], body: Uint8Array) =>
    encoding.encode((encoder) => {
      encoding.writeUint8Array(encoder, prefix)
      for (const type of types) encoding.writeVarUint(encoder, type)
      encoding.writeVarUint8Array(encoder, body)
    })
  const skip = prefix.length
  return {
    subprotocol: name === 'coscribe' ? 'coscribe.1' : null,
    path: isHocuspocus ? '/' : `/${encodeURIComponent(document)}`,
    hello: (stateVector) => {
      const step1 = frame([0, 0], stateVector)
      // Token "t" of provider "4.8.0".
      const token = Uint8Array.of(...prefix, 2, 0, 1, 0x74, 5, 0x34, 0x2e, 0x38, 0x2e, 0x30)
      if (name === 'coscribe') return [frame([10], greeting), step1]
      return isHocuspocus ? [token, step1] : [step1]
    },
    step1: (stateVector) => frame([0, 0], stateVector),
    step2: (update) => frame([0, 1], update),
    update: (update) => frame([0, 2], update),
    awareness: (update) => frame([1], update),
    kindOf: (bytes, start) => kindAt(bytes, start + skip),
    bodyOf: (bytes, start, end) => {
      const decoder = decoding.createDecoder(bytes.subarray(start + skip, end))
      if (decoding.readVarUint(decoder) === 0) decoding.readVarUint(decoder)
      return decoding.readVarUint8Array(decoder)
    },
  }
}

const greeting = new TextEncoder().encode(JSON.stringify({ client: 'bench', schema: 1 }))

const syncKinds = ['step1', 'step2', 'update'] as const

function kindAt(bytes: Uint8Array, at: number): FrameKind {
  if (bytes[at] === 1) return 'awareness'
  return bytes[at] === 0 ? (syncKinds[bytes[at + 1] ?? 9] ?? 'other') : 'other'
}
