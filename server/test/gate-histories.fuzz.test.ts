import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { checkUpdate, type GateLimits } from '../gate.ts'
import { dump, edit } from './edits.ts'
import { author, limits, load, withSubdocuments } from './gate-scene.ts'
import { Random } from '../../test/random.ts'

/** `FUZZ_SEED` starts elsewhere, `FUZZ_SECONDS` goes on for longer. */
const firstSeed = Number(process.env.FUZZ_SEED ?? 1)
const leastMs = Number(process.env.FUZZ_SECONDS ?? 0) * 1000
const leastHistories = 1000

test(
  '[G2] people who write, undo, merge, carry, crash and come back are never taken for liars, and converge',
  { timeout: 120_000 + leastMs },
  () => {
    const seen = {
      accepted: 0,
      missing: 0,
      repeated: 0,
      resyncs: 0,
      carried: 0,
      reloads: 0,
      crashes: 0,
      undone: 0,
    }
    const start = performance.now()
    let seed = firstSeed
    for (; seed < firstSeed + leastHistories || performance.now() - start < leastMs; seed++) {
      const history = new History(seed, seen)
      for (let step = 0; step < 30; step++) history.step()
      history.settle()
    }
    const seconds = ((performance.now() - start) / 1000).toFixed(1)
    process.stdout.write(
      `legal histories: seeds ${firstSeed} to ${seed - 1}, ${seconds} s, ${JSON.stringify(seen)}\n`,
    )
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0)
  },
)

interface Person {
  doc: Y.Doc
  undo: Y.UndoManager
  /** Written here and not sent yet. */
  outbox: Uint8Array[]
  /** Emitted by the server and not received yet. */
  inbox: Uint8Array[]
}

class History {
  readonly #rng: Random
  readonly #seen: Record<string, number>
  readonly #seed: number
  readonly #limits: GateLimits
  readonly #server = new Y.Doc()
  /** Another server that gets what this one emits. */
  readonly #replica = new Y.Doc()
  readonly #people: Person[]
  #lastClient = 0

