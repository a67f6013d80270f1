import type { Append } from '../persistence/index.ts'
import type { Clock } from './clock.ts'
import type { LiveDocument } from './live-document.ts'
import type { Peer } from './peer.ts'
import type { DocumentName } from './protocol/document-name.ts'

export interface DurabilitySurroundings {
  readonly clock: Clock
  /** Has the next commit of the journal take what there is to be stored by then. */
  append(take: () => Append, outcome: (result: 'durable' | 'removed') => void): void
  /** So many bytes more wait for the disk, or fewer. */
  held(bytes: number): void
}

/** The room whose document it is. */
export interface DurabilityHost {
  readonly name: DocumentName
  readonly document: LiveDocument
  isHere(peer: Peer): boolean
  /** Everything may be durable now. */
  settled(): void
}

/** What goes to the disk with one commit, and who waits to hear that it is there. */
interface Batch {
  readonly records: Uint8Array[]
  bytes: number
  title: string | null
  /** When the last of it came. */
  at: number
  /** The last frame of each peer that it covers. */
  readonly frames: Map<Peer, number>
  readonly told: (() => void)[]
}

/** What of one document is on its way to the disk: one batch with a commit, and one for the next. */
export class Durability {
  readonly #surroundings: DurabilitySurroundings
  readonly #host: DurabilityHost
  #underWay: Batch | null = null
  #next: Batch | null = null
  /** The last frames of peers that changed nothing, while everything was durable. */
  #covered: Map<Peer, number> | null = null

  constructor(surroundings: DurabilitySurroundings, host: DurabilityHost) {
    this.#surroundings = surroundings
    this.#host = host
  }

  get isClean(): boolean {
    return this.#underWay === null && this.#next === null
  }

  /** The records that are not durable yet, oldest first. */
  get pending(): Uint8Array[] {
    if (this.#next !== null) this.#takeStrokes(this.#next)
    return [...(this.#underWay?.records ?? []), ...(this.#next?.records ?? [])]
  }

  /** Stores a record, the document's new title, or both; `durable` is called once they are. */
  write(record: Uint8Array | null, title: string | null, durable?: () => void): void {
    this.#add(record?.length ?? 0, (batch) => {
      this.#takeStrokes(batch)
      if (record !== null) batch.records.push(record)
      batch.title = title ?? batch.title
      if (durable !== undefined) batch.told.push(durable)
    })
  }

  /** Stores strokes of so many bytes, which the document keeps until they are taken. */
  writeStrokes(bytes: number): void {
    this.#add(bytes, () => {})
  }

  /**
   * The peer hears of its frame once everything written so far is durable: also a frame that changed nothing may
   * repeat what is not durable yet.
   */
  acknowledge(peer: Peer, frame: number): void {
    const batch = this.#next ?? this.#underWay
    const frames = batch?.frames ?? (this.#covered ??= new Map())
    frames.set(peer, frame)
  }

  /** Tells those whose frames are durable. */
  settle(): void {
    const covered = this.#covered
    this.#covered = null
    if (covered !== null) this.#tell(covered)
    this.#host.settled()
  }

  /** Something of so many bytes goes with the next commit. */
  #add(bytes: number, put: (batch: Batch) => void): void {
    const { clock } = this.#surroundings
    this.#surroundings.held(bytes)
    const batch = this.#next ?? emptyBatch()
    batch.bytes += bytes
    batch.at = clock.now()
    put(batch)
    if (this.#next !== null) return
    this.#next = batch
    // It may be taken at once.
    this.#surroundings.append(
      () => this.#start(batch),
      () => this.#end(batch),
    )
  }

  /** A commit takes it. */
  #start(batch: Batch): Append {
    this.#takeStrokes(batch)
    this.#underWay = batch
    this.#next = null
    const { records, at, title } = batch
    const append = { document: this.#host.name, records, at }
    return title === null ? append : { ...append, title }
  }

  #takeStrokes({ records }: Batch): void {
    records.push(...this.#host.document.takeUnstored())
  }

  #end({ bytes, frames, told }: Batch): void {
    this.#underWay = null
    this.#surroundings.held(-bytes)
    this.#tell(frames)
    this.settle()
    for (const tell of told) tell()
  }

  #tell(frames: ReadonlyMap<Peer, number>): void {
    for (const [peer, frame] of frames) if (this.#host.isHere(peer)) peer.saved(frame)
  }
}

function emptyBatch(): Batch {
  return { records: [], bytes: 0, title: null, at: 0, frames: new Map(), told: [] }
}
