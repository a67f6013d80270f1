import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { checkUpdate, defaultGateLimits, type Verdict } from '../gate.ts'
import { writeFirstBlocks, writeTitle } from '../document-title.ts'
import { closeCodes } from '../protocol/close-codes.ts'
import { awarenessUpdate, readEntries } from './awareness-frames.ts'
import { RoomScene } from './room-scene.ts'

const gate = (update: Uint8Array, doc: Y.Doc) => checkUpdate(update, doc, defaultGateLimits)

const scene = () => new RoomScene(gate)

/** A gate that lets everything in, so that only applying can go wrong. */
const openScene = () => new RoomScene((): Verdict => ({ ok: true }))

/** Yjs takes it into a document and throws halfway: a string whose origin is in its own client's future. */
const poison = new Uint8Array([1, 1, 99, 0, 0x84, 99, 10, 1, 0x78, 0])

const is = (client: number, clock: number, state = '{}') => awarenessUpdate({ client, clock, state })

test('[R4] a joiner gets everything applied so far, durable or not', async () => {
  const s = scene()
  const ann = s.join()
  ann.types('one ')
  await s.clock.turn()
  s.makeDurable()
  ann.types('two')
  await s.clock.turn()
  const bob = s.join()
  bob.asksForAll()
  expect(bob.reads).toBe('one two')
})

test('[R4] a joiner that asks between two flushes misses nothing of either', async () => {
  const s = scene()
  const ann = s.join()
  ann.types('one ')
  await s.clock.turn()
  ann.types('two')
  const bob = s.join()
  bob.asksForAll()
  await s.clock.turn()
  expect(bob.reads).toBe('one two')
})

test('[R4] whoever has a part is sent only the rest', async () => {
  const s = scene()
  const ann = s.join()
  ann.types('x'.repeat(5000))
  await s.clock.turn()
  const had = Y.encodeStateVector(ann.doc)
  ann.types('y')
  await s.clock.turn()
  const bob = s.join()
  s.room.receiveStep1(bob, had)
  const [reply] = bob.told('sync-step-2')
  expect(reply?.update.length).toBeLessThan(100)
})

test('[R4] whoever comes back hears of all that is deleted, whichever way it came', async () => {
  const s = scene()
  const ann = s.join()
  ann.types('one two')
  await s.clock.turn()
  const had = Y.encodeStateVector(ann.doc)
  const deletedFor = (): number[] => {
    const peer = s.join()
    s.room.receiveStep1(peer, had)
    const { ds } = Y.decodeUpdate(peer.told('sync-step-2')[0]!.update)
    return [...ds.clients.values()].flat().map(({ len }) => len)
  }
  expect(deletedFor()).toEqual([])
  const before = Y.encodeStateVector(ann.doc)
  ann.doc.getText('text').delete(0, 4)
  ann.sends(Y.encodeStateAsUpdate(ann.doc, before))
  await s.clock.turn()
  expect(deletedFor()).toEqual([4])
  ann.types('!')
  await s.clock.turn()
  expect(deletedFor()).toEqual([4])
  const [bob, element] = [s.join(), new Y.XmlElement('p')]
  bob.doc.getXmlFragment('coscribe').insert(0, [element])
  bob.sendsAll()
  await s.clock.turn()
  Y.applyUpdate(ann.doc, Y.encodeStateAsUpdate(bob.doc))
  ann.doc.getXmlFragment('coscribe').delete(0, 1)
  ann.sendsAll()
  await s.clock.turn()
  expect(deletedFor()).toEqual([1, 4])
  // What was written into something that is deleted, and arrives after that, may be a bare gap.
  element.insert(0, [new Y.XmlText('three')])
  Y.applyUpdate(bob.doc, Y.encodeStateAsUpdate(ann.doc))
  bob.sendsAll()
  await s.clock.turn()
  expect(deletedFor()).toEqual([7, 4])
})

test('[R4] a state vector that is none closes the connection and nothing else', async () => {
  const s = scene()
  const [ann, eve] = [s.join(), s.join()]
  s.room.receiveStep1(eve, new Uint8Array([5, 1]))
  expect(eve.closedWith).toBe(closeCodes.malformed)
  ann.types('fine')
  await s.clock.turn()
  expect(s.text).toBe('fine')
})

