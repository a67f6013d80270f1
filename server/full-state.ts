import type * as Y from 'yjs'
import { type EncodedState, StateEncoding } from './state-encoding.ts'

/**
 * The encoded document for all who join, made once for every version that somebody asks for. What has been added since
 * it was last made is added to the bytes; all is encoded again only when so much was added that it is worth it.
 */
export class FullState {
  #encoded: EncodedState | null = null
  /** As the update that it is now. */
  #update: Uint8Array | null = null
  /** Bytes that were added since all was encoded. */
  #addedBytes = 0
  #making: StateEncoding | null = null

  /** The document emitted an update of so many bytes, and something that these clients wrote was deleted. */
  changed(bytes: number, deletedFrom: ReadonlySet<number>): void {
    this.#update = null
    this.#addedBytes += bytes
    if (this.#addedBytes > mostAddedBytes) this.#encoded = null
    // What was deleted is sent to nobody any more.
    if (deletedFrom.size > 0) this.#encoded = this.#encoded?.without(deletedFrom) ?? null
  }

  /** The document as one update; null when all has to be encoded. `deletions` are all there are now. */
  find(doc: Y.Doc, deletions: () => Uint8Array): Uint8Array | null {
    if (this.#update !== null || this.#encoded === null) return this.#update
    const added = new StateEncoding(doc, this.#encoded.until)
    if (added.structs > mostAddedStructs) {
      this.#encoded = null
      return null
    }
    while (!added.advance());
    this.#encoded = this.#encoded.extendedBy(added.encoded)
    this.#update = this.#encoded.toUpdate(deletions())
    return this.#update
  }

  /** The encoding of all that is under way for everybody who waits for it; it begins when there is none. */
  making(doc: Y.Doc): StateEncoding {
    if (this.#making === null) {
      this.#making = new StateEncoding(doc, new Map())
      this.#addedBytes = 0
    }
    return this.#making
  }

  /** An encoding of all has advanced to its end. */
  made(encoding: StateEncoding): void {
    if (this.#making === encoding) this.#making = null
    this.#encoded = encoding.encoded
    this.#update = null
  }

  forget(): void {
    this.#encoded = null
    this.#update = null
    this.#making = null
  }
}

/** So much is added in a few milliseconds; then the bytes are many small pieces, and better made anew. */
const mostAddedBytes = 64 * 1024

/** More takes longer than a turn should: where somebody deleted a letter in a book they wrote alone. */
const mostAddedStructs = 10_000
