import * as Y from 'yjs'
import { applyQuietly } from './apply-quietly.ts'
import { readSchemaVersion, Title } from './document-title.ts'
import { FullState } from './full-state.ts'
import { encodeDeletions, StateEncoding, stateOf } from './state-encoding.ts'
import { type ClientClock, goesOnIn, type Stroke, TypedText } from './typed-text.ts'
import { bringsDeleted, deletedBy, merge, recordOf } from './update-merging.ts'

/**
 * A document in memory: changes go in as transactions that give one update each, and it can be encoded for those who
 * lack something of it. Takes next to no memory until there is content to hold.
 *
 * R13 strokes, which are most of what people write, are known to be legal by what they follow, and are told to others
 *     and stored as they came. They wait beside the `Y.Doc` and get into it together: before anything else is read from
 *     it or written to it, and by `settle`.
 */
export class LiveDocument {
  #doc: Y.Doc | null
  /** Strokes that others have been told of and the `Y.Doc` lacks. */
  #typed: TypedText | null = null
  /** Strokes of the transaction under way that it lacks. */
  #fresh: TypedText | null = null
  #isInTransaction = false
  /** Strokes that are in the `Y.Doc` and not with the log yet. */
  #unstored: Uint8Array[] = []
  #settled: (outcome: TransactionOutcome) => void = () => {}
  readonly #title = new Title()
  readonly #full = new FullState()
  #deletions: Uint8Array | null = null
  readonly #size: SizeBound
  /** What `apply` was given in the transaction under way. */
  #accepted: Uint8Array[] = []
  /** What Yjs emitted for it. */
  #emitted: Emitted[] = []

  /** `storedBytes` is at least the encoded size of `doc`; a document without content is null. */
  constructor(doc: Y.Doc | null, storedBytes: number) {
    this.#doc = doc
    this.#listen()
    if (doc !== null) this.#title.read(doc)
    this.#size = { most: storedBytes, exact: 0, deleted: 0 }
  }

  /** For reading, and for the changes given to `transact`. */
  get doc(): Y.Doc {
    this.settle()
    if (this.#doc === null) {
      this.#doc = new Y.Doc()
      this.#listen()
    }
    return this.#doc
  }

