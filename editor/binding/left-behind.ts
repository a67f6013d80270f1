import type * as Y from 'yjs'
import { findWinner, type Text } from './families.ts'
import type { Neighbour } from './find-place.ts'
import { gather, type Gathered } from './gather.ts'
import { blockOf, findItem, hasDeadParent, isAlive, lettersOf, type Letter } from './items.ts'
import type { MoveRecord } from './move-record.ts'
import { haveMet, isYounger, precedes, type Author } from './neighbours.ts'
import { keyOf, plus, SpanIndex, type Id } from './spans.ts'

/** Own letters that still stand where a recorded change took the text around them away. */
export function findLeftBehind(author: Author, record: MoveRecord): Gathered {
  const taken = new Set(record.moves.flatMap(({ from, length }) => idsFrom(from, length).map(keyOf)))
  const seen = new SpanIndex<true>()
  for (const span of record.seen) seen.add(span, true)
  // What a repair saw, no person left behind on purpose.
  const isRepair = record.kind === 'dropped' || record.kind === 'carried'
  const all = blocksOf(author, record).map((block) => {
    const letters = lettersOf(block, () => false)
    const attached = isRepair
      ? findAttached(author, letters, { taken, isDrop: record.kind === 'dropped' })
      : none
    const isFree = (letter: Letter): boolean =>
      attached.has(letter) || (record.kind !== 'carried' && !seen.has(letter))
    const look = (letter: Letter, orphan: Letter | null): Neighbour => {
      if (taken.has(keyOf(letter))) {
        const isFollowed =
          orphan === null ||
          (haveMet(author, letter, orphan) && (record.kind !== 'carried' || precedes(author, letter, orphan)))
        const follow = isFollowed ? findWinner(author, letter) : null
        return follow === null ? 'next' : { follow }
      }
      const isNear = orphan === null || haveMet(author, letter, orphan)
      if (!isNear) return 'next'
      if (letter.isAlive) return isFree(letter) ? 'next' : 'stay'
      return orphan === null ? 'next' : followElsewhere(author, letter, orphan)
    }
    const isOrphan = (letter: Letter): boolean =>
      letter.isAlive &&
      author.isMine(letter.client) &&
      !author.isTired(letter) &&
      isFree(letter) &&
      isOnly(author, letter)
    return gather(block, letters, { author, isOrphan, look, isDead: false })
  })
  return { orphans: all.flatMap(({ orphans }) => orphans), waiting: all.flatMap(({ waiting }) => waiting) }
}

/** To the copy that another change made of a letter, unless whoever made that left the orphan here, knowing of it. */
function followElsewhere(author: Author, letter: Letter, orphan: Letter): Neighbour {
  const follow = findWinner(author, letter)
  if (follow === null || author.lineage.isMadeKnowing(follow, orphan)) return 'next'
  const isCarried = author.lineage.timesCarried(follow, 1) > 0
  return isCarried && !precedes(author, letter, orphan) ? 'next' : { follow }
}

interface Taken {
  readonly taken: ReadonlySet<string>
  /** They gave way to other copies. */
  readonly isDrop: boolean
}

const none: ReadonlySet<Letter> = new Set()

/**
 * New letters of a block that belong to letters that a repair took away: they stand between them, or were written beside
 * them, or moved there with them, while whoever made the copies that stay didn't know them.
 */
function findAttached(author: Author, letters: readonly Letter[], { taken, isDrop }: Taken): Set<Letter> {
  const { lineage } = author
  const found = new Set<Letter>()
  let open: Letter[] = []
  let last: Letter | null = null
  const first = letters.find((letter) => taken.has(keyOf(letter)))
  let winner = first === undefined ? null : findWinner(author, first)
  const isNew = (letter: Letter): boolean =>
    !lineage.isKnown(letter) ||
    (winner !== null && isOnly(author, letter) && !lineage.isMadeKnowing(winner, letter))
  const isWith = (letter: Letter, copy: Letter | null): boolean =>
    copy !== null && ((isDrop && lineage.isMadeWith(letter, copy)) || isYounger(author, letter, copy))
  const close = (next: Letter | null): void => {
    const isBetween = last !== null && next !== null
    for (const each of open) if (isBetween || isWith(each, last) || isWith(each, next)) found.add(each)
    open = []
    last = next
  }
  for (const letter of letters) {
    const isTaken = taken.has(keyOf(letter))
    if (isTaken) winner = findWinner(author, letter)
    if (isTaken) close(letter)
    else if (letter.isAlive && isNew(letter)) open.push(letter)
    else if (letter.isAlive) close(null)
  }
  close(null)
  return found
}

function isOnly({ doc, lineage }: Text, letter: Letter): boolean {
  return lineage.family(letter).every((member) => !isAlive(doc, member) || keyOf(member) === keyOf(letter))
}

function idsFrom(id: Id, length: number): Id[] {
  return Array.from({ length }, (_, offset) => plus(id, offset))
}

function blocksOf({ doc, kinds }: Author, record: MoveRecord): Y.XmlElement[] {
  const blocks = new Set<Y.XmlElement>()
  for (const { from, length } of record.moves) {
    for (const id of idsFrom(from, length)) {
      const item = findItem(doc, id)
      const block = item === null ? null : blockOf(item)
      // Of a dead item Yjs forgets whether it was a letter: it may have been a whole block.
      if (block === null || !kinds.isTextblock(block.nodeName)) continue
      if (block._item?.deleted === false && !hasDeadParent(block._item)) blocks.add(block)
    }
  }
  return [...blocks]
}
