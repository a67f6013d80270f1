import { type Damage, type History, type Loaded, type Storage, StorageError } from '../persistence/index.ts'
import type { Clock } from './clock.ts'
import { type CompactionInput, sizeOf } from './compaction-build.ts'
import type { Run } from './compaction-work.ts'
import type { Limits } from './limits.ts'
import type { Log } from './log.ts'

/** When logs are replaced by states, and how much of the past is kept. */
export type CompactionLimits = Pick<
  Limits,
  | 'compactAfterBytes'
  | 'compactAfterRecords'
  | 'compactAtUnloadRecords'
  | 'compactAtUnloadBytes'
  | 'compactPauseMs'
  | 'historyWindowMs'
  | 'historyDays'
>

/** The steps of a compaction after which a test may end the process. */
export type Failpoint = `compaction:${'loaded' | 'built' | 'verified' | 'before-store' | 'after-store'}`

export interface CompactorOptions {
  readonly storage: Storage
  readonly clock: Clock
  readonly log: Log
  readonly limits: CompactionLimits
  readonly run: Run
  /** Something stored of the document can't be trusted any more. */
  readonly foundDamage?: (document: string) => void
  /** For tests of crashes; the default does nothing. */
  readonly failpoint?: (name: Failpoint) => void | Promise<void>
}

/** What is known of a document's log. */
interface Tail {
  records: number
  bytes: number
  stateBytes: number
  /** Whether a room has the document open. */
  isOpen: boolean
  isCompacting: boolean
  /** Not before this time again. */
  pausedUntil: number
  cancelRetry: () => void
}

/**
 * Replaces the logs of documents by states, beside their traffic (J4).
 *
 * 1. One compaction runs at a time, so none of one document ever meets another.
 * 2. A new state replaces an old one only after it was read back and found equal to it.
 * 3. What fails is logged, changes nothing, and is tried again.
 */