test('[R3] the encoded state is made once per version and shared by all who join', async () => {
  const s = scene()
  const ann = s.join()
  ann.types('one')
  await s.clock.turn()
  const stateFor = () => {
    const peer = s.join()
    peer.asksForAll()
    return peer.told('sync-step-2')[0]?.update
  }
  const first = stateFor()
  expect(stateFor()).toBe(first)
  ann.types('two')
  await s.clock.turn()
  const second = stateFor()
  expect(second).not.toEqual(first)
  expect(stateFor()).toBe(second)
})

test('[R3] an update that changes nothing does not cost an encoding', async () => {
  const s = scene()
  const ann = s.join()
  ann.types('one')
  await s.clock.turn()
  const state = s.room.encodeState()
  ann.sendsAll()
  await s.clock.turn()
  expect(s.room.encodeState()).toBe(state)
  expect(s.appends).toHaveLength(1)
})

test('[R6] a joiner is told who is here, and the others of the joiner, as one message', async () => {
  const s = scene()
  const [ann, bob] = [s.join(), s.join()]
  s.room.receivePresence(ann, is(1, 1))
  s.room.receivePresence(bob, is(2, 1))
  expect(s.presenceRounds).toBe(2)
  s.room.flushPresence()
  for (const peer of [ann, bob]) {
    expect(
      peer.told('awareness').map(({ update }) => readEntries(update).map(({ client }) => client)),
    ).toEqual([[1, 2]])
  }
  expect(ann.sent.at(-1)).toBe(bob.sent.at(-1))
  const cat = s.join()
  expect(cat.told('awareness').map(({ update }) => readEntries(update).length)).toEqual([2])
  s.room.receivePresenceQuery(cat)
  expect(cat.told('awareness')).toHaveLength(2)
  await s.clock.turn()
})

test('[R6] in an empty room there is nobody to be told of', () => {
  expect(scene().join().told('awareness')).toEqual([])
})

test('[P4] others hear at once that somebody left or withdrew', () => {
  const s = scene()
  const [ann, bob, cat] = [s.join(), s.join(), s.join()]
  s.room.receivePresence(ann, is(1, 1))
  s.room.receivePresence(bob, is(2, 1))
  s.room.flushPresence()
  s.room.receivePresence(ann, is(1, 2, 'null'))
  s.room.leave(bob)
  const heard = cat.told('awareness').map(({ update }) => readEntries(update))
  expect(heard.slice(1)).toEqual([
    [{ client: 1, clock: 2, state: 'null' }],
    [{ client: 2, clock: 1, state: 'null' }],
  ])
})

test('[P6] only the outdated client itself is told that it is outdated', () => {
  const s = scene()
  const [ann, bob] = [s.join(), s.join()]
  s.room.receivePresence(ann, is(1, 7))
  s.room.leave(ann)
  const told = bob.sent.length
  const again = s.join()
  s.room.receivePresence(again, is(1, 7))
  expect(readEntries(again.told('awareness').at(-1)!.update)).toEqual([
    { client: 1, clock: 7, state: 'null' },
  ])
  expect(bob.sent).toHaveLength(told)
})

test('[P7] whoever sends malformed presence is closed, and only they', () => {
  const s = scene()
  const [ann, eve] = [s.join(), s.join()]
  s.room.receivePresence(eve, new Uint8Array([9]))
  expect(eve.closedWith).toBe(closeCodes.malformed)
  expect(ann.closedWith).toBeNull()
})

test('[R7] one flush is one update to relay and one record to store, whoever sent what', async () => {
  const s = scene()
  const [ann, bob, cat] = [s.join(), s.join(), s.join()]
  for (const text of ['a', 'b', 'c']) ann.types(text)
  for (const text of ['d', 'e']) bob.types(text)
  expect(s.appends).toEqual([])
  await s.clock.turn()
  expect(s.appends.map(({ records }) => records.length)).toEqual([1])
  for (const peer of [ann, bob, cat]) {
    expect(peer.told('update')).toHaveLength(1)
    expect(Array.from(peer.reads).sort().join('')).toBe('abcde')
  }
  expect(ann.sent.at(-1)).toBe(cat.sent.at(-1))
})

test('[R7] whose frame is the whole of a flush is not sent it back', async () => {
  const s = scene()
  const [ann, bob] = [s.join(), s.join()]
  ann.types('a')
  await s.clock.turn()
  expect(ann.told('update')).toEqual([])
  expect(bob.told('update')).toHaveLength(1)
})

