import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { Random } from '../../test/random.ts'
import { checkUpdate, defaultGateLimits } from '../gate.ts'
import { readStroke } from '../typed-text.ts'
import { bend } from './bend.ts'
import { dump, edit } from './edits.ts'
import { type PeerDouble, RoomScene } from './room-scene.ts'

/** `FUZZ_SEED` starts elsewhere, `FUZZ_SEEDS` goes on for longer. */
const firstSeed = Number(process.env.FUZZ_SEED ?? 1)
const seeds = Number(process.env.FUZZ_SEEDS ?? 400)

const counts = { strokes: 0, others: 0, bent: 0, refused: 0, flushes: 0, looks: 0 }

/** An author: their document, their connection, and what they have not sent yet. */
interface Author {
  readonly doc: Y.Doc
  readonly peer: PeerDouble
  readonly unsent: Uint8Array[]
  /** Where they type most. */
  readonly text: Y.Text
  caret: number
  last: Uint8Array | null
}

/** A room, and beside it a document into which the same goes one by one, through the gate. */
class Story {
  readonly #rng: Random
  readonly #scene = new RoomScene((update, doc) => checkUpdate(update, doc, defaultGateLimits), {
    commitsLate: true,
  })
  readonly #model = new Y.Doc()
  readonly #authors: Author[] = []
  readonly #reader: PeerDouble

  constructor(seed: number) {
    this.#rng = new Random(seed)
    for (let n = 0; n < 3; n++) this.#authors.push(this.#newAuthor(10 + n))
    this.#reader = this.#scene.join()
  }

  #newAuthor(client: number): Author {
    const doc = new Y.Doc()
    doc.clientID = client
    const unsent: Uint8Array[] = []
    const text = doc.getText('text')
    const author = { doc, peer: this.#scene.join(), unsent, text, caret: 0, last: null }
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== 'others') unsent.push(update)
    })
    return author
  }

  async step(): Promise<void> {
    const author = this.#rng.pick(this.#authors)
    const kind = this.#rng.below(20)
    if (kind < 9) this.#type(author)
    else if (kind < 11) edit(author.doc, this.#rng)
    else if (kind < 12) Y.applyUpdate(author.doc, Y.encodeStateAsUpdate(this.#model), 'others')
    else if (kind < 17) this.#send(author)
    else if (kind < 18) this.#sendBent(author)
    else if (kind < 19) await this.#flush()
    else if (this.#rng.chance(0.5)) this.#repeat(author)
    else void this.#scene.room.flush()
    if (this.#rng.chance(0.02)) await this.#compare()
  }

  async end(): Promise<void> {
    for (const author of this.#authors) while (author.unsent.length > 0) this.#send(author)
    await this.#compare()
  }

  /** A word or two in a row: where they typed last, somewhere else, or at the end of a paragraph. */
  #type(author: Author): void {
    const { doc, text } = author
    const words = ['a', 'be ', 'ünï', '漢', '😀', '\u{1F9D1}\u200D\u{1F680}']
    const isElsewhere = this.#rng.chance(0.2)
    const target = isElsewhere ? this.#rng.pick([text, ...textsIn(doc)]) : text
    if (this.#rng.chance(0.1)) author.caret = this.#rng.below(text.length + 1)
    let at = isElsewhere ? target.length : Math.min(author.caret, text.length)
    for (let strokes = 1 + this.#rng.below(5); strokes > 0; strokes--) {
      const word = this.#rng.pick(words)
      target.insert(at, word)
      at += word.length
    }
    if (!isElsewhere) author.caret = at
  }

  #send(author: Author): void {
    for (let count = 1 + this.#rng.below(4); count > 0; count--) {
      const update = author.unsent.shift()
      if (update === undefined) return
      this.#receive(author.peer, update)
      author.last = update
    }
  }

  /** The same once more, as after a reconnect. */
  #repeat({ peer, last }: Author): void {
    if (last === null) return
    this.#judge(peer, last)
  }

  #sendBent({ peer, unsent }: Author): void {
    const update = unsent[0] ?? Y.encodeStateAsUpdate(this.#model)
    counts.bent++
    this.#receive(peer, bend(update, this.#model, this.#rng))
  }

  #receive(peer: PeerDouble, update: Uint8Array): void {
    counts[readStroke(update) === null ? 'others' : 'strokes']++
    // What was deleted in the same flush still shows that it was something else; later nobody can tell (G5).
    if (this.#repeats(update)) void this.#scene.room.flush()
    this.#judge(peer, update)
  }

  #judge(peer: PeerDouble, update: Uint8Array): void {
    const verdict = checkUpdate(update, this.#model, defaultGateLimits)
    if (verdict.ok) Y.applyUpdate(this.#model, verdict.instead ?? update)
    else counts.refused++
    peer.sends(update)
  }

  /** Whether some of it is known already, or it can't be told. */
  #repeats(update: Uint8Array): boolean {
    try {
      const { from } = Y.parseUpdateMeta(update)
      return [...from].some(([client, clock]) => clock < Y.getState(this.#model.store, client))
    } catch {
      return true
    }
  }

  async #flush(): Promise<void> {
    counts.flushes++
    await this.#scene.clock.turn()
    await this.#scene.clock.advance(this.#rng.below(40))
    if (!this.#rng.chance(0.3)) return
    this.#scene.makeDurable()
    this.#scene.commit()
  }

  /** The room, those who heard of all, and the log have the document that the gate would have made. */
  async #compare(): Promise<void> {
    counts.looks++
    const state = Y.decodeStateVector(Y.encodeStateVector(this.#model))
    await this.#flush()
    this.#scene.makeDurable()
    this.#scene.commit()
    const heard = new Y.Doc()
    for (const { update } of this.#reader.told('update')) Y.applyUpdate(heard, update)
    const stored = new Y.Doc()
    for (const record of this.#scene.appends.flatMap(({ records }) => records)) {
      Y.applyUpdate(stored, record)
      // Nothing builds on what is stored later.
      expect(stored.store.pendingStructs).toBeNull()
    }
    const room = new Y.Doc()
    Y.applyUpdate(room, this.#scene.room.encodeState())
    for (const [what, doc] of Object.entries({ room, heard, stored })) {
      expect(Y.decodeStateVector(Y.encodeStateVector(doc)), what).toEqual(state)
      expect(dump(doc), what).toEqual(dump(this.#model))
      expect([doc.store.pendingStructs, doc.store.pendingDs], what).toEqual([null, null])
    }
    expect(this.#scene.log.text).not.toContain('applying failed')
  }
}

function textsIn(doc: Y.Doc): Y.XmlText[] {
  const children = doc.getXmlFragment('default').toArray()
  return children.filter((child): child is Y.XmlText => child instanceof Y.XmlText)
}

test(
  '[R13] strokes are taken where the gate would take them, and the room, its readers and its log have the document it would have made',
  { timeout: 60_000 + seeds * 200 },
  async () => {
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      try {
        const story = new Story(seed)
        for (let step = 0; step < 60; step++) await story.step()
        await story.end()
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error })
      }
    }
    process.stdout.write(`strokes: seeds from ${firstSeed}, ${JSON.stringify(counts)}\n`)
    expect(counts.strokes).toBeGreaterThan(seeds * 5)
  },
)
