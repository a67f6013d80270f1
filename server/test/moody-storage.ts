import {
  type Append,
  createMemoryStorage,
  type Loaded,
  type Storage,
  StorageError,
} from '../../persistence/index.ts'

type Answer = 'commit' | Error

/** A storage in memory whose commits wait for the test to say how each ends, or that fails for a while. */
export class MoodyStorage implements Storage {
  readonly #kept = createMemoryStorage()
  /** Every batch it was given, in order, whatever became of it. */
  readonly batches: (readonly Append[])[] = []
  #held: ((answer: Answer) => void)[] | null = null
  #loadGate = Promise.resolve()
  #openGate = () => {}
  /** How often it was asked to load. */
  loads = 0
  failingLoads = 0

  readonly files = this.#kept.files
  compact = this.#kept.compact.bind(this.#kept)
  history = this.#kept.history.bind(this.#kept)
  setAside = this.#kept.setAside.bind(this.#kept)
  meta = this.#kept.meta.bind(this.#kept)
  list = this.#kept.list.bind(this.#kept)
  standing = this.#kept.standing.bind(this.#kept)
  remove = this.#kept.remove.bind(this.#kept)
  verify = this.#kept.verify.bind(this.#kept)
  backup = this.#kept.backup.bind(this.#kept)
  close = this.#kept.close.bind(this.#kept)

  /** From now on commits wait for `end`. */
  holdCommits(): void {
    this.#held ??= []
  }

  /** Ends the oldest waiting commit. */
  end(answer: Answer = 'commit'): void {
    const next = this.#held?.shift()
    if (next === undefined) throw new Error('no commit is waiting')
    next(answer)
  }

  get waitingCommits(): number {
    return this.#held?.length ?? 0
  }

  /** From now on what is read is handed out only after `releaseLoads`. */
  holdLoads(): void {
    this.#loadGate = new Promise((resolve) => (this.#openGate = resolve))
  }

  releaseLoads(): void {
    this.#openGate()
  }

  async append(batch: readonly Append[]): Promise<void> {
    this.batches.push(batch)
    const held = this.#held
    const answer = held === null ? 'commit' : await new Promise<Answer>((resolve) => held.push(resolve))
    if (answer !== 'commit') throw answer
    await this.#kept.append(batch)
  }

  async load(document: string): Promise<Loaded> {
    this.loads++
    const gate = this.#loadGate
    if (this.failingLoads > 0) {
      this.failingLoads--
      throw diskFailure()
    }
    const loaded = await this.#kept.load(document)
    await gate
    return loaded
  }
}

export const diskFailure = () => new StorageError('unavailable', 'the disk said no')
