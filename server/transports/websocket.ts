import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { Connection } from '../connection.ts'
import { closeCodes } from '../protocol/close-codes.ts'
import type { Transport } from '../transport.ts'
import { setMaxPayload, unfinishedBytes } from './ws-internals.ts'

/** A `ws` socket as a transport; `raw` is the socket below it, which the upgrade came on. */
export function websocketTransport(socket: WebSocket, raw: Duplex): Transport {
  return {
    send: (message) => {
      if (socket.readyState !== socket.OPEN) return
      const frame = isPlain(socket) ? frameOf(message) : null
      if (frame === null) socket.send(message, { binary: true })
      else raw.write(frame)
    },
    get bufferedBytes() {
      return socket.bufferedAmount
    },
    get unfinishedBytes() {
      return unfinishedBytes(socket)
    },
    ping: () => {
      if (socket.readyState === socket.OPEN) socket.ping()
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    takeFramesUpTo: (maxBytes) => setMaxPayload(socket, maxBytes),
    // RFC 6455 gives a reason 123 bytes at most.
    close: (code, reason) => socket.close(code, reason.slice(0, 100)),
    terminate: () => socket.terminate(),
  }
}

/**
 * Whether bytes that are written past `ws` keep their place: it writes at once, in order and unchanged, unless it
 * compresses or has begun to close. A contract test holds it to that.
 */
function isPlain(socket: WebSocket): boolean {
  return socket.extensions === ''
}

/** Frames by their message: a message for many is framed once, and every socket writes the same bytes. */
const frames = new WeakMap<Uint8Array, Buffer>()

/** Above this, copying the message behind its header costs more than writing the two. */
const mostBytesCopied = 0xffff

/** The message as one unfragmented binary frame of a server (RFC 6455, 5.2); null for one that isn't worth it. */
function frameOf(message: Uint8Array): Buffer | null {
  const known = frames.get(message)
  if (known !== undefined) return known
  const { length } = message
  if (length > mostBytesCopied) return null
  const isShort = length < 126
  const frame = Buffer.allocUnsafe((isShort ? 2 : 4) + length)
  frame[0] = finalBinary
  frame[1] = isShort ? length : lengthIn16Bits
  if (!isShort) frame.writeUInt16BE(length, 2)
  frame.set(message, isShort ? 2 : 4)
  frames.set(message, frame)
  return frame
}

const finalBinary = 0x82
const lengthIn16Bits = 126

/** One arrival with its connection. */
interface Attached {
  readonly websocket: WebSocket
  readonly socket: Duplex
  readonly connection: Connection
}

/**
 * Hands what the socket hears to the connection; `ended` runs once, after the connection was told. The socket must not
 * answer pings by itself: they count like messages.
 */
export function attach({ websocket: socket, socket: raw, connection }: Attached, ended: () => void): void {
  socket.on('message', (data: ArrayBuffer | Buffer, isBinary: boolean) => {
    if (!isBinary) {
      connection.close(closeCodes.notBinary, 'only binary messages are understood')
      return
    }
    // A buffer of its own: what a decoder may read past the message must not be other people's memory.
    connection.receive(new Uint8Array(data))
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
