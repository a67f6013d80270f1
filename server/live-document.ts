import * as Y from 'yjs'
import type { Loaded } from '../persistence/index.ts'
import { applyQuietly } from './apply-quietly.ts'
import { readSchemaVersion, readTitle } from './document-title.ts'

/**
 * A document in memory: changes go in as transactions that give one update each, and it can be encoded for those who
 * lack something of it.
 */
export class LiveDocument {
  #doc: Y.Doc
  #encoded: Uint8Array | null = null
  /** What `apply` was given in the transaction under way. */
  #accepted: Uint8Array[] = []

  constructor(loaded: Loaded) {
    this.#doc = toDoc(loaded, [])
  }

  /** For reading, and for the changes given to `transact`. */
  get doc(): Y.Doc {
    return this.#doc
  }

  get title(): string {
    return readTitle(this.#doc)
  }

  /** The schema version its last writer knew; 0 for a document our editor never wrote. */
  get schemaVersion(): number {
    return readSchemaVersion(this.#doc)
  }

  /**
   * Runs `change` as one transaction and gives the one update it made, null when it changed nothing. When `change`
   * throws, the document may be half-changed: only `restore` makes it good again.
   */
  transact(change: () => void): TransactionOutcome {
    const updates: Uint8Array[] = []
    const records: Uint8Array[] = []
    const collect = (update: Uint8Array, _origin: unknown, _doc: Y.Doc, transaction: Y.Transaction) => {
      // What follows the first transaction are deletions by Yjs itself.
      const isFirst = updates.push(update) === 1
      const isLossy = isFirst && this.#accepted.length > 0 && bringsDeleted(transaction)
      records.push(isLossy ? mergeNew(this.#accepted, transaction.beforeState) : update)
    }
    this.#accepted = []
    this.#doc.on('update', collect)
    try {
      this.#doc.transact(change)
    } catch (error) {
      return { type: 'failed', error }
    } finally {
      this.#doc.off('update', collect)
      this.#accepted = []
    }
    if (updates.length > 0) this.#encoded = null
    return { type: 'done', update: merge(updates), record: merge(records) }
  }

  /** Applies an update inside of `transact`. */
  apply(update: Uint8Array): void {
    this.#accepted.push(update)
    Y.applyUpdate(this.#doc, update)
  }

  /** The whole document as one update, the same bytes until it changes. */
  encode(): Uint8Array {
    this.#encoded ??= Y.encodeStateAsUpdate(this.#doc)
    return this.#encoded
  }

  /** What somebody with this state vector lacks; null when the state vector is none. */
  encodeLackedBy(stateVector: Uint8Array): Uint8Array | null {
    const isEmpty = stateVector.length === 1 && stateVector[0] === 0
    if (isEmpty) return this.encode()
    try {
      return Y.encodeStateAsUpdate(this.#doc, stateVector)
    } catch {
      return null
    }
  }

  encodeStateVector(): Uint8Array {
    return Y.encodeStateVector(this.#doc)
  }

  /** Goes back to what is stored and `pending`, the updates that are about to be. */
  restore(loaded: Loaded, pending: Iterable<Uint8Array>): void {
    this.#doc.destroy()
    this.#doc = toDoc(loaded, pending)
    this.#encoded = null
  }

  destroy(): void {
    this.#doc.destroy()
  }
}

/**
 * `update` is for those who have the document. `record` is for the log and makes the same document (J5): it has the
 * text that arrived already deleted, where `update` has a bare gap.
 */
export type TransactionOutcome =
  | { readonly type: 'done'; readonly update: Uint8Array | null; readonly record: Uint8Array | null }
  | { readonly type: 'failed'; readonly error: unknown }

function toDoc(loaded: Loaded, pending: Iterable<Uint8Array>): Y.Doc {
  const doc = new Y.Doc()
  const state = loaded.state === null ? [] : [loaded.state.bytes]
  applyQuietly(doc, [...state, ...loaded.records.map(({ bytes }) => bytes), ...pending])
  return doc
}

function merge(updates: Uint8Array[]): Uint8Array | null {
  return updates.length > 1 ? Y.mergeUpdates(updates) : (updates[0] ?? null)
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

/** One update with what is new in each of these, in turn, to a document that had `before`. */
function mergeNew(updates: readonly Uint8Array[], before: ReadonlyMap<number, number>): Uint8Array {
  const known = new Map(before)
  const parts = updates.map((update) => {
    const part = Y.diffUpdate(update, Y.encodeStateVector(known))
    for (const [client, clock] of Y.parseUpdateMeta(part).to) known.set(client, clock)
    return part
  })
  return Y.mergeUpdates(parts)
}
