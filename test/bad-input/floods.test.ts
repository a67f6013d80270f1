import * as encoding from 'lib0/encoding'
import { expect } from 'vitest'
import { any, one, text, write } from '../../server/test/update-writer.ts'
import { helloFrame, step1Frame, step2Frame, updateFrame } from '../../server/test/wire-frames.ts'
import { type BadInput, closed, refused, status } from './bad-input.ts'
import { type Door, enter, ours, soon } from './guest.ts'
import { once } from './once.ts'
import { handshake } from '../handshake.ts'
import { wsFrame } from './raw-socket.ts'
import type { Stage } from './stage.ts'
import { badInputSuite } from './suite.ts'

/** Where floods come from; people are at 127.0.0.1. */
const elsewhere = '127.0.0.2'
const door = { localAddress: elsewhere }

/** As many connections of one kind as are allowed; gives what ends them. */
async function fill(count: number, doorOf: (i: number) => Door): Promise<() => Promise<void>> {
  const sockets = await Promise.all(Array.from({ length: count }, (_, i) => enter(doorOf(i), 'coscribe.1')))
  const closings = sockets.map(({ closing }) => closing)
  const release = async () => {
    for (const socket of sockets) socket.destroy()
    await Promise.all(sockets.map((socket) => soon(socket, 'the end', () => socket.closing !== null)))
  }
  if (closings.some((closing) => closing !== null)) await release()
  expect(closings).toEqual(closings.map(() => null))
  return release
}

/** Whoever was kept out gets in again once there is room. */
async function isFree(door: Door): Promise<void> {
  const socket = await enter(door, 'coscribe.1')
  expect(socket.answer?.status).toBe(101)
  expect(socket.closing).toBeNull()
  socket.destroy()
}

/** A whole document of this update, given to the server; resolves when it is saved. */
async function give(stage: Stage, update: Uint8Array): Promise<void> {
  const socket = await enter(stage.door, 'coscribe.1')
  socket.send(step2Frame(update))
  await soon(socket, 'saving', () => ours(socket).some(({ type }) => type === 'saved'))
  socket.destroy()
}

const tooMuch = { 'y-websocket': closed(4422), 'coscribe.1': refused('limit') } as const

const maxClients = 200
const maxRoots = 100
const maxOfOneAddress = 40
const maxOfOneDocument = 60
const maxDocumentsOfOneAddress = 20

const countLimits: BadInput[] = [
  {
    id: 'B36',
    name: 'ever new client ids',
    wire: 'each',
    isLegal: true,
    before: async (stage) => {
      await stage.everybodyTypes()
      const ids = Array.from({ length: maxClients - 5 }, (_, i) => 1000 + maxClients - i)
      const blocks = ids.map((client) => ({ client, clock: 0, structs: [text('x', { parent: 'text' })] }))
      await give(stage, write({ blocks, deletes: [] }))
      return () => {}
    },
    bytes: ({ turn }) => wsFrame(updateFrame(one(5000 + turn, 0, text('x', { parent: 'text' })))),
    outcome: tooMuch,
  },
  {
    id: 'B29',
    name: 'ever new roots',
    wire: 'each',
    isLegal: true,
    before: async (stage) => {
      await stage.everybodyTypes()
      const structs = Array.from({ length: maxRoots - 6 }, (_, i) =>
        any([1], { parent: `root ${i}`, key: 'k' }),
      )
      await give(stage, one(1000, 0, ...structs))
      return () => {}
    },
    bytes: ({ turn }) => wsFrame(updateFrame(one(1001, 0, text('x', { parent: `another ${turn}` })))),
    outcome: tooMuch,
  },
  {
    id: 'B64',
    name: 'ever more documents of one address',
    wire: 'each',
    before: (stage) => fill(maxDocumentsOfOneAddress, (i) => ({ ...stage.door, ...door, path: `open-${i}` })),
    door: (turn) => ({ ...door, path: `one-more-${turn}` }),
    bytes: () => '',
    outcome: closed(4429),
    after: (stage) => isFree({ ...stage.door, ...door, path: 'open-at-last' }),
  },
  {
    id: 'B65',
    name: 'ever more connections of one address',
    wire: 'none',
    door,
    before: (stage) => fill(maxOfOneAddress, () => ({ ...stage.door, ...door, path: 'crowd' })),
    bytes: () => handshake('/crowd'),
    outcome: status(429),
    after: (stage) => isFree({ ...stage.door, ...door }),
  },
  {
    id: 'B65',
    name: 'the same with forged addresses',
    wire: 'none',
    door,
    before: (stage) => fill(maxOfOneAddress, () => ({ ...stage.door, ...door, path: 'crowd' })),
    bytes: ({ turn }) => {
      const forged = `10.0.${turn >> 8}.${turn & 255}`
      const names = ['X-Forwarded-For', 'CF-Connecting-IP', 'X-Real-IP', 'True-Client-IP']
      return handshake('/crowd', ...names.map((name) => `${name}: ${forged}`), `Forwarded: for=${forged}`)
    },
    outcome: status(429),
  },
  {
    id: 'B65',
    name: 'ever more connections to one document',
    wire: 'each',
    door: (turn) => ({ localAddress: `127.0.1.${(turn % 200) + 1}` }),
    before: (stage) =>
      fill(maxOfOneDocument - 2, (i) => ({ ...stage.door, localAddress: `127.0.2.${i + 1}` })),
    bytes: () => '',
    outcome: closed(4529),
    after: (stage) => isFree({ ...stage.door, ...door }),
  },
]

