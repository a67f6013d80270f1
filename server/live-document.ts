import * as Y from 'yjs'
import { applyQuietly } from './apply-quietly.ts'
import { readSchemaVersion, Title } from './document-title.ts'
import { FullState } from './full-state.ts'
import { encodeDeletions, StateEncoding, stateOf } from './state-encoding.ts'

/**
 * A document in memory: changes go in as transactions that give one update each, and it can be encoded for those who
 * lack something of it. Takes next to no memory until there is content to hold.
 */
export class LiveDocument {
  #doc: Y.Doc | null
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
    if (this.#doc === null) {
      this.#doc = new Y.Doc()
      this.#listen()
    }
    return this.#doc
  }

  get title(): string {
    return this.#title.text
  }

  /** The schema version its last writer knew; 0 for a document our editor never wrote. */
  get schemaVersion(): number {
    return this.#doc === null ? 0 : readSchemaVersion(this.#doc)
  }

  /**
   * Runs `change` as one transaction and gives the one update it made, null when it changed nothing. When `change`
   * throws, the document may be half-changed: only `restore` makes it good again.
   */
  transact(change: () => void): TransactionOutcome {
    try {
      this.doc.transact(change)
    } catch (error) {
      this.#takeSteps()
      return { type: 'failed', error }
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

  #outcomeOf({ accepted, emitted }: Steps): DoneTransaction {
    const [first] = emitted
    if (first === undefined) return nothingDone
    const updates = emitted.map(({ update }) => update)
    const update = merge(updates)
    const deletedFrom = emitted.flatMap((each) => [...each.transaction.deleteSet.clients.keys()])
    this.#changed(update, new Set(deletedFrom))
    const { transaction } = first
    const isLossy = accepted.length > 0 && bringsDeleted(transaction)
    const record = isLossy ? recordOf(accepted, transaction, updates) : update
    const isNew = emitted.some((each) => this.#title.update(this.doc, each.transaction.changed.keys()))
    return { type: 'done', update, record, before: transaction.beforeState, newTitle: this.#titleIf(isNew) }
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
    this.#changed(update, new Set())
    return {
      type: 'done',
      update,
      record: update,
      before,
      newTitle: this.#titleIf(this.#title.read(this.doc)),
    }
  }

  /** Its clocks. */
  get state(): ReadonlyMap<number, number> {
    return this.#doc === null ? new Map() : stateOf(this.#doc)
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
    return this.#doc === null ? nothing : this.#full.find(this.#doc, () => this.#allDeletions())
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
    return this.#doc === null ? emptyStateVector : Y.encodeStateVector(this.#doc)
  }

  /** Becomes `doc`, the document without what could not be applied. Encodings under way are of no use after it. */
  restore(doc: Y.Doc | null): void {
    this.#doc?.destroy()
    this.#doc = doc
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

  #changed(update: Uint8Array, deletedFrom: ReadonlySet<number>): void {
    this.#deletions = null
    this.#size.most += update.length
    this.#full.changed(update.length, deletedFrom)
  }
}

interface Emitted {
  readonly update: Uint8Array
  readonly transaction: Y.Transaction
}

interface Steps {
  readonly accepted: readonly Uint8Array[]
  readonly emitted: readonly Emitted[]
}

const nothingDone: DoneTransaction = {
  type: 'done',
  update: null,
  record: null,
  before: new Map(),
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
  readonly before: ReadonlyMap<number, number>
  /** Null when the title is what it was. */
  readonly newTitle: string | null
}

export type TransactionOutcome = DoneTransaction | { readonly type: 'failed'; readonly error: unknown }

/** One update with all of these. Yjs looks at each for every struct, so many are merged a few at a time. */
function merge(updates: readonly Uint8Array[]): Uint8Array {
  const [only] = updates
  if (only !== undefined && updates.length === 1) return only
  if (updates.length <= mergedAtOnce) return Y.mergeUpdates([...updates])
  const merged: Uint8Array[] = []
  for (let start = 0; start < updates.length; start += mergedAtOnce)
    merged.push(merge(updates.slice(start, start + mergedAtOnce)))
  return merge(merged)
}

const mergedAtOnce = 16

function deletedBy({ deleteSet }: Y.Transaction): number {
  let clocks = 0
  for (const ranges of deleteSet.clients.values()) for (const { len } of ranges) clocks += len
  return clocks
}

/** Whether something new came with the transaction that is deleted, or collected, at its end. */
function bringsDeleted({ doc, beforeState, afterState }: Y.Transaction): boolean {
  for (const [client, after] of afterState) {
    const before = beforeState.get(client) ?? 0
    if (before === after) continue
    const structs = doc.store.clients.get(client) ?? []
    for (let index = structs.length - 1; index >= 0; index--) {
      const struct = structs[index]
      if (struct === undefined || struct.id.clock + struct.length <= before) break
      if (struct.deleted) return true
    }
  }
  return false
}

/** What to store where that is not what Yjs emitted (J5). */
function recordOf(
  accepted: readonly Uint8Array[],
  { beforeState }: Y.Transaction,
  [, ...rest]: readonly Uint8Array[],
): Uint8Array {
  // What follows the first transaction are deletions by Yjs itself.
  return merge([mergeNew(accepted, beforeState), ...rest])
}

/** One update with what is new in each of these, in turn, to a document that had `before`. */
function mergeNew(updates: readonly Uint8Array[], before: ReadonlyMap<number, number>): Uint8Array {
  const known = new Map(before)
  const parts = updates.map((update) => {
    const { from, to } = Y.parseUpdateMeta(update)
    const isNew = [...from].every(([client, clock]) => clock >= (known.get(client) ?? 0))
    const part = isNew ? update : Y.diffUpdate(update, Y.encodeStateVector(known))
    for (const [client, clock] of to) known.set(client, Math.max(clock, known.get(client) ?? 0))
    return part
  })
  return merge(parts)
}
