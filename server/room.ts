import type * as Y from 'yjs'
import { may } from './access.ts'
import { Authorship } from './authorship.ts'
import { CatchUp, type CatchUpHost } from './catch-up.ts'
import { Durability, type DurabilityHost, type DurabilitySurroundings } from './durability.ts'
import { Inbox, type InboxHost, type InboxSurroundings } from './inbox.ts'
import type { Judged } from './incoming.ts'
import type { DoneTransaction, LiveDocument, Strokes } from './live-document.ts'
import type { Metrics } from './metrics.ts'
import type { Peer, UpdateFrame } from './peer.ts'
import type { PresenceLimits } from './presence.ts'
import { closeCodes, type CloseCode } from './protocol/close-codes.ts'
import type { DocumentName } from './protocol/document-name.ts'
import { Broadcast, type RefusalCode } from './protocol/messages.ts'
import { type PresenceHost, RoomPresence } from './room-presence.ts'
import { parseStateVector } from './state-vector.ts'

export type { Peer, UpdateFrame }

/** What rooms need of the world: one object for all of them. */
export interface RoomSurroundings extends InboxSurroundings, DurabilitySurroundings {
  readonly metrics: Metrics
  readonly limits: RoomLimits
  /** Whether so much waits for the disk that nothing more can be held in memory. */
  isFull(): boolean
  /** There are presence changes in the room to collect with the next `flushPresence`. */
  presenceChanged(room: Room): void
  /** Nobody is in the room and everything is durable: it may be closed. */
  idle(room: Room): void
}

export interface RoomLimits extends PresenceLimits {
  /** Bytes that are held while the document can't take them (R5, R9). */
  readonly maxHeldBytes: number
  readonly maxDocumentBytes: number
  readonly maxClientsPerDocument: number
}

/**
 * One document and the peers in it. Knows no sockets, no HTTP and keeps no timers.
 *
 * R1 joins, leaves, updates and presence are its only inputs.
 * R2 it says `idle` only when nobody is here and everything is durable.
 * R3 the encoded full state is made once per version and shared by all who join.
 * R4 a joiner's sync step 2 contains everything applied so far.
 * R5 when applying throws, nothing of that flush is relayed or stored: the document goes back to what was stored,
 *    the updates are applied one by one, the culprit is left out, and every peer is synced again.
 * R6 everybody is told who else is here.
 * R7 one flush is one Yjs transaction, one update to relay, one record to store.
 */
export class Room {
  readonly name: DocumentName
  readonly #surroundings: RoomSurroundings
  readonly #document: LiveDocument
  #authorship: Authorship | null = null
  readonly #presence: RoomPresence
  readonly #inbox: Inbox
  readonly #durability: Durability
  readonly #catchUp: CatchUp
  readonly #peers = new Map<number, Peer>()
  /** What waits until the document can be read. */
  #waiting: (() => void)[] = []
  /** Bytes that wait until the document can take them. */
  #heldBytes = 0
  /** Peers that were asked to sync again because a frame of theirs had a hole. */
  #resyncing: Set<number> | null = null

  constructor(name: DocumentName, document: LiveDocument, surroundings: RoomSurroundings) {
    this.name = name
    this.#surroundings = surroundings
    this.#document = document
    const host = this.#asHost()
    this.#durability = new Durability(surroundings, host)
    this.#catchUp = new CatchUp(surroundings.clock, host)
    this.#presence = new RoomPresence(surroundings, host)
    this.#inbox = new Inbox(surroundings, host)
  }

