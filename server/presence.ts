import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import type { User } from './access.ts'
import { Authorship } from './authorship.ts'
import { checkState, type StateOwner } from './presence-state.ts'

/** What a presence frame may make grow. */
export interface PresenceLimits {
  /** Bytes of one state. */
  readonly maxPresenceBytes: number
  readonly maxPresenceFrameBytes: number
  /** People told of in one frame. */
  readonly maxPresenceEntries: number
}

/**
 * Who is in one room and where their caret is: the awareness states of its connections.
 *
 * P1 a state is parsed once, when it arrives from its owner, to see that it is what it should be; it is relayed as the
 *    bytes that came, unless a colour in it is none or the server knows its owner (P8).
 * P2 the latest state wins; changes collect until `takeChanges`.
 * P3 a connection owns the client id it announces. Entries about ids that others hold are ignored without complaint:
 *    stock clients re-broadcast all they hear. A new connection of the same client shares the id with a half-open old
 *    one, whose later close does not remove the state. Another user's id is never shared.
 * P4 a removal is relayed at once: `receive` and `leave` say so.
 */
export class Presence {
  readonly #entries = new Map<number, Entry>()
  readonly #ownIds = new Map<number, number>()
  readonly #users = new Map<number, User>()
  /** Connections that announced an id which another one held. */
  readonly #borrowers = new Set<number>()
  /** Clocks of those who left, so that a returning client is heard again; the oldest are forgotten. */
  readonly #departed = new Map<number, number>()
  readonly #changed = new Set<number>()
  readonly #limits: PresenceLimits
  readonly #authorship: Authorship

  /** `authorship` is told which connection speaks with which id, and has a say in it. */
  constructor(limits: PresenceLimits, authorship = new Authorship()) {
    this.#limits = limits
    this.#authorship = authorship
  }

  /** From now on, the states of connection `peer` are those of this user. */
  join(peer: number, user: User): void {
    this.#users.set(peer, user)
  }

