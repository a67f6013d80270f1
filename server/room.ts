import type * as Y from 'yjs'
import type { Append, Loaded } from '../persistence/index.ts'
import { may } from './access.ts'
import { Authorship } from './authorship.ts'
import type { Clock } from './clock.ts'
import type { Verdict } from './gate.ts'
import { LiveDocument, type TransactionOutcome } from './live-document.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { Peer, UpdateFrame } from './peer.ts'
import type { PresenceLimits } from './presence.ts'
import { closeCodes, type CloseCode } from './protocol/close-codes.ts'
import type { DocumentName } from './protocol/document-name.ts'
import { Broadcast, type RefusalCode } from './protocol/messages.ts'
import { RoomPresence } from './room-presence.ts'
import type { MayBring } from './update-claims.ts'

export type { Peer, UpdateFrame }

/** What a room needs of the world. */
export interface RoomSurroundings {
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** `maxHeldBytes` is for all that waits while the document is being put right (R5). */
  readonly limits: PresenceLimits & { readonly maxHeldBytes: number }
  /** The gate: what is checked right before an update is applied. */
  checkUpdate(update: Uint8Array, doc: Y.Doc, mayBring: MayBring): Verdict
  /** Reads the document from the storage again. */
  reload(): Promise<Loaded>
  /** Hands the document's updates to the journal. */
  append(append: Append, outcome: (result: 'durable' | 'removed') => void): void
  /** Whether so much waits for the disk that nothing more can be held in memory. */
  isFull(): boolean
  /** There are presence changes to collect with the next `flushPresence`. */
  presenceChanged(): void
  /** Nobody is here and everything is durable: the room may be closed. */
  idle(): void
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
  readonly #authorship = new Authorship()
  readonly #presence: RoomPresence
  readonly #peers = new Map<number, Peer>()
  #inbox: Incoming[] = []
  /** Updates given to the journal, counted; the first `#durable` of them are on disk. */
  #written = 0
  #durable = 0
  /** The updates that are not durable yet, by their count. */
  readonly #pending = new Map<number, Uint8Array>()
  readonly #unacknowledged: { readonly written: number; readonly peer: Peer; readonly frame: number }[] = []
  /** While the document is being put right (R5): what waits for it. */
  #waiting: (() => void)[] | null = null
  #heldBytes = 0
  #title: string
  /** Peers that were asked to sync again because a frame of theirs had a hole. */
  readonly #resyncing = new Set<number>()

