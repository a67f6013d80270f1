import type { Schema } from 'prosemirror-model'
import * as Y from 'yjs'
import { movesName } from '../../server/protocol/document.ts'
import { Budget } from './budget.ts'
import { findWinner, isDeletedElsewhere, isDeletedHere } from './families.ts'
import {
  findFollowed,
  findMoves,
  joinPairs,
  readChange,
  recordOf,
  without,
  type Change,
} from './find-moves.ts'
import { isAlive, isHere, itemsOf, mendRightOrigins } from './items.ts'
import { kindsOf } from './kinds.ts'
import { Lineage } from './lineage.ts'
import { matchRuns, type Pair, type Run } from './match-text.ts'
import { encodeRecord, parseRecord, type Move, type MoveRecord } from './move-record.ts'
import type { Homeless } from './gather.ts'
import type { Author } from './neighbours.ts'
import { findUnexplained, isExplained, type Unexplained } from './orphans.ts'
import { repair } from './repair.ts'
import { RescueOffers, type Offering } from './rescue-offers.ts'
import { keyOf, plus, SpanIndex, type Id, type Span } from './spans.ts'
import { followMoves, restoredBy } from './undo-moves.ts'
import type { WrittenText } from './write-blocks.ts'

/** Records kept in a document; whoever is away for longer than these many moves may find text twice. */
const mostRecords = 2000

/** Records that came before what they speak of. */
const mostWaiting = 500

/** Blocks whose deletion waits for the record that explains it; other programs never write one. */
const mostUnexplained = 200

/** Shorter stretches of text that was cut, in text that is pasted, are no more than alike. */
const leastPasted = 16

/** How many are thrown away together. */
const prunedAtOnce = 200

export interface KeepTextOptions {
  readonly doc: Y.Doc
  readonly fragment: Y.XmlFragment
  readonly schema: Schema
  readonly undoManager: Y.UndoManager
  /** What a type of the document is shown as. */
  readonly nodeOf: (type: unknown) => unknown
  /** The origin of what is written through the editor; repairs answer to all others. */
  readonly localOrigin: unknown
  /** Clients other than this one whose text is for this editor to look after. */
  readonly isMine?: (client: number) => boolean
  readonly mayWrite: () => boolean
  /** Whether a client's editor is open somewhere, so that it looks after its own text. */
  readonly isPresent?: (client: number) => boolean
  /** Who hears of text that somebody's change removed, and that only a person can decide about. */
  readonly offering?: Offering
}

/** What a transaction told of moves. */
interface Learnt {
  readonly transaction: Y.Transaction
  readonly records: MoveRecord[]
  readonly deleted: Set<string>
}

/** The origin of repairs, which undo does not take back. */
export const repairOrigin = { name: 'coscribe:repair' }

/**
 * Keeps everybody's text through concurrent changes of structure.
 *
 * 1. A change made here that moves text is recorded in its own transaction (`record`).
 * 2. After somebody else's change, every letter is brought back to standing once, beside its neighbours. All editors
 *    come to the same verdict about copies, from what the document holds; only a text's author carries it.
 * 3. A repair makes no new trouble: of a letter's copies the same one wins everywhere, and what was carried stands beside
 *    that one.
 */
export class TextKeeper {
  readonly #options: KeepTextOptions
  readonly #records: Y.Array<Uint8Array>
  readonly #lineage = new Lineage()
  readonly #budget = new Budget(this.#lineage)
  readonly #author: Author
  /** What died since the editor was opened: by whom, and how much this client had written by then. */
  readonly #deaths = new SpanIndex<{ readonly isOwn: boolean; readonly clock: number }>()
  /** What came from others since then, and the same. */
  readonly #arrivals = new SpanIndex<number>()
  #waiting: MoveRecord[]
  readonly #homeless: Homeless[] = []
  #unexplained: Unexplained[] = []
  #lastDeleted: readonly Run<Id>[] = []
  #learnt: Learnt | null = null
  readonly #offers: RescueOffers | null
  #hasNews = false
  /** Transactions that repaired something, for tests to bound. */
  repairs = 0

