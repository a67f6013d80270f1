import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { StorageError } from '../../persistence/index.ts'
import { CoscribeError } from '../errors.ts'
import { closeCodes, isPermanent } from '../protocol/close-codes.ts'
import { metaName, schemaKey } from '../protocol/document.ts'
import { yWebsocketWire } from '../protocol/y-websocket.ts'
import type { Room } from '../room.ts'
import { awarenessUpdate } from './awareness-frames.ts'
import { ConnectionScene, live, type LinkDouble } from './connection-scene.ts'
import { MoodyStorage } from './moody-storage.ts'
import {
  awarenessFrame,
  frame,
  helloFrame,
  queryFrame,
  step1Frame,
  step2Frame,
  updateFrame,
} from './wire-frames.ts'

const textUpdate = (text: string, clientId = 1) => {
  const doc = new Y.Doc()
  doc.clientID = clientId
  doc.getText('text').insert(0, text)
  return Y.encodeStateAsUpdate(doc)
}

const emptyUpdate = new Uint8Array([0, 0])

async function textOf(s: ConnectionScene): Promise<string> {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, (await s.hub.open(s.name)).encodeState())
  return doc.getText('text').toJSON()
}

test('[W4] a coscribe.1 client is told its role and asked what it has, once it has said hello', async () => {
  const s = new ConnectionScene()
  const link = s.link()
  await s.clock.turn()
  expect(link.frames).toEqual([])
  link.receive(helloFrame())
  await s.clock.turn()
  expect(link.ours).toEqual([{ type: 'notice', notice: { kind: 'role', role: 'editor' } }])
  expect(link.types).toEqual(['11', 'sync 0'])
})

test.each([
  ['sync step 1', step1Frame()],
  ['an update', updateFrame(emptyUpdate)],
  ['awareness', awarenessFrame(new Uint8Array([0]))],
  ['a question for awareness', queryFrame()],
  ['no hello at all', frame(10, '{"client":1}')],
])('[W4] a coscribe.1 client whose first message is %s is closed with 4400', async (_what, first) => {
  const s = new ConnectionScene()
  const link = s.link().receive(first)
  expect(link.closedWith).toBe(closeCodes.malformed)
  link.receive(helloFrame())
  await s.clock.turn()
  expect(link.frames).toEqual([])
})

test('[W4] a second hello is one too many', async () => {
  const link = await live(new ConnectionScene())
  expect(link.receive(helloFrame()).closedWith).toBe(closeCodes.malformed)
})

test('[W3] a stock client is served without a hello and never gets another message than sync and awareness', async () => {
  const storage = new MoodyStorage()
  const s = new ConnectionScene(storage)
  const link = s.link({ wire: yWebsocketWire })
  await s.clock.turn()
  expect(link.types).toEqual(['sync 0'])
  link.receive(
    step1Frame(),
    updateFrame(textUpdate('a')),
    awarenessFrame(awarenessUpdate({ client: 1, clock: 1, state: '{}' })),
  )
  await s.clock.turn()
  await s.clock.advance(100)
  link.connection.notify({ kind: 'draining', retryAfterMs: 1 })
  expect([...new Set(link.types)].sort()).toEqual(['1', 'sync 0', 'sync 1'])
  expect(await textOf(s)).toBe('a')
})

test('[W3] hello is no message of the stock wire', async () => {
  const link = await live(new ConnectionScene(), { wire: yWebsocketWire })
  expect(link.receive(helloFrame()).closedWith).toBe(closeCodes.malformed)
})

test('[W2] a malformed frame closes its connection with 4400, and what comes after it is not looked at', async () => {
  const s = new ConnectionScene()
  const link = await live(s)
  link.receive(new Uint8Array([0, 2]), updateFrame(textUpdate('too late')))
  await s.clock.turn()
  expect(link.closedWith).toBe(closeCodes.malformed)
  expect(await textOf(s)).toBe('')
})

test('[A2] who shows no token where one is needed, or a wrong one, is closed with 4401 and opens nothing', async () => {
  const s = new ConnectionScene()
  const open = () => Promise.reject(new Error('opened for a stranger'))
  const closings = [
    s.link({ access: null, open }).receive(helloFrame()),
    s.link({ access: null, open }).receive(helloFrame({ client: 't', schema: 1, token: 'wrong' })),
    s.link({ access: null, open, wire: yWebsocketWire }),
  ].map((link) => link.closedWith)
  await s.clock.turn()
  expect(closings).toEqual([4401, 4401, 4401])
  expect(s.log.text).not.toContain('wrong')
})

