import * as Y from 'yjs'
import type { Loaded } from '../persistence/index.ts'
import { readSchemaVersion, readTitle } from './document-title.ts'

/**
 * A document in memory: changes go in as transactions that give one update each, and it can be encoded for those who
 * lack something of it.
 */
export class LiveDocument {
  #doc: Y.Doc
  #encoded: Uint8Array | null = null

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
    const collect = (update: Uint8Array) => updates.push(update)
    this.#doc.on('update', collect)
    try {
      this.#doc.transact(change)
    } catch (error) {
      return { type: 'failed', error }
    } finally {
      this.#doc.off('update', collect)
    }
    if (updates.length > 0) this.#encoded = null
    return { type: 'done', update: updates.length > 1 ? Y.mergeUpdates(updates) : (updates[0] ?? null) }
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

export type TransactionOutcome =
  | { readonly type: 'done'; readonly update: Uint8Array | null }
  | { readonly type: 'failed'; readonly error: unknown }

function toDoc(loaded: Loaded, pending: Iterable<Uint8Array>): Y.Doc {
  const doc = new Y.Doc()
  doc.transact(() => {
    if (loaded.state !== null) Y.applyUpdate(doc, loaded.state.bytes)
    for (const record of loaded.records) Y.applyUpdate(doc, record.bytes)
    for (const update of pending) Y.applyUpdate(doc, update)
  })
  return doc
}
