import type { Text } from './families.ts'
import type { Kinds } from './kinds.ts'
import type { Id } from './spans.ts'

/** What an editor knows of the text that it looks after. */
export interface Author extends Text {
  readonly kinds: Kinds
  /** Whether a client's text is for this editor to look after. */
  readonly isMine: (client: number) => boolean
  /** How much a client of this editor had written when a letter died; infinite when that isn't known. */
  readonly diedAt: (id: Id, client: number) => number
  /** The same for when somebody else's letter came. */
  readonly arrivedAt: (id: Id, client: number) => number
  /** Whether a letter was carried so often, or so much was, that it is left where it is. */
  readonly isTired: (id: Id) => boolean
  /** The same for a letter that is dead otherwise: it is offered then. */
  readonly isSpent: (id: Id) => boolean
}

/**
 * Whether a letter was here, and alive, when the orphan was typed, or was typed beside it: else they never were
 * neighbours.
 */
export function haveMet({ diedAt, arrivedAt, lineage }: Author, letter: Id, { client, clock }: Id): boolean {
  if (diedAt(letter, client) <= clock) return false
  if (letter.client !== client) return arrivedAt(letter, client) <= clock
  return letter.clock < clock || lineage.timesCarried(letter, 1) === 0
}

/** Whether an own letter was put there when another one was there already. */
export function isYounger({ isMine, arrivedAt }: Author, own: Id, other: Id): boolean {
  if (!isMine(own.client)) return false
  return own.client === other.client ? other.clock < own.clock : arrivedAt(other, own.client) <= own.clock
}

/**
 * Whether a letter was there when another one was typed. Nobody's text follows what was carried unless it was: then no
 * two follow each other, and repairs come to rest.
 */
export function precedes({ lineage, isMine, arrivedAt }: Author, one: Id, other: Id): boolean {
  const [first, second] = [lineage.rootOf(one), lineage.rootOf(other)]
  if (first.client === second.client) return first.clock < second.clock
  return isMine(second.client)
    ? arrivedAt(first, second.client) <= second.clock
    : first.client < second.client
}

/** Whether two letters in a row were typed there: not if either was carried to where the other one stood. */
export function isOneText({ lineage }: Author, one: Id, other: Id): boolean {
  if (one.client === other.client && one.clock + 1 === other.clock) return true
  const later = one.client !== other.client || one.clock < other.clock ? other : one
  return lineage.timesCarried(later, 1) === 0
}