  /** Null when there was never any content. */
  get #docIfAny(): Y.Doc | null {
    return this.#doc === null ? null : this.doc
  }

  get title(): string {
    this.settle()
    return this.#title.text
  }

  /** The schema version its last writer knew; 0 for a document our editor never wrote. */
  get schemaVersion(): number {
    const doc = this.#docIfAny
    return doc === null ? 0 : readSchemaVersion(doc)
  }

  /** Whether the stroke goes on where text that is here ends, and the document stays within `most` bytes with it. */
  isFollowedBy(stroke: Stroke, most: number): boolean {
    if (this.#doc === null || this.#size.most + stroke.update.length > most) return false
    const waiting = this.#isInTransaction ? this.#fresh : this.#typed
    return waiting?.isFollowedBy(stroke) ?? goesOnIn(this.#doc, stroke)
  }

  /** Takes a stroke that it `isFollowedBy`: inside of `transact`, or followed by `completeStrokes`. */
  type(stroke: Stroke): void {
    if (this.#isInTransaction) {
      this.#fresh ??= new TypedText()
      this.#fresh.add(stroke)
    } else {
      this.#typed ??= new TypedText()
      this.#typed.add(stroke)
      this.#size.most += stroke.update.length
    }
  }

  /** Strokes came and nothing else: what others are to be told. `takeUnstored` has them for the log. */
  completeStrokes(): Strokes | null {
    if (this.#typed === null) return null
    const { update, before } = this.#typed.takeUntold()
    return { update, before: () => this.#stateWith(before) }
  }

  /** The strokes the log has not got yet, as records. They precede whatever else is to be stored. */
  takeUnstored(): Uint8Array[] {
    const last = this.#typed?.takeUnstored() ?? null
    const all = last === null ? this.#unstored : [...this.#unstored, last]
    this.#unstored = []
    return all
  }

  /** Whether so many strokes wait that they should not any longer. */
  get isFullOfStrokes(): boolean {
    return this.#typed !== null && this.#typed.bytes > mostTypedBytes
  }

  /**
   * Puts the strokes that wait into the document. What became of it is told to `whenSettled` where that is news: the
   * title is another one, Yjs changed something by itself, or it failed.
   */
  settle(): void {
    if (this.#isInTransaction) this.#putInFresh()
    else if (this.#typed !== null) this.#putIn(this.#typed)
  }

  whenSettled(told: (outcome: TransactionOutcome) => void): void {
    this.#settled = told
  }

  #putInFresh(): void {
    const fresh = this.#fresh
    this.#fresh = null
    if (fresh !== null) this.apply(fresh.encode())
  }

  #putIn(typed: TypedText): void {
    const doc = this.#doc
    this.#unstored = this.takeUnstored()
    this.#typed = null
    if (doc === null) return
    const update = typed.encode()
    try {
      Y.applyUpdate(doc, update)
    } catch (error) {
      this.#takeSteps()
      this.#settled({ type: 'failed', error })
      return
    }
    this.#size.most -= typed.bytes
    const outcome = this.#outcomeOf(this.#takeSteps(), true)
    if (outcome.update !== null || outcome.newTitle !== null) this.#settled(outcome)
  }

  /** Its clocks, but for those of these clients. */
  #stateWith(others: readonly ClientClock[]): Map<number, number> {
    const state = this.#doc === null ? new Map<number, number>() : stateOf(this.#doc)
    for (const [client, clock] of this.#typed?.ends() ?? []) state.set(client, clock)
    for (const [client, clock] of others) state.set(client, clock)
    return state
  }

  /**
   * Runs `change` as one transaction and gives the one update it made, null when it changed nothing. When `change`
   * throws, the document may be half-changed: only `restore` makes it good again.
   */
  transact(change: () => void): TransactionOutcome {
    const { doc } = this
    this.#isInTransaction = true
    try {
      doc.transact(() => {
        change()
        this.#putInFresh()
      })
    } catch (error) {
      this.#takeSteps()
      this.#fresh = null
      return { type: 'failed', error }
    } finally {
      this.#isInTransaction = false
    }
    return this.#outcomeOf(this.#takeSteps())
  }

  /** What went into the transaction that has just ended, and what came out of it. Nothing of it is kept. */
  #takeSteps(): Steps {
    const steps = { accepted: this.#accepted, emitted: this.#emitted }
    this.#accepted = []
    this.#emitted = []
    return steps
  }

  /** `isKnown`: everybody has what came in, and only what Yjs made of it besides is news. */
  #outcomeOf({ accepted, emitted }: Steps, isKnown = false): DoneTransaction {
    const [first] = emitted
    if (first === undefined) return nothingDone
    const updates = emitted.map(({ update }) => update)
    const deletedFrom = emitted.flatMap((each) => [...each.transaction.deleteSet.clients.keys()])
    this.#changed(updates, new Set(deletedFrom))
    // What only adds leaves them as they are: those who come back after it share them with those who came before.
    if (this.#deletions !== null && (deletedFrom.length > 0 || emitted.some(addsDeleted)))
      this.#deletions = null
    const news = isKnown && first.transaction.deleteSet.clients.size === 0 ? updates.slice(1) : updates
    const update = news.length === 0 ? null : merge(news)
    const { transaction } = first
    const isLossy = accepted.length > 0 && bringsDeleted(transaction)
    const record = isLossy ? recordOf(accepted, transaction, updates) : update
    const isNew = emitted.some((each) =>
      this.#title.update(each.transaction.doc, each.transaction.changed.keys()),
    )
    const before = () => transaction.beforeState
    return { type: 'done', update, record, before, newTitle: this.#titleIf(isNew) }
  }

  /** Applies an update inside of `transact`. */
  apply(update: Uint8Array): void {
    this.#accepted.push(update)
    Y.applyUpdate(this.doc, update)
  }

  /**
   * Applies a piece of a large update. In between the document is neither what it was nor what it will be, so nobody
   * should read it, and Yjs should tidy nothing in it.
   */
  applyPiece(piece: Uint8Array): void {
    applyQuietly(this.doc, [piece])
    this.#emitted = []
  }

  /** All pieces of `update` are in. `before` is the state the document had without them. */
  completePieces(update: Uint8Array, before: ReadonlyMap<number, number>): DoneTransaction {
    this.#full.forget()
    this.#deletions = null
    this.#changed([update], new Set())
    return {
      type: 'done',
      update,
      record: update,
      before: () => before,
      newTitle: this.#titleIf(this.#title.read(this.doc)),
    }
  }

  /** Its clocks. */
  get state(): ReadonlyMap<number, number> {
    const doc = this.#docIfAny
    return doc === null ? new Map() : stateOf(doc)
  }

  /** Its encoded size, or a little more. */
  get bytesAtMost(): number {
    return this.#size.most
  }

  /** Whether the encoded document stays within `most` bytes when `bytes` more come in. */
  fits(bytes: number, most: number): boolean {
    if (this.#size.most + bytes <= most) return true
    // Encoding shows what deletions have freed; it is worth its time once enough has come or gone since the last time.
    if (this.#size.most - this.#size.exact + this.#size.deleted < most / remeasureFraction) return false
    this.#full.forget()
    const { length } = this.encode()
    Object.assign(this.#size, { most: length, exact: length, deleted: 0 })
    return this.#size.most + bytes <= most
  }

  /** The whole document as one update. */
  encode(): Uint8Array {
    const known = this.whole
    if (known !== null) return known
    const encoding = new StateEncoding(this.doc, new Map())
    while (!encoding.advance());
    this.#full.made(encoding)
    return this.whole ?? nothing
  }

  /** The same, where it is at hand or nearly so. */
  get whole(): Uint8Array | null {
    const doc = this.#docIfAny
    return doc === null ? nothing : this.#full.find(doc, () => this.#allDeletions())
  }

  /** The encoding of the whole document that is under way for all who wait for it. */
  encodeWhole(): StateEncoding {
    return this.#full.making(this.doc)
  }

  /** Ends it, once it has advanced to its end: from now on `whole` is at hand. */
  finishWhole(encoding: StateEncoding): void {
    this.#full.made(encoding)
  }

  /** What somebody with the clocks `known` lacks, to be advanced to its end and finished. */
  encodeLackedBy(known: ReadonlyMap<number, number>): StateEncoding {
    return new StateEncoding(this.doc, known)
  }

  /** Ends an encoding that has advanced to its end: all that its client lacks now. */
  finish(encoding: StateEncoding): Uint8Array {
    const added = new StateEncoding(this.doc, encoding.until)
    while (!added.advance());
    return encoding.encoded.extendedBy(added.encoded).toUpdate(this.#allDeletions())
  }

  /** Yjs walks through the whole document for them: once for all who ask until it changes. */
  #allDeletions(): Uint8Array {
    this.#deletions ??= encodeDeletions(this.doc)
    return this.#deletions
  }

  encodeStateVector(): Uint8Array {
    const doc = this.#docIfAny
    return doc === null ? emptyStateVector : Y.encodeStateVector(doc)
  }

  /** Becomes `doc`, the document without what could not be applied. Encodings under way are of no use after it. */
  restore(doc: Y.Doc | null): void {
    this.#doc?.destroy()
    this.#doc = doc
    this.#typed = null
    this.#listen()
    if (doc !== null) this.#title.read(doc)
    this.#deletions = null
    this.#full.forget()
  }

  destroy(): void {
    this.#doc?.destroy()
  }

  #titleIf(isNew: boolean): string | null {
    return isNew ? this.#title.text : null
  }

  #listen(): void {
    this.#doc?.on(
      'update',
      (update: Uint8Array, _origin: unknown, _doc: Y.Doc, transaction: Y.Transaction) => {
        this.#emitted.push({ update, transaction })
        this.#size.deleted += deletedBy(transaction)
      },
    )
  }

  #changed(updates: readonly Uint8Array[], deletedFrom: ReadonlySet<number>): void {
    const bytes = updates.reduce((sum, { length }) => sum + length, 0)
    this.#size.most += bytes
    this.#full.changed(bytes, deletedFrom)
  }
}

interface Emitted {
  readonly update: Uint8Array
  readonly transaction: Y.Transaction
}

const addsDeleted = ({ transaction }: Emitted): boolean => bringsDeleted(transaction)

interface Steps {
  readonly accepted: readonly Uint8Array[]
  readonly emitted: readonly Emitted[]
}

const nothingDone: DoneTransaction = {
  type: 'done',
  update: null,
  record: null,
  before: () => new Map(),
  newTitle: null,
}

interface SizeBound {
  most: number
  exact: number
  /** Clocks that were deleted since it was measured. */
  deleted: number
}

/** A full document is encoded again to see whether it has shrunk when a 64th of its limit has come in or gone. */
const remeasureFraction = 64

/** More memory than this is not spent on strokes that wait. */
const mostTypedBytes = 64 * 1024

const nothing = Y.encodeStateAsUpdate(new Y.Doc())
const emptyStateVector = Y.encodeStateVector(new Y.Doc())

/**
 * `update` is for those who have the document. `record` is for the log and makes the same document (J5): it has the
 * text that arrived already deleted, where `update` has a bare gap.
 */
export interface DoneTransaction {
  readonly type: 'done'
  readonly update: Uint8Array | null
  readonly record: Uint8Array | null
  /** The clocks the document had before it. */
  readonly before: () => ReadonlyMap<number, number>
  /** Null when the title is what it was. */
  readonly newTitle: string | null
}

/** Text for those who have the document. */
export interface Strokes {
  readonly update: Uint8Array
  /** The clocks the document had before it. */
  readonly before: () => ReadonlyMap<number, number>
}

export type TransactionOutcome = DoneTransaction | { readonly type: 'failed'; readonly error: unknown }
