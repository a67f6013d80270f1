/**
 * When the next flush is due: at once after a pause; in a busy room once in a while that grows with what a flush costs,
 * so that the sending stays a small part of the time.
 */
export class FlushPace {
  #last = -Infinity

  /** Milliseconds until the next flush may be, 0 for now. `peers` is to how many it goes. */
  delay(now: number, peers: number): number {
    const interval = Math.min(peers * msPerPeer, mostMs)
    return interval < leastMs ? 0 : Math.max(0, this.#last + interval - now)
  }

  flushed(now: number): void {
    this.#last = now
  }
}

/** Sending to one peer takes about 10 µs, most of it the kernel's: this keeps the sending below an eighth of a core. */
const msPerPeer = 0.08

/** People take twice as much for instantly. */
const mostMs = 8

/** Timers are no finer. */
const leastMs = 1