test('[R7] who sent what of a flush was refused is sent the rest', async () => {
  const s = scene()
  const [ann, eve] = [s.join(), s.join()]
  ann.types('a')
  eve.sends(new Uint8Array([1, 2, 3]))
  await s.clock.turn()
  expect(eve.told('update')).toHaveLength(1)
  expect(ann.told('update')).toEqual([])
})

test('[J1][W5] nobody is told saved before it is durable, and everybody with their own count', async () => {
  const s = scene()
  const [ann, bob] = [s.join(), s.join()]
  ann.types('a')
  ann.types('b')
  bob.types('c')
  await s.clock.turn()
  ann.types('d')
  await s.clock.turn()
  expect([ann.savedThrough, bob.savedThrough]).toEqual([[], []])
  s.makeDurable(1)
  expect([ann.savedThrough, bob.savedThrough]).toEqual([[2], [1]])
  s.makeDurable(1)
  expect([ann.savedThrough, bob.savedThrough]).toEqual([[2, 3], [1]])
})

test('[W5] what repeats something that is not durable yet waits for it; what repeats something durable does not', async () => {
  const s = scene()
  const [ann, bob] = [s.join(), s.join()]
  const update = ann.writes('a')
  ann.sends(update)
  await s.clock.turn()
  bob.sends(update)
  await s.clock.turn()
  expect(bob.savedThrough).toEqual([])
  s.makeDurable()
  expect(bob.savedThrough).toEqual([1])
  bob.sends(update)
  await s.clock.turn()
  expect(bob.savedThrough).toEqual([1, 2])
  expect(s.appends).toHaveLength(1)
})

test('[W5] a refused frame is told before a saved covers it, and the document is unchanged by it', async () => {
  const s = scene()
  const eve = s.join()
  eve.types('a')
  eve.sends(new Uint8Array([1, 2, 3]))
  eve.types('b')
  await s.clock.turn()
  expect(eve.refusals).toEqual([{ frame: 2, code: 'malformed' }])
  expect(eve.savedThrough).toEqual([])
  s.makeDurable()
  expect(eve.savedThrough).toEqual([3])
  expect(s.storedText).toBe('ab')
})

test('[W5] whoever has left is not told anything more', async () => {
  const s = scene()
  const ann = s.join()
  ann.types('a')
  await s.clock.turn()
  s.room.leave(ann)
  s.makeDurable()
  expect(ann.savedThrough).toEqual([])
  expect(s.storedText).toBe('a')
})

test('[W6] a viewer is not sent sync step 1; what it writes all the same is refused and not applied', async () => {
  const s = scene()
  const [ann, viewer] = [s.join(), s.join('viewer')]
  expect(ann.told('sync-step-1')).toHaveLength(1)
  expect(viewer.told('sync-step-1')).toEqual([])
  viewer.types('graffiti')
  viewer.sendsAll()
  await s.clock.turn()
  expect(viewer.refusals).toEqual([
    { frame: 1, code: 'forbidden' },
    { frame: 2, code: 'forbidden' },
  ])
  expect(viewer.savedThrough).toEqual([])
  expect(s.text).toBe('')
  ann.types('news')
  await s.clock.turn()
  viewer.asksForAll()
  expect(viewer.reads).toBe('news')
})

test('[R2] a room says that it is idle only when nobody is here and everything is durable', async () => {
  const s = scene()
  expect(s.room.isIdle).toBe(true)
  const ann = s.join()
  ann.types('a')
  s.room.leave(ann)
  expect([s.room.isIdle, s.idles]).toEqual([false, 0])
  await s.clock.turn()
  expect([s.room.isIdle, s.idles]).toEqual([false, 0])
  s.makeDurable()
  expect(s.room.isIdle).toBe(true)
  expect(s.idles).toBeGreaterThan(0)
})

test('[R8] an update with a hole is not applied; its sender is asked to sync, once, and acknowledged once it has', async () => {
  const s = scene()
  const [ann, bob] = [s.join(), s.join()]
  ann.types('first ')
  await s.clock.turn()
  s.makeDurable()
  expect(ann.savedThrough).toEqual([1])
  ann.writes('lost ')
  ann.types('second ')
  ann.types('third')
  await s.clock.turn()
  expect(ann.told('sync-step-1')).toHaveLength(2)
  expect(s.text).toBe('first ')
  ann.types('!')
  await s.clock.turn()
  expect(ann.told('sync-step-1')).toHaveLength(2)
  ann.sendsAll()
  await s.clock.turn()
  expect(ann.savedThrough).toEqual([1])
  s.makeDurable()
  expect(ann.savedThrough).toEqual([1, 5])
  expect(ann.refusals).toEqual([])
  expect(s.storedText).toBe('first lost second third!')
  expect(bob.reads).toBe('first lost second third!')
})

