import * as decoding from 'lib0/decoding'

/**
 * The clocks a client says it has. `malformed` when it is no state vector, `too-large` when it names more clients than
 * `mostClients`; never throws, and allocates nothing by a claimed size.
 */
export function parseStateVector(
  bytes: Uint8Array,
  mostClients: number,
): ReadonlyMap<number, number> | 'malformed' | 'too-large' {
  const known = new Map<number, number>()
  try {
    const decoder = decoding.createDecoder(bytes)
    const count = decoding.readVarUint(decoder)
    if (count > mostClients) return 'too-large'
    for (let i = 0; i < count; i++) {
      const client = decoding.readVarUint(decoder)
      known.set(client, decoding.readVarUint(decoder))
    }
    return decoding.hasContent(decoder) ? 'malformed' : known
  } catch {
    return 'malformed'
  }
}
