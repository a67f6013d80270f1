import * as Y from 'yjs'
import { createMemoryStorage } from '../../persistence/index.ts'
import { editorAccess } from '../access.ts'
import { applyQuietly } from '../apply-quietly.ts'
import type { CompactionLimits } from '../compaction.ts'
import { defaultGateLimits } from '../gate.ts'
import { Hub } from '../hub.ts'
import { defaultLimits } from '../limits.ts'
import type { Broadcast } from '../protocol/messages.ts'
import type { Peer, Room } from '../room.ts'
import { CollectingLog } from './collecting-log.ts'
import { FakeClock } from './fake-clock.ts'
import { nameOf } from './room-scene.ts'

/** Somebody who writes in a document of their own, which collects garbage as everybody's does. */
export class Writer implements Peer {
  readonly access = editorAccess
  readonly id: number
  readonly doc = new Y.Doc()
  readonly unsent: Uint8Array[] = []
  readonly unread: Uint8Array[] = []
  readonly refused: string[] = []
  readonly #scene: HistoryScene
  #frames = 0

  constructor(scene: HistoryScene, id: number) {
    this.#scene = scene
    this.id = id
    this.doc.clientID = 100 + id
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== this) this.unsent.push(update)
    })
  }

  send({ message }: Broadcast): void {
    if (message.type !== 'update') return
    this.unread.push(message.update)
    if (!this.#scene.relayed.includes(message.update)) this.#scene.relayed.push(message.update)
  }

  relay(message: Broadcast): void {
    this.send(message)
  }

  answer(message: Broadcast): void {
    this.send(message)
  }

  readonly hearsOfSaving = true
  isBehind = () => false
  saved = () => {}
  refuse = (_frame: number, code: string, reason: string) => void this.refused.push(`${code}: ${reason}`)
  close = () => {}

  get text(): Y.Text {
    return this.doc.getText('text')
  }

  /** Sends the next `count` updates, as one frame if `isMerged`. */
  sends(count = this.unsent.length, isMerged = false): void {
    const updates = this.unsent.splice(0, count)
    if (updates.length === 0) return
    for (const update of isMerged ? [Y.mergeUpdates(updates)] : updates) this.#frame(update, false)
  }

  /** Sends everything it has, as after a reconnect. */
  syncs(): void {
    this.unsent.length = 0
    this.#frame(Y.encodeStateAsUpdate(this.doc), true)
  }

  reads(): void {
    for (const update of this.unread.splice(0)) Y.applyUpdate(this.doc, update, this)
  }

  #frame(update: Uint8Array, isWhole: boolean): void {
    this.#scene.accepted.push(update)
    this.#scene.room.receiveUpdate(this, { number: ++this.#frames, isWhole, update })
  }
}

/** A server with one document, writers, and beside it what the past should be: every update ever, not collected. */
export class HistoryScene {
  readonly clock = new FakeClock()
  readonly log = new CollectingLog()
  readonly storage = createMemoryStorage()
  readonly name = nameOf('doc')
  readonly writers: Writer[] = []
  readonly limits: CompactionLimits
  accepted: Uint8Array[] = []
  relayed: Uint8Array[] = []
  hub: Hub
  #room: Room | null = null
  readonly #truth = new Y.Doc({ gc: false })
  /** The truth after each flush, by its time. */
  readonly #truths: { readonly at: number; readonly update: Uint8Array }[] = []

  constructor(limits: Partial<CompactionLimits> = {}) {
    this.limits = { ...defaultLimits, ...limits }
    this.hub = this.#start()
  }

  get room(): Room {
    if (this.#room === null) throw new Error('nobody has joined')
    return this.#room
  }

  async join(count: number): Promise<void> {
    this.#room = await this.hub.open(this.name)
    for (let id = this.writers.length + 1; id <= count; id++) this.writers.push(new Writer(this, id))
    for (const writer of this.writers) this.#room.join(writer)
  }

  /** The server dies with what it has in memory, all of which is durable here, and another one starts. */
  async restart(): Promise<void> {
    await this.flush()
    this.hub = this.#start()
    await this.join(this.writers.length)
  }

  /** Everything that was sent is applied and stored; then time goes on by at least a millisecond. */
  async flush(ms = 1): Promise<void> {
    const at = this.clock.now()
    await this.clock.turn()
    for (const update of [...this.accepted, ...this.relayed]) applyQuietly(this.#truth, [update])
    this.accepted = []
    this.relayed = []
    this.#truths.push({ at, update: Y.encodeStateAsUpdate(this.#truth) })
    await this.clock.advance(ms)
  }

  /** The past as it should be at the end of this time. */
  truthAt(time: number): Y.Doc {
    const doc = new Y.Doc({ gc: false })
    const truth = this.#truths.findLast(({ at }) => at <= time)
    if (truth) applyQuietly(doc, [truth.update])
    return doc
  }

  /** The document as the server gives it back for a moment. */
  async at(moment: string): Promise<Y.Doc> {
    const doc = new Y.Doc({ gc: false })
    applyQuietly(doc, [await this.hub.at(this.name, moment)])
    return doc
  }

  #start(): Hub {
    return new Hub({
      storage: this.storage,
      clock: this.clock,
      log: this.log,
      gateLimits: defaultGateLimits,
      unloadAfterMs: defaultLimits.unloadAfterMs,
      maxUnstoredBytes: defaultLimits.maxUnstoredBytes,
      compaction: this.limits,
    })
  }
}

/** Every character that was ever in the document, by who wrote it and when, deleted or not; gaps as such. */
export function everWritten(doc: Y.Doc): Record<string, string> {
  const parts: Record<string, string> = {}
  for (const [client, structs] of doc.store.clients) {
    parts[client] = structs
      .map((struct) => {
        if (!(struct instanceof Y.Item)) return '.'.repeat(struct.length)
        return struct.content instanceof Y.ContentString ? struct.content.str : '.'.repeat(struct.length)
      })
      .join('')
  }
  return parts
}
