import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { Random } from '../../test/random.ts'
import { largeBytes, loadDocument } from '../document-loading.ts'
import { checkUpdate, defaultGateLimits, UpdateCheck } from '../gate.ts'
import { slicesOf } from '../update-slices.ts'
import { edit } from './edits.ts'
import { RoomScene } from './room-scene.ts'

const gate = (update: Uint8Array, doc: Y.Doc) => checkUpdate(update, doc, defaultGateLimits)

/** A text of so many letters, each an item of its own. */
function letters(count: number, clientId = 7): Uint8Array {
  const doc = new Y.Doc()
  doc.clientID = clientId
  const text = doc.getText('text')
  doc.transact(() => {
    for (let i = 0; i < count; i++) text.insert(0, 'abc'[i % 3] ?? '')
  })
  return Y.encodeStateAsUpdate(doc)
}

const large = letters(20_000)

/** Turns of the event loop until `isOver`, 500 at most. */
async function turnsUntil(s: RoomScene, isOver: () => boolean): Promise<number> {
  let turns = 0
  for (; !isOver() && turns < 500; turns++) await s.clock.turn()
  return turns
}

/** Somebody who has sent the large update, and it is in the document. */
async function withLarge(s: RoomScene) {
  const ann = s.join()
  ann.sends(large)
  await turnsUntil(s, () => s.appends.length > 0)
  return ann
}

const textOf = (doc: Y.Doc) => doc.getText('text').toJSON()

test.each(Array.from({ length: process.env['COSCRIBE_LONG'] ? 1000 : 100 }, (_, index) => index + 1))(
  '[R9] an update in pieces makes the document that it makes in one (seed %i)',
  (seed) => {
    const rng = new Random(seed)
    const people = [new Y.Doc(), new Y.Doc(), new Y.Doc()] as const
    people.forEach((doc, index) => (doc.clientID = 10 * (rng.below(3) + 1) + index))
    const base = new Y.Doc()
    for (let step = 0; step < 60; step++) {
      const doc = rng.pick(people)
      edit(doc, rng)
      if (rng.chance(0.4)) Y.applyUpdate(rng.pick(people), Y.encodeStateAsUpdate(doc))
      if (step === 20) Y.applyUpdate(base, Y.encodeStateAsUpdate(doc))
    }
    const all = Y.mergeUpdates(people.map((doc) => Y.encodeStateAsUpdate(doc)))
    const update = Y.diffUpdate(all, Y.encodeStateVector(base))
    const check = new UpdateCheck(update, base, { limits: defaultGateLimits })
    while (!check.advance());
    expect(check.verdict).toEqual({ ok: true })
    if (check.landed === null) throw new Error('nothing landed')
    const whole = new Y.Doc()
    Y.applyUpdate(whole, Y.encodeStateAsUpdate(base))
    Y.applyUpdate(whole, update)
    const pieces = [...slicesOf(check.landed, () => 1 + rng.below(5))]
    for (const piece of pieces) {
      Y.applyUpdate(base, piece)
      expect([base.store.pendingStructs, base.store.pendingDs]).toEqual([null, null])
    }
    expect(pieces.length).toBeGreaterThan(5)
    for (const root of ['text', 'map', 'array', 'default'])
      expect(json(base, root)).toEqual(json(whole, root))
    expect(Y.encodeStateVector(base)).toEqual(Y.encodeStateVector(whole))
  },
)

function json(doc: Y.Doc, root: string): unknown {
  if (root === 'text') return doc.getText(root).toDelta()
  if (root === 'map') return doc.getMap(root).toJSON()
  return root === 'array' ? doc.getArray(root).toJSON() : doc.getXmlFragment(root).toJSON()
}

