import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { checkUpdate } from '../gate.ts'
import { bend } from './bend.ts'
import { dump, edit } from './edits.ts'
import { author, load, withSubdocuments } from './gate-scene.ts'
import { Random } from '../../test/random.ts'
import { one, text } from './update-writer.ts'

/** `FUZZ_SEED` starts elsewhere, `FUZZ_SECONDS` goes on for longer. */
const firstSeed = Number(process.env.FUZZ_SEED ?? 1)
const leastMs = Number(process.env.FUZZ_SECONDS ?? 0) * 1000
const leastUpdates = 20_000

test(
  '[G1] whatever the gate accepts applies whole, and is the same document after any detour',
  { timeout: 120_000 + leastMs },
  () => {
    const verdicts = { ok: 0, instead: 0, malformed: 0, missing: 0, limit: 0, conflict: 0, held: 0 }
    const changes = { changed: 0, unchanged: 0 }
    const start = performance.now()
    let seed = firstSeed
    for (let updates = 0; updates < leastUpdates || performance.now() - start < leastMs; seed++) {
      for (const { state, update, at } of bentUpdates(seed)) {
        updates++
        const doc = load(state)
        // A server that reads the document has classes for its roots, and Yjs tidies up marks in them.
        if (seed % 2 === 0) nameRoots(doc)
        const verdict = checkUpdate(update, doc, withSubdocuments)
        verdicts[!verdict.ok ? verdict.reason : verdict.instead === undefined ? 'ok' : 'instead']++
        if (!verdict.ok) continue
        const harm = harmOf(verdict.instead ?? update, state, doc)
        expect(harm, `seed ${seed}, ${at}: ${Buffer.from(update).toString('hex')}`).toBeNull()
        changes[Buffer.compare(state, Y.encodeStateAsUpdate(doc)) === 0 ? 'unchanged' : 'changed']++
      }
    }
    const seconds = ((performance.now() - start) / 1000).toFixed(1)
    process.stdout.write(
      `gate fuzz: seeds ${firstSeed} to ${seed - 1}, ${seconds} s, ${JSON.stringify({ verdicts, changes })}\n`,
    )
    // Nobody is here whose ids could be held.
    const { held, ...reached } = verdicts
    expect(held).toBe(0)
    for (const count of [...Object.values(reached), ...Object.values(changes)])
      expect(count).toBeGreaterThan(0)
  },
)

test('[G1] items anywhere in one list, if the gate accepts them, end up in the same order in whatever order they arrive', () => {
  const counts = { accepted: 0, refused: 0 }
  for (let seed = firstSeed; seed < firstSeed + 3000; seed++) {
    const rng = new Random(seed)
    const doc = new Y.Doc()
    const updates: Uint8Array[] = []
    for (const client of rng.shuffle([1, 2, 3, 4, 5, 6, 7, 8])) {
      const written = [...doc.store.clients.keys()].map((id) => [id, 0] as const)
      const somewhere = () => (written.length > 0 && rng.chance(0.7) ? rng.pick(written) : null)
      const letter = String.fromCharCode(64 + client)
      const update = one(client, 0, text(letter, { origin: somewhere(), right: somewhere(), parent: 'text' }))
      const { ok } = checkUpdate(update, doc, withSubdocuments)
      counts[ok ? 'accepted' : 'refused']++
      if (!ok) continue
      Y.applyUpdate(doc, update)
      updates.push(update)
    }
    const copies = [
      load(Y.encodeStateAsUpdate(doc)),
      load(...rng.shuffle(updates)),
      load(...rng.shuffle(updates)),
    ]
    for (const copy of copies) expect(dump(copy), `seed ${seed}`).toEqual(dump(doc))
  }
  process.stdout.write(`one list: ${JSON.stringify(counts)}\n`)
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(3000)
})

interface Bent {
  readonly state: Uint8Array
  readonly update: Uint8Array
  readonly at: string
}

/** What one made-up history of three clients gives a liar to start from. */
function* bentUpdates(seed: number): Generator<Bent> {
  const rng = new Random(seed)
  const server = new Y.Doc()
  const clients = [1, 2, 3].map((i) => author(rng.pick([1, 50, 200]) * 10 + i, { gc: rng.chance(0.8) }))
  for (let step = 0; step < 30; step++) {
    const client = rng.pick(clients)
    edit(client, rng, true)
    if (rng.chance(0.5)) continue
    const stateVector = Y.encodeStateVector(server)
    const update = Y.encodeStateAsUpdate(client, rng.chance(0.8) ? stateVector : undefined)
    const state = Y.encodeStateAsUpdate(server)
    for (let i = 0; i < 10; i++)
      yield { state, update: bend(update, server, rng), at: `step ${step}, bend ${i}` }
    Y.applyUpdate(server, update)
    Y.applyUpdate(client, Y.encodeStateAsUpdate(server, Y.encodeStateVector(client)))
  }
}

function nameRoots(doc: Y.Doc): void {
  doc.getText('text')
  doc.getMap('map')
  doc.getArray('array')
  doc.getXmlFragment('default')
}

/** Applies the update to the document; says what went wrong then or when the document is read back. */
function harmOf(update: Uint8Array, state: Uint8Array, doc: Y.Doc): string | null {
  // The part that is known already says nothing, but merging might prefer its wording.
  const merged = load(Y.mergeUpdates([state, Y.diffUpdate(update, Y.encodeStateVector(doc))]))
  const emitted: Uint8Array[] = []
  doc.on('update', (bytes: Uint8Array) => emitted.push(bytes))
  Y.applyUpdate(doc, update)
  const copies = {
    merged,
    relayed: load(state, ...emitted),
    reloaded: load(Y.encodeStateAsUpdate(doc)),
    'reloaded twice': load(Y.encodeStateAsUpdate(load(Y.encodeStateAsUpdate(doc)))),
  }
  const content = dump(doc)
  const stateVector = Y.encodeStateVector(doc)
  for (const [name, copy] of Object.entries({ applied: doc, ...copies })) {
    if (copy.store.pendingStructs !== null || copy.store.pendingDs !== null)
      return `${name}: something is pending`
    if (!isDeepStrictEqual(dump(copy), content)) return `${name}: other content`
    if (!isDeepStrictEqual(Y.encodeStateVector(copy), stateVector)) return `${name}: other clocks`
  }
  const [once, twice] = [copies.reloaded, copies['reloaded twice']].map((copy) => Y.encodeStateAsUpdate(copy))
  return isDeepStrictEqual(once, twice) ? null : 'other bytes after loading twice'
}
