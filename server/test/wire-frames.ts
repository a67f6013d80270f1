import * as encoding from 'lib0/encoding'

/** Frames as clients write them, honest or not: numbers are varuints, byte arrays get their length in front. */
export function frame(...parts: readonly (number | string | Uint8Array)[]): Uint8Array {
  const encoder = encoding.createEncoder()
  for (const part of parts) {
    if (typeof part === 'number') encoding.writeVarUint(encoder, part)
    else if (typeof part === 'string') encoding.writeVarString(encoder, part)
    else encoding.writeVarUint8Array(encoder, part)
  }
  return encoding.toUint8Array(encoder)
}

export const step1Frame = (stateVector = new Uint8Array([0])) => frame(0, 0, stateVector)
export const step2Frame = (update: Uint8Array) => frame(0, 1, update)
export const updateFrame = (update: Uint8Array) => frame(0, 2, update)
export const awarenessFrame = (update: Uint8Array) => frame(1, update)
export const queryFrame = () => frame(3)
export const helloFrame = (hello: unknown = { client: 'test', schema: 1 }) => frame(10, JSON.stringify(hello))
