import type { Access } from './access.ts'
import type { CloseCode } from './protocol/close-codes.ts'
import type { Broadcast, RefusalCode } from './protocol/messages.ts'

/** One client as its room sees it. */
export interface Peer {
  /** Unique in this process. */
  readonly id: number
  readonly access: Access
  send(message: Broadcast): void
  /** Sends what it asked for, which counts as if it had sent it: else a few bytes could ask for many. */
  answer(message: Broadcast): void
  /**
   * Sends an update of the document to a peer that keeps up. One that does not will have it by `Room.catchUp` from
   * `before` on, the clocks of the document without the update.
   */
  relay(message: Broadcast, before: () => ReadonlyMap<number, number>): void
  /** True when the peer reads too slowly to be sent what it lacks: it will be caught up from `known` on. */
  isBehind(known: ReadonlyMap<number, number>): boolean
  /** Whether its client understands `saved`. */
  readonly hearsOfSaving: boolean
  /** Frames 1 to `frame` are durable, or were refused. */
  saved(frame: number): void
  refuse(frame: number, code: RefusalCode, reason: string): void
  close(code: CloseCode, reason: string): void
}

/** An update frame as its connection counts it; see `saved` in SPEC.md. */
export interface UpdateFrame {
  readonly number: number
  /** A sync step 2 holds everything its client has: it makes good for an earlier frame that had a hole. */
  readonly isWhole: boolean
  readonly update: Uint8Array
}