test('[R9] a large update takes many turns, and is relayed and stored as one', async () => {
  const s = new RoomScene(gate, { limits: { maxHeldBytes: 1e6 } })
  const [ann, bob] = [s.join(), s.join()]
  ann.sends(large)
  const turns = await turnsUntil(s, () => s.appends.length > 0)
  expect([turns > 2, turns < 500]).toEqual([true, true])
  expect(bob.told('update').map(({ update }) => update)).toEqual([large])
  expect(ann.told('update')).toEqual([])
  expect(s.appends.map(({ records }) => records)).toEqual([[large]])
  expect(ann.savedThrough).toEqual([])
  s.makeDurable()
  expect(ann.savedThrough).toEqual([1])
  expect(s.text).toHaveLength(20_000)
})

test('[R9] what arrives meanwhile keeps its place, and nobody is shown half of it', async () => {
  const s = new RoomScene(gate, { limits: { maxHeldBytes: 1e6 } })
  const [ann, bob, cat] = [s.join(), s.join(), s.join()]
  ann.sends(large)
  await s.clock.turn()
  bob.types('later')
  cat.asksForAll()
  expect(s.room.isIdle).toBe(false)
  expect(cat.told('sync-step-2')).toEqual([])
  await turnsUntil(s, () => s.appends.length === 2)
  await turnsUntil(s, () => cat.told('sync-step-2').length > 0)
  expect(cat.reads).toHaveLength(20_005)
  expect(cat.reads).toContain('later')
})

test('[R9] an edit of the server waits for it', async () => {
  const s = new RoomScene(gate)
  s.join().sends(large)
  await s.clock.turn()
  const edited = s.room.edit((doc) => doc.getText('text').insert(0, 'title '))
  expect(s.appends).toEqual([])
  await turnsUntil(s, () => s.appends.length === 2)
  s.makeDurable()
  await edited
  expect(s.text.startsWith('title ')).toBe(true)
})

test('[R9] a large update that is malformed changes nothing, and its sender is told', async () => {
  const s = new RoomScene(gate)
  const ann = s.join()
  ann.types('fine')
  await s.clock.turn()
  ann.sends(large.slice(0, -3))
  await turnsUntil(s, () => ann.refusals.length > 0)
  expect(ann.refusals).toEqual([{ frame: 2, code: 'malformed' }])
  expect(s.text).toBe('fine')
  ann.types('!')
  await s.clock.turn()
  expect(s.text).toBe('fine!')
})

test('[R5][R9] when applying a large update throws, the document is what it was, and others go on', async () => {
  const poison = new Uint8Array(largeBytes + 1)
  poison.set([1, 1, 99, 0, 0x84, 99, 10, 1, 0x78, 0])
  const accepting = { advance: () => true, verdict: { ok: true } as const, landed: null }
  const s = new RoomScene(gate, { startCheck: () => accepting, limits: { maxHeldBytes: 1e6 } })
  const [ann, eve] = [s.join(), s.join()]
  ann.types('kept')
  await s.clock.turn()
  eve.sends(poison)
  ann.types(' too')
  await turnsUntil(s, () => s.appends.length === 2)
  expect(eve.refusals).toEqual([{ frame: 1, code: 'malformed' }])
  expect(s.text).toBe('kept too')
  expect(s.reloads).toBe(1)
})

test('[R9] a room that is closed in the middle of it stays closed', async () => {
  const s = new RoomScene(gate)
  s.join().sends(large)
  await s.clock.turn()
  s.room.close(4410, 'gone')
  for (let turn = 0; turn < 20; turn++) await s.clock.turn()
  expect(s.appends).toEqual([])
})

test('[R3][R4] who joins a big document gets it in a while, encoded once for all, with what is written meanwhile', async () => {
  const s = new RoomScene(gate)
  const ann = await withLarge(s)
  const joiners = [s.join(), s.join(), s.join()]
  for (const each of joiners) each.asksForAll()
  expect(joiners.flatMap((each) => each.told('sync-step-2'))).toEqual([])
  const writer = s.join()
  writer.types('meanwhile')
  s.room.leave(joiners[2] ?? ann)
  await turnsUntil(s, () => joiners[0]?.told('sync-step-2').length === 1)
  const [first, second, gone] = joiners.map((each) => each.told('sync-step-2')[0]?.update)
  expect(second).toBe(first)
  expect(gone).toBeUndefined()
  for (const each of joiners.slice(0, 2)) {
    expect(each.reads).toHaveLength(20_009)
    expect(each.reads).toContain('meanwhile')
  }
})

