import { Worker } from 'node:worker_threads'
import { CoscribeError } from './errors.ts'

/** Formats that a document can be had in, by the ending of their files. */
export const fileFormats = {
  md: 'text/markdown',
  html: 'text/html',
  json: 'application/json',
  txt: 'text/plain',
} as const
export type FileFormat = keyof typeof fileFormats

/** One thing to be converted. */
export type ConversionWork =
  | {
      readonly kind: 'export'
      readonly format: FileFormat
      /** The document as one update. */
      readonly state: Uint8Array
      readonly title: string
    }
  | { readonly kind: 'import'; readonly body: Uint8Array; readonly contentType: string }

/** What came of it. `refused` is for whoever sent the file, in words for them. */
export type Conversion =
  | { readonly kind: 'exported'; readonly text: Uint8Array }
  | { readonly kind: 'imported'; readonly update: Uint8Array; readonly title: string }
  | {
      readonly kind: 'refused'
      readonly code: 'invalid' | 'unsupported' | 'too-large'
      readonly message: string
    }

export interface ConversionLimits {
  readonly maxConversions: number
  readonly conversionTimeoutMs: number
  readonly maxConversionMemoryMb: number
}

/**
 * Converts files in a thread, one after the other: whatever is in them costs one more core for a limited time, and
 * some memory. A thread that was too slow is not used again. More than `maxConversions` at once are refused as `unavailable`.
 */
export class Conversions {
  readonly #limits: ConversionLimits
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0
  #worker: Worker | null = null
  #idle: ReturnType<typeof setTimeout> | undefined
  #isClosed = false

  constructor(limits: ConversionLimits) {
    this.#limits = limits
  }

  /** Runs `prepare` and converts what it gives, or refuses at once: before a body is read, or a document opened. */
  async run(prepare: () => Promise<ConversionWork>): Promise<Conversion> {
    if (this.#isClosed || this.#waiting >= this.#limits.maxConversions)
      throw new CoscribeError('unavailable', 'too many files are being converted just now')
    this.#waiting++
    try {
      const work = await prepare()
      const mine = this.#last.then(() => this.#convert(work))
      this.#last = mine.catch(() => undefined)
      return await mine
    } finally {
      this.#waiting--
    }
  }

  /** Ends what is under way, which rejects, as does everything after it. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#idle)
    this.#end()
  }

  async #convert(work: ConversionWork): Promise<Conversion> {
    if (this.#isClosed) throw new CoscribeError('unavailable', 'the server is stopping')
    clearTimeout(this.#idle)
    const worker = (this.#worker ??= startWorker(this.#limits.maxConversionMemoryMb))
    const deadline = setTimeout(() => void worker.terminate(), this.#limits.conversionTimeoutMs)
    const conversion = await answerOf(worker, work)
    clearTimeout(deadline)
    if (conversion === null) this.#end()
    else this.#idle = setTimeout(() => this.#end(), idleMs).unref()
    return conversion ?? tooMuch
  }

  #end(): void {
    void this.#worker?.terminate()
    this.#worker = null
  }
}

/** Null when the thread ended instead: out of memory, out of time, or by a mistake of ours. */
function answerOf(worker: Worker, work: ConversionWork): Promise<Conversion | null> {
  return new Promise((resolve) => {
    const settle = (conversion: Conversion | null) => {
      worker.off('message', settle).off('error', end).off('exit', end)
      resolve(conversion)
    }
    const end = () => settle(null)
    worker.on('message', settle).on('error', end).on('exit', end)
    worker.postMessage(work)
  })
}

/** Starting a thread takes longer than most conversions; one that is not needed holds memory for nothing. */
const idleMs = 30_000

const tooMuch: Conversion = {
  kind: 'refused',
  code: 'too-large',
  message: 'This takes more time or memory to convert than this server gives it.',
}

// See compaction-thread.ts: a thread does not inherit the loader of its parent.
function startWorker(maxOldGenerationSizeMb: number): Worker {
  const worker = newWorker(maxOldGenerationSizeMb)
  // One that fails while nobody waits for it is no error of the process.
  return worker.on('error', () => {})
}

function newWorker(maxOldGenerationSizeMb: number): Worker {
  const options = { resourceLimits: { maxOldGenerationSizeMb } }
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL('./conversion-worker.js', import.meta.url), options)
  const loader = JSON.stringify(import.meta.resolve('tsx/esm/api'))
  const worker = JSON.stringify(new URL('./conversion-worker.ts', import.meta.url).href)
  const script = `import(${loader}).then(({ register }) => (register(), import(${worker})))`
  return new Worker(script, { ...options, eval: true })
}
