import type { Groups } from '../reading/pattern.ts'
import type { MatchAnswer, MatchTask } from './match-worker.ts'

/** How long an expression may take for all texts. */
const patienceMs = 1500

/** An expression that took longer than it may, or can't be tried on this page at all. */
export class MatchError extends Error {
  override readonly name = 'MatchError'
  readonly code: 'slow' | 'unavailable'

  constructor(code: 'slow' | 'unavailable') {
    super(code === 'slow' ? 'The expression takes too long' : 'The page allows no worker')
    this.code = code
  }
}

/** A thread for regular expressions; one that takes too long ends it, and the next gets a new one. */
export class MatchThread {
  #worker: Worker | null = null

  /** Resolves with the matches in each text; rejects with a `MatchError`. */
  run(task: MatchTask): Promise<readonly Groups[][]> {
    return new Promise((resolve, reject) => {
      const worker = this.#start()
      if (worker === null) {
        reject(new MatchError('unavailable'))
        return
      }
      const fail = (code: MatchError['code']): void => {
        this.close()
        reject(new MatchError(code))
      }
      const timer = setTimeout(() => fail('slow'), patienceMs)
      worker.onerror = () => {
        clearTimeout(timer)
        fail('unavailable')
      }
      worker.onmessage = ({ data }: MessageEvent<MatchAnswer>) => {
        clearTimeout(timer)
        resolve(data)
      }
      worker.postMessage(task)
    })
  }

  close(): void {
    this.#worker?.terminate()
    this.#worker = null
  }

  #start(): Worker | null {
    try {
      this.#worker ??= new Worker(new URL('./match-worker.js', import.meta.url), { type: 'module' })
    } catch {
      // A page from elsewhere than its scripts may not start one.
      return null
    }
    return this.#worker
  }
}
