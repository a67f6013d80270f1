/** A socket that can be told to stop reading. */
export interface Source {
  pause(): void
  resume(): void
}

/**
 * Hands on what a socket reads in portions, one a turn of the event loop, so that who sends thousands of messages at
 * once does not keep others waiting. While some wait, the socket is not read: what waits is what had been read before,
 * 64 KB at most and one message.
 */
export class Portions {
  readonly #source: Source
  readonly #receive: (message: Uint8Array) => void
  readonly #waiting: Uint8Array[] = []
  /** Handed on since the last pause. */
  #count = 0
  #isWaiting = false
  /** Somebody else wants the socket not to be read. */
  #isHeld = false

  constructor(source: Source, receive: (message: Uint8Array) => void) {
    this.#source = source
    this.#receive = receive
  }

  take(message: Uint8Array): void {
    if (this.#isWaiting) {
      this.#waiting.push(message)
      return
    }
    this.#receive(message)
    if (++this.#count < portion) return
    this.#isWaiting = true
    this.#source.pause()
    setImmediate(this.#next)
  }

  hold(): void {
    this.#isHeld = true
    this.#source.pause()
  }

  release(): void {
    this.#isHeld = false
    if (!this.#isWaiting) this.#source.resume()
  }

  /** The socket has ended: hands on what waits. */
  end(): void {
    for (const message of this.#waiting.splice(0)) this.#receive(message)
  }

  readonly #next = (): void => {
    for (const message of this.#waiting.splice(0, portion)) this.#receive(message)
    if (this.#waiting.length > 0) {
      setImmediate(this.#next)
      return
    }
    this.#count = 0
    this.#isWaiting = false
    if (!this.#isHeld) this.#source.resume()
  }
}

/** One or two milliseconds of work. */
const portion = 128