export class Compactor {
  readonly #options: CompactorOptions
  readonly #tails = new Map<string, Tail>()
  #last: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(options: CompactorOptions) {
    this.#options = options
  }

  /** A room has read the document. */
  opened(document: string, { state, records }: Loaded): void {
    const tail = this.#tailOf(document)
    tail.isOpen = true
    tail.records = records.length
    tail.bytes = records.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)
    tail.stateBytes = state?.bytes.byteLength ?? 0
    this.#compactWhenDue(document)
  }

  /** A record has become durable. */
  appended(document: string, bytes: number): void {
    const tail = this.#tails.get(document)
    if (tail === undefined) return
    tail.records++
    tail.bytes += bytes
    this.#compactWhenDue(document)
  }

  /** The room is gone: the next to open the document shall not have to read a long log. */
  unloaded(document: string): void {
    const tail = this.#tails.get(document)
    if (tail === undefined) return
    tail.isOpen = false
    const { compactAtUnloadRecords, compactAtUnloadBytes } = this.#options.limits
    const isLong = tail.bytes > Math.max(compactAtUnloadBytes, tail.stateBytes)
    if (isLong || tail.records >= compactAtUnloadRecords) this.#schedule(document)
    else if (!tail.isCompacting) this.forget(document)
  }

  forget(document: string): void {
    this.#tails.get(document)?.cancelRetry()
    this.#tails.delete(document)
  }

  /** Resolves when nothing is being compacted. */
  async whenIdle(): Promise<void> {
    let last
    do {
      last = this.#last
      await last
    } while (last !== this.#last)
  }

  /** Compacts what is due without any pause, for as long as a stopping server may take for it. */
  async finish(): Promise<void> {
    for (const [document, tail] of this.#tails) {
      tail.pausedUntil = 0
      this.#compactWhenDue(document)
    }
    let cancel = () => {}
    const timeout = new Promise<void>((resolve) => {
      cancel = this.#options.clock.after(finishMs, resolve)
    })
    await Promise.race([this.whenIdle(), timeout])
    cancel()
  }

  /** Starts nothing any more, and resolves when what was under way has ended. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const document of [...this.#tails.keys()]) this.forget(document)
    await this.whenIdle()
  }

  #tailOf(document: string): Tail {
    const known = this.#tails.get(document)
    if (known !== undefined) return known
    const empty = { records: 0, bytes: 0, stateBytes: 0, isOpen: false, isCompacting: false, pausedUntil: 0 }
    const tail: Tail = { ...empty, cancelRetry: () => {} }
    this.#tails.set(document, tail)
    return tail
  }

  #compactWhenDue(document: string): void {
    const { compactAfterBytes, compactAfterRecords } = this.#options.limits
    const tail = this.#tails.get(document)
    if (tail === undefined || tail.isCompacting) return
    const isLong = tail.bytes > Math.max(compactAfterBytes, tail.stateBytes)
    // Writing a big state again for a few small records would cost more than reading those.
    const isMany = tail.records > compactAfterRecords && tail.bytes > tail.stateBytes / 8
    if (!isLong && !isMany) return
    const wait = tail.pausedUntil - this.#options.clock.now()
    if (wait <= 0) {
      this.#schedule(document)
      return
    }
    tail.cancelRetry()
    tail.cancelRetry = this.#options.clock.after(wait, () => this.#compactWhenDue(document))
  }

  #schedule(document: string): void {
    const tail = this.#tailOf(document)
    if (tail.isCompacting || this.#isClosed) return
    tail.isCompacting = true
    tail.cancelRetry()
    this.#last = this.#last.then(() => this.#compact(document, tail))
  }

  async #compact(document: string, tail: Tail): Promise<void> {
    const { clock, limits, log } = this.#options
    let pauseMs = limits.compactPauseMs
    try {
      if (!this.#isClosed) await this.#replaceLog(document, tail)
    } catch (error) {
      if (this.#isClosed || (error instanceof StorageError && error.code === 'removed')) return
      const reason = error instanceof Error ? error.message : String(error)
      pauseMs = retryMs
      log.error({ document, reason, retryInMs: retryMs }, 'compaction failed, the log stays as it is')
    } finally {
      tail.isCompacting = false
      if (!tail.isOpen && this.#tails.get(document) === tail) this.forget(document)
    }
    tail.pausedUntil = clock.now() + pauseMs
    this.#compactWhenDue(document)
  }

  async #replaceLog(document: string, tail: Tail): Promise<void> {
    const { storage, log, run, failpoint = () => {} } = this.#options
    const startedAt = this.#options.clock.now()
    const loaded = await storage.load(document)
    const history = await storage.history(document)
    await failpoint('compaction:loaded')
    const through = loaded.records.at(-1)?.seq
    if (through === undefined) return
    const input = this.#inputOf(loaded, history)
    const hasDamage = this.#reportDamage(document, loaded.damage ?? history.damage)
    // The log goes on in memory only: a state made of its beginning would take the rest away.
    if (loaded.damage !== null)
      throw new Error('the log is damaged; it is mended when the document is opened again')
    if (hasDamage) await storage.setAside(document)
    const bytes = sizeOf(input)
    const output = await run('build', input, bytes)
    await failpoint('compaction:built')
    const flaw = await run('verify', { input, output }, bytes)
    if (flaw !== null) throw new Error(`what was built is not what is stored: ${flaw}`)
    await failpoint('compaction:verified')
    if (this.#isClosed) return
    await failpoint('compaction:before-store')
    const { state } = output
    const replacesHistory = output.replacesHistory || hasDamage
    const isWhole = output.replacesHistory || !hasDamage
    const segments = isWhole ? output.segments : [...input.segments, ...output.segments]
    await storage.compact(document, { through, state, segments, replacesHistory })
    await failpoint('compaction:after-store')
    tail.records = Math.max(0, tail.records - input.records.length)
    tail.bytes = Math.max(0, tail.bytes - sumOf(input.records))
    tail.stateBytes = state.byteLength
    const tookMs = this.#options.clock.now() - startedAt
    log.info({ document, records: input.records.length, stateBytes: state.byteLength, tookMs }, 'compacted')
  }

  #reportDamage(document: string, damage: Damage | null): boolean {
    if (damage === null) return false
    this.#options.foundDamage?.(document)
    this.#options.log.error({ document, damage }, 'the stored document is damaged')
    return true
  }

  #inputOf({ state, records }: Loaded, history: History): CompactionInput {
    const { historyDays, historyWindowMs } = this.#options.limits
    return {
      state: state?.bytes ?? null,
      records,
      segments: history.segments,
      windowMs: historyWindowMs,
      forgetBefore: historyDays === 0 ? 0 : this.#options.clock.now() - historyDays * dayMs,
    }
  }
}

function sumOf(parts: readonly { readonly bytes: Uint8Array }[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)
}

const dayMs = 24 * 60 * 60 * 1000

/** What is not compacted by then is after the next start. */
const finishMs = 2000

/** What failed once may well fail again: a minute later it costs little, and nobody is waiting for it. */
const retryMs = 60_000
