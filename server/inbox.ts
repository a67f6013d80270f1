import type * as Y from 'yjs'
import type { Loaded } from '../persistence/index.ts'
import type { Authorship } from './authorship.ts'
import { type Clock, turn } from './clock.ts'
import { loadDocument } from './document-loading.ts'
import { nameOf } from './errors.ts'
import { FlushSchedule } from './flush-schedule.ts'
import type { UpdateCheck, Verdict } from './gate.ts'
import type { DoneTransaction, LiveDocument, Strokes, TransactionOutcome } from './live-document.ts'
import {
  accepted,
  type Incoming,
  isEmpty,
  isLarge,
  type Judged,
  quarantined,
  readIncoming,
  senderOf,
  senderOfAll,
  tooLarge,
} from './incoming.ts'
import type { Log } from './log.ts'
import type { Peer, UpdateFrame } from './peer.ts'
import type { DocumentName } from './protocol/document-name.ts'
import type { MayBring } from './update-claims.ts'
import { SliceSize, slicesOf } from './update-slices.ts'

export interface InboxSurroundings {
  readonly clock: Clock
  readonly log: Log
  readonly limits: { readonly maxDocumentBytes: number }
  /** The gate: what is checked right before an update is applied. */
  checkUpdate(update: Uint8Array, doc: Y.Doc, mayBring: MayBring): Verdict
  /** The same for a large update, step by step. */
  startCheck(
    update: Uint8Array,
    doc: Y.Doc,
    mayBring: MayBring,
  ): Pick<UpdateCheck, 'advance' | 'verdict' | 'landed'>
  /** Reads a document from the storage again. */
  reload(name: DocumentName): Promise<Loaded>
}

/** The room whose document it is. */
export interface InboxHost {
  readonly name: DocumentName
  readonly document: LiveDocument
  authorship(): Authorship
  /** How many a flush goes to. */
  peerCount(): number
  /** Records that are not durable yet, oldest first. */
  pending(): Uint8Array[]
  /** To be relayed, but not to `sender`, which has it, and stored. */
  publish(outcome: DoneTransaction, sender: Peer | null): void
  /** The same for strokes, which the document keeps for the log. */
  publishStrokes(strokes: Strokes, sender: Peer | null): void
  /** Tells the senders what became of their frames. */
  answer(judged: readonly Judged[]): void
  /** The same where all were accepted. */
  accepted(entries: readonly Incoming[]): void
  /** The document went back to what is stored: nothing that was read from it before is of use. */
  restored(): void
  /** What has arrived does not wait any more. */
  freed(): void
}

/**
 * The way of updates into a document.
 *
 * R5 when applying throws, nothing of that flush is relayed or stored: the document goes back to what is stored or
 *    about to be, the updates are applied one by one, and the culprit is left out.
 * R7 one flush is one Yjs transaction, one update to relay, one record to store. It takes what has arrived, up to a
 *    few milliseconds of work: the rest waits a turn of the event loop.
 * R9 a large update is checked and applied a little every turn, then relayed and stored as one. Its document waits for
 *    it, others do not.
 * R13 where nothing but strokes came, they are relayed at once; the transaction and the record come later.
 */
export class Inbox {
  readonly #surroundings: InboxSurroundings
  readonly #host: InboxHost
  readonly #schedule: FlushSchedule
  #waiting: Incoming[] = []
  /** A large update is under way, or the document is being put right: what arrives waits. */
  #isBusy = false
  /** Strokes are to be settled in a while, unless this is called. */
  #cancelSettling: (() => void) | null = null
  /** Called when it is not busy any more. */
  #patient: (() => void)[] = []
  #isClosed = false

