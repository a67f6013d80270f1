import type * as Y from 'yjs'
import { isAlive } from './items.ts'
import type { Lineage } from './lineage.ts'
import type { Pair } from './match-text.ts'
import { keyOf, type Id } from './spans.ts'

/** What repairs are decided from. */
export interface Text {
  readonly doc: Y.Doc
  readonly lineage: Lineage
  /** What was deleted at this editor since it was opened. */
  readonly deletedHere: { has(id: Id): boolean }
}

/** The copy of a letter that stays; null when none is alive. */
export function findWinner({ doc, lineage }: Text, id: Id): Id | null {
  const alive = lineage.family(id).filter((member) => isAlive(doc, member))
  return alive.sort((one, other) => lineage.compare(one, other))[0] ?? null
}

/**
 * Whether somebody deleted a letter at this editor, and did not put it anywhere else.
 *
 * Only here is that certain: what others deleted, they may just be about to paste.
 */
export function isDeletedHere({ lineage, deletedHere }: Text, id: Id): boolean {
  return deletedHere.has(id) && !lineage.goesOn(id)
}

/** Whether somebody else deleted a letter where it had been moved to. */
export function isDeletedElsewhere({ doc, lineage, deletedHere }: Text, id: Id): boolean {
  const isGone = (member: Id): boolean => !isAlive(doc, member) && !deletedHere.has(member)
  return lineage.goesOn(id) && lineage.family(id).every((member) => lineage.goesOn(member) || isGone(member))
}

export interface Verdict {
  /** Copies of letters that somebody deleted. */
  readonly doomed: readonly Id[]
  /** Copies that give way to another one. */
  readonly drops: readonly Pair<Id>[]
}

/** What is too much of the touched letters: of each one copy stays, and none if it was deleted here. */
export function judge(text: Text, touched: Iterable<Id>, deleted: ReadonlySet<string>): Verdict {
  const doomed: Id[] = []
  const drops: Pair<Id>[] = []
  const judged = new Set<string>()
  for (const id of touched) {
    if (judged.has(keyOf(id))) continue
    const family = text.lineage.family(id)
    for (const member of family) judged.add(keyOf(member))
    const alive = family.filter((member) => isAlive(text.doc, member))
    if (alive.length === 0) continue
    const isDeleted = family.some((member) => deleted.has(keyOf(member)) || isDeletedHere(text, member))
    if (isDeleted) doomed.push(...alive)
    else if (alive.length > 1) {
      const [to, ...losers] = alive.sort((one, other) => text.lineage.compare(one, other))
      if (to !== undefined) drops.push(...losers.map((from) => ({ from, to })))
    }
  }
  return { doomed, drops }
}
