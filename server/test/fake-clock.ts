import type { Clock } from '../clock.ts'

/** Time that stands still until the test moves it. */
export class FakeClock implements Clock {
  #now = 1_700_000_000_000
  #soon: (() => void)[] = []
  readonly #timers = new Set<{ readonly at: number; readonly run: () => void }>()

  now(): number {
    return this.#now
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  soon(run: () => void): void {
    this.#soon.push(run)
  }

  /** How many calls of `after` are waiting. */
  get timers(): number {
    return this.#timers.size
  }

  /** Ends the current turn of the event loop, and whatever turns follow from it. */
  async turn(): Promise<void> {
    for (let round = 0; round < 4; round++) {
      // Promises of the storage and the hub settle in microtasks; a macrotask lets all of them through.
      await new Promise((resolve) => setImmediate(resolve))
      const due = this.#soon
      this.#soon = []
      for (const run of due) run()
    }
  }

  async advance(ms: number): Promise<void> {
    this.#now += ms
    for (const timer of [...this.#timers].filter(({ at }) => at <= this.#now)) {
      this.#timers.delete(timer)
      timer.run()
    }
    await this.turn()
  }
}
