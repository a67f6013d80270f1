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
  #bytesGiven = 0
  #lastSentAt: number

  constructor(options: OutletOptions) {
    this.#options = options
    this.#lastSentAt = options.clock.now()
  }

  get lastSentAt(): number {
    return this.#lastSentAt
  }

  /** All bytes that were ever given to the transport. */
  get bytesGiven(): number {
    return this.#bytesGiven
  }

  /** Sends what is meant for this client alone. It is answered, so its size is limited by what the client sends. */
  send(message: Broadcast): void {
    const { wire, exit, clock } = this.#options
    const frame = message.frameFor(wire)
    if (frame === null) return
    this.#lastSentAt = clock.now()
    const { length } = frame.bytes
    this.#bytesGiven += length
    exit.send(frame)
    this.#options.gave(length)
  }

  /** Sends an update to a client that keeps up; `before` is the state of the document without it. */
  relay(message: Broadcast, before: ReadonlyMap<number, number>): void {
    if (!this.isBehind(before)) this.send(message)
  }

  /** Sends who is here to a client that keeps up. */
  relayPresence(message: Broadcast): void {
    if (this.#debt === null && this.#isFull) this.#debt = { known: null }
    if (this.#debt === null) this.send(message)
  }

  /** Whether it reads too slowly to be sent what it lacks. It is owed then all that somebody with `known` lacks. */
  isBehind(known: ReadonlyMap<number, number>): boolean {
    if (this.#debt === null && !this.#isFull) return false
    this.#debt = { known: this.#debt?.known ?? known }
    return true
  }

  /** It has read everything: what it is owed, from now on it gets all again. */
  settle(): Debt | null {
    const debt = this.#debt
    this.#debt = null
    return debt
  }

  get #isFull(): boolean {
    return this.#options.exit.bufferedBytes > this.#options.limits.maxBufferedBytes
  }
}
