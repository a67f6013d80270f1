import type { Clock } from './clock.ts'
import type { LiveDocument } from './live-document.ts'
import type { Peer } from './peer.ts'
import { Broadcast } from './protocol/messages.ts'
import type { StateEncoding } from './state-encoding.ts'

/** The room whose document it is. */
export interface CatchUpHost {
  readonly document: LiveDocument
  /** Whether the peer still wants an answer. */
  isHere(peer: Peer): boolean
}

/**
 * Answers those who lack something of the document: who joins, comes back or fell behind.
 *
 * 1. The whole document is encoded once for all who want it, and the bytes are shared.
 * 2. What takes long is done a little every turn of the event loop, so that nobody's typing waits for it. What is
 *    written meanwhile reaches these peers as it reaches everybody.
 */
export class CatchUp {
  readonly #clock: Clock
  readonly #host: CatchUpHost
  readonly #jobs: Job[] = []
  /** The whole document, framed once for all. */
  #shared: { readonly update: Uint8Array; readonly message: Broadcast } | null = null

  constructor(clock: Clock, host: CatchUpHost) {
    this.#clock = clock
    this.#host = host
  }

  /** Sends a sync step 2 with all that is new to somebody who has the clocks `known`, now or soon. */
  answer(peer: Peer, known: ReadonlyMap<number, number>): void {
    const { document } = this.#host
    // What it waits for has all that it asks for now.
    if (this.#jobs.some(({ peers }) => peers.includes(peer))) return
    if (known.size > 0) {
      this.#do({ encoding: document.encodeLackedBy(known), peers: [peer], isWhole: false })
      return
    }
    if (document.whole !== null) {
      this.#sendWhole(peer)
      return
    }
    const encoding = document.encodeWhole()
    const job = this.#jobs.find((each) => each.encoding === encoding)
    if (job === undefined) this.#do({ encoding, peers: [peer], isWhole: true })
    else job.peers.push(peer)
  }

  /** The document went back to what is stored: what is under way is of no use. Returns who waited for it. */
  stop(): Peer[] {
    return this.#jobs.splice(0).flatMap(({ peers }) => peers)
  }

  #do(job: Job): void {
    if (job.encoding.structs <= structsAtOnce) {
      while (!job.encoding.advance());
      this.#end(job)
    } else if (this.#jobs.push(job) === 1) this.#clock.soon(() => this.#work())
  }

  #work(): void {
    const [job] = this.#jobs
    if (job === undefined) return
    const isWanted = job.isWhole || job.peers.some((peer) => this.#host.isHere(peer))
    const isOver = !isWanted || job.encoding.advance()
    if (isOver) this.#jobs.shift()
    if (isOver && isWanted) this.#end(job)
    if (this.#jobs.length > 0) this.#clock.soon(() => this.#work())
  }

  #end({ encoding, peers, isWhole }: Job): void {
    const { document } = this.#host
    const present = peers.filter((peer) => this.#host.isHere(peer))
    if (isWhole) {
      document.finishWhole(encoding)
      for (const peer of present) this.#sendWhole(peer)
      return
    }
    const message = new Broadcast({ type: 'sync-step-2', update: document.finish(encoding) })
    for (const peer of present) peer.answer(message)
  }

  #sendWhole(peer: Peer): void {
    const update = this.#host.document.whole
    if (update === null) return
    if (this.#shared?.update !== update) {
      this.#shared = { update, message: new Broadcast({ type: 'sync-step-2', update }) }
    }
    peer.answer(this.#shared.message)
  }
}

interface Job {
  readonly encoding: StateEncoding
  readonly peers: Peer[]
  readonly isWhole: boolean
}

/** A few milliseconds of work. */
const structsAtOnce = 10_000