test('[A2] the right token lets its client in, and a cookie makes the token needless', async () => {
  const s = new ConnectionScene()
  const withToken = s.link({ access: null }).receive(helloFrame({ client: 't', schema: 1, token: 'right' }))
  const withCookie = s.link().receive(helloFrame({ client: 't', schema: 1, token: 'wrong' }))
  await s.clock.turn()
  expect(withToken.types).toContain('sync 0')
  expect(withCookie.types).toContain('sync 0')
})

test('[C1] who says no hello is closed in time, and who said it is not', async () => {
  const s = new ConnectionScene()
  const silent = s.link({ limits: { helloTimeoutMs: 10_000 } })
  const polite = await live(s, { limits: { helloTimeoutMs: 10_000 } })
  await s.clock.advance(10_000)
  for (const link of [silent, polite]) link.connection.tick(s.clock.now())
  expect(silent.closedWith).toBeNull()
  await s.clock.advance(1)
  for (const link of [silent, polite]) link.connection.tick(s.clock.now())
  expect([silent.closedWith, polite.closedWith]).toEqual([closeCodes.timeout, null])
})

test('[C1] what comes before the document is open is held, in order, and delivered once it is', async () => {
  const storage = new MoodyStorage()
  const s = new ConnectionScene(storage)
  storage.holdLoads()
  const link = s.link().receive(helloFrame())
  link.receive(updateFrame(textUpdate('early')), step1Frame())
  await s.clock.turn()
  expect(link.frames).toEqual([])
  storage.releaseLoads()
  await s.clock.turn()
  expect(link.types.slice(0, 3)).toEqual(['11', 'sync 0', 'sync 1'])
  expect(link.ours.at(-1)).toEqual({ type: 'saved', through: 1 })
  expect(await textOf(s)).toBe('early')
})

test('[C1] more than that is not held: the connection is closed and may try again', async () => {
  const storage = new MoodyStorage()
  const s = new ConnectionScene(storage)
  storage.holdLoads()
  const link = s.link({ limits: { maxHeldBytes: 1000 } }).receive(helloFrame())
  const large = updateFrame(textUpdate('x'.repeat(500)))
  link.receive(large)
  expect(link.closedWith).toBeNull()
  link.receive(large)
  expect(link.closedWith).toBe(closeCodes.unavailable)
  expect(isPermanent(closeCodes.unavailable)).toBe(false)
  storage.releaseLoads()
  await s.clock.turn()
  expect(link.frames).toEqual([])
})

test('[C1] many small messages are held by their size, too', () => {
  const s = new ConnectionScene()
  const link = s.link({ limits: { maxHeldBytes: 1000 }, open: () => new Promise<Room>(() => {}) })
  link.receive(helloFrame())
  for (let i = 0; i < 1001; i++) link.receive(queryFrame())
  expect(link.closedWith).toBe(closeCodes.unavailable)
})

test('[C1] a held message that closes the connection ends the delivery of the others', async () => {
  const storage = new MoodyStorage()
  const s = new ConnectionScene(storage)
  storage.holdLoads()
  const link = s
    .link()
    .receive(helloFrame(), awarenessFrame(new Uint8Array([9])), updateFrame(textUpdate('a')))
  storage.releaseLoads()
  await s.clock.turn()
  expect(link.closedWith).toBe(closeCodes.malformed)
  expect(await textOf(s)).toBe('')
})

test('[C1] a client that goes while its document is being opened leaves nobody behind', async () => {
  const storage = new MoodyStorage()
  const s = new ConnectionScene(storage)
  storage.holdLoads()
  const link = s.link().receive(helloFrame())
  link.connection.ended()
  storage.releaseLoads()
  await s.clock.turn()
  const room = await s.hub.open(s.name)
  expect(room.peers.size).toBe(0)
})

test.each([
  [new StorageError('removed', 'gone'), closeCodes.removed],
  [new CoscribeError('removed', 'gone'), closeCodes.removed],
  [new StorageError('unavailable', 'busy'), closeCodes.unavailable],
  [new CoscribeError('damaged', 'a checksum is wrong'), closeCodes.unavailable],
  [new TypeError('a bug'), closeCodes.unavailable],
])('[C4] a document that does not open because of %s closes the connection with %i', async (error, code) => {
  const s = new ConnectionScene()
  const link = s.link({ open: () => Promise.reject(error) }).receive(helloFrame())
  await s.clock.turn()
  expect(link.closedWith).toBe(code)
})

test('[C4] exactly the codes from 4400 to 4499 keep a client away', () => {
  const permanent = Object.entries(closeCodes).filter(([, code]) => isPermanent(code))
  expect(permanent.map(([name]) => name).sort()).toEqual([
    'badName',
    'conflict',
    'invalidUpdate',
    'malformed',
    'removed',
    'tooLarge',
    'tooMuch',
    'unauthenticated',
  ])
  expect([4399, 4400, 4499, 4500].map(isPermanent)).toEqual([false, true, true, false])
})

