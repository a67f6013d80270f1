import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { Connection } from '../connection.ts'
import { closeCodes } from '../protocol/close-codes.ts'
import type { Frame } from '../protocol/messages.ts'
import type { Transport } from '../transport.ts'
import type { Portions } from './portions.ts'
import { setMaxPayload, unfinishedBytes } from './ws-internals.ts'

/** A `ws` socket as a transport; `raw` is the socket below it, which the upgrade came on; `portions` reads it. */
export function websocketTransport(socket: WebSocket, raw: Duplex, portions: Portions): Transport {
  // `ws` writes at once, in order and unchanged, unless it compresses or has begun to close: only then do bytes written
  // past it keep their place. A contract test holds it to that.
  const isPlain = socket.extensions === ''
  return {
    send: (frame) => {
      if (socket.readyState !== socket.OPEN) return
      if (isPlain && frame.bytes.length <= mostBytesCopied) raw.write(onTheLine(frame))
      else socket.send(frame.bytes, { binary: true })
    },
    get bufferedBytes() {
      return isPlain ? raw.writableLength : socket.bufferedAmount
    },
    get unfinishedBytes() {
      return unfinishedBytes(socket)
    },
    ping: () => {
      if (socket.readyState === socket.OPEN) socket.ping()
    },
    pause: () => portions.hold(),
    resume: () => portions.release(),
    takeFramesUpTo: (maxBytes) => setMaxPayload(socket, maxBytes),
    // RFC 6455 gives a reason 123 bytes at most.
    close: (code, reason) => socket.close(code, reason.slice(0, 100)),
    terminate: () => socket.terminate(),
  }
}

/** A frame of more bytes would need a longer header; copying it costs more than writing header and message apart. */
const mostBytesCopied = 0xffff

/** The message as one unfragmented binary frame of a server (RFC 6455, 5.2). */
function onTheLine(frame: Frame): Uint8Array {
  frame.onTheLine ??= framed(frame.bytes)
  return frame.onTheLine
}

function framed(message: Uint8Array): Uint8Array {
  const { length } = message
  const isShort = length < 126
  const bytes = Buffer.allocUnsafe((isShort ? 2 : 4) + length)
  bytes[0] = finalBinary
  bytes[1] = isShort ? length : lengthIn16Bits
  if (!isShort) bytes.writeUInt16BE(length, 2)
  bytes.set(message, isShort ? 2 : 4)
  return bytes
}

const finalBinary = 0x82
const lengthIn16Bits = 126

/** One arrival with its connection. */
interface Attached {
  readonly websocket: WebSocket
  readonly socket: Duplex
  readonly portions: Portions
  readonly connection: Connection
}

/**
 * Hands what the socket hears to the connection; `ended` runs once, after the connection was told. The socket must not
 * answer pings by itself: they count like messages.
 */
export function attach(
  { websocket: socket, socket: raw, portions, connection }: Attached,
  ended: () => void,
): void {
  socket.on('message', (data: ArrayBuffer | Buffer, isBinary: boolean) => {
    if (!isBinary) {
      connection.close(closeCodes.notBinary, 'only binary messages are understood')
      return
    }
    portions.take(data instanceof ArrayBuffer ? new Uint8Array(data) : data)
  })
  socket.on('ping', (data: Buffer) => {
    if (connection.receivePing(data.length) && socket.readyState === socket.OPEN) socket.pong(data)
  })
  socket.on('pong', (data: Buffer) => connection.receivePong(data.length))
  // `ws` closes the socket itself after an error; without a listener the process would end.
  socket.on('error', (error) => {
    const code = closeCodeOf(error)
    if (code !== null) connection.broken(code)
  })
  raw.on('drain', () => connection.drained())
  socket.on('close', () => {
    portions.end()
    connection.ended()
    ended()
  })
}

/** The code with which `ws` closes because of what the client sent; null when the network failed. */
function closeCodeOf(error: Error): number | null {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (!code.startsWith('WS_ERR_')) return null
  return wsCloseCodes.get(code) ?? protocolError
}

const protocolError = 1002

const wsCloseCodes: ReadonlyMap<string, number> = new Map([
  ['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 1009],
  ['WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH', 1009],
  ['WS_ERR_INVALID_UTF8', 1007],
  ['WS_ERR_TOO_MANY_BUFFERED_PARTS', 1008],
])
