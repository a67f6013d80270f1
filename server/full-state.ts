import * as Y from 'yjs'
import type { StateEncoding } from './state-encoding.ts'

/** A whole document as two updates. Whoever gets `since` first lacks nothing of it once it has `state`. */
export interface WholeDocument {
  readonly state: Uint8Array
  /** What came after `state` was encoded; null when that is nothing. */
  readonly since: Uint8Array | null
}

/**
 * The encoded document for all who join: encoded again only when what came since has grown to be worth it, so that
 * people who join while others type cost nothing but the sending.
 */
export class FullState {
  #ready: Made | null = null
  #making: Making | null = null

  /** The document emitted an update. */
  changed(update: Uint8Array): void {
    this.#ready = extended(this.#ready, update)
    this.#making?.since.push(update)
  }

  get whole(): WholeDocument | null {
    if (this.#ready === null) return null
    const { state, since } = this.#ready
    const [only] = since
    if (only === undefined || since.length === 1) return { state, since: only ?? null }
    const merged = Y.mergeUpdates(since)
    this.#ready = { state, since: [merged], sinceBytes: merged.length }
    return { state, since: merged }
  }

  /** The encoding under way, which `begin` starts when there is none. */
  making(begin: () => StateEncoding): StateEncoding {
    this.#making ??= { encoding: begin(), since: [] }
    return this.#making.encoding
  }

  /** The encoding under way is over: what came meanwhile. */
  sinceBegin(): Uint8Array[] {
    const since = this.#making?.since ?? []
    this.#making = null
    return since
  }

  /** The document was `state` before `since`. */
  made(state: Uint8Array, since: Uint8Array[]): void {
    this.#ready = { state, since, sinceBytes: bytesOf(since) }
  }

  forget(): void {
    this.#ready = null
    this.#making = null
  }
}

interface Made {
  readonly state: Uint8Array
  readonly since: Uint8Array[]
  readonly sinceBytes: number
}

interface Making {
  readonly encoding: StateEncoding
  readonly since: Uint8Array[]
}

/** Merging less takes less time than encoding the document again. */
const mostSinceBytes = 64 * 1024

/** Below this, encoding anew is as cheap as merging. */
const leastStateBytes = 16 * 1024

function extended(made: Made | null, update: Uint8Array): Made | null {
  if (made === null || made.state.length < leastStateBytes) return null
  const sinceBytes = made.sinceBytes + update.length
  if (sinceBytes > mostSinceBytes) return null
  made.since.push(update)
  return { ...made, sinceBytes }
}

function bytesOf(updates: readonly Uint8Array[]): number {
  return updates.reduce((sum, { length }) => sum + length, 0)
}
