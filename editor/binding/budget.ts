import type { Lineage } from './lineage.ts'
import type { MoveRecord } from './move-record.ts'
import type { Id } from './spans.ts'

/** So often a letter follows others; whoever is chased further stays where they are. */
export const mostCarries = 6

/** So often a letter that would be gone otherwise is put back; then it is offered to the person who typed it. */
export const mostReturns = 24

/** So many repairs that carry text are made between two changes by people. */
export const mostRepairs = 200

/**
 * Makes repairs come to rest, whatever anybody writes: a letter is carried a bounded number of times until a person
 * moves it, and an editor carries a bounded number of times until a person changes anything.
 */
export class Budget {
  readonly #lineage: Lineage
  #left = mostRepairs

  constructor(lineage: Lineage) {
    this.#lineage = lineage
  }

  /** Somebody changed something at this editor, or these records came. */
  renew(records?: readonly MoveRecord[]): void {
    const isByPerson = records?.some(({ kind }) => kind === 'moved' || kind === 'restored') !== false
    if (isByPerson) this.#left = mostRepairs
  }

  spend(): void {
    this.#left--
  }

  isTired(id: Id): boolean {
    return this.#left <= 0 || this.#lineage.timesCarried(id, mostCarries) >= mostCarries
  }

  isSpent(id: Id): boolean {
    return this.#left <= 0 || this.#lineage.timesCarried(id, mostReturns) >= mostReturns
  }
}