  constructor(name: DocumentName, loaded: Loaded, surroundings: RoomSurroundings) {
    this.name = name
    this.#surroundings = surroundings
    this.#presence = new RoomPresence({
      ...surroundings,
      document: name,
      authorship: this.#authorship,
      relay: (message) => this.#relay(message, null),
      changed: () => surroundings.presenceChanged(),
    })
    this.#document = new LiveDocument(loaded)
    this.#title = this.#document.title
  }

  get isIdle(): boolean {
    const isClean = this.#inbox.length === 0 && this.#durable === this.#written && this.#waiting === null
    return this.#peers.size === 0 && isClean
  }

  /** The schema version its last writer knew; 0 for a document our editor never wrote. */
  get schemaVersion(): number {
    return this.#document.schemaVersion
  }

  get title(): string {
    return this.#title
  }

  get peers(): ReadonlyMap<number, Peer> {
    return this.#peers
  }

  join(peer: Peer): void {
    this.#peers.set(peer.id, peer)
    this.#authorship.join(peer.id, peer.access.user)
    // A viewer would answer step 1 with a write.
    if (may(peer.access, 'write')) peer.send(this.#step1())
    this.#presence.join(peer)
  }

  leave(peer: Peer): void {
    if (!this.#peers.delete(peer.id)) return
    this.#resyncing.delete(peer.id)
    this.#authorship.leave(peer.id)
    this.#presence.leave(peer)
    this.#settle()
  }

  /** The client says what it has and gets what it lacks. */
  receiveStep1(peer: Peer, stateVector: Uint8Array): void {
    if (this.#waiting !== null) {
      if (!this.#mayHold(peer, stateVector)) return
      this.#waiting.push(() => this.receiveStep1(peer, stateVector))
      return
    }
    const update = this.#document.encodeLackedBy(stateVector)
    if (update === null) peer.close(closeCodes.malformed, 'the state vector is malformed')
    else peer.send(new Broadcast({ type: 'sync-step-2', update }))
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
    if (this.#waiting !== null && !this.#mayHold(peer, frame.update)) return
    this.#inbox.push({ peer, frame })
    if (this.#inbox.length === 1) this.#surroundings.clock.soon(() => this.flush())
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

  /** Applies, relays and stores everything received since the last flush. */
  flush(): void {
    if (this.#waiting !== null) return
    const incoming = this.#inbox
    this.#inbox = []
    if (incoming.length === 0) return
    this.#applyAll(incoming)
    this.#settle()
  }

  /** An edit by the server itself, such as a new title, relayed and stored like any other. Resolves when it is durable. */
  async edit(change: (doc: Y.Doc) => void): Promise<void> {
    this.flush()
    if (this.#waiting !== null) {
      await new Promise<void>((resolve) => this.#waiting?.push(resolve))
      return this.edit(change)
    }
    const outcome = this.#document.transact(() => change(this.#document.doc))
    if (outcome.type === 'failed') {
      this.#waiting = []
      void this.#recover([])
      throw outcome.error
    }
    await new Promise<void>((resolve) => this.#publish(outcome, null, resolve))
  }

  /** The whole document as one update, the same bytes until it changes. */
  encodeState(): Uint8Array {
    return this.#document.encode()
  }

  close(code: CloseCode, reason: string): void {
    const peers = [...this.#peers.values()]
    // Nobody hears of the others' leaving when all of them leave.
    this.#peers.clear()
    for (const peer of peers) peer.close(code, reason)
    this.#inbox = []
    this.#document.destroy()
  }

  #applyAll(incoming: readonly Incoming[]): void {
    const judged: Judged[] = []
    const outcome = this.#document.transact(() => {
      for (const entry of incoming) judged.push(this.#apply(entry))
    })
    if (outcome.type === 'failed') {
      this.#surroundings.log.error(
        { document: this.name, error: nameOf(outcome.error) },
        'applying failed, reloading',
      )
      this.#waiting = []
      void this.#recover(incoming)
      return
    }
    this.#publish(outcome, senderOf(judged, outcome.update))
    for (const each of judged) this.#answer(each)
  }

  #apply(entry: Incoming): Judged {
    const { peer, frame } = entry
    const mayBring = this.#authorship.objection(peer, !frame.isWhole)
    const verdict = this.#surroundings.checkUpdate(frame.update, this.#document.doc, mayBring)
    if (verdict.ok) {
      this.#document.apply(verdict.instead ?? frame.update)
      this.#authorship.accepted(peer.id)
    }
    return { ...entry, verdict }
  }

  /** Tells the sender what became of a frame; only once it is sure that the flush stands. */
  #answer({ peer, frame, verdict }: Judged): void {
    if (verdict.ok) {
      if (frame.isWhole) this.#resyncing.delete(peer.id)
      this.#acknowledge(peer, frame)
      return
    }
    const wasAsked = this.#resyncing.has(peer.id)
    const mayBeMended = verdict.reason === 'missing' || verdict.reason === 'held'
    // Whoever has left syncs when they come back.
    if (mayBeMended && !this.#peers.has(peer.id)) return
    if (mayBeMended && !(wasAsked && frame.isWhole)) {
      // Acknowledgements stop short of this frame until a whole sync step 2 covers it.
      this.#resyncing.add(peer.id)
      if (!wasAsked) peer.send(this.#step1())
      return
    }
    this.#refuse(peer, frame, { code: verdict.reason, reason: verdict.detail })
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

  /** R5: back to what is stored and what was about to be, then one update at a time. */
  async #recover(incoming: readonly Incoming[]): Promise<void> {
    // What becomes durable while the storage is read may be missing from what it read.
    const pending = [...this.#pending.values()]
    const stored = await this.#reload()
    this.#document.restore(stored, pending)
    for (const entry of incoming) {
      let judged: Judged = { ...entry, verdict: quarantined }
      const outcome = this.#document.transact(() => {
        judged = this.#apply(entry)
      })
      if (outcome.type === 'done') {
        if (outcome.record !== null) pending.push(outcome.record)
        this.#publish(outcome, senderOf([judged], outcome.update))
      } else this.#document.restore(stored, pending)
      this.#answer(judged)
    }
    const waiting = this.#waiting ?? []
    this.#waiting = null
    this.#heldBytes = 0
    for (const peer of this.#peers.values()) if (may(peer.access, 'write')) peer.send(this.#step1())
    for (const run of waiting) run()
    this.flush()
    this.#settle()
  }

  async #reload(): Promise<Loaded> {
    try {
      return await this.#surroundings.reload()
    } catch (error) {
      this.#surroundings.log.error(
        { document: this.name, error: nameOf(error) },
        'reloading failed, will try again',
      )
      await new Promise<void>((resolve) => void this.#surroundings.clock.after(reloadRetryMs, resolve))
      return this.#reload()
    }
  }

  #publish({ update, record }: Published, sender: Peer | null, durable = () => {}): void {
    if (update === null || record === null) {
      durable()
      return
    }
    this.#relay(new Broadcast({ type: 'update', update }), sender)
    const { title } = this.#document
    const isNewTitle = title !== this.#title
    this.#title = title
    this.#written++
    const written = this.#written
    this.#pending.set(written, record)
    this.#surroundings.append(
      {
        document: this.name,
        records: [record],
        at: this.#surroundings.clock.now(),
        ...(isNewTitle ? { title } : {}),
      },
      () => {
        this.#pending.delete(written)
        this.#durable = Math.max(this.#durable, written)
        this.#settle()
        durable()
      },
    )
  }

  /** A frame that changed nothing may still repeat what is not durable yet, so it waits like the others. */
  #acknowledge(peer: Peer, frame: UpdateFrame): void {
    if (this.#resyncing.has(peer.id)) return
    this.#unacknowledged.push({ written: this.#written, peer, frame: frame.number })
  }

  #settle(): void {
    const waiting = this.#unacknowledged.findIndex((entry) => entry.written > this.#durable)
    const settled = this.#unacknowledged.splice(0, waiting === -1 ? Infinity : waiting)
    const frames = new Map(settled.map(({ peer, frame }) => [peer, frame]))
    for (const [peer, frame] of frames) if (this.#peers.has(peer.id)) peer.saved(frame)
    if (this.isIdle) this.#surroundings.idle()
  }

  #relay(message: Broadcast, except: Peer | null): void {
    for (const peer of this.#peers.values()) if (peer !== except) peer.send(message)
  }

  #step1(): Broadcast {
    return new Broadcast({ type: 'sync-step-1', stateVector: this.#document.encodeStateVector() })
  }
}

/** A disk that fails to read is asked again about once a second: people are waiting. */
const reloadRetryMs = 1000

/** What a flush made: the update to relay and the record to store. */
type Published = Omit<Extract<TransactionOutcome, { type: 'done' }>, 'type'>

interface Why {
  readonly code: RefusalCode | 'held'
  readonly reason: string
}

interface Incoming {
  readonly peer: Peer
  readonly frame: UpdateFrame
}

/** An incoming frame and what the gate said of it. */
interface Judged extends Incoming {
  readonly verdict: Verdict
}

/** The verdict on what passed the gate and could not be applied all the same. */
const quarantined: Verdict = { ok: false, reason: 'malformed', detail: 'quarantined: it can not be applied' }

/**
 * The peer that already has all of an update, because it is what that peer sent. Null when others sent some of it, or
 * when Yjs added to it: tidying marks, it deletes things by itself.
 */
function senderOf(judged: readonly Judged[], update: Uint8Array | null): Peer | null {
  const [first, ...rest] = judged.filter(({ verdict }) => verdict.ok)
  if (first === undefined || rest.length > 0 || update === null) return null
  const isSame = Buffer.compare(first.frame.update, update) === 0
  return isSame ? first.peer : null
}

function nameOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
