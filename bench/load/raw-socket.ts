import { connect, type Socket } from 'node:net'

/** Where a server listens, and from which loopback address to come: ports and limits are per address. */
export interface Address {
  readonly port: number
  readonly path: string
  readonly from?: string
  readonly subprotocol?: string | null
}

export interface RawEvents {
  opened(): void
  /** One message; the bytes are only valid during the call. */
  message(bytes: Buffer, start: number, end: number): void
  pong?(): void
  /** `code` is the server's close code, null when it just went. */
  closed(code: number | null): void
}

/** Every read of every socket lands here and is taken out of it at once. */
const shared = Buffer.allocUnsafe(256 * 1024)

/** A WebSocket client that costs as little as can be: no masking work, no copies, no events of its own. */
export class RawSocket {
  readonly #socket: Socket
  readonly #events: RawEvents
  #isOpen = false
  #closeCode: number | null = null
  /** What came of a frame or of the answer to the upgrade that is not complete. */
  #rest: Buffer | null = null
  #filled = 0

  constructor({ port, path, from, subprotocol = null }: Address, events: RawEvents) {
    this.#events = events
    this.#socket = connect({
      host: '127.0.0.1',
      port,
      ...(from === undefined ? {} : { localAddress: from }),
      noDelay: true,
      onread: {
        buffer: shared,
        callback: (size, buffer) => {
          this.#take(Buffer.from(buffer.buffer, buffer.byteOffset, size))
          return true
        },
      },
    })
    this.#socket.on('connect', () =>
      this.#socket.write(
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
          'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n' +
          (subprotocol === null ? '\r\n' : `Sec-WebSocket-Protocol: ${subprotocol}\r\n\r\n`),
      ),
    )
    // `close` follows every error.
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => this.#events.closed(this.#closeCode))
  }

  send(payload: Uint8Array): void {
    this.#write(2, payload)
  }

  ping(): void {
    this.#write(9, nothing)
  }

  /** From here on nothing is read, and the server's queue grows. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #write(opcode: number, payload: Uint8Array): void {
    this.#socket.write(clientFrame(opcode, payload))
  }

  #take(chunk: Buffer): void {
    const rest = this.#rest
    if (rest === null) {
      this.#parse(chunk)
      return
    }
    if (this.#filled === rest.length) {
      this.#rest = null
      this.#parse(Buffer.concat([rest, chunk]))
      return
    }
    const taken = chunk.copy(rest, this.#filled)
    this.#filled += taken
    if (this.#filled < rest.length) return
    this.#rest = null
    this.#parse(rest)
    if (taken < chunk.length) this.#parse(chunk.subarray(taken))
  }

  #parse(bytes: Buffer): void {
    let at = this.#isOpen ? 0 : this.#afterUpgrade(bytes)
    while (at < bytes.length) {
      const end = frameEnd(bytes, at)
      if (end === 0 || end > bytes.length) {
        this.#keep(bytes.subarray(at), end === 0 ? 0 : end - at)
        return
      }
      this.#frame(bytes, at, end)
      at = end
    }
  }

  /** `size`: of the whole frame, 0 when not even its head is there; then all that was kept counts as filled. */
  #keep(part: Buffer, size: number): void {
    this.#rest = Buffer.allocUnsafe(size === 0 ? part.length : size)
    this.#filled = part.copy(this.#rest)
  }

  #afterUpgrade(bytes: Buffer): number {
    const end = bytes.indexOf('\r\n\r\n')
    if (end < 0 || !bytes.subarray(0, 12).equals(switching)) {
      this.#socket.destroy()
      return bytes.length
    }
    this.#isOpen = true
    this.#events.opened()
    return end + 4
  }

  #frame(bytes: Buffer, at: number, end: number): void {
    const first = bytes[at] ?? 0
    const start = end - payloadLength(bytes, at)
    if ((first & 0x80) === 0) throw new Error('a server that fragments messages is not measured')
    const opcode = first & 15
    if (opcode === 2) this.#events.message(bytes, start, end)
    else if (opcode === 9) this.#write(10, bytes.subarray(start, end))
    else if (opcode === 10) this.#events.pong?.()
    else if (opcode === 8) {
      this.#closeCode = end - start >= 2 ? bytes.readUInt16BE(start) : 1005
      this.#socket.end()
    }
  }
}

const nothing = new Uint8Array()
const switching = Buffer.from('HTTP/1.1 101')

/** Masked with zeros: the server has the same work with it, we have none. */
export function clientFrame(opcode: number, payload: Uint8Array): Buffer {
  const { length } = payload
  const head = length < 126 ? 6 : length < 65_536 ? 8 : 14
  const frame = Buffer.alloc(head + length)
  frame[0] = 0x80 | opcode
  if (length < 126) frame[1] = 0x80 | length
  else if (length < 65_536) {
    frame[1] = 0x80 | 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 0x80 | 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  frame.set(payload, head)
  return frame
}

/** Where the frame at `at` ends; 0 when its head is not complete. */
function frameEnd(bytes: Buffer, at: number): number {
  const short = (bytes[at + 1] ?? 0) & 127
  const head = short < 126 ? 2 : short === 126 ? 4 : 10
  return bytes.length - at < head ? 0 : at + head + payloadLength(bytes, at)
}

function payloadLength(bytes: Buffer, at: number): number {
  const short = (bytes[at + 1] ?? 0) & 127
  if (short < 126) return short
  return short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2))
}
