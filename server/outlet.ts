import type { Clock } from './clock.ts'
import type { Limits } from './limits.ts'
import type { Broadcast, Wire } from './protocol/messages.ts'
import type { Exit } from './transport.ts'

export interface OutletOptions {
  readonly exit: Exit
  readonly wire: Wire
  readonly clock: Clock
  readonly limits: Pick<Limits, 'maxBufferedBytes'>
  /** So many bytes were given to the transport. */
  gave(bytes: number): void
}

/** What a client that fell behind is owed. */
export interface Debt {
  /** The clocks it has of the document; null when it has missed nothing of it. */
  readonly known: ReadonlyMap<number, number> | null
}

/**
 * What a client is sent, and what not.
 *
 * C2 a client that reads so slowly that `maxBufferedBytes` wait for it gets no more updates and presence. Once it has
 *    read what waits, it gets one diff with all it missed, and who is here now.
 */
export class Outlet {
  readonly #options: OutletOptions
  #debt: Debt | null = null
  #lastSentAt: number

  constructor(options: OutletOptions) {
    this.#options = options
    this.#lastSentAt = options.clock.now()
  }

  get lastSentAt(): number {
    return this.#lastSentAt
  }

  /**
   * Sends what is meant for this client alone. It is answered, so its size is limited by what the client sends. Returns
   * how many bytes were given to the transport.
   */
  send(message: Broadcast): number {
    const { wire, exit, clock } = this.#options
    const frame = message.frameFor(wire)
    if (frame === null) return 0
    this.#lastSentAt = clock.now()
    const { length } = frame.bytes
    exit.send(frame)
    this.#options.gave(length)
    return length
  }

  /** Sends an update to a client that keeps up; `before` is the state of the document without it. */
  relay(message: Broadcast, before: () => ReadonlyMap<number, number>): void {
    if (!this.#isBehind || !this.isBehind(before())) this.send(message)
  }

  /** Sends who is here to a client that keeps up; returns how many bytes that took. */
  relayPresence(message: Broadcast): number {
    if (this.#debt === null && this.#isFull) this.#debt = { known: null }
    return this.#debt === null ? this.send(message) : 0
  }

  /** Whether it reads too slowly to be sent what it lacks. It is owed then all that somebody with `known` lacks. */
  isBehind(known: ReadonlyMap<number, number>): boolean {
    if (!this.#isBehind) return false
    this.#debt = { known: this.#debt?.known ?? known }
    return true
  }

  /** It has read everything: what it is owed, from now on it gets all again. */
  settle(): Debt | null {
    const debt = this.#debt
    this.#debt = null
    return debt
  }

  get #isBehind(): boolean {
    return this.#debt !== null || this.#isFull
  }

  get #isFull(): boolean {
    return this.#options.exit.bufferedBytes > this.#options.limits.maxBufferedBytes
  }
}
