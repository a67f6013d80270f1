import { type Append, type Storage, StorageError } from '../persistence/index.ts'
import type { Clock } from './clock.ts'
import type { Log } from './log.ts'

export interface JournalOptions {
  readonly storage: Storage
  readonly clock: Clock
  readonly log: Log
  /** From the start of one commit to the start of the next, in milliseconds, up to four times that if it is large; default 0. */
  readonly commitPauseMs?: number
  /** Told of every append that is durable, after its own outcome. */
  durable?(append: Append): void
}

/**
 * The one writer of a server: groups what all rooms append into durable commits.
 *
 * J1 a callback is called only after the commit that covers its append.
 * J2 a failed commit is written again, with backoff, for ever; nothing of it is reported as done before it is.
 * J3 one commit is in flight; what arrives meanwhile forms the next. The first after a pause starts at once, the others
 *    `commitPauseMs` after the one before, and up to four times that where it was large: each costs a sync, however much
 *    is in it, and each document in it a page, however much of that was written.
 */
export class Journal {
  readonly #storage: Storage
  readonly #clock: Clock
  readonly #log: Log
  readonly #pauseMs: number
  readonly #durable: (append: Append) => void
  #queue: Queued[] = []
  #inFlight = false
  /** Not before this time, unless somebody waits for the end. */
  #nextAt = -Infinity
  #isDue = false
  #failure: JournalFailure | null = null
  #idle: (() => void)[] = []

  constructor(options: JournalOptions) {
    this.#storage = options.storage
    this.#clock = options.clock
    this.#log = options.log
    this.#pauseMs = options.commitPauseMs ?? 0
    this.#durable = (append) => options.durable?.(append)
  }

  /**
   * Queues an append: what `take` gives when the commit starts. `outcome` is told once, when it is durable or can never
   * be because the document was removed.
   */
  append(take: () => Append, outcome: (result: 'durable' | 'removed') => void): void {
    this.#queue.push({ take, outcome })
    this.#commitNext()
  }

  /** Null while every commit succeeds; otherwise why and since when nothing is durable. */
  get failure(): JournalFailure | null {
    return this.#failure
  }

  /** Resolves when everything appended so far, and since, is durable. Does not resolve while the disk fails. */
  async whenIdle(): Promise<void> {
    if (!this.#inFlight && this.#queue.length === 0) return
    await new Promise<void>((resolve) => {
      this.#idle.push(resolve)
      this.#commitNext()
    })
  }

  #commitNext(): void {
    if (this.#inFlight) return
    if (this.#queue.length === 0) {
      const waiting = this.#idle
      this.#idle = []
      for (const resolve of waiting) resolve()
      return
    }
    const wait = this.#nextAt - this.#clock.now()
    // Whoever waits for the end does not wait for nothing.
    if (wait <= 0 || this.#idle.length > 0) this.#commitQueue()
    else if (!this.#isDue) this.#commitAfter(wait)
  }

  #commitAfter(waitMs: number): void {
    this.#isDue = true
    this.#clock.after(waitMs, () => {
      this.#isDue = false
      if (!this.#inFlight && this.#queue.length > 0) this.#commitQueue()
    })
  }

  #commitQueue(): void {
    const batch = this.#queue.map(({ take, outcome }) => ({ append: take(), outcome }))
    const stretch = Math.min(Math.max(batch.length / manyAppends, 1), mostStretch)
    this.#nextAt = this.#clock.now() + this.#pauseMs * stretch
    this.#queue = []
    this.#inFlight = true
    void this.#commit(batch, 0)
  }

  async #commit(batch: readonly Entry[], attempt: number): Promise<void> {
    try {
      await this.#storage.append(batch.map((entry) => entry.append))
    } catch (error) {
      if (error instanceof StorageError && error.code === 'removed') return this.#commitWithoutRemoved(batch)
      this.#retry(batch, attempt, error)
      return
    }
    this.#succeed(batch)
  }

  /** A document removed while its last edits were under way must not hold up the others. */
  async #commitWithoutRemoved(batch: readonly Entry[]): Promise<void> {
    const removed = new Set<Entry>()
    try {
      for (const entry of batch) {
        const standing = await this.#storage.standing(entry.append.document)
        if (standing === 'removed') removed.add(entry)
      }
    } catch (error) {
      this.#retry(batch, 0, error)
      return
    }
    for (const entry of removed) this.#end(entry, 'removed')
    const present = batch.filter((entry) => !removed.has(entry))
    return this.#commit(present, 0)
  }

  #retry(batch: readonly Entry[], attempt: number, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    this.#failure = { reason, since: this.#failure?.since ?? this.#clock.now() }
    const delay = Math.min(retryFirstMs * 2 ** attempt, retryMostMs)
    this.#log.error({ reason, documents: batch.length, retryInMs: delay }, 'commit failed, will try again')
    this.#clock.after(delay, () => void this.#commit(batch, attempt + 1))
  }

  #succeed(batch: readonly Entry[]): void {
    if (this.#failure !== null) this.#log.info({ since: this.#failure.since }, 'commits succeed again')
    this.#failure = null
    this.#inFlight = false
    // The next commit starts before the callbacks run, so that acknowledging never delays the disk.
    this.#commitNext()
    for (const entry of batch) this.#end(entry, 'durable')
  }

  #end({ append, outcome }: Entry, result: 'durable' | 'removed'): void {
    outcome(result)
    if (result === 'durable') this.#durable(append)
  }
}

export interface JournalFailure {
  readonly reason: string
  readonly since: number
}

interface Queued {
  readonly take: () => Append
  readonly outcome: (result: 'durable' | 'removed') => void
}

interface Entry {
  readonly append: Append
  readonly outcome: (result: 'durable' | 'removed') => void
}

/** From so many appends on a commit has the next one come later: fewer cost little more than the sync. */
const manyAppends = 50
const mostStretch = 4

/** Soon enough that a hiccup goes unnoticed. */
const retryFirstMs = 100

/** Seldom enough to leave a broken disk alone, often enough that people see "Saved" soon after it is back. */
const retryMostMs = 5000
