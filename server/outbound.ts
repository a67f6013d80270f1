/** One client's queue of bytes that have not left yet. */
export interface Queue {
  readonly bufferedBytes: number
  /** Lets go of the client, and with it of the queue. */
  shed(): void
}

/**
 * What waits for all clients together. A send costs one addition; the queues are walked only when so much was given
 * since they were last measured that the limit may have been passed.
 */
export class Outbound {
  readonly #maxBytes: number
  readonly #queues: () => Iterable<Queue>
  /** What waited when it was last measured. */
  #measured = 0
  /** Given since then. */
  #given = 0
  #isRelieving = false

  constructor(maxBytes: number, queues: () => Iterable<Queue>) {
    this.#maxBytes = maxBytes
    this.#queues = queues
  }

  gave(bytes: number): void {
    this.#given += bytes
    if (this.#measured + this.#given <= this.#maxBytes) return
    // Near the limit it is passed by a hair again and again: the walk is worth it for a part of it only.
    if (this.#given * stepsToLimit < this.#maxBytes || this.#isRelieving) return
    this.#isRelieving = true
    this.#relieve()
    this.#isRelieving = false
  }

  /** What waits for everybody now. Walks all queues. */
  measure(): number {
    let sum = 0
    for (const queue of this.#queues()) sum += queue.bufferedBytes
    return sum
  }

  #relieve(): void {
    this.#given = 0
    this.#measured = relieve(this.#queues(), this.#maxBytes)
  }
}

/**
 * Lets the largest queues go, if all together hold more than `maxBytes`, until three quarters of it remain. Returns
 * what remains.
 */
export function relieve(queues: Iterable<Queue>, maxBytes: number): number {
  const measured = Array.from(queues, (queue) => ({ queue, bytes: queue.bufferedBytes }))
  let sum = measured.reduce((so, { bytes }) => so + bytes, 0)
  if (sum <= maxBytes) return sum
  for (const { queue, bytes } of measured.sort((a, b) => b.bytes - a.bytes)) {
    if (sum <= maxBytes * remainingShare) break
    sum -= bytes
    queue.shed()
  }
  return sum
}

/** The limit may be passed by one part in so many before it is noticed. */
const stepsToLimit = 64

/** How much may stay when the limit was passed, so that it is not passed again at once. */
const remainingShare = 3 / 4