  constructor(surroundings: InboxSurroundings, host: InboxHost) {
    this.#surroundings = surroundings
    this.#host = host
    this.#schedule = new FlushSchedule(surroundings.clock, () => this.flush())
    host.document.whenSettled((outcome) => this.#settled(outcome))
  }

  get isIdle(): boolean {
    return this.#waiting.length === 0 && !this.#isBusy
  }

  /** The document can't be read or written just now. */
  get isBusy(): boolean {
    return this.#isBusy
  }

  take(peer: Peer, frame: UpdateFrame): void {
    this.#waiting.push(readIncoming(peer, frame))
    if (!this.#isBusy) this.#schedule.arrived(this.#waiting.length, this.#host.peerCount())
  }

  /** Applies everything that has arrived: at once, and then null, or in a while, if that takes time. */
  applyAll(): Promise<void> | null {
    this.flush()
    this.#host.document.settle()
    return this.isIdle ? null : this.#whenIdle()
  }

  async #whenIdle(): Promise<void> {
    while (!this.isIdle && !this.#isClosed) {
      await new Promise<void>((resolve) => this.#whenFree(resolve))
      this.flush()
    }
  }

  /** An edit by the server itself. Throws what `change` throws. */
  edit(change: (doc: Y.Doc) => void): DoneTransaction {
    const { document } = this.#host
    const outcome = document.transact(() => change(document.doc))
    if (outcome.type === 'done') return outcome
    void this.#recover([])
    throw outcome.error
  }

  /** Applies what has arrived, at most a few milliseconds' worth of it. */
  flush(): void {
    if (this.#isBusy || this.#isClosed) return
    const [first] = this.#waiting
    if (first === undefined) return
    this.#schedule.flushed()
    if (isLarge(first)) {
      this.#waiting.shift()
      void this.#digest(first)
      return
    }
    if (this.#waiting.every(isEmpty)) this.#passAll()
    else if (this.#waiting.every(({ stroke }) => stroke !== null)) this.#takeStrokes()
    if (this.#waiting.length > 0) this.#applyTogether()
    if (this.#waiting.length > 0) this.#surroundings.clock.soon(() => this.flush())
  }

  /** Nothing is applied any more. */
  close(): void {
    this.#isClosed = true
    this.#waiting = []
    this.#cancelSettling?.()
    this.#wake()
  }

  /** What brings nothing needs no transaction, nor a document: many who join have nothing to bring. */
  #passAll(): void {
    const taken = this.#waiting
    this.#waiting = []
    for (const { peer } of taken) this.#host.authorship().accepted(peer.id)
    this.#host.accepted(taken)
  }

  /** R13: what goes on where text ends is relayed and stored, and applied later. It ends at the first that does not. */
  #takeStrokes(): void {
    const { document } = this.#host
    const most = Math.min(this.#waiting.length, mostPerFlush)
    let count = 0
    while (count < most && this.#type(this.#waiting[count])) count++
    if (count === 0) return
    const taken = this.#waiting
    this.#waiting = taken.splice(count)
    const strokes = document.completeStrokes()
    if (strokes !== null) this.#host.publishStrokes(strokes, senderOfAll(taken))
    this.#host.accepted(taken)
    if (document.isFullOfStrokes) document.settle()
    else this.#settleLater()
  }

  /** Whether it was a stroke that could be taken as such. */
  #type(entry: Incoming | undefined): boolean {
    const { document } = this.#host
    if (entry === undefined) return false
    const { peer, frame, stroke } = entry
    if (stroke === null || !document.isFollowedBy(stroke, this.#surroundings.limits.maxDocumentBytes))
      return false
    const authors = this.#host.authorship()
    const isOwn = authors.holds(peer.id, stroke.client)
    if (!isOwn && this.#mayBring(peer, frame)(stroke.client, false) !== null) return false
    document.type(stroke)
    authors.accepted(peer.id)
    return true
  }

  #settleLater(): void {
    this.#cancelSettling ??= this.#surroundings.clock.after(settleMs, () => {
      this.#cancelSettling = null
      this.#host.document.settle()
    })
  }

  /** What became of strokes was news. */
  #settled(outcome: TransactionOutcome): void {
    if (outcome.type === 'done') {
      this.#host.publish(outcome, null)
      return
    }
    this.#logFailure(outcome.error)
    void this.#recover([])
  }

  /** Applies what has arrived in one transaction, for as long as a turn may take. */
  #applyTogether(): void {
    const judged: Judged[] = []
    const { clock } = this.#surroundings
    const start = clock.now()
    const isOver = () => judged.length % entriesPerLook === 0 && clock.now() - start >= mostFlushMs
    const outcome = this.#host.document.transact(() => {
      for (const entry of this.#waiting) {
        if (isLarge(entry) || judged.length === mostPerFlush) break
        judged.push(this.#apply(entry))
        if (isOver()) break
      }
    })
    if (outcome.type === 'failed') {
      this.#logFailure(outcome.error)
      void this.#recover(this.#waiting.splice(0, judged.length + 1))
      return
    }
    this.#waiting.splice(0, judged.length)
    this.#host.publish(outcome, senderOf(judged, outcome.update))
    this.#host.answer(judged)
  }

  #apply(entry: Incoming): Judged {
    if (this.#type(entry)) return { ...entry, verdict: accepted }
    const { peer, frame } = entry
    const { document } = this.#host
    if (!this.#fits(frame.update)) return { ...entry, verdict: tooLarge }
    const mayBring = this.#mayBring(peer, frame)
    const verdict = this.#surroundings.checkUpdate(frame.update, document.doc, mayBring)
    if (verdict.ok) {
      document.apply(verdict.instead ?? frame.update)
      this.#host.authorship().accepted(peer.id)
    }
    return { ...entry, verdict }
  }

  /** Deleting is always allowed: an update that begins with 0 brings nothing. */
  #fits(update: Uint8Array): boolean {
    const { document } = this.#host
    const { maxDocumentBytes } = this.#surroundings.limits
    return update[0] === 0 || document.fits(update.length, maxDocumentBytes)
  }

  #mayBring(peer: Peer, frame: UpdateFrame): MayBring {
    return this.#host.authorship().objection(peer, !frame.isWhole)
  }

  /** R9. */
  async #digest(entry: Incoming): Promise<void> {
    this.#isBusy = true
    const verdict = await this.#judgeInSteps(entry)
    if (this.#isClosed) return
    this.#host.answer([{ ...entry, verdict }])
    this.#free()
  }

  /** Checks and applies a large update, a little every turn. */
  async #judgeInSteps({ peer, frame }: Incoming): Promise<Verdict> {
    const { document } = this.#host
    if (!this.#fits(frame.update)) return tooLarge
    const check = await this.#check(frame.update, this.#mayBring(peer, frame))
    const { verdict } = check
    if (!verdict.ok) return verdict
    const update = verdict.instead ?? frame.update
    const { landed } = verdict.instead === undefined ? check : await this.#check(update, anything)
    const before = document.state
    try {
      const size = new SliceSize()
      for (const piece of landed === null ? [update] : slicesOf(landed, () => size.structs)) {
        if (this.#isClosed) return verdict
        const start = this.#surroundings.clock.now()
        document.applyPiece(piece)
        size.took(this.#surroundings.clock.now() - start)
        await this.#turn()
      }
    } catch (error) {
      this.#logFailure(error)
      await this.#restore([])
      return quarantined
    }
    this.#host.authorship().accepted(peer.id)
    const sender = update === frame.update ? peer : null
    this.#host.publish(document.completePieces(update, before), sender)
    return verdict
  }

  async #check(update: Uint8Array, mayBring: MayBring) {
    const check = this.#surroundings.startCheck(update, this.#host.document.doc, mayBring)
    while (!check.advance()) await this.#turn()
    return check
  }

  #logFailure(error: unknown): void {
    const { log } = this.#surroundings
    log.error({ document: this.#host.name, error: nameOf(error) }, 'applying failed, reloading')
  }

  async #recover(incoming: readonly Incoming[]): Promise<void> {
    this.#isBusy = true
    await this.#restore(incoming)
    this.#free()
  }

  /** R5: back to what is stored and what was about to be, then one update at a time. */
  async #restore(incoming: readonly Incoming[]): Promise<void> {
    const { document } = this.#host
    // What becomes durable while the storage is read may be missing from what it read.
    const pending = this.#host.pending()
    const stored = await this.#reload()
    document.restore(await this.#load(stored, pending))
    for (const entry of incoming) {
      let judged: Judged = { ...entry, verdict: quarantined }
      const outcome = document.transact(() => {
        judged = this.#apply(entry)
      })
      if (outcome.type === 'done') {
        if (outcome.record !== null) pending.push(outcome.record)
        this.#host.publish(outcome, senderOf([judged], outcome.update))
      } else document.restore(await this.#load(stored, pending))
      this.#host.answer([judged])
    }
    this.#host.restored()
  }

  #load(stored: Loaded, pending: readonly Uint8Array[]): Promise<Y.Doc | null> {
    return loadDocument(stored, pending, () => this.#turn())
  }

  async #reload(): Promise<Loaded> {
    const { log, clock } = this.#surroundings
    const { name } = this.#host
    try {
      return await this.#surroundings.reload(name)
    } catch (error) {
      log.error({ document: name, error: nameOf(error) }, 'reloading failed, will try again')
      await new Promise<void>((resolve) => void clock.after(reloadRetryMs, resolve))
      return this.#reload()
    }
  }

  #turn(): Promise<void> {
    return turn(this.#surroundings.clock)
  }

  #whenFree(run: () => void): void {
    if (!this.#isBusy) this.#surroundings.clock.soon(run)
    else this.#patient.push(run)
  }

  #free(): void {
    this.#isBusy = false
    this.#host.freed()
    this.#wake()
    this.flush()
  }

  #wake(): void {
    const patient = this.#patient
    this.#patient = []
    for (const run of patient) run()
  }
}

/** A few milliseconds of work for what people type. */
const mostPerFlush = 500

/** What others made hard to apply ends a flush earlier. */
const mostFlushMs = 4
const entriesPerLook = 2

/** A disk that fails to read is asked again about once a second: people are waiting. */
const reloadRetryMs = 1000

/**
 * How long strokes may wait for others, with which they cost as much as alone. A title they change is stored with them:
 * a server that is killed before lists the older one, until the document is opened.
 */
const settleMs = 5000

/** Of what has passed the gate. */
const anything: MayBring = () => null