/** What a client reads that applies all that reached it, and nothing of its own. */
function readBy(link: LinkDouble): string {
  const doc = new Y.Doc()
  for (const message of link.frames.map((each) => yWebsocketWire.decode(each))) {
    if (message.type === 'sync-step-2' || message.type === 'update') Y.applyUpdate(doc, message.update)
  }
  return doc.getText('text').toJSON()
}

test('[C2] a client that reads too slowly is sent no updates, and one diff with all it missed once it has read', async () => {
  const s = new ConnectionScene()
  const limits = { maxBufferedBytes: 1000 }
  const [slow, quick, writer] = [await live(s, { limits }), await live(s, { limits }), await live(s)]
  slow.bufferedBytes = 1000
  writer.receive(updateFrame(textUpdate('a', 1)))
  await s.clock.turn()
  expect(slow.types).toEqual(['sync 2'])
  slow.bufferedBytes = 1001
  for (const text of ['b', 'c', 'd']) {
    writer.receive(updateFrame(textUpdate(text, text.charCodeAt(0))))
    await s.clock.turn()
  }
  expect([slow.closedWith, slow.types]).toEqual([null, ['sync 2']])
  expect(quick.types).toHaveLength(4)
  slow.bufferedBytes = 0
  slow.connection.drained()
  expect(slow.types).toEqual(['sync 2', 'sync 1'])
  expect(Array.from(readBy(slow)).sort().join('')).toBe('abcd')
  expect(readBy(slow)).toBe(readBy(quick))
  writer.receive(updateFrame(textUpdate('e', 200)))
  await s.clock.turn()
  expect(slow.types).toHaveLength(3)
})

test('[C3] a client is pinged every 25 s and dropped after one missed answer', async () => {
  const s = new ConnectionScene()
  const [answering, silent] = [await live(s), await live(s)]
  for (let second = 1; second <= 50; second++) {
    await s.clock.advance(1000)
    for (const link of [answering, silent]) link.connection.tick(s.clock.now())
    answering.connection.receivePong()
    if (second === 24) expect([answering.pings, silent.pings]).toEqual([0, 0])
    if (second === 49) expect([answering.pings, silent.pings]).toEqual([1, 1])
    if (second === 49) expect(silent.isTerminated).toBe(false)
  }
  expect([answering.isTerminated, silent.isTerminated]).toEqual([false, true])
  expect(answering.pings).toBe(2)
})

test('[C3] a client that only listens is sent an empty awareness message at least every 20 s', async () => {
  const s = new ConnectionScene()
  const link = await live(s, { wire: yWebsocketWire })
  for (let second = 1; second <= 60; second++) {
    await s.clock.advance(1000)
    link.connection.receivePong()
    link.connection.tick(s.clock.now())
    expect(link.frames).toHaveLength(Math.floor(second / 20))
  }
  expect(link.frames.map((sent) => [...sent])).toEqual(Array(3).fill([1, 1, 0]))
})

test('[C3] who was sent something else meanwhile is not', async () => {
  const s = new ConnectionScene()
  const [reader, writer] = [await live(s), await live(s)]
  await s.clock.advance(15_000)
  writer.receive(updateFrame(textUpdate('a')))
  await s.clock.turn()
  await s.clock.advance(15_000)
  reader.connection.tick(s.clock.now())
  expect(reader.types).toEqual(['sync 2'])
})

test('[W5] saved counts sync step 2 and update frames of this connection, and nothing else', async () => {
  const s = new ConnectionScene()
  const link = await live(s)
  link.receive(
    step1Frame(),
    queryFrame(),
    step2Frame(emptyUpdate),
    awarenessFrame(awarenessUpdate({ client: 1, clock: 1, state: '{}' })),
    updateFrame(textUpdate('a')),
    step1Frame(),
    updateFrame(textUpdate('b', 2)),
  )
  await s.clock.turn()
  expect(link.ours).toEqual([{ type: 'saved', through: 3 }])
  const other = await live(s)
  other.receive(step2Frame(emptyUpdate))
  await s.clock.turn()
  expect(other.ours).toEqual([{ type: 'saved', through: 1 }])
})

test('[J1][W5] saved is not said before the disk has it', async () => {
  const storage = new MoodyStorage()
  const s = new ConnectionScene(storage)
  const link = await live(s)
  storage.holdCommits()
  link.receive(updateFrame(textUpdate('a')))
  await s.clock.advance(10_000)
  expect(link.ours).toEqual([])
  storage.end()
  await s.clock.turn()
  expect(link.ours).toEqual([{ type: 'saved', through: 1 }])
})

