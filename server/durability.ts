import type { Append } from '../persistence/index.ts'
import type { Clock } from './clock.ts'
import type { Peer } from './peer.ts'
import type { DocumentName } from './protocol/document-name.ts'

export interface DurabilitySurroundings {
  readonly clock: Clock
  /** Hands a record to the journal. */
  append(append: Append, outcome: (result: 'durable' | 'removed') => void): void
}

/** The room whose document it is. */
export interface DurabilityHost {
  readonly name: DocumentName
  isHere(peer: Peer): boolean
  /** Everything may be durable now. */
  settled(): void
}

/** What of one document is on its way to the disk, and who waits to hear that it is there. */
export class Durability {
  readonly #surroundings: DurabilitySurroundings
  readonly #host: DurabilityHost
  /** Records given to the journal, counted; the first `#durable` of them are on disk. */
  #written = 0
  #durable = 0
  /** The records that are not durable yet, by their count. */
  #pending: Map<number, Uint8Array> | null = null
  #waiting: { readonly written: number; readonly peer: Peer; readonly frame: number }[] = []

  constructor(surroundings: DurabilitySurroundings, host: DurabilityHost) {
    this.#surroundings = surroundings
    this.#host = host
  }

  get isClean(): boolean {
    return this.#durable === this.#written
  }

  /** The records that are not durable yet, oldest first. */
  get pending(): Uint8Array[] {
    return [...(this.#pending?.values() ?? [])]
  }

  /** Stores a record, and the document's new title if it has one; `durable` is called once it is. */
  write(record: Uint8Array, title: string | null, durable = () => {}): void {
    const written = ++this.#written
    this.#pending ??= new Map()
    this.#pending.set(written, record)
    const append = {
      document: this.#host.name,
      records: [record],
      at: this.#surroundings.clock.now(),
      ...(title === null ? {} : { title }),
    }
    this.#surroundings.append(append, () => {
      this.#pending?.delete(written)
      this.#durable = Math.max(this.#durable, written)
      this.settle()
      durable()
    })
  }

  /**
   * The peer hears of its frame once everything written so far is durable: also a frame that changed nothing may
   * repeat what is not durable yet.
   */
  acknowledge(peer: Peer, frame: number): void {
    this.#waiting.push({ written: this.#written, peer, frame })
  }

  /** Tells those whose frames are durable. */
  settle(): void {
    if (this.#waiting.length > 0) this.#tellThose()
    this.#host.settled()
  }

  #tellThose(): void {
    const first = this.#waiting.findIndex(({ written }) => written > this.#durable)
    const settled = first === -1 ? this.#waiting : this.#waiting.slice(0, first)
    this.#waiting = first === -1 ? [] : this.#waiting.slice(first)
    const frames = new Map(settled.map(({ peer, frame }) => [peer, frame]))
    for (const [peer, frame] of frames) if (this.#host.isHere(peer)) peer.saved(frame)
  }
}
