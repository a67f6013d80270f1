import type { Clock } from './clock.ts'
import { FlushPace } from './flush-pace.ts'

/** Has a document's edits flushed when the pace says so. */
export class FlushSchedule {
  readonly #clock: Clock
  readonly #flush: () => void
  readonly #pace = new FlushPace()
  /** It is due at the end of this turn. */
  #isSoon = false
  /** It is due later, unless enough arrives before. */
  #cancelLater: (() => void) | null = null

  constructor(clock: Clock, flush: () => void) {
    this.#clock = clock
    this.#flush = flush
  }

  /** An edit has come, and so many wait now for a flush to so many peers. */
  arrived(edits: number, peers: number): void {
    if (this.#isSoon) return
    const delay = this.#pace.delay(this.#clock.now(), peers, edits)
    if (delay === 0) {
      this.#isSoon = true
      this.#clock.soon(this.#run)
    } else this.#cancelLater ??= this.#clock.after(delay, this.#run)
  }

  /** It is flushed now, for whatever reason. */
  flushed(): void {
    this.#cancel()
    this.#pace.flushed(this.#clock.now())
  }

  readonly #run = () => {
    this.#isSoon = false
    this.#cancel()
    this.#flush()
  }

  #cancel(): void {
    this.#cancelLater?.()
    this.#cancelLater = null
  }
}