test('[R8] what can be applied meanwhile is, but not acknowledged past the hole', async () => {
  const s = scene()
  const ann = s.join()
  const lost = ann.writes('lost ')
  ann.types('second')
  await s.clock.turn()
  ann.sends(lost)
  await s.clock.turn()
  s.makeDurable()
  expect(s.storedText).toBe('lost ')
  expect(ann.savedThrough).toEqual([])
})

test('[R8] a whole sync step 2 that has a hole, too, is refused', async () => {
  const s = scene()
  const ann = s.join()
  ann.writes('lost ')
  const second = ann.writes('second')
  ann.sends(second)
  await s.clock.turn()
  ann.sendsAll(second)
  await s.clock.turn()
  expect(ann.refusals).toEqual([{ frame: 2, code: 'missing' }])
})

test('[R8] a hole of one peer does not hold up another', async () => {
  const s = scene()
  const [ann, bob] = [s.join(), s.join()]
  ann.writes('lost ')
  ann.types('second')
  bob.types('fine')
  await s.clock.turn()
  s.makeDurable()
  expect(bob.savedThrough).toEqual([1])
  expect(bob.told('sync-step-1')).toHaveLength(1)
})

test('[R5] when applying throws, the culprit is left out and told, and everything else is there once', async () => {
  const s = openScene()
  const [ann, eve, bob] = [s.join(), s.join(), s.join()]
  ann.types('stored ')
  await s.clock.turn()
  s.makeDurable()
  ann.types('pending ')
  await s.clock.turn()
  ann.types('before ')
  eve.sends(poison)
  ann.types('after')
  const stepsBefore = bob.told('sync-step-1').length
  await s.clock.turn()
  s.makeDurable()
  expect(s.reloads).toBe(1)
  expect(s.text).toBe('stored pending before after')
  expect(s.storedText).toBe('stored pending before after')
  expect(bob.reads).toBe('stored pending before after')
  expect(eve.refusals).toEqual([{ frame: 1, code: 'malformed' }])
  expect(eve.savedThrough).toEqual([])
  expect([ann.savedThrough[0], ann.savedThrough.at(-1)]).toEqual([1, 4])
  expect(bob.told('sync-step-1')).toHaveLength(stepsBefore + 1)
  for (const { records } of s.appends) for (const record of records) expect(record).not.toEqual(poison)
  const fresh = new Y.Doc()
  Y.applyUpdate(fresh, s.room.encodeState())
  expect(fresh.store.clients.has(99)).toBe(false)
})

test('[R5] nothing of the flush is relayed or stored before the document is put right', async () => {
  const s = openScene()
  const [ann, eve, bob] = [s.join(), s.join(), s.join()]
  s.holdReloads()
  ann.types('a')
  eve.sends(poison)
  await s.clock.turn()
  ann.types('b')
  await s.clock.turn()
  expect(bob.told('update')).toEqual([])
  expect(s.appends).toEqual([])
  bob.asksForAll()
  expect(bob.told('sync-step-2')).toEqual([])
  s.releaseReloads()
  await s.clock.turn()
  expect(bob.told('sync-step-2')).toHaveLength(1)
  expect(bob.reads).toBe('ab')
  s.makeDurable()
  expect(ann.savedThrough.at(-1)).toBe(2)
})

test('[R5] a room that is being put right is not idle, and a disk that can not be read is asked again', async () => {
  const s = openScene()
  const eve = s.join()
  s.failingReloads = 2
  eve.types('kept')
  eve.sends(poison)
  void s.room.flush()
  s.room.leave(eve)
  for (const reloads of [1, 2, 3]) {
    await s.clock.turn()
    expect(s.reloads).toBe(reloads)
    if (reloads < 3) expect(s.room.isIdle).toBe(false)
    await s.clock.advance(1000)
  }
  s.makeDurable()
  expect(s.storedText).toBe('kept')
  expect(s.room.isIdle).toBe(true)
})

