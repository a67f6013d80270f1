import * as Y from 'yjs'
import { createMemoryStorage, type LogRecord, type Storage } from '../../persistence/index.ts'
import { applyQuietly } from '../apply-quietly.ts'
import { type CompactionLimits, Compactor, type CompactorOptions } from '../compaction.ts'
import { tasks } from '../compaction-work.ts'
import { defaultLimits } from '../limits.ts'
import { CollectingLog } from './collecting-log.ts'
import { FakeClock } from './fake-clock.ts'

/** One document in a storage of its own, written to by hand, and what compacts it. */
export class CompactionScene {
  readonly clock = new FakeClock()
  readonly log = new CollectingLog()
  readonly storage: Storage = createMemoryStorage()
  readonly compactor: Compactor
  /** Whoever writes; not collected, so that it is also what the history should be. */
  readonly doc = new Y.Doc({ gc: false })
  /** Every task that was run, in order. */
  readonly ran: string[] = []
  readonly name = 'doc'
  #unsent: Uint8Array[] = []

  constructor(limits: Partial<CompactionLimits> = {}, options: Partial<CompactorOptions> = {}) {
    this.compactor = new Compactor({
      clock: this.clock,
      log: this.log,
      storage: this.storage,
      limits: { ...defaultLimits, ...limits },
      run: (name, work) => {
        this.ran.push(name)
        return new Promise((resolve) => resolve((tasks[name] as (value: typeof work) => never)(work)))
      },
      ...options,
    })
    this.doc.clientID = 7
    this.doc.on('update', (update: Uint8Array) => this.#unsent.push(update))
  }

  get text(): Y.Text {
    return this.doc.getText('text')
  }

  /** Writes what changed since, each change as a record, as a room would, and says so. */
  async write(change: () => void): Promise<void> {
    change()
    const records = this.#unsent
    this.#unsent = []
    await this.storage.append([{ document: this.name, records, at: this.clock.now() }])
    for (const { byteLength } of records) this.compactor.appended(this.name, byteLength)
  }

  /** Types one character a record. */
  type(text: string): Promise<void> {
    return this.write(() => {
      for (const letter of text) this.text.insert(this.text.length, letter)
    })
  }

  async open(): Promise<void> {
    this.compactor.opened(this.name, await this.storage.load(this.name))
  }

  /** How many records a server that starts now has to read, and what it reads. */
  async stored(): Promise<{ records: readonly LogRecord[]; text: string; hasState: boolean }> {
    const { state, records } = await this.storage.load(this.name)
    const doc = new Y.Doc()
    applyQuietly(doc, [...(state ? [state.bytes] : []), ...records.map(({ bytes }) => bytes)])
    return { records, text: doc.getText('text').toJSON(), hasState: state !== null }
  }
}
