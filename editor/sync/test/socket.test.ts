import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { coscribeWire } from '../../../server/protocol/y-websocket.ts'
import { createSocketClass, type SocketHost } from '../socket.ts'
import { PageDouble } from './page-double.ts'

/** The browser's WebSocket, as far as ours uses it. */
class BrowserSocket {
  static made: BrowserSocket[] = []
  readonly sent: Uint8Array[] = []
  readonly url: string
  readonly protocols: string[]
  readyState = 0
  binaryType = 'blob'
  onopen = () => {}
  onmessage: (event: { data: ArrayBuffer }) => void = () => {}
  onclose: (event: { code: number }) => void = () => {}
  isClosed = false

  constructor(url: string, protocols: string[]) {
    this.url = url
    this.protocols = protocols
    BrowserSocket.made.push(this)
  }

  send = (frame: Uint8Array) => void this.sent.push(frame)
  close = () => void (this.isClosed = true)

  opens(): void {
    this.readyState = 1
    this.onopen()
  }

  hears(frame: Uint8Array): void {
    this.onmessage({ data: new Uint8Array(frame).buffer })
  }
}

/** A provider's socket with its host, waiting as long as it may: the dice always fall on the longest wait. */
function scene(host: Partial<SocketHost> = {}) {
  const told: unknown[] = []
  const SocketClass = createSocketClass({
    token: () => Promise.resolve(undefined),
    attempt: () => 0,
    takeRetryAfter: () => null,
    opened: () => told.push('opened'),
    sent: (kind) => told.push(kind),
    received: (message) => told.push(message),
    ...host,
  })
  const page = new PageDouble()
  return { told, page, socket: new SocketClass('ws://docs.test/doc') }
}

async function pass(ms: number): Promise<number> {
  await vi.advanceTimersByTimeAsync(ms)
  return BrowserSocket.made.length
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(Math, 'random').mockReturnValue(1)
  vi.stubGlobal('WebSocket', BrowserSocket)
  BrowserSocket.made = []
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

test('[W4] it asks for coscribe.1 and says hello before anything else', async () => {
  const { told, socket } = scene({ token: () => Promise.resolve('secret') })
  const opened = vi.fn(() => socket.send(new Uint8Array([0, 0, 1, 0])))
  socket.onopen = opened
  await pass(0)
  const [made] = BrowserSocket.made
  expect([made!.url, made!.protocols, made!.binaryType]).toEqual([
    'ws://docs.test/doc',
    ['coscribe.1'],
    'arraybuffer',
  ])
  made!.opens()
  const hello = { client: 'coscribe', schema: 1, token: 'secret' }
  expect(made!.sent.map((frame) => coscribeWire.decode(frame))).toEqual([
    { type: 'hello', hello },
    { type: 'sync-step-1', stateVector: new Uint8Array([0]) },
  ])
  expect(opened).toHaveBeenCalledOnce()
  expect(told).toEqual(['opened'])
})

test('[W4] a token that can not be had is left out', async () => {
  scene({ token: () => Promise.reject(new Error('no session')) })
  await pass(0)
  BrowserSocket.made[0]!.opens()
  expect(coscribeWire.decode(BrowserSocket.made[0]!.sent[0]!)).toEqual({
    type: 'hello',
    hello: { client: 'coscribe', schema: 1 },
  })
})

test('[W5] exactly the frames that count are counted, once they are sent', async () => {
  const { told, socket } = scene()
  socket.send(new Uint8Array([0, 2, 0]))
  await pass(0)
  BrowserSocket.made[0]!.opens()
  for (const frame of [[0, 0, 0], [0, 1, 0], [0, 2, 0], [1, 1, 0], [3]]) socket.send(new Uint8Array(frame))
  expect(told).toEqual(['opened', 'sync-step-2', 'update'])
})

test('[W4] our messages reach the host, and all messages the provider', async () => {
  const { told, socket } = scene()
  const heard: unknown[] = []
  socket.onmessage = (event: MessageEvent<ArrayBuffer>) => heard.push(event.data.byteLength)
  await pass(0)
  BrowserSocket.made[0]!.opens()
  for (const frame of [[8, 3], [8], [1, 1, 0], [11, 2, 0x7b, 0x7d]])
    BrowserSocket.made[0]!.hears(new Uint8Array(frame))
  expect(told).toEqual(['opened', { type: 'saved', through: 3 }])
  expect(heard).toEqual([2, 1, 3, 4])
})

test('[S2] it waits its turn: the third attempt up to 2 s', async () => {
  scene({ attempt: () => 3 })
  expect(await pass(1999)).toBe(0)
  expect(await pass(1)).toBe(1)
})

test('[S2] it never waits longer than 30 s', async () => {
  scene({ attempt: () => 50 })
  expect(await pass(29_999)).toBe(0)
  expect(await pass(1)).toBe(1)
})

test('[S2] a wait the server asked for replaces its own', async () => {
  scene({ attempt: () => 50, takeRetryAfter: () => 700 })
  expect(await pass(699)).toBe(0)
  expect(await pass(1)).toBe(1)
})

test('[S2] it connects at once, and once, when the browser comes online', async () => {
  const { page } = scene({ attempt: () => 50 })
  page.comesOnline()
  expect(await pass(0)).toBe(1)
  page.comesOnline()
  page.isLookedAt()
  expect(await pass(60_000)).toBe(1)
  expect(page.listeners).toBe(0)
})

test('[S2] it connects at once when the page is looked at, not when it is looked away from', async () => {
  const { page } = scene({ attempt: () => 50 })
  page.isLookedAt('hidden')
  expect(await pass(0)).toBe(0)
  page.isLookedAt()
  expect(await pass(0)).toBe(1)
})

test.each(['pageshow', 'resume'] as const)(
  '[S2] it connects at once when the page wakes (%s)',
  async (how) => {
    const { page } = scene({ attempt: () => 50 })
    page.wakes(how)
    expect(await pass(0)).toBe(1)
    expect(page.listeners).toBe(0)
  },
)

test('[S2] closed while it waits, it never connects and leaves no listener', async () => {
  const { page, socket } = scene({ attempt: () => 5 })
  socket.close()
  page.comesOnline()
  expect(await pass(60_000)).toBe(0)
  expect([socket.readyState, page.listeners]).toEqual([3, 0])
})

test('[S2] closed while the token is fetched, it never connects', async () => {
  let give: (token: string) => void = () => {}
  const { socket } = scene({ token: () => new Promise((resolve) => (give = resolve)) })
  await pass(0)
  socket.close()
  give('secret')
  expect(await pass(60_000)).toBe(0)
})

test('[C4] how the server closed reaches the provider', async () => {
  const { socket } = scene()
  const codes: number[] = []
  socket.onclose = (event) => codes.push(event.code)
  await pass(0)
  BrowserSocket.made[0]!.opens()
  expect(socket.readyState).toBe(1)
  BrowserSocket.made[0]!.onclose({ code: 4410 })
  expect(codes).toEqual([4410])
  expect(socket.readyState).toBe(3)
})
