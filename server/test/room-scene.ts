import * as Y from 'yjs'
import type { Append, Loaded } from '../../persistence/index.ts'
import { type Access, editorAccess, type User } from '../access.ts'
import { defaultGateLimits, UpdateCheck } from '../gate.ts'
import { defaultLimits } from '../limits.ts'
import { LiveDocument } from '../live-document.ts'
import type { CloseCode } from '../protocol/close-codes.ts'
import { type DocumentName, parseDocumentName } from '../protocol/document-name.ts'
import type { Broadcast, Down, RefusalCode } from '../protocol/messages.ts'
import { type Peer, Room, type RoomSurroundings } from '../room.ts'
import { CollectingLog } from './collecting-log.ts'
import { CollectingMetrics } from './collecting-metrics.ts'
import { FakeClock } from './fake-clock.ts'

/** A client as a room sees it, with a document of its own and everything it was told. */
export class PeerDouble implements Peer {
  readonly id: number
  readonly access: Access
  readonly hearsOfSaving = true
  readonly doc = new Y.Doc()
  /** As they were sent, so that a test can see which ones are shared. */
  readonly sent: Broadcast[] = []
  readonly savedThrough: number[] = []
  readonly refusals: { readonly frame: number; readonly code: RefusalCode }[] = []
  closedWith: CloseCode | null = null
  #frames = 0
  readonly #scene: RoomScene

  constructor(scene: RoomScene, id: number, access: Access) {
    this.#scene = scene
    this.id = id
    this.access = access
    this.doc.clientID = 1000 + id
  }

  send(message: Broadcast): void {
    this.sent.push(message)
  }

  relay(message: Broadcast): void {
    this.send(message)
  }

  answer(message: Broadcast): void {
    this.send(message)
  }

  isBehind(): boolean {
    return false
  }

  saved(frame: number): void {
    this.savedThrough.push(frame)
  }

  refuse(frame: number, code: RefusalCode): void {
    this.refusals.push({ frame, code })
  }

  close(code: CloseCode): void {
    this.closedWith = code
    this.#scene.room.leave(this)
  }

  told<Type extends Down['type']>(type: Type): Extract<Down, { type: Type }>[] {
    const isWanted = (message: Down): message is Extract<Down, { type: Type }> => message.type === type
    return this.sent.map(({ message }) => message).filter(isWanted)
  }

  /** Edits its own document and returns the update it did not send yet. */
  writes(text: string): Uint8Array {
    const before = Y.encodeStateVector(this.doc)
    this.doc.getText('text').insert(this.doc.getText('text').length, text)
    return Y.encodeStateAsUpdate(this.doc, before)
  }

  sends(update: Uint8Array): void {
    this.#scene.room.receiveUpdate(this, { number: ++this.#frames, isWhole: false, update })
  }

  types(text: string): void {
    this.sends(this.writes(text))
  }

  sendsAll(update = Y.encodeStateAsUpdate(this.doc)): void {
    this.#scene.room.receiveUpdate(this, { number: ++this.#frames, isWhole: true, update })
  }

  asksForAll(): void {
    this.#scene.room.receiveStep1(this, new Uint8Array([0]))
  }

  /** What the peer would read if it applied all it was told, and nothing of its own. */
  get reads(): string {
    const doc = new Y.Doc()
    for (const { message } of this.sent) {
      if (message.type === 'update' || message.type === 'sync-step-2') Y.applyUpdate(doc, message.update)
    }
    return doc.getText('text').toJSON()
  }
}

export interface SceneOptions {
  readonly startCheck?: RoomSurroundings['startCheck']
  /** The journal takes what there is when the test says `commit`, not at once. */
  readonly commitsLate?: boolean
  readonly limits?: Partial<RoomSurroundings['limits']>
}

/** A room whose journal, storage and time are in the test's hands. */
export class RoomScene {
  readonly clock = new FakeClock()
  readonly log = new CollectingLog()
  readonly metrics = new CollectingMetrics()
  readonly appends: Append[] = []
  readonly #queue: (() => void)[] = []
  readonly #waiting: (() => void)[] = []
  readonly #stored: Uint8Array[] = []
  #reloads: (() => void)[] | null = null
  failingReloads = 0
  reloads = 0
  idles = 0
  presenceRounds = 0
  #peers = 0
  room: Room

  constructor(checkUpdate: RoomSurroundings['checkUpdate'], options: SceneOptions = {}) {
    this.room = new Room(nameOf('room'), new LiveDocument(null, 0), {
      clock: this.clock,
      log: this.log,
      metrics: this.metrics,
      limits: { ...defaultLimits, maxHeldBytes: 10_000, ...options.limits },
      checkUpdate,
      startCheck:
        options.startCheck ??
        ((update, doc, mayBring) => new UpdateCheck(update, doc, { limits: defaultGateLimits, mayBring })),
      reload: () => this.#reload(),
      append: (take, outcome) => {
        this.#queue.push(() => {
          const append = take()
          this.appends.push(append)
          this.#waiting.push(() => {
            this.#stored.push(...append.records)
            outcome('durable')
          })
        })
        if (options.commitsLate !== true) this.commit()
      },
      held: () => {},
      isFull: () => false,
      presenceChanged: () => {
        this.presenceRounds++
      },
      idle: () => {
        this.idles++
      },
    })
  }

  join(role: Access['role'] = 'editor'): PeerDouble {
    return this.#enter(role === 'editor' ? editorAccess : { role })
  }

  /** Somebody whom the server knows by name. */
  joinAs(id: string, user: Partial<User> = {}): PeerDouble {
    return this.#enter({ role: 'editor', user: { id, name: id, ...user } })
  }

  #enter(access: Access): PeerDouble {
    const peer = new PeerDouble(this, ++this.#peers, access)
    this.room.join(peer)
    return peer
  }

  /** The journal begins a commit. */
  commit(): void {
    for (const begin of this.#queue.splice(0)) begin()
  }

  /** The journal has written the oldest `count` appends to disk. */
  makeDurable(count = this.#waiting.length): void {
    for (const durable of this.#waiting.splice(0, count)) durable()
  }

  holdReloads(): void {
    this.#reloads = []
  }

  releaseReloads(): void {
    for (const release of this.#reloads ?? []) release()
    this.#reloads = null
  }

  /** What a server that starts now would read. */
  get storedText(): string {
    const doc = new Y.Doc()
    for (const update of this.#stored) Y.applyUpdate(doc, update)
    return doc.getText('text').toJSON()
  }

  get text(): string {
    const doc = new Y.Doc()
    Y.applyUpdate(doc, this.room.encodeState())
    return doc.getText('text').toJSON()
  }

  async #reload(): Promise<Loaded> {
    this.reloads++
    const loaded = this.#loaded()
    const held = this.#reloads
    if (held !== null) await new Promise<void>((resolve) => held.push(resolve))
    if (this.failingReloads > 0) {
      this.failingReloads--
      throw new Error('the disk said no')
    }
    return loaded
  }

  #loaded(): Loaded {
    const records = this.#stored.map((bytes, index) => ({ seq: index + 1, at: 0, bytes }))
    return { state: null, records, damage: null }
  }
}

export function nameOf(raw: string): DocumentName {
  const name = parseDocumentName(raw)
  if (typeof name !== 'string') throw new Error(name.error)
  return name
}
