import type { Access, User } from './access.ts'
import type { RefusalReason } from './update-reader.ts'

/**
 * Which of a room's connections speak and write with which Yjs client id.
 *
 * 1. A connection holds one id: the one it announced in presence, else the first one it wrote live with.
 * 2. All who hold an id at once are one known user, or may be: among people without a name nobody can tell a stranger
 *    from a half-open predecessor, so they share.
 * 3. The first known user to hold an id is its author for the life of the room. Nobody else ever holds it again.
 */
export class Authorship {
  /** Whose each connection is; undefined for people without a name. */
  readonly #users = new Map<number, string | undefined>()
  readonly #heldBy = new Map<number, number>()
  /** Connections of which the document has what they wrote before they came: what they write now follows on that. */
  readonly #synced = new Set<number>()
  readonly #holders = new Map<number, Set<number>>()
  /** User ids by client id; those that were held longest ago are forgotten first. */
  readonly #authors = new Map<number, string>()

  join(peer: number, user: User | undefined): void {
    this.#users.set(peer, user?.id)
  }

  leave(peer: number): void {
    this.#release(peer)
    this.#users.delete(peer)
    this.#synced.delete(peer)
  }

  /** Whether the connection may call itself by this id: it is nobody's, its user's, or that of people without a name. */
  mayHold(peer: number, client: number): boolean {
    const user = this.#users.get(peer)
    const author = this.#authors.get(client)
    if (author !== undefined && author !== user) return false
    for (const holder of this.#holders.get(client) ?? []) {
      const other = this.#users.get(holder)
      if (other !== undefined && other !== user) return false
    }
    return true
  }

  /** The connection holds this id and no other from now on. Ask `mayHold` first. */
  hold(peer: number, client: number): void {
    if (this.#heldBy.get(peer) === client) return
    this.#release(peer)
    this.#heldBy.set(peer, client)
    const holders = this.#holders.get(client)
    if (holders === undefined) this.#holders.set(client, new Set([peer]))
    else holders.add(peer)
    const user = this.#users.get(peer)
    if (user !== undefined) this.#setAuthor(client, user)
  }

  /** Whether the connection holds this id: then nobody objects to what it writes with it. */
  holds(peer: number, client: number): boolean {
    return this.#heldBy.get(peer) === client
  }

  /** A frame of this connection was accepted. */
  accepted(peer: number): void {
    if (this.#users.has(peer)) this.#synced.add(peer)
  }

  /** The known user who first held this id; undefined for everybody else. */
  authorOf(client: number): string | undefined {
    return this.#authors.get(client)
  }

  /**
   * What the gate asks about each id of which a frame of this connection brings new clocks, and whether bare gaps are
   * among them. `isLive` is false for a sync step 2: it may carry what anybody wrote. The connection may have left
   * since it sent the frame.
   *
   * `conflict`: another known user is here with this id, and people write with their own.
   * `held`: somebody else is here with this id, and synced. Gaps would take the place of what they are about to send.
   * (Until they are synced, gaps are what they may have written: two who heard of each other past the server bring each
   * other's gaps, and one has to be first.)
   */
  objection(writer: Writer, isLive: boolean): (client: number, bringsGap: boolean) => WriteObjection | null {
    return (client, bringsGap) => {
      const peer = writer.id
      const holders = this.#holders.get(client)
      if (holders?.has(peer) === true) return null
      if (holders !== undefined) return this.#objectionOf({ writer, isLive, bringsGap }, holders)
      const isFirst = isLive && this.#users.has(peer) && !this.#heldBy.has(peer)
      if (isFirst && this.mayHold(peer, client)) this.hold(peer, client)
      return null
    }
  }

  #objectionOf(
    { writer, isLive, bringsGap }: { writer: Writer; isLive: boolean; bringsGap: boolean },
    holders: ReadonlySet<number>,
  ): WriteObjection | null {
    const user = writer.access.user?.id
    let isOfAnother = false
    let isSynced = false
    for (const holder of holders) {
      isSynced ||= this.#synced.has(holder)
      const other = this.#users.get(holder)
      if (other === undefined) continue
      if (other === user) return null
      isOfAnother = true
    }
    if (isOfAnother && isLive) return 'conflict'
    return bringsGap && isSynced ? 'held' : null
  }

  #release(peer: number): void {
    const client = this.#heldBy.get(peer)
    if (client === undefined) return
    this.#heldBy.delete(peer)
    const holders = this.#holders.get(client)
    holders?.delete(peer)
    if (holders?.size === 0) this.#holders.delete(client)
  }

  #setAuthor(client: number, user: string): void {
    const author = this.#authors.get(client) ?? user
    this.#authors.delete(client)
    this.#authors.set(client, author)
    if (this.#authors.size <= maxAuthors) return
    const [oldest] = this.#authors.keys()
    if (oldest !== undefined) this.#authors.delete(oldest)
  }
}

/** A connection, here or not any more. */
export interface Writer {
  readonly id: number
  readonly access: Access
}

export type WriteObjection = Extract<RefusalReason, 'conflict' | 'held'>

/** As many as a document may have client ids. Who is forgotten is known again when they come back. */
const maxAuthors = 50_000
