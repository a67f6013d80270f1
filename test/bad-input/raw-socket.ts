import { EventEmitter } from 'node:events'
import { connect, type Socket } from 'node:net'

/** What kinds of WebSocket frames there are (RFC 6455, 5.2), and one that there is not. */
export const opcodes = {
  continuation: 0,
  text: 1,
  binary: 2,
  reserved: 3,
  close: 8,
  ping: 9,
  pong: 10,
} as const

export interface FrameOptions {
  readonly opcode?: number
  /** Whether the message ends with this frame. Default true. */
  readonly isFinal?: boolean
  /** RSV1, RSV2 and RSV3 as bits 4, 2 and 1. Default none. */
  readonly reserved?: number
  /** Clients must mask. The mask is all zeros, so that frames can be made once and sent often. Default true. */
  readonly isMasked?: boolean
  /** What the header says the length is. Default the payload's. */
  readonly claimedLength?: number
}

/** One WebSocket frame as a client writes it, legal or not. Default a whole binary message. */
export function wsFrame(payload: Uint8Array, options: FrameOptions = {}): Buffer {
  const { opcode = opcodes.binary, isFinal = true, reserved = 0, isMasked = true } = options
  const length = options.claimedLength ?? payload.length
  const first = (isFinal ? 0x80 : 0) | (reserved << 4) | opcode
  const mask = isMasked ? 0x80 : 0
  const header =
    length < 126
      ? Buffer.from([first, mask | length])
      : length < 65_536
        ? Buffer.from([first, mask | 126, length >> 8, length & 0xff])
        : Buffer.concat([Buffer.from([first, mask | 127]), bigEndian(length)])
  return Buffer.concat([header, Buffer.alloc(isMasked ? 4 : 0), payload])
}

function bigEndian(length: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(length))
  return bytes
}

export interface Closing {
  /** 1006 when the connection ended without a close frame. */
  readonly code: number
  readonly reason: string
}

/** The head of an HTTP answer. */
export interface Answer {
  readonly status: number
  readonly head: string
}

/**
 * A TCP connection that sends the bytes it is given and reads what comes back as an HTTP answer, then as WebSocket
 * frames. It answers pings and closes politely; everything else is up to its user. Emits `change` when anything came.
 */
export class RawSocket extends EventEmitter {
  /** The binary messages that came, in order. */
  readonly messages: Uint8Array[] = []
  answer: Answer | null = null
  closing: Closing | null = null
  readonly #socket: Socket
  #unread: Buffer[] = []
  #unreadBytes = 0

  constructor(port: number, localAddress = '127.0.0.1') {
    super()
    this.setMaxListeners(0)
    this.#socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true })
    this.#socket.on('data', (chunk) => this.#read(chunk))
    // What the server ends, it may end with a reset; `close` follows.
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => {
      this.closing ??= { code: 1006, reason: '' }
      this.emit('change')
    })
  }

  write(bytes: string | Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes)
  }

  /** One whole binary message. */
  send(message: Uint8Array): void {
    this.write(wsFrame(message))
  }

  /** Gone without a word. */
  destroy(): void {
    this.#socket.destroy()
  }

  #read(chunk: Buffer): void {
    this.#unread.push(chunk)
    this.#unreadBytes += chunk.length
    // Joined only when it may be enough, so that a large message is not copied with each chunk.
    if (this.#unreadBytes < this.#wanted) return
    const all = Buffer.concat(this.#unread)
    this.#keep(this.answer === null ? this.#readAnswer(all) : all)
    this.emit('change')
  }

  /** Bytes it takes to get on. */
  #wanted = 0

  #keep(rest: Buffer): void {
    let left = rest
    if (this.answer?.status === 101) {
      for (let next = this.#readFrame(left); next !== null; next = this.#readFrame(left)) left = next
    }
    this.#unread = [left]
    this.#unreadBytes = left.length
  }

  #readAnswer(all: Buffer): Buffer {
    const end = all.indexOf('\r\n\r\n')
    if (end === -1) return all
    const head = all.subarray(0, end).toString('latin1')
    this.answer = { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), head }
    return all.subarray(end + 4)
  }

  /** What follows the first frame, null when it is not whole yet. */
  #readFrame(bytes: Buffer): Buffer | null {
    const [first, second] = bytes
    this.#wanted = 0
    if (first === undefined || second === undefined) return null
    const start = second < 126 ? 2 : second === 126 ? 4 : 10
    if (bytes.length < start) return null
    const length =
      second < 126 ? second : second === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
    this.#wanted = start + length
    if (bytes.length < start + length) return null
    this.#wanted = 0
    this.#take(first & 0xf, bytes.subarray(start, start + length))
    return bytes.subarray(start + length)
  }

  #take(opcode: number, payload: Buffer): void {
    if (opcode === opcodes.binary) this.messages.push(new Uint8Array(payload))
    else if (opcode === opcodes.ping) this.write(wsFrame(payload, { opcode: opcodes.pong }))
    else if (opcode === opcodes.close) {
      const code = payload.length < 2 ? 1005 : payload.readUInt16BE(0)
      this.closing ??= { code, reason: payload.subarray(2).toString() }
      this.#socket.end(wsFrame(payload, { opcode: opcodes.close }))
    }
  }
}
