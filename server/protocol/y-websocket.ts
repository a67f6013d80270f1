import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { type Hello, type Down, type Malformed, type Notice, type Up, type Wire } from './messages.ts'
import { parseHello, parseNotice, parseRefusalCode } from './json.ts'
import { freshEncoder } from './scratch.ts'
import { subprotocol } from './version.ts'

/** Message types: 0-3 are y-websocket's (y-protocols), 8-11 are ours and exist only in `coscribe.1`. */
const sync = 0
const awareness = 1
const queryAwareness = 3
const saved = 8
const refused = 9
const hello = 10
const notice = 11

const syncStep1 = 0
const syncStep2 = 1
const syncUpdate = 2

const malformed = (reason: string): Malformed => ({ type: 'malformed', reason })

/**
 * Reads one whole frame; whatever goes wrong becomes a value. A copy of it: where a frame claims to be longer than it
 * is, lib0 reads on in the buffer, which may hold what others sent.
 */
function readFrame<T>(frame: Uint8Array, read: (decoder: decoding.Decoder) => T): T | Malformed {
  try {
    const decoder = decoding.createDecoder(new Uint8Array(frame))
    const message = read(decoder)
    return decoding.hasContent(decoder) ? malformed('bytes after the message') : message
  } catch {
    return malformed('the frame ends inside a message')
  }
}

/** The update in a frame that is one, as nearly all are that people send; null for any other frame. It is not copied. */
function updateIn(frame: Uint8Array): Uint8Array | null {
  if (frame[0] !== sync || frame[1] !== syncUpdate) return null
  let size = 0
  for (let at = 2, scale = 1; at < mostHeaderBytes; at++, scale *= 0x80) {
    const digits = frame[at] ?? 0
    size += (digits & 0x7f) * scale
    if (digits >= 0x80) continue
    const start = at + 1
    // Of a Buffer, `slice` is no copy; of this it is.
    return frame.length === start + size ? new Uint8Array(frame.buffer, frame.byteOffset + start, size) : null
  }
  return null
}

/** Up to 2^28 bytes. */
const mostHeaderBytes = 6

function decode(frame: Uint8Array, withHello: boolean): Up | Malformed {
  const update = updateIn(frame)
  return update === null
    ? readFrame(frame, (decoder) => readUp(decoder, withHello))
    : { type: 'update', update }
}

function readUp(decoder: decoding.Decoder, withHello: boolean): Up | Malformed {
  const type = decoding.readVarUint(decoder)
  if (type === sync) {
    const step = decoding.readVarUint(decoder)
    const payload = decoding.readVarUint8Array(decoder)
    if (step === syncStep1) return { type: 'sync-step-1', stateVector: payload }
    if (step === syncStep2) return { type: 'sync-step-2', update: payload }
    if (step === syncUpdate) return { type: 'update', update: payload }
    return malformed(`unknown sync message ${step}`)
  }
  if (type === awareness) return { type: 'awareness', update: decoding.readVarUint8Array(decoder) }
  if (type === queryAwareness) return { type: 'query-awareness' }
  if (type === hello && withHello) {
    const value = parseHello(decoding.readVarString(decoder))
    return value === null ? malformed('hello is not what it should be') : { type: 'hello', hello: value }
  }
  return malformed(`unknown message type ${type}`)
}

function encodeMessage(message: Down, withOurs: boolean): Uint8Array | null {
  const encoder = freshEncoder()
  const syncMessage = (step: number, payload: Uint8Array) => {
    encoding.writeVarUint(encoder, sync)
    encoding.writeVarUint(encoder, step)
    encoding.writeVarUint8Array(encoder, payload)
  }
  switch (message.type) {
    case 'sync-step-1':
      syncMessage(syncStep1, message.stateVector)
      break
    case 'sync-step-2':
      syncMessage(syncStep2, message.update)
      break
    case 'update':
      syncMessage(syncUpdate, message.update)
      break
    case 'awareness':
      encoding.writeVarUint(encoder, awareness)
      encoding.writeVarUint8Array(encoder, message.update)
      break
    case 'saved':
      if (!withOurs) return null
      encoding.writeVarUint(encoder, saved)
      encoding.writeVarUint(encoder, message.through)
      break
    case 'refused':
      if (!withOurs) return null
      encoding.writeVarUint(encoder, refused)
      encoding.writeVarUint(encoder, message.frame)
      encoding.writeVarUint(encoder, refusalNumbers.indexOf(message.code))
      encoding.writeVarString(encoder, message.reason)
      break
    case 'notice':
      if (!withOurs) return null
      encoding.writeVarUint(encoder, notice)
      encoding.writeVarString(encoder, JSON.stringify(message.notice))
      break
  }
  return encoding.toUint8Array(encoder)
}

/** Refusal codes by their number on the wire; append only. */
const refusalNumbers = ['forbidden', 'malformed', 'missing', 'limit', 'conflict'] as const

/** What stock `y-websocket` 2.x and 3.x clients speak. */
export const yWebsocketWire: Wire = {
  name: 'y-websocket',
  decode: (frame) => decode(frame, false),
  encode: (message) => encodeMessage(message, false),
}

/** The same plus hello, saved, refused and notice; negotiated as a WebSocket subprotocol. */
export const coscribeWire: Wire = {
  name: subprotocol,
  decode: (frame) => decode(frame, true),
  encode: (message) => encodeMessage(message, true),
}

/** The client's side: its first frame. */
export function encodeHello(value: Hello): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, hello)
  encoding.writeVarString(encoder, JSON.stringify(value))
  return encoding.toUint8Array(encoder)
}

/** The client's side: our messages among those of y-websocket. Null for the latter, which its provider reads. */
export function decodeOurs(
  frame: Uint8Array,
): Extract<Down, { type: 'saved' | 'refused' | 'notice' }> | Malformed | null {
  const type = frame[0]
  if (type !== saved && type !== refused && type !== notice) return null
  return readFrame(frame, (decoder) => {
    decoding.readVarUint(decoder)
    if (type === saved) return { type: 'saved', through: decoding.readVarUint(decoder) }
    if (type === notice) {
      const value: Notice | null = parseNotice(decoding.readVarString(decoder))
      return value === null ? malformed('unknown notice') : { type: 'notice', notice: value }
    }
    const number = decoding.readVarUint(decoder)
    const code = parseRefusalCode(refusalNumbers[decoding.readVarUint(decoder)])
    return { type: 'refused', frame: number, code, reason: decoding.readVarString(decoder) }
  })
}

/** Which of a client's frames count towards `saved`: its sync step 2 and update frames, from 1. */
export function countsAsFrame(frame: Uint8Array): 'sync-step-2' | 'update' | null {
  if (frame[0] !== sync) return null
  return frame[1] === syncStep2 ? 'sync-step-2' : frame[1] === syncUpdate ? 'update' : null
}