  /** Takes the presence frame of connection `peer`. */
  receive(peer: number, update: Uint8Array): PresenceOutcome {
    if (update.length > this.#limits.maxPresenceFrameBytes) return { type: 'too-large' }
    const entries = readAwareness(update, this.#limits.maxPresenceEntries)
    if (entries === null) return { type: 'malformed' }
    let outcome: PresenceOutcome = { type: 'ignored' }
    for (const { client, clock, bytes } of entries) {
      if (client !== this.#ownIds.get(peer) && (isNull(bytes) || !this.#mayAnnounce(peer, client, clock)))
        continue
      const state = clock < maxClock ? this.#read(bytes, { client, user: this.#users.get(peer) }) : 'invalid'
      if (state === 'invalid') return { type: 'malformed' }
      const hasMoved = this.#own(peer, client)
      outcome = this.#accept({ peer, client, clock, state })
      if (hasMoved) outcome = { type: 'removed' }
    }
    return outcome
  }

  /** The connection is gone. True when a state went with it, which the others should hear of at once. */
  leave(peer: number): boolean {
    this.#users.delete(peer)
    return this.#giveUp(peer)
  }

  #giveUp(peer: number): boolean {
    const client = this.#ownIds.get(peer)
    this.#ownIds.delete(peer)
    this.#borrowers.delete(peer)
    if (client === undefined) return false
    const entry = this.#entries.get(client)
    if (entry === undefined) return false
    entry.peers.delete(peer)
    if (entry.peers.size > 0) return false
    this.#remove(client, entry.clock)
    return true
  }

  /**
   * What changed since the last call, as one awareness update; null when nothing did. There is more to take when so
   * many people moved that a stock client, which sends back what it hears, could not send it in one frame.
   */
  takeChanges(): Uint8Array | null {
    if (this.#changed.size === 0) return null
    const part = this.#partOf(this.#changed)
    for (const client of part) this.#changed.delete(client)
    return this.#encode(part)
  }

  /** Everybody who is here, as awareness updates: one, unless they are very many; none when nobody is. */
  *everybody(): Generator<Uint8Array> {
    const all = this.#entries.keys()
    for (let part = this.#partOf(all); part.length > 0; part = this.#partOf(all)) yield this.#encode(part)
  }

  /** The next of them, as many as fit into a frame that comes back to us, perhaps spelled out at greater length. */
  #partOf(clients: Iterable<number>): number[] {
    const part: number[] = []
    const remaining = clients[Symbol.iterator]()
    let bytes = 0
    while (bytes < this.#limits.maxPresenceFrameBytes / 8 && part.length < this.#limits.maxPresenceEntries) {
      const next = remaining.next()
      if (next.done === true) break
      part.push(next.value)
      bytes += this.#entries.get(next.value)?.state.length ?? nullState.length
    }
    return part
  }

  /** Null for `null`; `invalid` for what no honest client sends. */
  #read(bytes: Uint8Array, owner: StateOwner): Uint8Array | null | 'invalid' {
    if (isNull(bytes)) return null
    if (bytes.length > this.#limits.maxPresenceBytes) return 'invalid'
    return checkState(bytes, owner) ?? 'invalid'
  }

  /**
   * The first announcement counts whoever holds the id: it may be a half-open predecessor. It may also be somebody
   * else, re-broadcast by a stock client that has no state of its own yet; so a connection that began with another's
   * id may still move, once, to one that nobody holds.
   */
  #mayAnnounce(peer: number, client: number, clock: number): boolean {
    if (!this.#authorship.mayHold(peer, client)) return false
    if (!this.#ownIds.has(peer)) return true
    return (
      this.#borrowers.has(peer) && !this.#entries.has(client) && clock > (this.#departed.get(client) ?? -1)
    )
  }

  /** True when the connection gave up another id for this one, and a state went with it. */
  #own(peer: number, client: number): boolean {
    if (this.#ownIds.get(peer) === client) return false
    const hasLeft = this.#giveUp(peer)
    this.#ownIds.set(peer, client)
    this.#authorship.hold(peer, client)
    if (this.#entries.has(client)) this.#borrowers.add(peer)
    return hasLeft
  }

  #accept(update: {
    peer: number
    client: number
    clock: number
    state: Uint8Array | null
  }): PresenceOutcome {
    const { peer, client, clock, state } = update
    const known = this.#entries.get(client)
    if (known === undefined) {
      if (state === null) return { type: 'ignored' }
      const leftAt = this.#departed.get(client)
      if (leftAt !== undefined && clock <= leftAt) {
        // The others were told that this client left at `leftAt` and won't believe an older clock. Telling the
        // client the same makes it announce itself with a newer one (y-protocols does so about its own id).
        return { type: 'outdated', update: encodeAwareness([{ client, clock: leftAt, state: null }]) }
      }
      this.#departed.delete(client)
      this.#entries.set(client, { clock, state, peers: new Set([peer]) })
      this.#changed.add(client)
      return { type: 'changed' }
    }
    known.peers.add(peer)
    if (clock < known.clock || (clock === known.clock && state !== null)) return { type: 'ignored' }
    if (state === null) {
      this.#remove(client, clock)
      return { type: 'removed' }
    }
    known.clock = clock
    known.state = state
    this.#changed.add(client)
    return { type: 'changed' }
  }

  #remove(client: number, clock: number): void {
    this.#entries.delete(client)
    this.#departed.set(client, clock)
    if (this.#departed.size > maxDeparted) {
      const [oldest] = this.#departed.keys()
      if (oldest !== undefined) this.#departed.delete(oldest)
    }
    this.#changed.add(client)
  }

  #encode(clients: Iterable<number>): Uint8Array {
    return encodeAwareness(
      Array.from(clients, (client) => {
        const entry = this.#entries.get(client)
        if (entry !== undefined) return { client, clock: entry.clock, state: entry.state }
        return { client, clock: this.#departed.get(client) ?? 0, state: null }
      }),
    )
  }
}

/** What came of a presence frame; `outdated` carries what to answer its sender. */
export type PresenceOutcome =
  | { readonly type: 'changed' | 'removed' | 'ignored' | 'malformed' | 'too-large' }
  | { readonly type: 'outdated'; readonly update: Uint8Array }

interface Entry {
  clock: number
  state: Uint8Array
  readonly peers: Set<number>
}

/** As many departed clients as a room may forget without harm: a forgotten one is shown again after its next move. */
const maxDeparted = 256

/** Clocks count a client's moves one by one; nobody makes more than this many. */
const maxClock = 2 ** 31

interface AwarenessEntry {
  readonly client: number
  readonly clock: number
  readonly state: Uint8Array | null
}

const nullState = new TextEncoder().encode('null')

/** Null when the bytes are no awareness update, or tell of more people than that. */
function readAwareness(
  update: Uint8Array,
  maxEntries: number,
): { client: number; clock: number; bytes: Uint8Array }[] | null {
  try {
    const decoder = decoding.createDecoder(update)
    const count = decoding.readVarUint(decoder)
    if (count > maxEntries) return null
    const entries = []
    for (let i = 0; i < count; i++) {
      const client = decoding.readVarUint(decoder)
      const clock = decoding.readVarUint(decoder)
      entries.push({ client, clock, bytes: decoding.readVarUint8Array(decoder) })
    }
    return decoding.hasContent(decoder) ? null : entries
  } catch {
    return null
  }
}

function isNull(bytes: Uint8Array): boolean {
  return bytes.length === nullState.length && nullState.every((byte, i) => byte === bytes[i])
}

function encodeAwareness(entries: readonly AwarenessEntry[]): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, entries.length)
  for (const { client, clock, state } of entries) {
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, clock)
    encoding.writeVarUint8Array(encoder, state ?? nullState)
  }
  return encoding.toUint8Array(encoder)
}

/** An awareness update about nobody: a message that keeps a stock client from hanging up, and says nothing. */
export const emptyAwareness: Uint8Array = encodeAwareness([])
