import type { Authorship } from './authorship.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { Peer } from './peer.ts'
import { Presence, type PresenceLimits } from './presence.ts'
import { closeCodes, type CloseCode } from './protocol/close-codes.ts'
import { Broadcast } from './protocol/messages.ts'

export interface PresenceSurroundings {
  readonly document: string
  readonly log: Log
  readonly metrics: Metrics
  readonly limits: PresenceLimits
  readonly authorship: Authorship
  /** Sends a message to everybody in the room. */
  relay(message: Broadcast): void
  /** There are changes to collect with the next `flush`. */
  changed(): void
}

/** What the peers of a room are told of each other, and when. */
export class RoomPresence {
  readonly #surroundings: PresenceSurroundings
  readonly #presence: Presence
  /** Peers whose removal was relayed at once since the last `flush`: another one of theirs waits for the next. */
  readonly #hurried = new Set<number>()
  /** What a newcomer is told, until something changes. */
  #everybody: readonly Broadcast[] | null = null

  constructor(surroundings: PresenceSurroundings) {
    this.#surroundings = surroundings
    this.#presence = new Presence(surroundings.limits, surroundings.authorship)
  }

  join(peer: Peer): void {
    const { user } = peer.access
    if (user !== undefined) this.#presence.join(peer.id, user)
    this.tellEverybody(peer)
  }

  leave(peer: Peer): void {
    this.#hurried.delete(peer.id)
    if (!this.#presence.leave(peer.id)) return
    this.#everybody = null
    this.#relay()
  }

  receive(peer: Peer, update: Uint8Array): void {
    const outcome = this.#presence.receive(peer.id, update)
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
        this.#surroundings.changed()
        return
      case 'ignored':
        return
    }
  }

  /** Tells a peer of everybody who is here. */
  tellEverybody(peer: Peer): void {
    this.#everybody ??= [...this.#presence.everybody()].map(
      (update) => new Broadcast({ type: 'awareness', update }),
    )
    for (const message of this.#everybody) peer.answer(message)
  }

  /** Sends what changed about who is here, to everybody, as one message. */
  flush(): void {
    this.#hurried.clear()
    this.#relay()
  }

  /** At once, but only once in a round: else somebody who comes and goes all the time floods the others. */
  #hurry(peer: Peer): void {
    this.#surroundings.changed()
    if (this.#hurried.has(peer.id)) return
    this.#hurried.add(peer.id)
    this.#relay()
  }

  #relay(): void {
    for (let update = this.#presence.takeChanges(); update !== null; update = this.#presence.takeChanges()) {
      this.#surroundings.relay(new Broadcast({ type: 'awareness', update }))
    }
  }

  #refuse(peer: Peer, code: CloseCode, reason: string): void {
    const { log, metrics, document } = this.#surroundings
    log.warn({ document, connection: peer.id, code }, 'presence refused')
    metrics.refusedPresence(code === closeCodes.tooLarge ? 'limit' : 'malformed')
    peer.close(code, reason)
  }
}
