import type * as Y from 'yjs'
import { findWinner } from './families.ts'
import type { Homeless, Orphan, Tie } from './gather.ts'
import { blockOf, findItem, lettersOf } from './items.ts'
import type { Pair } from './match-text.ts'
import { precedes, type Author } from './neighbours.ts'
import { keyOf, type Id } from './spans.ts'

/** So many pieces of text wait for what they go by to come back, or to go elsewhere. */
const mostHomeless = 50

/** Homeless text beside which something has come back, and text that followed something that went elsewhere. */
export function findReturned(author: Author, homeless: readonly Homeless[]): Orphan[] {
  return homeless.flatMap(({ ids, around }) => {
    const [first] = ids
    const item = first === undefined ? null : findItem(author.doc, first)
    const block = item === null || item.deleted ? null : blockOf(item)
    if (block === null) return []
    if (first === undefined || author.isTired(first)) return []
    const found = findReturnPlace(author, { around, block, first })
    if (found === null) return []
    const wanted = new Set(ids.map(keyOf))
    const letters = lettersOf(block, () => false).filter(
      (letter) => letter.isAlive && wanted.has(keyOf(letter)),
    )
    return letters.length === 0 ? [] : [{ block, letters, ...found }]
  })
}

interface Waiting {
  readonly around: readonly Tie[]
  readonly block: Y.XmlElement
  readonly first: Id
}

/** Beside the nearest letter that is elsewhere, unless that follows this text. */
function findReturnPlace(
  author: Author,
  { around, block, first }: Waiting,
): Pick<Orphan, 'place' | 'around'> | null {
  for (const [index, { id, side, isFollowed }] of around.entries()) {
    const beside = findWinner(author, id)
    const item = beside === null ? null : findItem(author.doc, beside)
    if (beside === null || item === null || blockOf(item) === block) continue
    if (isFollowed && author.lineage.isMadeKnowing(beside, first)) continue
    const home = blockOf(item)?._item
    const isHomeless = home !== null && home !== undefined && author.lineage.isShelter(home.id)
    if ((isHomeless || isFollowed) && !precedes(author, beside, first)) continue
    return { place: { beside, side }, around: [...around.slice(0, index), { id, side, isFollowed: true }] }
  }
  return null
}

/** Text waits once, for what was found last. */
export function remember(homeless: Homeless[], waiting: readonly Homeless[]): void {
  const again = new Set(waiting.flatMap(({ ids }) => ids.map(keyOf)))
  const others = homeless.filter(({ ids }) => !ids.some((id) => again.has(keyOf(id))))
  homeless.splice(0, homeless.length, ...[...others, ...waiting].slice(-mostHomeless))
}

export function settle(homeless: Homeless[], orphans: readonly Orphan[], pairs: readonly Pair<Id>[]): void {
  const now = new Map(pairs.map(({ from, to }) => [keyOf(from), to]))
  const isSettled = ({ ids }: Homeless): boolean => ids.some((id) => now.has(keyOf(id)))
  homeless.splice(0, homeless.length, ...homeless.filter((each) => !isSettled(each)).slice(-mostHomeless))
  for (const { letters, around } of orphans) {
    if (around.length === 0) continue
    const ids = letters.map((letter) => now.get(keyOf(letter))).filter((id) => id !== undefined)
    homeless.push({ ids, around })
  }
}