  /** What its parts need of it. */
  #asHost(): InboxHost & DurabilityHost & CatchUpHost & PresenceHost {
    return {
      name: this.name,
      document: this.#document,
      authorship: () => this.#authors,
      peerCount: () => this.#peers.size,
      pending: () => this.#durability.pending,
      isHere: (peer) => this.#peers.has(peer.id),
      settled: () => this.#settled(),
      tell: (message) => this.#tell(message),
      presenceChanged: () => this.#surroundings.presenceChanged(this),
      publish: (outcome, sender) => this.#publish(outcome, sender),
      publishStrokes: (strokes, sender) => {
        this.#relay(strokes, sender)
        this.#durability.writeStrokes(strokes.update.length)
      },
      answer: (judged) => {
        for (const each of judged) this.#answer(each)
        this.#durability.settle()
      },
      accepted: (entries) => {
        for (const { peer, frame } of entries) this.#acknowledge(peer, frame)
        this.#durability.settle()
      },
      restored: () => this.#syncEverybody(),
      freed: () => this.#goOn(),
    }
  }

  get #authors(): Authorship {
    if (this.#authorship === null) {
      this.#authorship = new Authorship()
      for (const { id, access } of this.#peers.values()) this.#authorship.join(id, access.user)
    }
    return this.#authorship
  }

  get isIdle(): boolean {
    return this.#peers.size === 0 && this.#inbox.isIdle && this.#durability.isClean
  }

  /** The schema version its last writer knew; 0 for a document our editor never wrote. */
  get schemaVersion(): number {
    return this.#document.schemaVersion
  }

  /** The encoded size of its document, or a little more. */
  get bytesAtMost(): number {
    return this.#document.bytesAtMost
  }

  get title(): string {
    return this.#document.title
  }

  get peers(): ReadonlyMap<number, Peer> {
    return this.#peers
  }

  join(peer: Peer): void {
    this.#peers.set(peer.id, peer)
    this.#authorship?.join(peer.id, peer.access.user)
    // A viewer would answer step 1 with a write.
    if (may(peer.access, 'write')) peer.send(this.#step1())
    this.#presence.join(peer)
  }

  leave(peer: Peer): void {
    if (!this.#peers.delete(peer.id)) return
    this.#resyncing?.delete(peer.id)
    this.#authorship?.leave(peer.id)
    this.#presence.leave(peer)
    // What it makes of the title is to be stored before the document is unloaded.
    if (this.#peers.size === 0) this.#document.settle()
    this.#settled()
  }

  /** The client says what it has and gets what it lacks. */
  receiveStep1(peer: Peer, stateVector: Uint8Array): void {
    if (this.#inbox.isBusy) {
      if (this.#mayHold(peer, stateVector)) this.#waiting.push(() => this.receiveStep1(peer, stateVector))
      return
    }
    const known = parseStateVector(stateVector, 2 * this.#surroundings.limits.maxClientsPerDocument)
    if (known === 'malformed') peer.close(closeCodes.malformed, 'the state vector is malformed')
    else if (known === 'too-large') peer.close(closeCodes.tooLarge, 'the state vector is too large')
    else if (!peer.isBehind(known)) this.#catchUp.answer(peer, known)
  }

  /** A peer that read too slowly can take more: what it lacks, where it has only the clocks `known`, and who is here. */
  catchUp(peer: Peer, known: ReadonlyMap<number, number> | null): void {
    if (this.#inbox.isBusy) {
      this.#waiting.push(() => this.catchUp(peer, known))
      return
    }
    if (known !== null) this.#catchUp.answer(peer, known)
    this.#presence.tellEverybody(peer)
  }

  receiveUpdate(peer: Peer, frame: UpdateFrame): void {
    if (!may(peer.access, 'write')) {
      this.#refuse(peer, frame, { code: 'forbidden', reason: 'this connection may only read' })
      return
    }
    if (this.#surroundings.isFull()) {
      const reason = 'the disk fails, and no more can be kept until it is back'
      this.#refuse(peer, frame, { code: 'limit', reason })
      return
    }
    if (!this.#inbox.isBusy) this.#inbox.take(peer, frame)
    // What is held must not keep all that was read with it in memory.
    else if (this.#mayHold(peer, frame.update))
      this.#inbox.take(peer, { ...frame, update: frame.update.slice() })
  }

  receivePresence(peer: Peer, update: Uint8Array): void {
    this.#presence.receive(peer, update)
  }

  receivePresenceQuery(peer: Peer): void {
    this.#presence.tellEverybody(peer)
  }

  /** Sends what changed about who is here, to everybody, as one message. */
  flushPresence(): void {
    this.#presence.flush()
  }

  /** Resolves when everything received so far is applied, relayed and with the journal. */
  async flush(): Promise<void> {
    await this.#inbox.applyAll()
  }

  /** An edit by the server itself, such as a new title, relayed and stored like any other. Resolves when it is durable. */
  async edit(change: (doc: Y.Doc) => void): Promise<void> {
    const rest = this.#inbox.applyAll()
    if (rest !== null) await rest
    const outcome = this.#inbox.edit(change)
    await new Promise<void>((resolve) => this.#publish(outcome, null, resolve))
  }

  /** The whole document as one update. */
  encodeState(): Uint8Array {
    return this.#document.encode()
  }

  close(code: CloseCode, reason: string): void {
    const peers = [...this.#peers.values()]
    // Nobody hears of the others' leaving when all of them leave.
    this.#peers.clear()
    for (const peer of peers) peer.close(code, reason)
    this.#inbox.close()
    this.#document.destroy()
  }

  /** Tells the sender what became of a frame; only once it is sure that the flush stands. */
  #answer({ peer, frame, verdict }: Judged): void {
    if (verdict.ok) {
      this.#acknowledge(peer, frame)
      return
    }
    const wasAsked = this.#resyncing?.has(peer.id) === true
    const mayBeMended = verdict.reason === 'missing' || verdict.reason === 'held'
    // Whoever has left syncs when they come back.
    if (mayBeMended && !this.#peers.has(peer.id)) return
    if (mayBeMended && !(wasAsked && frame.isWhole)) {
      // Acknowledgements stop short of this frame until a whole sync step 2 covers it.
      this.#resyncing ??= new Set()
      this.#resyncing.add(peer.id)
      if (!wasAsked) peer.send(this.#step1())
      return
    }
    this.#refuse(peer, frame, { code: verdict.reason, reason: verdict.detail })
  }

  #acknowledge(peer: Peer, frame: UpdateFrame): void {
    if (frame.isWhole) this.#resyncing?.delete(peer.id)
    if (peer.hearsOfSaving && this.#resyncing?.has(peer.id) !== true)
      this.#durability.acknowledge(peer, frame.number)
  }

  /** One line and one count for each; `held` ends the connection instead, for its client to come back with it. */
  #refuse(peer: Peer, frame: UpdateFrame, { code, reason }: Why): void {
    const { log, metrics } = this.#surroundings
    log.warn({ document: this.name, connection: peer.id, reason: code, detail: reason }, 'update refused')
    metrics.refusedUpdate(code)
    if (code === 'held') peer.close(closeCodes.unavailable, reason)
    else peer.refuse(frame.number, code, reason)
  }

  /** While the document is being put right: false when the room holds too much and has sent the peer away. */
  #mayHold(peer: Peer, bytes: Uint8Array): boolean {
    this.#heldBytes += bytes.length
    if (this.#heldBytes <= this.#surroundings.limits.maxHeldBytes) return true
    this.#heldBytes -= bytes.length
    this.#surroundings.log.warn({ document: this.name, connection: peer.id }, 'too much waits, sent away')
    this.#surroundings.metrics.refusedUpdate('limit')
    peer.close(closeCodes.unavailable, 'the document is being put right; come back')
    return false
  }

  #publish(
    { update, record, before, newTitle }: DoneTransaction,
    sender: Peer | null,
    durable = () => {},
  ): void {
    if (update === null || record === null) {
      if (newTitle !== null) this.#durability.write(null, newTitle)
      durable()
      return
    }
    this.#relay({ update, before }, sender)
    this.#durability.write(record, newTitle, durable)
  }

  #relay({ update, before }: Strokes, sender: Peer | null): void {
    const message = new Broadcast({ type: 'update', update })
    for (const peer of this.#peers.values()) if (peer !== sender) peer.relay(message, before)
  }

  /** After the document went back to what is stored: people may have more than it has, and lack what others had. */
  #syncEverybody(): void {
    const interrupted = this.#catchUp.stop()
    for (const peer of interrupted) this.#catchUp.answer(peer, new Map())
    for (const peer of this.#peers.values()) if (may(peer.access, 'write')) peer.send(this.#step1())
  }

  /** The document can be read again. */
  #goOn(): void {
    this.#heldBytes = 0
    const waiting = this.#waiting
    this.#waiting = []
    for (const run of waiting) run()
    this.#settled()
  }

  #settled(): void {
    if (this.isIdle) this.#surroundings.idle(this)
  }

  #tell(message: Broadcast): void {
    for (const peer of this.#peers.values()) peer.send(message)
  }

  #step1(): Broadcast {
    return new Broadcast({ type: 'sync-step-1', stateVector: this.#document.encodeStateVector() })
  }
}

interface Why {
  readonly code: RefusalCode | 'held'
  readonly reason: string
}
