import * as Y from 'yjs'
import { nowUs, sleep } from '../machine/clock.ts'
import { loopback } from './addresses.ts'
import { Latencies } from './latencies.ts'
import { Member, type Target } from './member.ts'
import { typingHand } from './typist.ts'
import { findStamps } from './stamp.ts'

export interface StormOptions {
  readonly target: Target
  readonly people: number
  readonly rooms: number
  /** What everybody has and the server had, too. */
  readonly update: Uint8Array
}

export interface Stormed {
  /** From the moment of the storm until each was in sync. */
  readonly latencies: Latencies['counts']
  /** People who were not in sync in time. */
  readonly missing: number
}

interface Survivor {
  readonly n: number
  readonly room: string
  /** What was written while there was no server. */
  readonly edit: Uint8Array
  readonly vector: Uint8Array
  readonly heard: Set<number>
  isSynced: boolean
  inSyncAtUs: number | null
}

const retryMs = 100
const timeoutMs = 60_000

/** People who come back all at once after a restart, each with an edit the server has not. */
export class Storm {
  readonly #options: StormOptions
  readonly #base: Uint8Array
  readonly #survivors: Survivor[]
  /** What a server lacks, by the state vector it asked with. */
  readonly #owed = new Map<string, Uint8Array>()

  constructor(options: StormOptions) {
    this.#options = options
    this.#base = options.update
    const vector = Y.encodeStateVectorFromUpdate(options.update)
    this.#survivors = Array.from({ length: options.people }, (_, n) => {
      const hand = typingHand(n)
      const edit = Y.mergeUpdates([hand.first ?? new Uint8Array([0, 0]), hand.stroke()])
      const own = Y.decodeStateVector(Y.encodeStateVectorFromUpdate(edit))
      const has = new Map([...Y.decodeStateVector(vector), ...own])
      const room = `storm-${n % options.rooms}`
      return {
        n,
        room,
        edit,
        vector: Y.encodeStateVector(has),
        heard: new Set(),
        isSynced: false,
        inSyncAtUs: null,
      }
    })
  }

  /** Before the restart: somebody in each room, so that the server has the documents. */
  async settle(): Promise<void> {
    for (let room = 0; room < this.#options.rooms; room++) {
      const document = `storm-${room}`
      const author = new Member({ target: this.#options.target, document, from: loopback(room) })
      await author.synced
      author.sendUpdate(this.#base)
      for (let size = 0; size < this.#base.length * 0.9;) {
        const reader = new Member({ target: this.#options.target, document, from: loopback(room) })
        size = (await reader.synced).length
        reader.leave()
        if (size === 0) await sleep(20)
      }
      author.leave()
    }
  }

  /** Everybody tries until there is a server, then syncs; resolves when all are in sync with their rooms. */
  async comeBack(): Promise<Stormed> {
    const start = nowUs()
    for (const survivor of this.#survivors) void this.#connect(survivor)
    const deadline = start + timeoutMs * 1000
    const isDone = () => this.#survivors.every(({ inSyncAtUs }) => inSyncAtUs !== null)
    while (!isDone() && nowUs() < deadline) await sleep(10)
    const latencies = new Latencies()
    for (const { inSyncAtUs } of this.#survivors) if (inSyncAtUs !== null) latencies.add(inSyncAtUs - start)
    return {
      latencies: latencies.counts,
      missing: this.#survivors.filter(({ inSyncAtUs }) => inSyncAtUs === null).length,
    }
  }

  async #connect(survivor: Survivor): Promise<void> {
    for (;;) {
      const member = this.#open(survivor)
      try {
        await member.synced
        return
      } catch {
        await sleep(retryMs)
      }
    }
  }

  #open(survivor: Survivor): Member {
    const { room: document, vector: stateVector, n } = survivor
    const seat = { target: this.#options.target, document, stateVector, from: loopback(n) }
    const answer = (theirs: Uint8Array) => this.#owes(survivor, theirs)
    return new Member({ ...seat, answer }, (kind, bytes, start, end) => {
      if (kind === 'step2') survivor.isSynced = true
      const us = nowUs()
      findStamps(bytes, { start, end, us }, (author) => survivor.heard.add(author))
      const others = this.#options.people / this.#options.rooms - 1
      const heard = survivor.heard.size - (survivor.heard.has(n) ? 1 : 0)
      if (survivor.isSynced && heard >= others) survivor.inSyncAtUs ??= us
    })
  }

  #owes({ edit }: Survivor, theirs: Uint8Array): Uint8Array {
    const key = Buffer.from(theirs).toString('base64')
    const owed = this.#owed.get(key) ?? Y.diffUpdate(this.#base, theirs)
    this.#owed.set(key, owed)
    return owed.length <= 2 ? edit : Y.mergeUpdates([owed, edit])
  }
}
