/**
 * When the next flush is due: at once after a pause; in a busy room when so many edits have come that the sending is
 * worth it, or after a while. Sending is what a flush costs, about 10 µs a peer, however many edits it takes along.
 */
export class FlushPace {
  #last = -Infinity

  /** Milliseconds until the next flush may be, 0 for now. It goes to so many `peers`, and `edits` wait for it. */
  delay(now: number, peers: number, edits: number): number {
    const wanted = Math.max(leastTogether, Math.floor((peers - peersForFree) / peersPerEdit))
    if (edits >= wanted) return 0
    const interval = Math.min(peers * msPerPeer, Math.max(longestMs - wanted * msPerEdit, shortestMs))
    return interval < leastMs ? 0 : Math.max(0, this.#last + interval - now)
  }

  flushed(now: number): void {
    this.#last = now
  }
}

/*
 * Found by simulation, with people who type at random moments, and checked by measuring. To wait for a number of edits
 * saves as many flushes as to wait for some time, and takes half as long: it ends when an edit comes, which goes at
 * once. The time is for the few edits that nobody follows up: whether it is 10 ms or 20 leaves the median as it is.
 */
const leastTogether = 2
const peersForFree = 70
const peersPerEdit = 19
const msPerPeer = 0.24
/** People take 100 ms for instantly; a screen shows a new picture every 17. */
const longestMs = 28
const msPerEdit = 2.5
const shortestMs = 8

/** Timers are hardly finer. */
const leastMs = 1.5
