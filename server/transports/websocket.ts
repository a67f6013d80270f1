import type { WebSocket } from 'ws'
import type { Connection } from '../connection.ts'
import { closeCodes } from '../protocol/close-codes.ts'
import type { Transport } from '../transport.ts'
import { setMaxPayload, unfinishedBytes } from './ws-internals.ts'

/** A `ws` socket as a transport. */
export function websocketTransport(socket: WebSocket): Transport {
  return {
    send: (frame) => {
      if (socket.readyState === socket.OPEN) socket.send(frame, { binary: true })
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
 * Hands what the socket hears to the connection; `ended` runs once, after the connection was told. The socket must not
 * answer pings by itself: they count like messages.
 */
export function attach(socket: WebSocket, connection: Connection, ended: () => void): void {
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
