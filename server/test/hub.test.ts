import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { StorageError } from '../../persistence/index.ts'
import { editorAccess } from '../access.ts'
import { readSchemaVersion, readTitle } from '../document-title.ts'
import { CoscribeError } from '../errors.ts'
import { defaultGateLimits } from '../gate.ts'
import { Hub } from '../hub.ts'
import { defaultLimits } from '../limits.ts'
import { closeCodes } from '../protocol/close-codes.ts'
import { fragmentName } from '../protocol/document.ts'
import type { Broadcast } from '../protocol/messages.ts'
import type { Peer, Room } from '../room.ts'
import { awarenessUpdate } from './awareness-frames.ts'
import { CollectingLog } from './collecting-log.ts'
import { FakeClock } from './fake-clock.ts'
import { diskFailure, MoodyStorage } from './moody-storage.ts'
import { nameOf } from './room-scene.ts'

const unloadAfterMs = 30_000

class HubScene {
  readonly storage = new MoodyStorage()
  readonly clock = new FakeClock()
  readonly log = new CollectingLog()
  readonly gateLimits = defaultGateLimits
  readonly unloadAfterMs = unloadAfterMs
  readonly compaction = defaultLimits
  maxUnstoredBytes = 1000
  readonly maxUnusedBytes = 1000
  readonly hub = new Hub(this)
  readonly name = nameOf('doc')
  #peers = 0

  /** Somebody joins the document and stays. */
  async join(name = this.name): Promise<Guest> {
    const room = await this.hub.open(name)
    const guest = new Guest(++this.#peers, room)
    room.join(guest)
    return guest
  }
}

class Guest implements Peer {
  readonly access = editorAccess
  readonly id: number
  readonly room: Room
  readonly received: Broadcast[] = []
  savedThrough = 0
  closedWith: number | null = null
  #frames = 0

  constructor(id: number, room: Room) {
    this.id = id
    this.room = room
  }

  send = (message: Broadcast) => void this.received.push(message)
  relay = (message: Broadcast) => this.send(message)
  answer = (message: Broadcast) => this.send(message)
  readonly hearsOfSaving = true
  isBehind = () => false
  saved = (frame: number) => void (this.savedThrough = frame)
  readonly refused: string[] = []
  refuse = (_frame: number, code: string) => void this.refused.push(code)

  close(code: number): void {
    this.closedWith = code
    this.room.leave(this)
  }

  types(text: string): void {
    const doc = new Y.Doc()
    doc.getText('text').insert(0, text)
    this.room.receiveUpdate(this, {
      number: ++this.#frames,
      isWhole: false,
      update: Y.encodeStateAsUpdate(doc),
    })
  }

  moves(clock: number): void {
    this.room.receivePresence(this, awarenessUpdate({ client: this.id, clock, state: '{}' }))
  }

