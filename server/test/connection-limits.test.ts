import { expect, test } from 'vitest'
import type { Access } from '../access.ts'
import { editorAccess } from '../access.ts'
import type { PopulationRefusal } from '../population.ts'
import { closeCodes, isPermanent } from '../protocol/close-codes.ts'
import { yWebsocketWire } from '../protocol/y-websocket.ts'
import { ConnectionScene, live } from './connection-scene.ts'
import { helloFrame, queryFrame, step1Frame } from './wire-frames.ts'

const slow = { maxMessagesPerSecond: 100, maxBytesPerSecond: 1e6, maxThrottledMs: 30_000 }

const query = (count: number) => Array<Uint8Array>(count).fill(queryFrame())

test('[L3] who sends too many messages is not read until it may send again, and nothing of it is lost', async () => {
  const s = new ConnectionScene()
  const link = await live(s, { limits: slow })
  link.receive(...query(999))
  expect(link.isPaused).toBe(false)
  link.receive(...query(100), step1Frame())
  expect([link.isPaused, link.types.at(-1)]).toEqual([true, 'sync 1'])
  await s.clock.advance(1499)
  expect(link.isPaused).toBe(true)
  await s.clock.advance(1)
  expect([link.isPaused, link.closedWith]).toEqual([false, null])
  expect(s.metrics.counted).toEqual(['throttled'])
})

test('[L3] a sync step 1 counts like fifty messages', async () => {
  const s = new ConnectionScene()
  const link = await live(s, { limits: slow })
  for (let i = 0; i < 19; i++) link.receive(step1Frame())
  expect(link.isPaused).toBe(false)
  link.receive(step1Frame())
  expect(link.isPaused).toBe(true)
})

test('[L3] what is asked for counts like what is sent', async () => {
  const s = new ConnectionScene()
  await s.hub
    .open(s.name)
    .then((room) => room.edit((doc) => doc.getText('text').insert(0, 'x'.repeat(50_000))))
  const limits = { maxMessagesPerSecond: 1e6, maxBytesPerSecond: 10_000, maxFrameBytes: 1000 }
  const link = await live(s, { limits })
  link.receive(step1Frame())
  expect(link.isPaused).toBe(false)
  link.receive(step1Frame())
  expect(link.isPaused).toBe(true)
  await s.clock.advance(1000)
  expect(link.isPaused).toBe(false)
})

test('[L3] who goes on like that for 30 s is closed with 4429, for good', async () => {
  const s = new ConnectionScene()
  const link = await live(s, { limits: slow })
  link.receive(...query(1000))
  let seconds = 0
  for (; link.closedWith === null && seconds < 100; seconds++) {
    if (!link.isPaused) link.receive(...query(300))
    await s.clock.advance(1000)
  }
  expect(link.closedWith).toBe(closeCodes.tooMuch)
  expect([seconds > 25, seconds <= 31, isPermanent(closeCodes.tooMuch)]).toEqual([true, true, true])
  expect(link.isPaused).toBe(false)
  expect(s.metrics.counted.at(-1)).toBe('closed 4429')
  expect(s.log.text).toContain('"code":4429')
  expect(s.clock.timers).toBe(1)
})

test('[L3] pings, and answers nobody asked for, count like messages', async () => {
  const s = new ConnectionScene()
  const [pinging, ponging] = [await live(s, { limits: slow }), await live(s, { limits: slow })]
  for (let i = 0; i < 1000; i++) {
    expect(pinging.connection.receivePing(10)).toBe(true)
    ponging.connection.receivePong(10)
  }
  expect([pinging.isPaused, ponging.isPaused]).toEqual([true, true])
})

test('[C2] pings of a client that does not read are not answered without end', async () => {
  const s = new ConnectionScene()
  const link = await live(s, { limits: { maxBufferedBytes: 1000 } })
  link.bufferedBytes = 1001
  expect(link.connection.receivePing(10)).toBe(false)
  expect(link.closedWith).toBe(closeCodes.tooSlow)
})

test('[L3][C3] while a client has to wait it is neither dead nor idle, and hears something all the same', async () => {
  const s = new ConnectionScene()
  const limits = { ...slow, maxThrottledMs: 1e9, idleAfterMs: 60_000 }
  const link = await live(s, { limits })
  const tick = async () => {
    await s.clock.advance(1000)
    link.connection.tick(s.clock.now())
  }
  for (let second = 0; second < 25; second++) await tick()
  expect(link.pings).toBe(1)
  link.receive(...query(1000 + 100 * 100))
  link.frames.length = 0
  for (let second = 0; second < 99; second++) await tick()
  expect([link.pings, link.closedWith, link.isTerminated, link.isPaused]).toEqual([1, null, false, true])
  expect(link.frames).toHaveLength(5)
  for (let second = 0; second < 52; second++) await tick()
  expect([link.pings, link.isPaused, link.isTerminated]).toEqual([2, false, true])
})

