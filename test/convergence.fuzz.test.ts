import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { findDifference } from '../server/compaction-content.ts'
import { Random } from './random.ts'
import { type Client, World } from './world.ts'

const seeds = process.env['COSCRIBE_LONG'] ? 3000 : 200
const firstSeed = Number(process.env['FUZZ_SEED'] ?? 1)

const fragmentOf = (doc: Y.Doc) => doc.getXmlFragment('coscribe')

/** One random edit, of the kinds an editor makes; returns the block it touched. */
function edit(doc: Y.Doc, random: Random): Y.XmlElement | null {
  const fragment = fragmentOf(doc)
  const blocks = fragment.toArray().filter((block) => block instanceof Y.XmlElement)
  if (blocks.length === 0 || random.chance(0.1)) {
    const block = new Y.XmlElement('paragraph')
    block.insert(0, [new Y.XmlText('new')])
    fragment.insert(random.below(fragment.length + 1), [block])
    return block
  }
  // Mostly where others write too: conflicts are what this is about.
  const index = random.below(random.chance(0.7) ? Math.min(3, blocks.length) : blocks.length)
  const block = blocks[index]!
  if (random.chance(0.05)) {
    fragment.delete(index, 1)
    return null
  }
  if (random.chance(0.15)) {
    block.setAttribute('style', random.pick(['title', 'heading1', 'quote']))
    return block
  }
  const text = block.firstChild
  if (!(text instanceof Y.XmlText)) return block
  const at = boundary(text, random.below(text.length + 1))
  const length = boundary(text, Math.min(at + random.below(4), text.length)) - at
  if (random.chance(0.6) || length === 0)
    text.insert(at, random.pick(['a', 'word ', '😀', 'é', '中文', 'x'.repeat(30)]))
  else if (random.chance(0.6)) text.delete(at, length)
  else text.format(at, length, { strong: random.chance(0.5) ? { v: 1 } : null })
  return block
}

/** Editors do not cut characters in two, and Yjs replaces the halves of one that is cut. */
function boundary(text: Y.XmlText, at: number): number {
  const plain = (text.toDelta() as { insert: string }[]).map((part) => part.insert).join('')
  const isInside = /[\udc00-\udfff]/.test(plain.charAt(at)) && /[\ud800-\udbff]/.test(plain.charAt(at - 1))
  return isInside ? at - 1 : at
}

interface Tally {
  reconnects: number
  conflicts: number
  restarts: number
  compactions: number
  moments: number
}

async function live(seed: number, tally: Tally): Promise<void> {
  const random = new Random(seed)
  const world = new World()
  world.join(3 + random.below(6))
  /** Blocks that clients have changed and not heard back about, by the block's own id in Yjs. */
  const touched = new Map<string, Client>()
  for (let step = 0; step < 200; step++) {
    const client = random.pick(world.clients)
    const dice = random.next()
    if (dice < 0.45) {
      const block = edit(client.doc, random)
      const id = block?._item ? `${block._item.id.client}:${block._item.id.clock}` : null
      if (id !== null && touched.has(id) && touched.get(id) !== client) tally.conflicts++
      if (id !== null) touched.set(id, client)
    } else if (dice < 0.65) client.deliverUp(1 + random.below(4))
    else if (dice < 0.85) client.deliverDown(1 + random.below(4))
    else if (dice < 0.9) client.cut()
    else if (dice < 0.94) {
      if (!client.isConnected) {
        client.connect()
        tally.reconnects++
      }
    } else if (dice < 0.99) await world.clock.advance(random.below(10))
    else {
      world.restartServer()
      tally.restarts++
    }
    if (random.chance(0.05)) touched.clear()
  }
  await world.settle()
  await expectSameEverywhere(world)
  tally.compactions += world.compactions
  tally.moments += await expectPast(world)
  world.destroy()
}

async function expectSameEverywhere(world: World): Promise<void> {
  const [first] = world.clients
  const stored = await world.stored()
  const wanted = fragmentOf(first!.doc).toJSON()
  const state = Y.encodeStateVector(first!.doc)
  for (const doc of [...world.clients.map((client) => client.doc), stored]) {
    expect(fragmentOf(doc).toJSON()).toBe(wanted)
    expect(Y.decodeStateVector(Y.encodeStateVector(doc))).toEqual(Y.decodeStateVector(state))
    expect(doc.store.pendingStructs).toBeNull()
  }
  for (const client of world.clients) {
    expect(client.isSaved).toBe(true)
    expect(client.awareness.getStates().size).toBe(world.clients.length)
  }
}

/** Every moment can be gone back to, each holds what the one before it held and more, and the last one is now. */
async function expectPast(world: World): Promise<number> {
  const past = await world.past()
  const clocks = past.map((doc) => Y.decodeStateVector(Y.encodeStateVector(doc)))
  for (const [index, before] of clocks.entries()) {
    expect(past[index]!.store.pendingStructs).toBeNull()
    for (const [client, clock] of before)
      expect(clocks[index + 1]?.get(client) ?? Infinity).toBeGreaterThanOrEqual(clock)
  }
  const last = past.at(-1)
  if (last) expect(findDifference(last, await world.stored())).toBeNull()
  return past.length
}

test(`[R4][J1][J4][J6] clients that lose each other converge with each other and with the storage (${seeds} seeds)`, async () => {
  const tally: Tally = { reconnects: 0, conflicts: 0, restarts: 0, compactions: 0, moments: 0 }
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    await live(seed, tally).catch((error: unknown) => {
      throw new Error(`seed ${seed} (run it alone with FUZZ_SEED=${seed})`, { cause: error })
    })
  }
  expect(tally.reconnects).toBeGreaterThan(seeds)
  expect(tally.conflicts).toBeGreaterThan(seeds)
  expect(tally.restarts).toBeGreaterThan(seeds / 2)
  expect(tally.compactions).toBeGreaterThan(seeds)
  expect(tally.moments).toBeGreaterThan(seeds * 2)
})
