import type * as Y from 'yjs'
import type { MoveRecord } from './move-record.ts'
import type { Author } from './neighbours.ts'
import {
  findLosses,
  putBack,
  stillLost,
  textOfLost,
  type IsPresent,
  type Loss,
  type Taken,
} from './rescue.ts'

/** Text that went with somebody's change, and that nobody puts back by themselves. */
export interface Rescue {
  readonly text: string
  /** It was typed at this editor; else by somebody who isn't here any more. */
  readonly isOwn: boolean
  /** The name of the person whose change it was, as it was last known here; null when nothing tells. */
  readonly by: string | null
  /** The change was made at this editor. */
  readonly isBySelf: boolean
  /** Puts it back where it was, as a paragraph of its own; nothing when it is back already. */
  readonly restore: () => void
}

/** Whom rescues are offered to. */
export interface Offering {
  readonly offer: (rescue: Rescue) => void
  /** An offer is over: the text is back. */
  readonly withdraw: (rescue: Rescue) => void
  /** What a client's person is called, or was when they were here last; null when they never were. */
  readonly nameOf: (client: number) => string | null
}

/**
 * Before text is offered, its author's editor has so long to put it back: a page that is loaded anew, or whose connection
 * broke for a moment, is there again by then.
 */
export const patienceMs = 10_000

/** So many losses wait or are offered; the oldest gives way. All of it is in the history. */
const mostLosses = 100

interface OffersContext extends Offering {
  readonly author: Author
  readonly fragment: Y.XmlFragment
  readonly isPresent: IsPresent
  readonly write: (restore: () => MoveRecord) => void
}

/** Offers lost text once its author's editor had time to put it back, and takes the offer back when the text is. */
export class RescueOffers {
  readonly #context: OffersContext
  /** Losses, the oldest first; what waits is not offered yet. */
  readonly #losses = new Map<Loss, Rescue | 'waits'>()
  readonly #timers = new Set<ReturnType<typeof setTimeout>>()

  constructor(context: OffersContext) {
    this.#context = context
  }

  /** Looks for what a transaction took away, whose dead are still here. */
  watch(taken: Taken): void {
    const losses = findLosses(this.#context.author, this.#context.isPresent, taken)
    if (losses.length === 0) return
    for (const loss of losses) this.#losses.set(loss, 'waits')
    for (const [oldest] of this.#losses) {
      if (this.#losses.size <= mostLosses) break
      this.#end(oldest)
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      for (const loss of losses) if (this.#losses.has(loss)) this.#offer(loss)
    }, patienceMs)
    this.#timers.add(timer)
  }

  /** Ends what is back; to be called when anything was moved or brought back. */
  check(): void {
    for (const loss of this.#losses.keys()) if (!this.#isLost(loss)) this.#end(loss)
  }

  destroy(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#losses.clear()
  }

  #isLost(loss: Loss): boolean {
    return textOfLost(stillLost(this.#context.author, loss)).trim() !== ''
  }

  #end(loss: Loss): void {
    const rescue = this.#losses.get(loss)
    this.#losses.delete(loss)
    if (rescue !== undefined && rescue !== 'waits') this.#context.withdraw(rescue)
  }

  #offer(loss: Loss): void {
    const { author, fragment, isPresent, nameOf, offer, write } = this.#context
    const { by, isOwn } = loss
    const lost = stillLost(author, loss)
    const text = textOfLost(lost)
    const isTheirs = !isOwn && lost.some(({ client }) => isPresent(client))
    if (isTheirs || text.trim() === '') {
      this.#end(loss)
      return
    }
    const isBySelf = by !== null && author.isMine(by)
    const restore = (): void => {
      if (this.#isLost(loss)) write(() => putBack(author, fragment, loss))
    }
    const name = by === null || isBySelf ? null : nameOf(by)
    const rescue: Rescue = { text, isOwn, by: name, isBySelf, restore }
    this.#losses.set(loss, rescue)
    offer(rescue)
  }
}