badInputSuite({
  title: 'too many',
  options: [
    ...['--max-clients-per-document', String(maxClients)],
    ...['--max-roots-per-document', String(maxRoots)],
    ...['--max-connections-per-address', String(maxOfOneAddress)],
    ...['--max-connections-per-document', String(maxOfOneDocument)],
    ...['--max-documents-per-address', String(maxDocumentsOfOneAddress)],
  ],
  cases: countLimits,
})

/** A state vector with an entry for each of a million clients. */
const longStateVector = once(() => {
  const vector = encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, 1_000_000)
    for (let client = 1; client <= 1_000_000; client++) {
      encoding.writeVarUint(encoder, client)
      encoding.writeVarUint(encoder, 1)
    }
  })
  return wsFrame(step1Frame(new Uint8Array(vector)))
})

const manyStep1s = once(() => Buffer.concat(Array<Buffer>(2000).fill(wsFrame(step1Frame()))))
const manyQuestions = once(() => Buffer.concat(Array<Buffer>(3000).fill(wsFrame(Uint8Array.from([3])))))

badInputSuite({
  title: 'too fast',
  options: [
    ...['--max-messages-per-second', '100'],
    ...['--max-throttled-ms', '300'],
    ...['--max-document-bytes', '20000000'],
    ...['--max-frame-bytes', '21000000'],
  ],
  cases: [
    {
      id: 'B57',
      name: '2,000 sync step 1 at once',
      wire: 'each',
      bytes: manyStep1s,
      outcome: closed(4429),
    },
    {
      id: 'B57',
      name: '3,000 questions at once who is here',
      wire: 'each',
      bytes: manyQuestions,
      outcome: closed(4429),
    },
    {
      id: 'B58',
      name: 'a state vector of a million clients',
      wire: 'each',
      bytes: longStateVector,
      outcome: closed(4413, 4400),
    },
  ],
})

const password = 'sesame-canary'
const before5MB = once(() => wsFrame(updateFrame(new Uint8Array(5 * 1024 * 1024))))

badInputSuite({
  title: 'strangers',
  options: ['--password', password, '--hello-timeout-ms', '1000'],
  hello: { client: 'test', schema: 1, token: password },
  cases: [
    {
      id: 'B69',
      name: '5 MB before hello',
      wire: 'none',
      door,
      bytes: ({ stage }) =>
        Buffer.concat([
          Buffer.from(handshake(`/${stage.path}`, 'Sec-WebSocket-Protocol: coscribe.1')),
          before5MB(),
        ]),
      outcome: closed(1009),
    },
    {
      id: 'B69',
      name: 'no hello',
      wire: 'none',
      door,
      bytes: ({ stage }) => handshake(`/${stage.path}`, 'Sec-WebSocket-Protocol: coscribe.1'),
      atOnce: 25,
      outcome: closed(4509),
    },
    {
      id: 'B60',
      name: 'no password',
      wire: 'none',
      door,
      bytes: ({ stage }) =>
        Buffer.concat([
          Buffer.from(handshake(`/${stage.path}`, 'Sec-WebSocket-Protocol: coscribe.1')),
          wsFrame(helloFrame()),
        ]),
      outcome: closed(4401),
    },
    {
      id: 'B60',
      name: 'wrong passwords',
      wire: 'none',
      door,
      bytes: ({ stage, turn }) => handshake(`/${stage.path}?token=guess-${turn}`),
      outcome: closed(4401),
    },
  ],
})