  constructor(options: KeepTextOptions) {
    this.#options = options
    const { doc, schema } = options
    this.#records = doc.getArray(movesName)
    this.#waiting = [...itemsOf(this.#records)].flatMap(recordsOf)
    for (const record of this.#arrived()) this.#take(record)
    this.#author = {
      doc,
      kinds: kindsOf(schema),
      lineage: this.#lineage,
      deletedHere: { has: (id) => this.#deaths.find(id).some(({ value }) => value.isOwn) },
      diedAt: (id, client) => (client === doc.clientID ? this.#diedAt(id) : Infinity),
      arrivedAt: (id, client) => (client === doc.clientID ? this.#arrivedAt(id) : -Infinity),
      isMine: (client) => client === doc.clientID || options.isMine?.(client) === true,
      isTired: (id) => this.#budget.isTired(id),
      isSpent: (id) => this.#budget.isSpent(id),
    }
    this.#offers = this.#openOffers()
    this.#records.observe(this.#read)
    doc.on('afterTransaction', this.#check)
  }

  destroy(): void {
    this.#records.unobserve(this.#read)
    this.#options.doc.off('afterTransaction', this.#check)
    this.#offers?.destroy()
  }

  /** Records what the editor has changed so far in a transaction that is still open. */
  record(transaction: Y.Transaction, written: readonly WrittenText[]): void {
    this.#budget.renew()
    const change = readChange(transaction)
    const record = findMoves(change, findFollowed(written), this.#options.nodeOf)
    if (record !== null) this.#write(record)
    const back = this.#findBroughtBack(change, record)
    if (back !== null) this.#write(back)
    const moved = new Set(record?.moves.flatMap(({ from, length }) => idsFrom(from, length).map(keyOf)))
    const gone = without(change.deleted, moved)
    if (gone.length > 0) this.#lastDeleted = gone
  }

  /** What was cut before and is pasted now. */
  #findBroughtBack(change: Change, record: MoveRecord | null): MoveRecord | null {
    const known = new Set(record?.moves.flatMap(({ to, length }) => idsFrom(to, length).map(keyOf)))
    const inserted = without(change.inserted, known)
    // A letter typed after one was deleted is no paste.
    if (inserted.every(({ text }) => text.length < 2)) return null
    const pairs = matchRuns(this.#lastDeleted, inserted, leastPasted)
    const gone = pairs.filter(({ from }) =>
      this.#family(from).every((member) => !isAlive(this.#options.doc, member)),
    )
    const moves = joinPairs(this.#superseding(gone))
    return moves.length === 0 ? null : recordOf(change, 'restored', moves)
  }

  /** The same, and for every other dead copy that goes on nowhere, so that none of them looks deleted. */
  #superseding(pairs: readonly Pair<Id>[]): Pair<Id>[] {
    return pairs.flatMap(({ from, to }) => {
      const others = this.#family(from).filter(
        (member) =>
          keyOf(member) !== keyOf(from) &&
          keyOf(member) !== keyOf(to) &&
          !this.#lineage.goesOn(member) &&
          !isAlive(this.#options.doc, member),
      )
      return [{ from, to }, ...others.map((member) => ({ from: member, to }))]
    })
  }

  #family(id: Id): Id[] {
    return this.#lineage.family(id)
  }

  #write(record: MoveRecord): void {
    const excess = this.#records.length + 1 - mostRecords
    if (excess > 0) this.#records.delete(0, Math.min(this.#records.length, excess + prunedAtOnce))
    this.#records.push([encodeRecord(record)])
    this.#take({ ...record, by: this.#options.doc.clientID })
  }

  #take(record: MoveRecord): void {
    this.#hasNews = true
    this.#lineage.add(record)
    followMoves(this.#options.undoManager, record)
  }

  /** New records that speak of what is here; the others wait for it. */
  #arrived(): MoveRecord[] {
    const { doc } = this.#options
    const all = this.#waiting.splice(0)
    const waiting = findWaiting(doc, all)
    this.#waiting = all.filter((record) => waiting.has(record)).slice(-mostWaiting)
    return all.filter((record) => !waiting.has(record)).map((record) => onlyHere(doc, record))
  }

  readonly #read = (event: Y.YArrayEvent<Uint8Array>, transaction: Y.Transaction): void => {
    if (transaction.origin === this.#options.localOrigin || transaction.origin === repairOrigin) return
    for (const item of event.changes.added) this.#waiting.push(...recordsOf(item))
  }

  /** Where a letter or an element is now; null when it is nowhere. */
  whereIs(id: Id): Id | null {
    return findWinner(this.#author, id)
  }

  /** Whether an id was made by a move or by a repair. */
  isCopy(id: Id): boolean {
    return this.#lineage.isKnown(id)
  }

  /** Takes in what a transaction tells of moves, before its dead are collected: once, for whoever asks first. */
  learn(transaction: Y.Transaction): Learnt {
    if (this.#learnt?.transaction === transaction) return this.#learnt
    const origin: unknown = transaction.origin
    this.#rememberDead(transaction)
    if (!transaction.local) this.#rememberNew(transaction)
    const isOwn = origin === this.#options.localOrigin || origin === repairOrigin
    const records = isOwn ? [] : this.#arrived()
    const deleted = this.#deletedBefore(records, transaction)
    for (const record of records) this.#take(record)
    this.#learnt = { transaction, records, deleted }
    return this.#learnt
  }

  readonly #check = (transaction: Y.Transaction): void => {
    this.#repairAfter(transaction)
    if (this.#hasNews) this.#offers?.check()
    this.#hasNews = false
  }

  #repairAfter(transaction: Y.Transaction): void {
    const origin: unknown = transaction.origin
    const { records, deleted } = this.learn(transaction)
    this.#learnt = null
    if (origin === this.#options.localOrigin || origin === repairOrigin) return
    this.#budget.renew(origin === this.#options.undoManager ? undefined : records)
    if (origin === this.#options.undoManager) this.#mendUndo(transaction)
    if (!this.#options.mayWrite()) return
    if (origin === this.#options.undoManager) this.#recordUndo(transaction, { records, deleted })
    const touched = [...records.flatMap(({ moves }) => moves.flatMap(idsOf)), ...this.#knownIn(transaction)]
    const isRepaired = repair(this.#author, {
      transaction,
      records,
      touched,
      deleted,
      homeless: this.#homeless,
      unexplained: this.#unexplained,
      origin: repairOrigin,
      note: (record) => this.#write(record),
    })
    if (isRepaired) {
      this.repairs++
      this.#budget.spend()
    }
    const unexplained = findUnexplained(this.#author, transaction)
    this.#unexplained = [...this.#unexplained, ...unexplained]
      .filter((each) => !isExplained(this.#author, each))
      .slice(-mostUnexplained)
    if (!transaction.local) this.#offers?.watch({ transaction, unexplained })
  }

  #rememberDead({ beforeState, deleteSet, local, origin }: Y.Transaction): void {
    const { doc } = this.#options
    // What the same change wrote never stood beside what it deleted; and what is deleted here was taken from beside
    // its neighbours on purpose.
    const clock = local && origin !== repairOrigin ? -1 : (beforeState.get(doc.clientID) ?? 0)
    const death = { isOwn: local, clock }
    for (const [client, spans] of deleteSet.clients)
      for (const { clock, len } of spans) this.#deaths.add({ client, clock, length: len }, death)
  }

  #rememberNew({ beforeState, afterState }: Y.Transaction): void {
    const { doc } = this.#options
    const now = Y.getState(doc.store, doc.clientID)
    for (const [client, end] of afterState) {
      const clock = beforeState.get(client) ?? 0
      if (client !== doc.clientID && clock < end)
        this.#arrivals.add({ client, clock, length: end - clock }, now)
    }
  }

  #arrivedAt(id: Id): number {
    return this.#arrivals.find(id)[0]?.value ?? -Infinity
  }

  #diedAt(id: Id): number {
    return Math.min(...this.#deaths.find(id).map(({ value }) => value.clock), Infinity)
  }

  #openOffers(): RescueOffers | null {
    const { doc, fragment, offering, isPresent } = this.#options
    if (offering === undefined) return null
    return new RescueOffers({
      ...offering,
      author: this.#author,
      fragment,
      isPresent: (client) => isPresent?.(client) !== false,
      write: (restore) => doc.transact(() => this.#write(restore()), repairOrigin),
    })
  }

  /** Copies, in these records, of letters that were deleted here before anybody knew that they were also moved. */
  #deletedBefore(records: readonly MoveRecord[], transaction: Y.Transaction): Set<string> {
    const deleted = new Set<string>()
    for (const { kind, moves } of records) {
      if (kind === 'restored') continue
      for (const { from, to, length } of moves) {
        for (let offset = 0; offset < length; offset++) {
          const id = plus(from, offset)
          const isNew = Y.isDeleted(transaction.deleteSet, Y.createID(id.client, id.clock))
          if (!isNew && isDeletedHere(this.#author, id)) deleted.add(keyOf(plus(to, offset)))
        }
      }
    }
    return deleted
  }

  #knownIn(transaction: Y.Transaction): Id[] {
    if (this.#lineage.isEmpty) return []
    const known: Id[] = []
    for (const [client, spans] of transaction.deleteSet.clients)
      for (const { clock, len } of spans)
        for (let at = clock; at < clock + len; at++)
          if (this.#lineage.isKnown({ client, clock: at })) known.push({ client, clock: at })
    return known
  }

  #mendUndo({ beforeState }: Y.Transaction): void {
    const { doc } = this.#options
    mendRightOrigins(doc, { client: doc.clientID, clock: beforeState.get(doc.clientID) ?? 0 })
  }

  /**
   * An undo moves text too: it deletes the copies and brings back what they were copies of; that is to be deleted again
   * where somebody else deleted the copies.
   */
  #recordUndo(transaction: Y.Transaction, { records, deleted }: Undone): void {
    const restored = restoredBy(this.#options.undoManager, transaction)
    for (const { from, to } of restored) if (isDeletedElsewhere(this.#author, from)) deleted.add(keyOf(to))
    const pairs = this.#superseding(restored)
    const change = readChange(transaction)
    const record = recordOf(change, 'restored', joinPairs(pairs))
    if (record === null) return
    // Within the same update message: Yjs encodes it after this event.
    this.#options.doc.transact(() => this.#write(record), repairOrigin)
    records.push(record)
  }
}

interface Undone {
  readonly records: MoveRecord[]
  /** Copies of letters that are deleted. */
  readonly deleted: Set<string>
}

function recordsOf({ content, deleted, id }: Y.Item): MoveRecord[] {
  if (deleted) return []
  return content
    .getContent()
    .map((bytes) => parseRecord(bytes, id.client))
    .filter((record) => record !== null)
}

function idsFrom(id: Id, length: number): Id[] {
  return Array.from({ length }, (_, offset) => plus(id, offset))
}

function idsOf({ from, to, length }: Move): Id[] {
  return Array.from({ length }, (_, offset) => [plus(from, offset), plus(to, offset)]).flat()
}

/** Records of ids that are not here yet, and what speaks of the copies they made: nobody knows yet what those rank. */
function findWaiting(doc: Y.Doc, all: readonly MoveRecord[]): Set<MoveRecord> {
  const isHereWhole = ({ from, length }: Move): boolean => isHere(doc, { ...from, length })
  const waiting = new Set(all.filter(({ moves }) => !moves.every(isHereWhole)))
  const made = new SpanIndex<true>()
  // A set hears of what is added to it on the way; every record is added once at most.
  for (const { moves } of waiting) {
    for (const { to, length } of moves) made.add({ ...to, length }, true)
    for (const record of all)
      if (!waiting.has(record) && record.moves.some((move) => idsOf(move).some((id) => made.has(id))))
        waiting.add(record)
  }
  return waiting
}

/** Without what it says of ids that are not here; anybody may have written it. */
function onlyHere(doc: Y.Doc, record: MoveRecord): MoveRecord {
  const isKnown = (span: Span): boolean => isHere(doc, span)
  const born = record.born !== null && isKnown(record.born) ? record.born : null
  return { ...record, buried: record.buried.filter(isKnown), seen: record.seen.filter(isKnown), born }
}