test('[L7] who says nothing for an hour is closed with 4509, and may return; answers to pings say nothing', async () => {
  const s = new ConnectionScene()
  const [silent, asking] = [await live(s), await live(s, { wire: yWebsocketWire })]
  for (let minute = 1; minute < 120; minute++) {
    await s.clock.advance(60_000)
    for (const link of [silent, asking]) {
      link.connection.receivePong()
      link.connection.tick(s.clock.now())
    }
    if (minute % 50 === 0) asking.receive(queryFrame())
    expect([silent.closedWith, asking.closedWith]).toEqual([minute < 60 ? null : closeCodes.timeout, null])
  }
  expect(isPermanent(closeCodes.timeout)).toBe(false)
})

/** A token whose answer the test gives. */
function askedLater() {
  let answer: (access: Access | null) => void = () => {}
  let fail: (error: Error) => void = () => {}
  const tokens: (string | null)[] = []
  return {
    tokens,
    answer: (access: Access | null) => answer(access),
    fail: (error: Error) => fail(error),
    authenticate: (token: string | null) => {
      tokens.push(token)
      return new Promise<Access | null>((resolve, reject) => ([answer, fail] = [resolve, reject]))
    },
  }
}

test('[L6] while a token is checked nothing is read, and what came already is delivered afterwards', async () => {
  const s = new ConnectionScene()
  const hook = askedLater()
  const link = s.link({ access: null, authenticate: hook.authenticate })
  link.receive(helloFrame({ client: 't', schema: 1, token: 'ann' }), step1Frame())
  await s.clock.turn()
  expect([link.isPaused, link.frames, link.maxFrameBytes]).toEqual([true, [], 0])
  hook.answer(editorAccess)
  await s.clock.turn()
  expect([link.isPaused, link.types, link.closedWith]).toEqual([false, ['11', 'sync 0', 'sync 1'], null])
  expect(link.maxFrameBytes).toBe(64 * 1024 * 1024)
  expect(hook.tokens).toEqual(['ann'])
})

test('[L6] more than 1 MB is not held for who is not let in', async () => {
  const s = new ConnectionScene()
  const hook = askedLater()
  const link = s.link({
    access: null,
    authenticate: hook.authenticate,
    limits: { maxUnauthenticatedBytes: 1000 },
  })
  link.receive(helloFrame(), ...query(1000))
  expect(link.closedWith).toBeNull()
  link.receive(queryFrame())
  expect([link.closedWith, link.isPaused]).toEqual([closeCodes.unavailable, false])
  hook.answer(editorAccess)
  await s.clock.turn()
  expect(link.frames).toEqual([])
})

test('[L6] an answer of null is 4401, one that fails may be asked for again, one that is late changes nothing', async () => {
  const s = new ConnectionScene()
  const hooks = [askedLater(), askedLater(), askedLater()] as const
  const links = hooks.map(({ authenticate }) => s.link({ access: null, authenticate }).receive(helloFrame()))
  links[2]!.connection.ended()
  hooks[0].answer(null)
  hooks[1].fail(new Error('the login is down'))
  hooks[2].answer(editorAccess)
  await s.clock.turn()
  expect(links.map((link) => link.closedWith)).toEqual([
    closeCodes.unauthenticated,
    closeCodes.unavailable,
    null,
  ])
  expect(links.map((link) => link.frames.length)).toEqual([0, 0, 0])
  expect(s.log.text).toContain('the login is down')
})

test.each<[PopulationRefusal, number]>([
  ['user', closeCodes.tooMuch],
  ['documents', closeCodes.tooMuch],
  ['full', closeCodes.full],
])(
  '[L2] a client that may not come in because of %s is closed with %i and opens nothing',
  async (why, code) => {
    const s = new ConnectionScene()
    const open = () => Promise.reject(new Error('opened all the same'))
    const entered: Access[] = []
    const enter = (access: Access) => {
      entered.push(access)
      return why
    }
    const links = [
      s.link({ enter, open }).receive(helloFrame()),
      s.link({ enter, open, wire: yWebsocketWire }),
    ]
    await s.clock.turn()
    expect(links.map((link) => link.closedWith)).toEqual([code, code])
    expect(entered).toEqual([editorAccess, editorAccess])
    expect(isPermanent(code)).toBe(code === closeCodes.tooMuch)
  },
)

test('[L4] what is given to a client is counted, and a client can be let go of to make room', async () => {
  const s = new ConnectionScene()
  let given = 0
  const link = await live(s, { gave: (bytes) => void (given += bytes) })
  given = 0
  link.receive(step1Frame())
  expect(given).toBe(link.frames[0]!.length)
  link.bufferedBytes = 77
  expect(link.connection.bufferedBytes).toBe(77)
  link.connection.shed()
  expect([link.closedWith, link.connection.bufferedBytes]).toEqual([closeCodes.tooSlow, 0])
})

test('[L11] each closing is counted and logged once, also when the transport closes', async () => {
  const s = new ConnectionScene()
  const [malformed, broken] = [await live(s), await live(s)]
  malformed.receive(new Uint8Array([77]), new Uint8Array([77]))
  malformed.connection.close(closeCodes.removed, 'again')
  broken.connection.broken(1009)
  broken.connection.ended()
  expect(s.metrics.counted).toEqual(['closed 4400', 'closed 1009'])
  expect(s.log.lines.filter((line) => line.startsWith('info closing'))).toHaveLength(2)
})
