import type { StatusText } from './status-text.ts'

/** A status that lasts shorter is not worth a word. */
const settleMs = 1500

/**
 * Decides which of the statuses on the page are told to people who don't see it: troubles that last, and that they are
 * over. Saving what is typed, which goes on all the time, is not. Calls `say` with what to tell.
 */
export class SpokenStatus {
  readonly #say: (words: string) => void
  #told: StatusText | null = null
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(say: (words: string) => void) {
    this.#say = say
  }

  show(status: StatusText, isSettled: boolean): void {
    clearTimeout(this.#timer)
    const isTrouble = status.tone !== 'calm'
    const isOver = this.#told !== null && this.#told.tone !== 'calm' && isSettled
    if (status.words === this.#told?.words || !(isTrouble || isOver)) return
    this.#timer = setTimeout(() => {
      this.#told = status
      this.#say(status.words)
    }, settleMs)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}
