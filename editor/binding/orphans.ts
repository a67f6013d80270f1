import * as Y from 'yjs'
import { findWinner, type Text } from './families.ts'
import type { Neighbour } from './find-place.ts'
import { gather, type Orphan } from './gather.ts'
import {
  blockOf,
  diedIn,
  elementOf,
  findItem,
  hasDeadParent,
  isAwaiting,
  lettersOf,
  parentItem,
  type Letter,
} from './items.ts'
import { haveMet, type Author } from './neighbours.ts'
import { keyOf, type Id } from './spans.ts'

/**
 * Own letters that died with the element around them, whose deleter did not know of them; and letters whose last copy
 * gave way to one of those.
 */
export function findSwept(author: Author, transaction: Y.Transaction): Orphan[] {
  return [...blocksWithDead(author, transaction)].flatMap((block) => {
    const look = (letter: Letter, orphan: Letter | null): Neighbour => followWinner(author, letter, orphan)
    const isSwept = (letter: Letter): boolean =>
      author.isMine(letter.client) && isGraveKnown(author, letter.item) && !author.lineage.isBuried(letter)
    const isOrphan = (letter: Letter): boolean =>
      (letter.text !== '' || letter.element !== null) &&
      diedIn(transaction, letter) &&
      (isSwept(letter) || isForsaken(author, letter)) &&
      !author.isSpent(letter) &&
      findWinner(author, letter) === null
    const letters = lettersOf(block, (item) => diedIn(transaction, item.id))
    return gather(block, letters, { author, isOrphan, look, isDead: true }).orphans
  })
}

/** Own blocks that show something without any text, and died with the element around them, whose deleter did not know. */
export function findSweptBlocks(author: Author, transaction: Y.Transaction): Y.XmlElement[] {
  const { kinds, lineage, doc } = author
  const found: Y.XmlElement[] = []
  for (const [client, spans] of transaction.local ? [] : transaction.deleteSet.clients) {
    if (!author.isMine(client)) continue
    for (const { clock, len } of spans) {
      for (let at = clock; at < clock + len; at++) {
        const item = findItem(doc, { client, clock: at })
        if (item === null) continue
        at = item.id.clock + item.length - 1
        const element = elementOf(item)
        const isSwept =
          element !== null &&
          kinds.isShownAlone(element.nodeName) &&
          hasDeadParent(item) &&
          !lineage.isBuried(item.id) &&
          !lineage.goesOn(item.id) &&
          isGraveKnown(author, item)
        const { parent } = item
        const isInline = parent instanceof Y.XmlElement && kinds.isTextblock(parent.nodeName)
        if (isSwept && !isInline && findWinner(author, item.id) === null) found.push(element)
      }
    }
  }
  return found
}

/**
 * Own letters that died with the element around them, and no record says yet who deleted that and what they knew; and
 * copies of own text that died while records are on their way, which may say that they gave way to another copy.
 */
export interface Unexplained {
  readonly block: Y.XmlElement
  /** All of the block, as it was when they died: Yjs forgets what is dead. */
  readonly letters: readonly Letter[]
  readonly lost: ReadonlySet<Letter>
}

export function findUnexplained(author: Author, transaction: Y.Transaction): Unexplained[] {
  if (transaction.local) return []
  return [...blocksWithDead(author, transaction)].flatMap((block) => {
    const letters = lettersOf(block, (item) => diedIn(transaction, item.id))
    const isLost = (letter: Letter): boolean =>
      letter.text !== '' &&
      diedIn(transaction, letter) &&
      (isOwnSwept(author, letter) || (isAwaiting(author.doc) && hasOwnEnd(author, letter))) &&
      findWinner(author, letter) === null &&
      !isTold(author, letter)
    const lost = new Set(letters.filter(isLost))
    return lost.size === 0 ? [] : [{ block, letters, lost }]
  })
}

function isOwnSwept(author: Author, letter: Letter): boolean {
  return author.isMine(letter.client) && hasDeadParent(letter.item)
}