test('[R5] what was waiting for the disk when the document was reloaded, and became durable meanwhile, is not lost', async () => {
  const s = openScene()
  const [ann, eve] = [s.join(), s.join()]
  ann.types('pending')
  await s.clock.turn()
  s.holdReloads()
  eve.sends(poison)
  await s.clock.turn()
  // The reload has read the disk as it was; the commit ends before the answer is here.
  s.makeDurable()
  s.releaseReloads()
  await s.clock.turn()
  expect(s.text).toBe('pending')
})

test('[R5] two culprits in one flush are both left out', async () => {
  const s = openScene()
  const [ann, eve, mallory] = [s.join(), s.join(), s.join()]
  eve.sends(poison)
  ann.types('a')
  mallory.sends(poison)
  await s.clock.turn()
  s.makeDurable()
  expect([eve.refusals.length, mallory.refusals.length]).toEqual([1, 1])
  expect(s.storedText).toBe('a')
})

test('[R5] somebody whose frame the gate refused in that flush is told so once', async () => {
  const refused = new Uint8Array([7, 7, 7])
  const s = new RoomScene((update) =>
    update[0] === 7 ? { ok: false, reason: 'malformed', detail: 'sevens' } : { ok: true },
  )
  const [ann, eve] = [s.join(), s.join()]
  ann.sends(refused)
  eve.sends(poison)
  await s.clock.turn()
  expect(ann.refusals).toEqual([{ frame: 1, code: 'malformed' }])
})

test('[R5][R8] a whole sync step 2 with a hole in that flush is asked for again, not refused', async () => {
  const s = new RoomScene((update, doc) => (update === poison ? { ok: true } : gate(update, doc)))
  const [ann, eve] = [s.join(), s.join()]
  ann.writes('lost ')
  ann.sendsAll(ann.writes('second'))
  eve.sends(poison)
  await s.clock.turn()
  expect(ann.refusals).toEqual([])
  ann.sendsAll()
  await s.clock.turn()
  expect(s.text).toBe('lost second')
})

test('[R5] an edit of the server that comes upon such a flush waits until the document is right', async () => {
  const s = openScene()
  const [ann, eve] = [s.join(), s.join()]
  void s.room.edit((doc) => writeFirstBlocks(doc, 'old'))
  ann.types('a')
  eve.sends(poison)
  void s.room.edit((doc) => writeTitle(doc, 'new'))
  const appendsMeanwhile = s.appends.length
  await s.clock.turn()
  s.makeDurable()
  expect(appendsMeanwhile).toBe(1)
  expect(s.room.title).toBe('new')
  expect(s.storedText).toBe('a')
})

test('[D3] an edit of the server is relayed, stored and carries the new title; other edits carry none', async () => {
  const s = scene()
  const ann = s.join()
  void s.room.edit((doc) => writeFirstBlocks(doc, 'Plan'))
  expect(s.appends.map(({ title }) => title)).toEqual(['Plan'])
  expect(ann.told('update')).toHaveLength(1)
  ann.types('text in another root')
  await s.clock.turn()
  expect(s.appends.map((append) => 'title' in append)).toEqual([true, false])
  expect(s.room.title).toBe('Plan')
  expect(s.room.schemaVersion).toBe(1)
})

test('[D3] an edit of the server keeps its place behind what has already arrived', async () => {
  const s = scene()
  const ann = s.join()
  ann.types('a')
  void s.room.edit((doc) => writeFirstBlocks(doc, 'Plan'))
  expect(s.appends).toHaveLength(2)
  await s.clock.turn()
  expect(s.appends).toHaveLength(2)
})

test('[D4] closing a room closes everybody in it and takes nothing more', async () => {
  const s = scene()
  const [ann, bob] = [s.join(), s.join()]
  ann.types('late')
  s.room.close(closeCodes.removed, 'the document was deleted')
  await s.clock.turn()
  expect([ann.closedWith, bob.closedWith]).toEqual([closeCodes.removed, closeCodes.removed])
  expect(s.appends).toEqual([])
})

test('[A6] what is logged of a refused or quarantined update holds no text of it', async () => {
  const s = openScene()
  const eve = s.join()
  eve.types('secret')
  eve.sends(poison)
  await s.clock.turn()
  expect(s.log.text).toContain('quarantined')
  expect(s.log.text).not.toContain('secret')
})
