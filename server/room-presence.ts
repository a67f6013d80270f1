import type { Authorship } from './authorship.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { Peer } from './peer.ts'
import { Presence, type PresenceLimits } from './presence.ts'
import { closeCodes, type CloseCode } from './protocol/close-codes.ts'
import { Broadcast } from './protocol/messages.ts'

export interface PresenceSurroundings {
  readonly log: Log
  readonly metrics: Metrics
  readonly limits: PresenceLimits
}

/** The room they are in. */
export interface PresenceHost {
  readonly name: string
  authorship(): Authorship
  /** Sends a message to everybody in the room. */
  tell(message: Broadcast): void
  /** There are changes to collect with the next `flush`. */
  presenceChanged(): void
}

/** What the peers of a room are told of each other, and when. */
export class RoomPresence {
  readonly #surroundings: PresenceSurroundings
  readonly #host: PresenceHost
  /** Null until somebody says who they are. */
  #presence: Presence | null = null
  /** Peers whose removal was relayed at once since the last `flush`: another one of theirs waits for the next. */
  #hurried: Set<number> | null = null
  /** What a newcomer is told, until something changes. */
  #everybody: readonly Broadcast[] | null = null

  constructor(surroundings: PresenceSurroundings, host: PresenceHost) {
    this.#surroundings = surroundings
    this.#host = host
  }

  join(peer: Peer): void {
    const { user } = peer.access
    if (user !== undefined) this.#made.join(peer.id, user)
    this.tellEverybody(peer)
  }

  leave(peer: Peer): void {
    this.#hurried?.delete(peer.id)
    if (this.#presence?.leave(peer.id) !== true) return
    this.#everybody = null
    this.#relay()
  }

  receive(peer: Peer, update: Uint8Array): void {
    const outcome = this.#made.receive(peer.id, update)
    if (outcome.type !== 'ignored') this.#everybody = null
    switch (outcome.type) {
      case 'malformed':
        this.#refuse(peer, closeCodes.malformed, 'the presence update is malformed')
        return
      case 'too-large':
        this.#refuse(peer, closeCodes.tooLarge, 'the presence update is too large')
        return
      case 'outdated':
        peer.send(new Broadcast({ type: 'awareness', update: outcome.update }))
        return
      case 'removed':
        this.#hurry(peer)
        return
      case 'changed':
        this.#host.presenceChanged()
        return
      case 'ignored':
        return
    }
  }

  /** Tells a peer of everybody who is here. */
  tellEverybody(peer: Peer): void {
    if (this.#presence === null) return
    this.#everybody ??= [...this.#presence.everybody()].map(
      (update) => new Broadcast({ type: 'awareness', update }),
    )
    for (const message of this.#everybody) peer.answer(message)
  }

  /** Sends what changed about who is here, to everybody, as one message. */
  flush(): void {
    this.#hurried = null
    this.#relay()
  }

  get #made(): Presence {
    this.#presence ??= new Presence(this.#surroundings.limits, this.#host.authorship())
    return this.#presence
  }

  /** At once, but only once in a round: else somebody who comes and goes all the time floods the others. */
  #hurry(peer: Peer): void {
    this.#host.presenceChanged()
    this.#hurried ??= new Set()
    if (this.#hurried.has(peer.id)) return
    this.#hurried.add(peer.id)
    this.#relay()
  }

  #relay(): void {
    const presence = this.#presence
    if (presence === null) return
    for (let update = presence.takeChanges(); update !== null; update = presence.takeChanges()) {
      this.#host.tell(new Broadcast({ type: 'awareness', update }))
    }
  }

  #refuse(peer: Peer, code: CloseCode, reason: string): void {
    const { log, metrics } = this.#surroundings
    log.warn({ document: this.#host.name, connection: peer.id, code }, 'presence refused')
    metrics.refusedPresence(code === closeCodes.tooLarge ? 'limit' : 'malformed')
    peer.close(code, reason)
  }
}
