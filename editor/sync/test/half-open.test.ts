import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Sync } from '../connect.ts'
import { PageDouble } from './page-double.ts'

/** A connection whose other end can fall silent without a word, as when a laptop changes networks. */
class SilentSocket {
  static made: SilentSocket[] = []
  readyState = 0
  binaryType = ''
  isClosed = false
  onopen = () => {}
  onmessage: (event: { data: ArrayBuffer }) => void = () => {}
  onclose: (event: { code: number; reason: string }) => void = () => {}

  constructor() {
    SilentSocket.made.push(this)
  }

  send = () => {}
  close = () => void (this.isClosed = true)

  opens(): void {
    this.readyState = 1
    this.onopen()
    // The server's empty document, so that the page is synced.
    this.onmessage({ data: new Uint8Array([0, 1, 2, 0, 0]).buffer })
  }
}

let page: PageDouble
let sync: Sync

beforeEach(async () => {
  vi.useFakeTimers()
  vi.resetModules()
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
  vi.stubGlobal('WebSocket', SilentSocket)
  SilentSocket.made = []
  page = new PageDouble()
  // Loaded under the fake clock: the provider takes hold of Date.now when it is loaded.
  const [{ connect }, { Awareness }, Y] = await Promise.all([
    import('../connect.ts'),
    import('y-protocols/awareness'),
    import('yjs'),
  ])
  const doc = new Y.Doc()
  sync = connect({ server: 'ws://docs.test', document: 'doc', doc, awareness: new Awareness(doc) })
  await vi.advanceTimersByTimeAsync(0)
  SilentSocket.made[0]!.opens()
})

afterEach(() => {
  sync.destroy()
  sync.awareness.destroy()
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

test('[S2] a connection that fell silent is noticed within 35 s, and another one is tried', async () => {
  await vi.advanceTimersByTimeAsync(25_000)
  expect([sync.status.state, SilentSocket.made.length]).toEqual(['saving', 1])
  const told: string[] = []
  sync.onStatus(({ state }) => told.push(state))
  await vi.advanceTimersByTimeAsync(10_000)
  expect(told[0]).toBe('offline')
  expect(SilentSocket.made[0]!.isClosed).toBe(true)
  expect(SilentSocket.made.length).toBe(2)
})

test('[S2] when the browser says that it is offline the page says so at once, and tries again, once', async () => {
  page.goesOffline()
  expect(sync.status.state).toBe('offline')
  expect(SilentSocket.made[0]!.isClosed).toBe(true)
  page.goesOffline()
  page.comesOnline()
  page.comesOnline()
  page.isLookedAt()
  await vi.advanceTimersByTimeAsync(0)
  expect(SilentSocket.made.length).toBe(2)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(SilentSocket.made.length).toBe(2)
})

test('[S2][S7] a frame that is too big for the server is not sent for ever', async () => {
  SilentSocket.made[0]!.onclose({ code: 1009, reason: 'too big' })
  expect(sync.status).toMatchObject({ state: 'closed', code: 1009 })
  page.comesOnline()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(SilentSocket.made.length).toBe(1)
})

test('[S2] a page that goes away listens to nothing any more', () => {
  sync.destroy()
  expect(page.listeners).toBe(0)
})