test('[R3][R4] who joins a big document while others type gets all of it in one sync step 2, at once', async () => {
  const s = new RoomScene(gate)
  const ann = await withLarge(s)
  const first = s.join()
  first.asksForAll()
  expect(await turnsUntil(s, () => first.told('sync-step-2').length > 0)).toBeGreaterThan(0)
  for (const text of ['one ', 'two ']) {
    ann.types(text)
    await s.clock.turn()
    const late = s.join()
    late.asksForAll()
    const [step2] = late.told('sync-step-2')
    const doc = new Y.Doc()
    if (step2 !== undefined) Y.applyUpdate(doc, step2.update)
    expect(textOf(doc)).toBe(s.text)
    expect(late.told('update')).toEqual([])
  }
})

test('[R3] what was deleted is sent to nobody, and a big document is encoded anew a little every turn', async () => {
  const s = new RoomScene(gate)
  await withLarge(s)
  const first = s.join()
  first.asksForAll()
  await turnsUntil(s, () => first.told('sync-step-2').length > 0)
  for (const { update } of first.told('sync-step-2')) Y.applyUpdate(first.doc, update)
  const before = Y.encodeStateVector(first.doc)
  first.doc.getText('text').delete(0, 15_000)
  first.sends(Y.encodeStateAsUpdate(first.doc, before))
  await turnsUntil(s, () => s.appends.length > 1)
  const late = s.join()
  late.asksForAll()
  expect(late.told('sync-step-2')).toEqual([])
  await turnsUntil(s, () => late.told('sync-step-2').length > 0)
  expect(late.reads).toHaveLength(5000)
  const { structs } = Y.decodeUpdate(late.told('sync-step-2')[0]?.update ?? new Uint8Array([0, 0]))
  const sent = structs.filter((each) => each instanceof Y.Item && each.content instanceof Y.ContentString)
  expect(sent).toHaveLength(5000)
})

test('[R11] a document that is full takes deletions only, and again more once they have made room', async () => {
  const s = new RoomScene(gate, { limits: { maxDocumentBytes: 10_000 } })
  const ann = s.join()
  ann.types('x'.repeat(6000))
  await s.clock.turn()
  ann.types('y'.repeat(6000))
  await s.clock.turn()
  expect(ann.refusals).toEqual([{ frame: 2, code: 'limit' }])
  const bob = s.join()
  bob.asksForAll()
  for (const { update } of bob.told('sync-step-2')) Y.applyUpdate(bob.doc, update)
  const before = Y.encodeStateVector(bob.doc)
  bob.doc.getText('text').delete(0, 5000)
  bob.sends(Y.encodeStateAsUpdate(bob.doc, before))
  await s.clock.turn()
  bob.types('z'.repeat(6000))
  await s.clock.turn()
  expect(bob.refusals).toEqual([])
  expect(s.text).toHaveLength(7000)
})

test('[R9] a big document is opened a little every turn, a small one at once', async () => {
  let pauses = 0
  const pause = () => {
    pauses++
    return Promise.resolve()
  }
  const loaded = (state: Uint8Array | null, records: Uint8Array[]) => ({
    state: state === null ? null : { through: 1, at: 0, bytes: state },
    records: records.map((bytes, index) => ({ seq: index + 2, at: 0, bytes })),
    damage: null,
  })
  const small = await loadDocument(loaded(letters(10), [letters(5, 8)]), [letters(3, 9)], pause)
  expect([small === null ? '' : textOf(small).length, pauses]).toEqual([18, 0])
  const big = await loadDocument(loaded(large, [letters(5, 8), letters(5, 9)]), [], pause)
  const plain = new Y.Doc()
  for (const update of [large, letters(5, 8), letters(5, 9)]) Y.applyUpdate(plain, update)
  expect(big === null ? '' : textOf(big)).toBe(textOf(plain))
  expect(pauses).toBeGreaterThan(5)
  expect(await loadDocument(loaded(null, []), [], pause)).toBeNull()
})