test('[C4] a coscribe.1 client is told which update was refused and stays; a stock client is sent away for good', async () => {
  const s = new ConnectionScene()
  const [ours, stock] = [await live(s), await live(s, { wire: yWebsocketWire })]
  for (const link of [ours, stock]) link.receive(updateFrame(new Uint8Array([1, 2, 3])))
  await s.clock.turn()
  expect(ours.ours).toEqual([expect.objectContaining({ type: 'refused', frame: 1, code: 'malformed' })])
  expect(ours.closedWith).toBeNull()
  expect(stock.closedWith).toBe(closeCodes.invalidUpdate)
  expect(stock.frames).toEqual([])
})

test('[R8][C4] a stock client whose whole sync has a hole is sent to connect again', async () => {
  const s = new ConnectionScene()
  const stock = await live(s, { wire: yWebsocketWire })
  const doc = new Y.Doc()
  doc.getText('text').insert(0, 'lost')
  const had = Y.encodeStateVector(doc)
  doc.getText('text').insert(4, 'x')
  const withHole = Y.encodeStateAsUpdate(doc, had)
  stock.receive(step2Frame(withHole))
  await s.clock.turn()
  expect([stock.types, stock.closedWith]).toEqual([['sync 0'], null])
  stock.receive(step2Frame(withHole))
  await s.clock.turn()
  expect(stock.closedWith).toBe(closeCodes.unavailable)
})

test('[W6] a viewer gets no sync step 1, is told its role, and what it writes is refused as forbidden', async () => {
  const s = new ConnectionScene()
  const viewer = s.link({ access: { role: 'viewer' } }).receive(helloFrame())
  const stock = s.link({ access: { role: 'viewer' }, wire: yWebsocketWire })
  await s.clock.turn()
  for (const link of [viewer, stock]) link.receive(step1Frame(), updateFrame(textUpdate('graffiti')))
  await s.clock.turn()
  expect(viewer.types).toEqual(['11', 'sync 1', '9'])
  expect(viewer.ours).toEqual([
    { type: 'notice', notice: { kind: 'role', role: 'viewer' } },
    expect.objectContaining({ type: 'refused', frame: 1, code: 'forbidden' }),
  ])
  expect([stock.types, stock.closedWith]).toEqual([['sync 1'], null])
  expect(await textOf(s)).toBe('')
})

test('[W6] a client that knows an older schema than the document may only look', async () => {
  const s = new ConnectionScene()
  const future = new Y.Doc()
  future.getMap(metaName).set(schemaKey, 99)
  await s.storage.append([{ document: s.name, records: [Y.encodeStateAsUpdate(future)], at: 0 }])
  const [old, current] = [s.link(), s.link()]
  old.receive(helloFrame({ client: 't', schema: 98 }))
  current.receive(helloFrame({ client: 't', schema: 99 }))
  await s.clock.turn()
  old.receive(updateFrame(textUpdate('a')))
  expect(old.ours).toEqual([
    { type: 'notice', notice: { kind: 'schema-too-old', schema: 99 } },
    { type: 'notice', notice: { kind: 'role', role: 'viewer' } },
    expect.objectContaining({ type: 'refused', code: 'forbidden' }),
  ])
  expect(current.ours).toEqual([{ type: 'notice', notice: { kind: 'role', role: 'editor' } }])
  expect(current.types).toContain('sync 0')
})

test('[C5] a message that goes to many is encoded once for each wire', async () => {
  const s = new ConnectionScene()
  const writer = await live(s)
  const [a, b] = [await live(s), await live(s)]
  const [c, d] = [await live(s, { wire: yWebsocketWire }), await live(s, { wire: yWebsocketWire })]
  writer.receive(updateFrame(textUpdate('a')))
  await s.clock.turn()
  expect(a.frames).toHaveLength(1)
  expect(a.frames[0]).toBe(b.frames[0])
  expect(c.frames[0]).toBe(d.frames[0])
})

test('[R4] a document whose last writer left is still whole for the next reader', async () => {
  const s = new ConnectionScene()
  const writer = await live(s)
  writer.receive(updateFrame(textUpdate('kept')))
  writer.connection.ended()
  await s.clock.turn()
  const reader = await live(s)
  reader.receive(step1Frame())
  expect(reader.types).toEqual(['sync 1'])
  expect(await textOf(s)).toBe('kept')
})

test('[C3] nothing is sent to, or done for, a connection that has ended', async () => {
  const s = new ConnectionScene()
  const [link, writer] = [await live(s), await live(s)]
  link.connection.ended()
  writer.receive(updateFrame(textUpdate('a')))
  await s.clock.advance(60_000)
  link.connection.tick(s.clock.now())
  link.receive(updateFrame(textUpdate('ghost', 2)))
  await s.clock.turn()
  expect([link.frames, link.pings, link.closedWith]).toEqual([[], 0, null])
  expect(await textOf(s)).toBe('a')
})
