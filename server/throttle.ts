import type { Limits } from './limits.ts'

/** So many seconds' worth may come at once. */
const burstSeconds = 10

/** Tokens that come back with time. May go into debt, so that what has come already is never dropped. */
class Bucket {
  readonly #perSecond: number
  readonly #most: number
  #tokens: number
  #at: number

  constructor(perSecond: number, most: number, now: number) {
    this.#perSecond = perSecond
    this.#most = most
    this.#tokens = most
    this.#at = now
  }

  take(count: number, now: number): void {
    // A clock that is set back gives nothing and takes nothing.
    const elapsed = Math.max(0, now - this.#at)
    this.#tokens = Math.min(this.#most, this.#tokens + (elapsed * this.#perSecond) / 1000) - count
    this.#at = now
  }

  /** How long until nothing is owed, in milliseconds. */
  get debtMs(): number {
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens * 1000) / this.#perSecond)
  }

  /** Whether somebody has been quiet for a second, or had not used everything up. */
  get hasReserve(): boolean {
    return this.#tokens >= Math.min(this.#perSecond, this.#most)
  }
}

export type ThrottleLimits = Pick<
  Limits,
  'maxMessagesPerSecond' | 'maxBytesPerSecond' | 'maxThrottledMs' | 'maxFrameBytes'
>

/** How much one client may send: first it has to wait, and who never stops is sent away. */
export class Throttle {
  readonly #messages: Bucket
  readonly #bytes: Bucket
  readonly #maxThrottledMs: number
  /** Since when it has had to wait without being quiet for a second. */
  #since: number | null = null

  constructor(limits: ThrottleLimits, now: number) {
    const { maxMessagesPerSecond, maxBytesPerSecond } = limits
    this.#messages = new Bucket(maxMessagesPerSecond, maxMessagesPerSecond * burstSeconds, now)
    // At least two of the largest frames: a whole sync in each direction never waits.
    const mostBytes = Math.max(maxBytesPerSecond * burstSeconds, 2 * limits.maxFrameBytes)
    this.#bytes = new Bucket(maxBytesPerSecond, mostBytes, now)
    this.#maxThrottledMs = limits.maxThrottledMs
  }

  /**
   * Takes note of what came, and says how many milliseconds nothing more should be read: 0 nearly always, Infinity for
   * who has had to wait too long, or would have to.
   */
  charge(messages: number, bytes: number, now: number): number {
    this.#messages.take(messages, now)
    this.#bytes.take(bytes, now)
    const waitMs = Math.max(this.#messages.debtMs, this.#bytes.debtMs)
    if (waitMs === 0) {
      if (this.#since !== null && this.#messages.hasReserve && this.#bytes.hasReserve) this.#since = null
      return 0
    }
    this.#since ??= now
    return now - this.#since + waitMs > this.#maxThrottledMs ? Infinity : waitMs
  }
}

/** How many requests each address may make. Holds a bounded number of addresses: the longest silent are forgotten. */
export class RequestRates {
  readonly #perSecond: number
  readonly #byAddress = new Map<string, Bucket>()

  constructor(perSecond: number) {
    this.#perSecond = perSecond
  }

  /** 0 when the request may go on, otherwise how many seconds its sender should wait. */
  waitSeconds(address: string, now: number): number {
    const known = this.#byAddress.get(address)
    const bucket = known ?? new Bucket(this.#perSecond, this.#perSecond * burstSeconds, now)
    this.#byAddress.delete(address)
    this.#byAddress.set(address, bucket)
    if (this.#byAddress.size > maxAddresses) this.#dropOldest()
    bucket.take(1, now)
    if (bucket.debtMs === 0) return 0
    // Asking while refused does not make it last longer.
    bucket.take(-1, now)
    return Math.max(1, Math.ceil(bucket.debtMs / 1000))
  }

  #dropOldest(): void {
    const [oldest] = this.#byAddress.keys()
    if (oldest !== undefined) this.#byAddress.delete(oldest)
  }
}

/** Addresses remembered at once: a few megabytes at most, whoever asks. */
const maxAddresses = 10_000
