import type { Clock } from './clock.ts'
import type { Limits } from './limits.ts'
import { Throttle, type ThrottleLimits } from './throttle.ts'
import type { Line } from './transport.ts'

export interface IntakeOptions {
  readonly line: Line
  readonly clock: Clock
  readonly limits: ThrottleLimits & Pick<Limits, 'pingEveryMs' | 'idleAfterMs' | 'maxStalledMs'>
  /** The client has to wait because it sent too much. */
  throttled(): void
}

/**
 * When a client is read, and whether it is still there.
 *
 * L3 who sends too much has to wait: nothing is read, and nothing dropped. Meanwhile it can be neither dead nor idle.
 * C3 it is pinged every `pingEveryMs`, and dead after one missed answer.
 */
export class Intake {
  readonly #options: IntakeOptions
  readonly #throttle: Throttle
  #isThrottled = false
  #isChecked = false
  #cancelWait = () => {}
  #lastHeardAt: number
  #lastPingAt: number
  #answeredPing = true

  constructor(options: IntakeOptions) {
    this.#options = options
    const now = options.clock.now()
    this.#throttle = new Throttle(options.limits, now)
    this.#lastHeardAt = now
    this.#lastPingAt = now
  }

  /** Counts what came, and stops reading for as long as it was too much. False when waiting does not help any more. */
  charge(messages: number, bytes: number, now: number): boolean {
    const waitMs = this.#throttle.charge(messages, bytes, now)
    if (waitMs === 0) return true
    if (waitMs === Infinity) return false
    if (!this.#isThrottled) {
      this.#options.throttled()
      this.#stop()
      this.#isThrottled = true
    }
    this.#cancelWait()
    this.#cancelWait = this.#options.clock.after(waitMs, () => {
      this.#isThrottled = false
      this.#goOn()
    })
    return true
  }

  /** Nothing is read until `checked`, because nobody knows yet who it is. */
  check(): void {
    this.#stop()
    this.#isChecked = true
  }

  checked(): void {
    this.#isChecked = false
    this.#goOn()
  }

  get #isWaiting(): boolean {
    return this.#isThrottled || this.#isChecked
  }

  #stop(): void {
    if (!this.#isWaiting) this.#options.line.pause()
  }

  #goOn(): void {
    if (this.#isWaiting) return
    const now = this.#options.clock.now()
    this.#lastHeardAt = now
    this.#lastPingAt = now
    this.#answeredPing = true
    this.#options.line.resume()
  }

  /** It is not looked at any more; its line is read, so that an answer to a close can come. */
  end(): void {
    this.#cancelWait()
    if (this.#isWaiting) this.#options.line.resume()
    this.#isThrottled = false
    this.#isChecked = false
  }

  heardMessage(now: number): void {
    this.#lastHeardAt = now
  }

  heardPong(): void {
    this.#answeredPing = true
  }

  /**
   * Called every second. Pings when it is time; says when nothing is to be hoped for any more. A ping waits
   * behind whatever else still `waits` for a client that reads slowly.
   */
  look(now: number, waits: boolean): 'alive' | 'idle' | 'dead' {
    const { limits, line } = this.#options
    if (this.#isWaiting) return 'alive'
    if (now - this.#lastHeardAt >= limits.idleAfterMs) return 'idle'
    if (now - this.#lastPingAt < limits.pingEveryMs) return 'alive'
    const isStalled = waits && now - this.#lastPingAt < limits.maxStalledMs
    if (!this.#answeredPing) return isStalled ? 'alive' : 'dead'
    this.#answeredPing = false
    this.#lastPingAt = now
    line.ping()
    return 'alive'
  }
}
