import { loopback } from './addresses.ts'
import { Member, openMembers, type Target } from './member.ts'

const atOnce = 50

/** People who opened a document of their own each and do nothing. */
export class Crowd {
  readonly #members: Member[] = []
  readonly #target: Target
  readonly #firstRoom: number

  constructor(target: Target, firstRoom: number) {
    this.#target = target
    this.#firstRoom = firstRoom
  }

  /** Resolves when there are so many; says how many of them the server has sent away. */
  async growTo(count: number): Promise<{ readonly closed: number }> {
    const there = this.#members.length
    const more = await openMembers(count - there, atOnce, (n) => {
      const room = this.#firstRoom + there + n
      return new Member({ target: this.#target, document: `idle-${room}`, from: loopback(room) })
    })
    this.#members.push(...more)
    return { closed: this.#members.filter(({ isClosed }) => isClosed).length }
  }
}
