import { deflateRawSync } from 'node:zlib'
import { type BadInput, closed } from './bad-input.ts'
import { once } from './once.ts'
import { handshake } from '../handshake.ts'
import { wsFrame } from './raw-socket.ts'
import { badInputSuite } from './suite.ts'

const MB = 1024 * 1024

/** As permessage-deflate has it: without the last four bytes. */
const deflated = (bytes: Buffer) => deflateRawSync(bytes).subarray(0, -4)

const compressed = (id: string, name: string, payload: () => Uint8Array, code: number): BadInput => {
  const frame = once(() => wsFrame(payload(), { reserved: 4 }))
  return {
    id,
    name,
    wire: 'none',
    bytes: ({ stage }) =>
      Buffer.concat([
        Buffer.from(handshake(`/${stage.path}`, 'Sec-WebSocket-Extensions: permessage-deflate')),
        frame(),
      ]),
    outcome: closed(code),
  }
}

badInputSuite({
  title: 'compression',
  options: [
    '--compression',
    ...['--max-document-bytes', String(MB)],
    ...['--max-frame-bytes', String(2 * MB)],
  ],
  cases: [
    compressed('B5', '90 MB of zeros in 90 KB', () => deflated(Buffer.alloc(90 * MB)), 1009),
    compressed('B5', 'bytes that can not be inflated', () => Buffer.alloc(1000, 0xff), 1007),
    compressed('B1', 'an empty message, compressed', () => deflated(Buffer.alloc(0)), 4400),
  ],
})
