import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'

/** One entry of an awareness update. `state` is JSON text as it goes over the wire, or bytes that may not be. */
export interface Entry {
  readonly client: number
  readonly clock: number
  readonly state: string | Uint8Array
}

/** An awareness update with these entries, honest or not. */
export function awarenessUpdate(...entries: readonly Entry[]): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, entries.length)
  for (const { client, clock, state } of entries) {
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, clock)
    if (typeof state === 'string') encoding.writeVarString(encoder, state)
    else encoding.writeVarUint8Array(encoder, state)
  }
  return encoding.toUint8Array(encoder)
}

export function readEntries(update: Uint8Array): Entry[] {
  const decoder = decoding.createDecoder(update)
  return Array.from({ length: decoding.readVarUint(decoder) }, () => ({
    client: decoding.readVarUint(decoder),
    clock: decoding.readVarUint(decoder),
    state: decoding.readVarString(decoder),
  }))
}
