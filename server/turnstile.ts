import type { Clock } from './clock.ts'

/**
 * Lets a crowd through a few milliseconds a turn of the event loop, in their order, so that what they cost when all of
 * them come at once does not keep everybody else waiting (R12).
 */
export class Turnstile {
  readonly #clock: Clock
  readonly #perTurn: number
  /** When the first of this turn came; null before. */
  #since: number | null = null
  readonly #waiting: (() => void)[] = []

  /** Of those who have to wait, `perTurn` are let through a turn: some milliseconds of work. */
  constructor(clock: Clock, perTurn: number) {
    this.#clock = clock
    this.#perTurn = perTurn
  }

  /** Null when there is time in this turn; else resolves in one in which there is. */
  pass(): Promise<void> | null {
    if (this.#since === null) this.#begin()
    else if (this.#waiting.length > 0 || this.#clock.now() - this.#since >= mostMs)
      return new Promise((resolve) => this.#waiting.push(resolve))
    return null
  }

  #begin(): void {
    this.#since = this.#clock.now()
    this.#clock.soon(() => this.#next())
  }

  #next(): void {
    this.#since = null
    if (this.#waiting.length === 0) return
    this.#begin()
    for (const go of this.#waiting.splice(0, this.#perTurn)) go()
  }
}

/** Nobody who types notices. */
const mostMs = 10
