import { randomFillSync } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { type BadInput, closed } from './bad-input.ts'
import { handshake } from '../handshake.ts'
import { opcodes, wsFrame } from './raw-socket.ts'
import { once } from './once.ts'
import { badInputSuite } from './suite.ts'

const MB = 1024 * 1024
const some = Buffer.from([0, 0, 1, 0])
const { binary, continuation, text, ping } = opcodes

const illegal = (id: string, name: string, bytes: () => Buffer, code: number): BadInput => ({
  id,
  name,
  wire: 'each',
  bytes,
  outcome: closed(code),
})

const message = (...bytes: readonly number[]) => wsFrame(Uint8Array.from(bytes))

/** 90 MB of zeros in 90 KB, as permessage-deflate has them: without the last four bytes. */
const bomb = once(() => wsFrame(deflateRawSync(Buffer.alloc(90 * MB)).subarray(0, -4), { reserved: 4 }))

const fragments = once(() => {
  const one = wsFrame(Buffer.alloc(1), { opcode: continuation, isFinal: false })
  const first = wsFrame(Buffer.alloc(1), { isFinal: false })
  return Buffer.concat([first, ...Array<Buffer>(100_000).fill(one)])
})

const noise = once(() => wsFrame(randomFillSync(Buffer.alloc(1000))))

badInputSuite({
  title: 'frames',
  options: [],
  cases: [
    illegal('B1', 'an empty binary frame', () => message(), 4400),
    illegal('B2', 'a text frame', () => wsFrame(Buffer.from('hello'), { opcode: text }), 1003),
    illegal('B3', 'an unknown message type', () => message(77), 4400),
    illegal('B3', 'an unknown sync message', () => message(0, 3, 0), 4400),
    illegal('B3', 'a message that ends too early', () => message(0, 2, 200), 4400),
    illegal('B3', 'a message with something behind it', () => message(0, 2, 2, 0, 0, 0), 4400),
    illegal('B3', 'a number without an end', () => wsFrame(Buffer.alloc(2000, 0xff)), 4400),
    illegal('B3', 'noise', noise, 4400),
    illegal('B4', 'a frame of 65 MB', () => wsFrame(some, { claimedLength: 65 * MB }), 1009),
    illegal('B4', 'a frame of 2^53 bytes', () => wsFrame(some, { claimedLength: 2 ** 53 }), 1009),
    illegal('B5', 'a deflate bomb where nothing is compressed', bomb, 1002),
    illegal('B6', 'a frame without a mask', () => wsFrame(some, { isMasked: false }), 1002),
    illegal('B7', 'RSV1 without an extension', () => wsFrame(some, { reserved: 4 }), 1002),
    illegal('B7', 'RSV2', () => wsFrame(some, { reserved: 2 }), 1002),
    illegal('B7', 'RSV3', () => wsFrame(some, { reserved: 1 }), 1002),
    illegal('B7', 'a reserved opcode', () => wsFrame(some, { opcode: opcodes.reserved }), 1002),
    illegal('B8', 'text that is not UTF-8', () => wsFrame(Buffer.from([0xff]), { opcode: text }), 1007),
    illegal('B9', '100,000 fragments', fragments, 1008),
    illegal('B10', 'a ping in fragments', () => wsFrame(some, { opcode: ping, isFinal: false }), 1002),
    illegal('B10', 'a ping of 126 bytes', () => wsFrame(Buffer.alloc(126), { opcode: ping }), 1002),
    illegal('B10', 'a continuation of nothing', () => wsFrame(some, { opcode: continuation }), 1002),
    illegal(
      'B10',
      'a message within a message',
      () => Buffer.concat([wsFrame(some, { isFinal: false }), wsFrame(some, { opcode: binary })]),
      1002,
    ),
    illegal('B10', 'a close of one byte', () => wsFrame(some.subarray(0, 1), { opcode: 8 }), 1002),
    illegal(
      'B10',
      'a close code nobody may send',
      () => wsFrame(Buffer.from([3, 0xed]), { opcode: 8 }),
      1002,
    ),
    illegal('B68', 'saved, which only the server says', () => message(8, 1), 4400),
    illegal('B68', 'refused, which only the server says', () => message(9, 1, 0, 0), 4400),
    illegal('B68', 'a notice, which only the server gives', () => message(11, 2, 123, 125), 4400),
    illegal('B68', 'hello where it has no place', () => message(10, 2, 123, 125), 4400),
    {
      id: 'B68',
      name: 'an update before hello',
      wire: 'none',
      bytes: ({ stage }) =>
        Buffer.concat([
          Buffer.from(handshake(`/${stage.path}`, 'Sec-WebSocket-Protocol: coscribe.1')),
          message(0, 2, 2, 0, 0),
        ]),
      outcome: closed(4400),
    },
  ],
})
