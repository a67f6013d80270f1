import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { checkUpdateBy, defaultGateLimits } from '../gate.ts'
import { Random } from '../../test/random.ts'
import { awarenessUpdate } from './awareness-frames.ts'
import { type PeerDouble, RoomScene } from './room-scene.ts'

/** `FUZZ_SEED` starts elsewhere, `FUZZ_SEEDS` goes on for longer. */
const firstSeed = Number(process.env.FUZZ_SEED ?? 1)
const seeds = Number(process.env.FUZZ_SEEDS ?? 300)

/** Somebody at a page: a document, and the connections it has had, the last of which it uses. */
interface Page {
  doc: Y.Doc
  readonly user: string | null
  peer: PeerDouble
  /** Of what it was told, how much it has looked at. */
  heard: number
  unsent: Uint8Array[]
}

const counts = { typed: 0, gaps: 0, carried: 0, reloads: 0, returns: 0, closed: 0, resyncs: 0 }

class History {
  readonly #rng: Random
  readonly #scene = new RoomScene((update, doc, mayBring) =>
    checkUpdateBy(update, doc, { limits: defaultGateLimits, mayBring }),
  )
  readonly #pages: Page[] = []
  /** Connections that are dead without the server knowing. */
  #halfOpen: PeerDouble[] = []
  readonly #all: PeerDouble[] = []
  #isSettling = false

  constructor(rng: Random, users: readonly (string | null)[]) {
    this.#rng = rng
    for (const user of users) {
      const page = { doc: new Y.Doc(), user, heard: 0, unsent: [] as Uint8Array[] }
      this.#pages.push({ ...page, peer: this.#connect(page.doc, user) })
    }
    for (const page of this.#pages) this.#open(page, new Y.Doc())
  }

  async step(): Promise<void> {
    const page = this.#rng.pick(this.#pages)
    const other = this.#rng.pick(this.#pages)
    const kind = this.#rng.below(10)
    if (kind < 3) this.#write(page)
    else if (kind < 5) this.#send(page)
    else if (kind === 5) this.#carry(page, other)
    else if (kind === 6 && this.#rng.chance(0.5)) this.#return(page)
    else if (kind === 7 && this.#rng.chance(0.3)) this.#reload(page)
    else if (kind === 8) this.#notice()
    else await this.#listen()
  }

  /** All half-open connections are noticed, and everybody says what they have until nothing is new. */
  async settle(): Promise<void> {
    this.#isSettling = true
    for (let round = 0; round < 6; round++) {
      while (this.#halfOpen.length > 0) this.#notice()
      for (const page of this.#pages) this.#send(page)
      await this.#listen()
      for (const page of this.#pages) page.peer.sendsAll(Y.encodeStateAsUpdate(page.doc))
      await this.#listen()
    }
  }

  expectPeace(): void {
    expect(this.#all.flatMap(({ refusals }) => refusals)).toEqual([])
    const states = this.#pages.map(({ doc }) => doc.getText('text').toJSON())
    expect(new Set([...states, this.#scene.text]).size).toBe(1)
    for (const { doc } of this.#pages) {
      expect(doc.store.pendingStructs).toBeNull()
      expect([...Y.decodeStateVector(Y.encodeStateVector(doc))].sort()).toEqual(this.#clocks())
    }
  }

  #clocks(): [number, number][] {
    const vector = Y.encodeStateVectorFromUpdate(this.#scene.room.encodeState())
    return [...Y.decodeStateVector(vector)].sort()
  }

  #connect(doc: Y.Doc, user: string | null): PeerDouble {
    const peer = user === null ? this.#scene.join() : this.#scene.joinAs(user)
    this.#all.push(peer)
    const state = awarenessUpdate({ client: doc.clientID, clock: 1 + this.#all.length, state: '{}' })
    this.#scene.room.receivePresence(peer, state)
    return peer
  }

  /** The page's document is this one from now on; its ids are drawn from the seed, too. */
  #open(page: Page, doc: Y.Doc): void {
    doc.clientID = 1 + this.#rng.below(2 ** 30)
    page.doc = doc
    page.unsent = []
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== this) page.unsent.push(update)
    })
    this.#return(page)
  }

  /** Types, and half of the time deletes it before anybody sees it, which leaves a gap. */
  #write({ doc }: Page): void {
    const text = doc.getText('text')
    const isUndone = this.#rng.chance(0.4)
    doc.transact(() => {
      const at = this.#rng.below(text.length + 1)
      text.insert(at, 'abc')
      if (isUndone) text.delete(at, 3)
    })
    counts[isUndone ? 'gaps' : 'typed']++
  }

  #send({ peer, unsent }: Page): void {
    for (const update of unsent.splice(0)) peer.sends(update)
  }

  /** Hears of another page past the server. Stock clients send on what they hear so; beside known users it is synced. */
  #carry(page: Page, from: Page): void {
    const isLive = this.#pages.every(({ user }) => user === null)
    const origin = isLive ? 'past the server' : this
    Y.applyUpdate(page.doc, Y.encodeStateAsUpdate(from.doc), origin)
    if (!isLive) page.peer.sendsAll(Y.encodeStateAsUpdate(page.doc))
    counts.carried++
  }

  /** Loses its connection, which the server may not notice, and comes back. */
  #return(page: Page): void {
    if (!this.#isSettling && this.#rng.chance(0.5)) this.#halfOpen.push(page.peer)
    else this.#scene.room.leave(page.peer)
    page.peer = this.#connect(page.doc, page.user)
    page.heard = 0
    page.unsent.length = 0
    page.peer.asksForAll()
    page.peer.sendsAll(Y.encodeStateAsUpdate(page.doc))
    counts.returns++
  }

  /** The same person with a new id and what the device kept of the old page. */
  #reload(page: Page): void {
    const kept = new Y.Doc()
    Y.applyUpdate(kept, Y.encodeStateAsUpdate(page.doc))
    this.#open(page, kept)
    counts.reloads++
  }

  #notice(): void {
    const [gone] = this.#halfOpen.splice(0, 1)
    if (gone !== undefined) this.#scene.room.leave(gone)
  }

  async #listen(): Promise<void> {
    await this.#scene.clock.turn()
    this.#scene.makeDurable()
    for (const page of this.#pages) {
      for (const { message } of page.peer.sent.slice(page.heard)) {
        if (message.type === 'update' || message.type === 'sync-step-2')
          Y.applyUpdate(page.doc, message.update, this)
        if (message.type !== 'sync-step-1') continue
        page.peer.sendsAll(Y.encodeStateAsUpdate(page.doc, message.stateVector))
        counts.resyncs++
      }
      page.heard = page.peer.sent.length
      if (page.peer.closedWith === null) continue
      expect(page.peer.closedWith).toBe(4500)
      counts.closed++
      this.#return(page)
    }
  }
}

test(
  '[G2][G6] people who are who they are are never refused, and converge, however they carry, reload and come back',
  { timeout: 60_000 + seeds * 200 },
  async () => {
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      const rng = new Random(seed)
      const users = rng.pick([
        [null, null, null],
        ['ann', 'bob', 'ann'],
        ['ann', null, 'bob'],
      ])
      const history = new History(rng, users)
      for (let step = 0; step < 60; step++) await history.step()
      await history.settle()
      expect(() => history.expectPeace(), `seed ${seed}`).not.toThrow()
    }
    process.stdout.write(`room histories: seeds from ${firstSeed}, ${JSON.stringify(counts)}\n`)
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(10)
  },
)