  get presenceHeard(): number {
    return this.received.filter(({ message }) => message.type === 'awareness').length
  }
}

async function storedDoc(s: HubScene, name: string): Promise<Y.Doc> {
  const doc = new Y.Doc()
  for (const { bytes } of (await s.storage.load(name)).records) Y.applyUpdate(doc, bytes)
  return doc
}

test('[D1] a document is loaded once, however many ask at the same time', async () => {
  const s = new HubScene()
  s.storage.holdLoads()
  const asking = Array.from({ length: 50 }, () => s.hub.open(s.name))
  await s.clock.turn()
  s.storage.releaseLoads()
  const rooms = await Promise.all(asking)
  expect(s.storage.loads).toBe(1)
  expect(new Set(rooms).size).toBe(1)
})

test('[R2] a document that could not be loaded is loaded anew for the next who asks', async () => {
  const s = new HubScene()
  s.storage.failingLoads = 1
  await expect(s.hub.open(s.name)).rejects.toThrow('the disk said no')
  await expect(s.hub.open(s.name)).resolves.toBeDefined()
})

test('[J7] a document of which nothing fits together is not served as if it were whole', async () => {
  const s = new HubScene()
  const damage = { part: 'record', seq: 3, detail: 'checksum of record 3' } as const
  const state = { through: 2, bytes: new Uint8Array([1, 2, 3]) }
  await s.storage.append([{ document: s.name, records: [], at: 0 }])
  s.storage.load = () => Promise.resolve({ state, records: [], damage })
  await expect(s.hub.open(s.name)).rejects.toMatchObject({ code: 'damaged' })
  expect(s.log.text).toContain('damaged')
  expect(s.hub.damagedDocuments).toBe(1)
})

test('[R2] a document that nobody uses is unloaded, and not before', async () => {
  const s = new HubScene()
  const ann = await s.join()
  await s.clock.advance(10 * unloadAfterMs)
  expect(await s.hub.open(s.name)).toBe(ann.room)
  ann.room.leave(ann)
  await s.clock.advance(unloadAfterMs - 1)
  expect(s.storage.loads).toBe(1)
  await s.clock.advance(1)
  expect(await s.hub.open(s.name)).not.toBe(ann.room)
  expect(s.storage.loads).toBe(2)
})

test('[R2] who comes back in time finds the document still open', async () => {
  const s = new HubScene()
  const ann = await s.join()
  ann.room.leave(ann)
  await s.clock.advance(unloadAfterMs - 1)
  const again = await s.join()
  await s.clock.advance(unloadAfterMs)
  expect(await s.hub.open(s.name)).toBe(again.room)
  expect(s.storage.loads).toBe(1)
})

test('[R2] the wait begins when the last one leaves, not when the first one came', async () => {
  const s = new HubScene()
  const ann = await s.join()
  await s.clock.advance(unloadAfterMs - 1000)
  ann.room.leave(ann)
  await s.clock.advance(2000)
  expect(await s.hub.open(s.name)).toBe(ann.room)
})

test('[R2] a document that was unloaded and is used again stays open', async () => {
  const s = new HubScene()
  const ann = await s.join()
  ann.types('a')
  await s.clock.turn()
  ann.room.leave(ann)
  await s.clock.advance(unloadAfterMs)
  const again = await s.join()
  expect(again.room).not.toBe(ann.room)
  await s.clock.advance(10 * unloadAfterMs)
  expect(await s.hub.open(s.name)).toBe(again.room)
})

test('[R2] unused documents beyond the budget are unloaded at once, the one that has waited longest first', async () => {
  const s = new HubScene()
  const names = ['first', 'second', 'third'].map(nameOf)
  const guests = []
  for (const name of names) {
    const guest = await s.join(name)
    guest.types('x'.repeat(400))
    await s.clock.turn()
    guests.push(guest)
  }
  const isLoaded = (index: number) => s.hub.openTitle(names[index] ?? '') !== undefined
  await s.clock.advance(unloadAfterMs)
  for (const guest of guests) {
    guest.room.leave(guest)
    await s.clock.advance(1000)
  }
  // 1,000 bytes are allowed: two of them.
  expect([0, 1, 2].map(isLoaded)).toEqual([false, true, true])
  const again = await s.join(names[1] ?? s.name)
  expect(again.room).toBe(guests[1]?.room)
})

test('[R2] a document with edits that are not durable is not unloaded, however long the disk fails', async () => {
  const s = new HubScene()
  const ann = await s.join()
  s.storage.holdCommits()
  ann.types('not yet saved')
  await s.clock.turn()
  ann.room.leave(ann)
  for (let minute = 0; minute < 60; minute++) {
    await s.clock.advance(60_000)
    if (s.storage.waitingCommits > 0) s.storage.end(diskFailure())
    await s.clock.turn()
    expect(ann.room.isIdle).toBe(false)
  }
  expect(await s.hub.open(s.name)).toBe(ann.room)
  await s.clock.advance(60_000)
  s.storage.end()
  await s.clock.turn()
  await s.clock.advance(unloadAfterMs)
  expect(await s.hub.open(s.name)).not.toBe(ann.room)
  expect((await storedDoc(s, s.name)).getText('text').toJSON()).toBe('not yet saved')
})

test('[J2] what would not fit into memory while the disk fails is refused, and everything else is saved when it is back', async () => {
  const s = new HubScene()
  const [ann, bob] = [await s.join(), await s.join(nameOf('other'))]
  s.storage.holdCommits()
  ann.types('x'.repeat(900))
  await s.clock.turn()
  ann.types('y'.repeat(200))
  await s.clock.turn()
  ann.types('too much')
  bob.types('here as well')
  await s.clock.turn()
  expect([ann.refused, bob.refused]).toEqual([['limit'], ['limit']])
  s.storage.end(diskFailure())
  await s.clock.turn()
  await s.clock.advance(100)
  for (let commit = 0; commit < 2; commit++) {
    s.storage.end()
    await s.clock.turn()
  }
  expect(ann.savedThrough).toBe(2)
  bob.types('again')
  await s.clock.turn()
  expect(bob.refused).toHaveLength(1)
  expect((await storedDoc(s, s.name)).getText('text').length).toBe(1100)
})

test('[R2] who opens a document and does not join keeps nothing in memory', async () => {
  const s = new HubScene()
  const room = await s.hub.open(s.name)
  await s.clock.advance(unloadAfterMs)
  expect(await s.hub.open(s.name)).not.toBe(room)
})

test('[P2][P5] presence of all rooms is collected for 40 ms by one timer, which runs only while somebody moves', async () => {
  const s = new HubScene()
  const guests = [await s.join(), await s.join(nameOf('other')), await s.join(nameOf('third'))]
  await s.clock.advance(unloadAfterMs)
  const idleTimers = s.clock.timers
  for (const clock of [1, 2, 3]) for (const guest of guests) guest.moves(clock)
  expect(s.clock.timers).toBe(idleTimers + 1)
  await s.clock.advance(39)
  expect(guests.map((guest) => guest.presenceHeard)).toEqual([0, 0, 0])
  await s.clock.advance(1)
  expect(guests.map((guest) => guest.presenceHeard)).toEqual([1, 1, 1])
  expect(s.clock.timers).toBe(idleTimers)
  guests[0]!.moves(4)
  await s.clock.advance(40)
  expect(guests.map((guest) => guest.presenceHeard)).toEqual([2, 1, 1])
})

test('[P5] nor is there more than one timer while somebody moves in one room only', async () => {
  const s = new HubScene()
  const guest = await s.join()
  await s.clock.advance(unloadAfterMs)
  const idleTimers = s.clock.timers
  for (const clock of [1, 2, 3]) guest.moves(clock)
  expect(s.clock.timers).toBe(idleTimers + 1)
})

test('[D1] a new document has an address of 128 random bits', async () => {
  const s = new HubScene()
  const names = await Promise.all(Array.from({ length: 200 }, () => s.hub.create('')))
  expect(new Set(names).size).toBe(200)
  for (const name of names) {
    expect(name).toMatch(/^[\w-]{22}$/)
    expect(Buffer.from(name, 'base64url')).toHaveLength(16)
  }
  // Every bit of it varies.
  const bits = names.map((name) => Buffer.from(name, 'base64url'))
  for (let bit = 0; bit < 128; bit++) {
    const ones = bits.filter((bytes) => (bytes[bit >> 3]! >> (bit & 7)) & 1).length
    expect(ones).toBeGreaterThan(50)
    expect(ones).toBeLessThan(150)
  }
})

test('[D1] a new document is durable before its address is given out', async () => {
  const s = new HubScene()
  s.storage.holdCommits()
  let name: string | null = null
  void s.hub.create('Plan').then((made) => (name = made))
  await s.clock.turn()
  s.storage.end(diskFailure())
  await s.clock.turn()
  expect(name).toBeNull()
  await s.clock.advance(100)
  s.storage.end()
  await s.clock.turn()
  expect(name).not.toBeNull()
  expect(await s.storage.standing(name!)).toBe('present')
})

test('[D2] the server writes the first blocks of a new document, once', async () => {
  const s = new HubScene()
  const name = await s.hub.create('Plan')
  const doc = await storedDoc(s, name)
  expect(readTitle(doc)).toBe('Plan')
  expect(readSchemaVersion(doc)).toBe(1)
  expect(doc.getXmlFragment(fragmentName).toJSON()).toBe(
    '<paragraph style="title">Plan</paragraph><paragraph></paragraph>',
  )
  expect((await s.storage.meta(name))?.title).toBe('Plan')
  const ann = await s.join(name)
  await s.clock.turn()
  expect(ann.room.title).toBe('Plan')
  expect((await s.storage.load(name)).records).toHaveLength(1)
})

test('[D2] a document that is only looked at stays as empty as it was', async () => {
  const s = new HubScene()
  await s.join()
  await s.clock.turn()
  expect(await s.storage.standing(s.name)).toBe('unknown')
})

test('[D3] renaming writes into the document, reaches who is in it, and is durable when it resolves', async () => {
  const s = new HubScene()
  const name = await s.hub.create('Plan')
  const ann = await s.join(name)
  s.storage.holdCommits()
  let isDone = false
  void s.hub.rename(name, 'Better plan').then(() => (isDone = true))
  await s.clock.turn()
  expect(ann.received.filter(({ message }) => message.type === 'update')).toHaveLength(1)
  expect(isDone).toBe(false)
  s.storage.end()
  await s.clock.turn()
  expect(isDone).toBe(true)
  expect((await s.storage.meta(name))?.title).toBe('Better plan')
  expect(readTitle(await storedDoc(s, name))).toBe('Better plan')
})

test('[D1] a duplicate has the text, a name of its own and is marked as a copy', async () => {
  const s = new HubScene()
  const name = await s.hub.create('Plan')
  const ann = await s.join(name)
  ann.types('text')
  await s.clock.turn()
  const copy = await s.hub.duplicate(name)
  expect(copy).not.toBe(name)
  const doc = await storedDoc(s, copy)
  expect(readTitle(doc)).toBe('Copy of Plan')
  expect(doc.getText('text').toJSON()).toBe('text')
  expect((await s.storage.meta(copy))?.title).toBe('Copy of Plan')
  expect(readTitle(await storedDoc(s, name))).toBe('Plan')
})

test('[D1] a duplicate holds what arrived just before it was asked for', async () => {
  const s = new HubScene()
  const name = await s.hub.create('Plan')
  const ann = await s.join(name)
  ann.types('text')
  const copy = await s.hub.duplicate(name)
  expect((await storedDoc(s, copy)).getText('text').toJSON()).toBe('text')
})

test('[D4] deleting closes everybody with 4410, for good', async () => {
  const s = new HubScene()
  const name = await s.hub.create('Plan')
  const guests = [await s.join(name), await s.join(name)]
  await s.hub.remove(name)
  expect(guests.map((guest) => guest.closedWith)).toEqual([closeCodes.removed, closeCodes.removed])
  await expect(s.hub.open(name)).rejects.toMatchObject({ code: 'removed' })
  await expect(s.hub.open(name)).rejects.toBeInstanceOf(StorageError)
})

test('[D4] an edit under way when its document is deleted can not bring it back, nor hold up others', async () => {
  const s = new HubScene()
  const [name, other] = [await s.hub.create('Plan'), await s.hub.create('Other')]
  const [ann, bob] = [await s.join(name), await s.join(other)]
  s.storage.holdCommits()
  bob.types('first')
  await s.clock.turn()
  ann.types('too late')
  bob.types('second')
  await s.clock.turn()
  await s.hub.remove(name)
  s.storage.end()
  await s.clock.turn()
  while (s.storage.waitingCommits > 0) {
    s.storage.end()
    await s.clock.turn()
  }
  expect(await s.storage.standing(name)).toBe('removed')
  expect(bob.savedThrough).toBe(2)
  expect(s.hub.journal.failure).toBeNull()
})

test('[D4] a document that is being opened while it is deleted lets nobody in', async () => {
  const s = new HubScene()
  const name = await s.hub.create('Plan')
  s.storage.holdLoads()
  const joining = s.join(name)
  const removing = s.hub.remove(name)
  await s.clock.turn()
  s.storage.releaseLoads()
  await removing
  expect((await joining).closedWith).toBe(closeCodes.removed)
  await expect(s.hub.open(name)).rejects.toMatchObject({ code: 'removed' })
})

test('[D4] nothing is left to wait for once a document is deleted', async () => {
  const s = new HubScene()
  const name = await s.hub.create('Plan')
  const timers = s.clock.timers
  await s.join(name)
  await s.hub.remove(name)
  expect(s.clock.timers).toBe(timers)
})

test.each(['rename', 'duplicate', 'remove'] as const)(
  '[D4] %s says of documents whether they never were or were deleted',
  async (what) => {
    const s = new HubScene()
    const name = await s.hub.create('Plan')
    await s.hub.remove(name)
    const call = (target: string) => s.hub[what](nameOf(target), 'title')
    await expect(call(name)).rejects.toMatchObject({ code: 'removed' })
    await expect(call('never made')).rejects.toMatchObject({ code: 'unknown' })
    await expect(call('never made')).rejects.toBeInstanceOf(CoscribeError)
    expect(await s.storage.standing('never made')).toBe('unknown')
  },
)

test('[J1] closing makes durable what has arrived and not even been applied', async () => {
  const s = new HubScene()
  const ann = await s.join()
  ann.types('last words')
  await s.hub.close(closeCodes.restarting, 'the server restarts')
  expect((await storedDoc(s, s.name)).getText('text').toJSON()).toBe('last words')
  expect(s.clock.timers).toBe(0)
})
