import type { WebSocket } from 'ws'
import type { Connection, Transport } from '../connection.ts'
import { closeCodes } from '../protocol/close-codes.ts'

/** A `ws` socket as a transport. */
export function websocketTransport(socket: WebSocket): Transport {
  return {
    send: (frame) => {
      if (socket.readyState === socket.OPEN) socket.send(frame, { binary: true })
    },
    get bufferedBytes() {
      return socket.bufferedAmount
    },
    ping: () => {
      if (socket.readyState === socket.OPEN) socket.ping()
    },
    // RFC 6455 gives a reason 123 bytes at most.
    close: (code, reason) => socket.close(code, reason.slice(0, 100)),
    terminate: () => socket.terminate(),
  }
}

/** Hands what the socket hears to the connection; `ended` runs once, after the connection was told. */
export function attach(socket: WebSocket, connection: Connection, ended: () => void): void {
  socket.on('message', (data: ArrayBuffer | Buffer, isBinary: boolean) => {
    if (!isBinary) {
      connection.close(closeCodes.notBinary, 'only binary messages are understood')
      return
    }
    // A buffer of its own: what a decoder may read past the message must not be other people's memory.
    connection.receive(new Uint8Array(data))
  })
  socket.on('pong', () => connection.receivePong())
  // `ws` closes the socket itself after an error; without a listener the process would end.
  socket.on('error', () => {})
  socket.on('close', () => {
    connection.ended()
    ended()
  })
}