  constructor(seed: number, seen: Record<string, number>) {
    this.#seed = seed
    this.#seen = seen
    this.#rng = new Random(seed)
    this.#limits = this.#rng.chance(0.3) ? withSubdocuments : limits
    this.#people = Array.from({ length: 2 + this.#rng.below(4) }, () => this.#arrive([]))
    this.#server.on('update', (update: Uint8Array) => {
      this.#accept(update, this.#replica)
      for (const person of this.#people) person.inbox.push(update)
    })
  }

  step(): void {
    const rng = this.#rng
    const person = rng.pick(this.#people)
    const kind = rng.below(20)
    if (kind < 9) edit(person.doc, rng, this.#limits.allowSubdocuments)
    else if (kind < 11) this.#undo(person)
    else if (kind < 14) this.#send(person, person.outbox.splice(0))
    else if (kind < 15) this.#sendInDisorder(person)
    else if (kind < 17) receive(person)
    else if (kind < 18) this.#carry(person, rng.pick(this.#people))
    else if (kind < 19) this.#resync(person)
    else this.#comeBack(person)
  }

  /** Everybody syncs with the server until nobody has news: what arrives makes Yjs tidy up marks, which is news. */
  settle(): void {
    do for (const person of this.#people) this.#resync(person)
    while (this.#people.some(({ inbox, outbox }) => inbox.length + outbox.length > 0))
    const content = dump(this.#server)
    const docs = [
      ...this.#people.map(({ doc }) => doc),
      this.#replica,
      load(Y.encodeStateAsUpdate(this.#server)),
    ]
    for (const doc of docs) expect(dump(doc), `seed ${this.#seed}`).toEqual(content)
  }

  /** A new session of somebody: a new client id, with what was kept of the last one. */
  #arrive(kept: Uint8Array[]): Person {
    const doc = author(++this.#lastClient * 7 + (this.#rng.chance(0.5) ? 2 ** 31 : 0), {
      gc: this.#rng.chance(0.8),
    })
    for (const update of kept) Y.applyUpdate(doc, update)
    const roots = [
      doc.getText('text'),
      doc.getMap('map'),
      doc.getArray('array'),
      doc.getXmlFragment('default'),
    ]
    const undo = new Y.UndoManager(roots, { captureTimeout: this.#rng.chance(0.5) ? 0 : 1e9 })
    const person: Person = { doc, undo, outbox: [], inbox: [] }
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== 'elsewhere') person.outbox.push(update)
    })
    return person
  }

  #undo({ undo }: Person): void {
    const done = this.#rng.chance(0.6) ? undo.undo() : undo.redo()
    if (done !== null) this.#count('undone')
  }

  /** One flush of the server: one transaction in which everything is checked against what came before it. */
  #send(person: Person, updates: Uint8Array[]): void {
    const taken = this.#server.transact(() => updates.filter((update) => this.#offer(update, this.#server)))
    if (taken.length < updates.length) this.#resync(person)
  }

  #sendInDisorder(person: Person): void {
    const updates = person.outbox.splice(0)
    const repeated = [...updates, ...updates.filter(() => this.#rng.chance(0.3))]
    if (repeated.length > updates.length) this.#count('repeated')
    this.#send(person, this.#rng.shuffle(repeated).slice(this.#rng.below(2)))
  }

  /** The server's step 1, the client's step 2, and the other way round. */
  #resync(person: Person): void {
    this.#count('resyncs')
    person.outbox = []
    this.#accept(Y.encodeStateAsUpdate(person.doc, Y.encodeStateVector(this.#server)), this.#server)
    const stateVector = Y.encodeStateVector(person.doc)
    person.inbox = [Y.encodeStateAsUpdate(this.#server, stateVector)]
    receive(person)
  }

  /** Tabs of one browser hear of each other before the server does. */
  #carry(from: Person, to: Person): void {
    this.#count('carried')
    const update = Y.encodeStateAsUpdate(from.doc, Y.encodeStateVector(to.doc))
    Y.applyUpdate(to.doc, update, 'elsewhere')
    if (this.#rng.chance(0.3)) to.outbox.push(update)
  }

  /** From IndexedDB with everything, or after a crash with what the server has. */
  #comeBack(person: Person): void {
    const isCrash = this.#rng.chance(0.3)
    this.#count(isCrash ? 'crashes' : 'reloads')
    const kept = isCrash ? Y.encodeStateAsUpdate(this.#server) : Y.encodeStateAsUpdate(person.doc)
    const returned = this.#arrive([kept])
    // What it kept goes out again as a whole.
    returned.outbox.push(this.#rng.chance(0.5) ? kept : Y.mergeUpdates([kept, ...person.outbox]))
    this.#people[this.#people.indexOf(person)] = returned
  }

  #accept(update: Uint8Array, doc: Y.Doc): void {
    const verdict = checkUpdate(update, doc, this.#limits)
    expect(verdict, `seed ${this.#seed}: ${Buffer.from(update).toString('hex')}`).toMatchObject({ ok: true })
    if (verdict.ok) Y.applyUpdate(doc, verdict.instead ?? update, 'elsewhere')
    expect(doc.store.pendingStructs ?? doc.store.pendingDs).toBeNull()
    this.#count('accepted')
  }

  /** Takes an update unless it lacks something; anything else would be a wrong accusation. */
  #offer(update: Uint8Array, doc: Y.Doc): boolean {
    const verdict = checkUpdate(update, doc, this.#limits)
    if (verdict.ok || verdict.reason !== 'missing') {
      this.#accept(update, doc)
      return true
    }
    this.#count('missing')
    return false
  }

  #count(what: string): void {
    this.#seen[what] = (this.#seen[what] ?? 0) + 1
  }
}

function receive({ doc, inbox }: Person): void {
  for (const update of inbox.splice(0)) Y.applyUpdate(doc, update, 'elsewhere')
}
