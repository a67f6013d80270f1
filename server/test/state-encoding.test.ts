import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { Random } from '../../test/random.ts'
import { encodeDeletions, StateEncoding } from '../state-encoding.ts'
import { edit } from './edits.ts'

const seeds = Array.from({ length: process.env['COSCRIBE_LONG'] ? 2000 : 150 }, (_, index) => index + 1)

/** Three people who have seen each other's edits, and somebody who stayed behind at a random moment. */
function history(rng: Random) {
  const people = [new Y.Doc(), new Y.Doc(), new Y.Doc()] as const
  people.forEach((doc, index) => (doc.clientID = 10 * (rng.below(3) + 1) + index))
  const behind = new Y.Doc()
  const edits = 5 + rng.below(40)
  const leavesAfter = rng.below(edits)
  for (let step = 0; step < edits; step++) {
    const doc = rng.pick(people)
    edit(doc, rng)
    if (rng.chance(0.5)) for (const other of people) Y.applyUpdate(other, Y.encodeStateAsUpdate(doc))
    if (step === leavesAfter) Y.applyUpdate(behind, Y.encodeStateAsUpdate(doc))
  }
  const [first] = people
  for (const other of people) Y.applyUpdate(first, Y.encodeStateAsUpdate(other))
  return { doc: first, behind }
}

const stateOf = (doc: Y.Doc) => Y.decodeStateVector(Y.encodeStateVector(doc))

function encode(doc: Y.Doc, known: ReadonlyMap<number, number>): Uint8Array {
  const encoding = new StateEncoding(doc, known)
  expect(encoding.structs).toBeGreaterThanOrEqual(0)
  while (!encoding.advance());
  return encoding.encoded.toUpdate(encodeDeletions(doc))
}

test.each(seeds)('[R3] what is encoded in one go is what Yjs encodes (seed %i)', (seed) => {
  const { doc, behind } = history(new Random(seed))
  expect(encode(doc, new Map())).toEqual(Y.encodeStateAsUpdate(doc))
  expect(encode(doc, stateOf(behind))).toEqual(Y.encodeStateAsUpdate(doc, Y.encodeStateVector(behind)))
})

test.each(seeds)('[R3] what came since can be added to what was encoded (seed %i)', (seed) => {
  const rng = new Random(seed)
  const { doc, behind } = history(rng)
  const parts = new StateEncoding(doc, stateOf(behind))
  while (!parts.advance());
  let { encoded } = parts
  for (let round = 0; round < 3; round++) {
    for (let edits = rng.below(6); edits > 0; edits--) edit(doc, rng)
    const added = new StateEncoding(doc, encoded.until)
    while (!added.advance());
    encoded = encoded.extendedBy(added.encoded)
  }
  Y.applyUpdate(behind, encoded.toUpdate(encodeDeletions(doc)))
  expect([behind.store.pendingStructs, behind.store.pendingDs]).toEqual([null, null])
  expect(stateOf(behind)).toEqual(stateOf(doc))
  for (const root of ['text', 'map', 'array', 'default']) {
    expect(json(behind, root)).toEqual(json(doc, root))
  }
})

test.each(seeds)('[R4] what is encoded while the document changes is whole (seed %i)', (seed) => {
  const rng = new Random(seed)
  const { doc, behind } = history(rng)
  const encoding = new StateEncoding(doc, stateOf(behind))
  const since: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => since.push(update))
  while (!encoding.advance(1 + rng.below(3))) if (rng.chance(0.7)) edit(doc, rng)
  const added = new StateEncoding(doc, encoding.until)
  while (!added.advance());
  Y.applyUpdate(behind, encoding.encoded.extendedBy(added.encoded).toUpdate(encodeDeletions(doc)))
  expect(behind.store.pendingStructs).toBeNull()
  expect(behind.store.pendingDs).toBeNull()
  for (const update of since) Y.applyUpdate(behind, update)
  expect(behind.store.pendingStructs).toBeNull()
  expect(stateOf(behind)).toEqual(stateOf(doc))
  for (const root of ['text', 'map', 'array', 'default']) {
    expect(json(behind, root)).toEqual(json(doc, root))
  }
})

function json(doc: Y.Doc, root: string): unknown {
  if (root === 'text') return doc.getText(root).toDelta()
  if (root === 'map') return doc.getMap(root).toJSON()
  return root === 'array' ? doc.getArray(root).toJSON() : doc.getXmlFragment(root).toJSON()
}