/** What nobody explains, as it is offered. */
export function toOrphans(author: Author, { block, letters, lost }: Unexplained): readonly Orphan[] {
  const isOrphan = (letter: Letter): boolean => lost.has(letter) && isOwnSwept(author, letter)
  return gather(block, letters, { author, isOrphan, look: () => 'next', isDead: true }).orphans
}

/** Letters whose death is explained now: the record came after the deletion, from somebody else. */
export function findExplained(author: Author, unexplained: readonly Unexplained[]): Orphan[] {
  return unexplained.flatMap(({ block, letters, lost }) => {
    if (![...lost].some((letter) => isTold(author, letter))) return []
    const isSwept = (letter: Letter): boolean =>
      author.isMine(letter.client) &&
      isGraveKnown(author, letter.item) &&
      !author.lineage.isBuried(letter) &&
      !author.lineage.goesOn(letter)
    const isOrphan = (letter: Letter): boolean =>
      lost.has(letter) &&
      (isSwept(letter) || isForsaken(author, letter)) &&
      !author.isSpent(letter) &&
      findWinner(author, letter) === null
    const look = (letter: Letter, orphan: Letter | null): Neighbour => followWinner(author, letter, orphan)
    return gather(block, letters, { author, isOrphan, look, isDead: true }).orphans
  })
}

/** To the copy of a letter that stays. */
function followWinner(author: Author, letter: Letter, orphan: Letter | null): Neighbour {
  const isNear =
    (letter.home !== null || letter.element !== null) && (orphan === null || haveMet(author, letter, orphan))
  const follow = isNear ? findWinner(author, letter) : null
  return follow === null ? 'next' : { follow }
}

/** Blocks that lost text in a transaction which may be for this editor to look after. */
function blocksWithDead(author: Author, transaction: Y.Transaction): Set<Y.XmlElement> {
  const blocks = new Set<Y.XmlElement>()
  for (const [client, spans] of transaction.deleteSet.clients) {
    if (!author.isMine(client) && author.lineage.isEmpty) continue
    for (const { clock, len } of spans) {
      for (let at = clock; at < clock + len; at++) {
        const item = findItem(author.doc, { client, clock: at })
        if (item === null) continue
        at = item.id.clock + item.length - 1
        const isInline = item.content instanceof Y.ContentString || elementOf(item) !== null
        const block = isInline ? blockOf(item) : null
        if (block !== null && author.kinds.isTextblock(block.nodeName)) blocks.add(block)
      }
    }
  }
  return blocks
}

/** Whether all copies of a letter gave way to others, and the last of those, made here, was swept away. */
function isForsaken(author: Author, letter: Id): boolean {
  const { lineage, deletedHere } = author
  if (!lineage.goesOn(letter)) return false
  const ends = lineage.family(letter).filter((member) => !lineage.goesOn(member))
  return (
    ends.length > 0 &&
    ends.every((end) => author.isMine(end.client) && !deletedHere.has(end) && !lineage.isBuried(end))
  )
}

/** Whether a copy of a letter that is for this editor to look after went, and nobody here deleted it. */
function hasOwnEnd({ lineage, deletedHere, isMine }: Author, letter: Letter): boolean {
  return lineage
    .family(letter)
    .some(
      (member) =>
        keyOf(member) !== keyOf(letter) &&
        isMine(member.client) &&
        !lineage.goesOn(member) &&
        !deletedHere.has(member),
    )
}

/** Whether records tell what became of all that is lost. */
export function isExplained(author: Author, { lost }: Unexplained): boolean {
  return [...lost].every((letter) => isTold(author, letter))
}

function isTold(author: Author, letter: Letter): boolean {
  return author.lineage.goesOn(letter) || isGraveKnown(author, letter.item)
}

/** Whether the deletion of what is around it, near or far, was recorded: other programs don't tell what they knew. */
function isGraveKnown(text: Text, item: Y.Item): boolean {
  return findGrave(text, parentItem(item)) !== null
}

/** The nearest element, from an item outwards, whose deletion was recorded; null when none was. */
export function findGrave({ lineage }: Text, item: Y.Item | null): Y.Item | null {
  for (let around = item; around !== null; around = parentItem(around))
    if (around.deleted && lineage.isBuried(around.id)) return around
  return null
}
