import * as Y from 'yjs'
import { findWinner, type Text } from './families.ts'
import { blockOf, diedIn, findItem, hasDeadParent, isAlive, lettersOf, parentItem, type Letter } from './items.ts'
import type { MoveRecord } from './move-record.ts'
import { keyOf, plus, SpanIndex, type Id } from './spans.ts'

/** Letters in a row that lost the text around them, and where that is now. */
export interface Orphan {
  readonly block: Y.XmlElement
  readonly letters: Letter[]
  /** Null when nothing of the text around them is left. */
  readonly place: Place | null
}

export interface Place {
  readonly beside: Id
  readonly side: 'before' | 'after'
}

export interface Author extends Text {
  /** Whether a client's text is for this editor to look after. */
  isMine(client: number): boolean
}

/** What a walk along a block's letters finds: a letter to follow, one to stay with, or nothing to go by. */
type Neighbour = { readonly follow: Id } | 'stay' | 'next'

/** Own letters that still stand where a recorded change took the text around them away. */
export function findLeftBehind(author: Author, record: MoveRecord): Orphan[] {
  const taken = new Set(record.moves.flatMap(({ from, length }) => idsFrom(from, length).map(keyOf)))
  const seen = new SpanIndex<true>()
  for (const span of record.seen) seen.add(span, true)
  return blocksOf(author.doc, record).flatMap((block) => {
    const isWhole = block._item !== null && author.lineage.isBornByMove(block._item.id)
    const isFree = (letter: Letter): boolean =>
      record.kind === 'dropped' ? isWhole && !author.lineage.isKnown(letter) : !seen.has(letter)
    const look = (letter: Letter): Neighbour => {
      if (taken.has(keyOf(letter))) {
        const follow = findWinner(author, letter)
        return follow === null ? 'next' : { follow }
      }
      return letter.isAlive && !isFree(letter) ? 'stay' : 'next'
    }
    const isOrphan = (letter: Letter): boolean =>
      letter.isAlive &&
      author.isMine(letter.client) &&
      mayFollow(letter, record) &&
      isFree(letter) &&
      isOnly(author, letter)
    return gather(block, lettersOf(block, () => false), { isOrphan, look, isDead: false })
  })
}

/** Own letters that died with the element around them, whose deleter did not know of them. */
export function findSwept(author: Author, transaction: Y.Transaction): Orphan[] {
  const blocks = new Set<Y.XmlElement>()
  for (const [client, spans] of transaction.deleteSet.clients) {
    if (!author.isMine(client)) continue
    for (const { clock, len } of spans) {
      for (let at = clock; at < clock + len; at++) {
        const item = findItem(author.doc, { client, clock: at })
        if (item === null) continue
        at = item.id.clock + item.length - 1
        const block = item.content instanceof Y.ContentString && hasDeadParent(item) ? blockOf(item) : null
        if (block !== null && isGraveKnown(author, block)) blocks.add(block)
      }
    }
  }
  return [...blocks].flatMap((block) => {
    const look = (letter: Letter): Neighbour => {
      const follow = letter.home === null ? null : findWinner(author, letter)
      return follow === null ? 'next' : { follow }
    }
    const isOrphan = (letter: Letter): boolean =>
      author.isMine(letter.client) &&
      diedIn(transaction, letter) &&
      letter.text !== '' &&
      !author.lineage.isBuried(letter) &&
      findWinner(author, letter) === null
    const letters = lettersOf(block, (item) => diedIn(transaction, item.id))
    return gather(block, letters, { isOrphan, look, isDead: true })
  })
}

/** Whether the deletion of the element, or of one around it, was recorded: other programs don't tell what they knew. */
function isGraveKnown({ lineage }: Text, block: Y.XmlElement): boolean {
  for (let item = block._item; item !== null; item = parentItem(item))
    if (item.deleted && lineage.isBuried(item.id)) return true
  return false
}

/** Who follows what was carried has the greater number: two who follow each other would never come to rest. */
function mayFollow({ client }: Id, { kind, born }: MoveRecord): boolean {
  return kind !== 'carried' || born === null || client > born.client
}

function isOnly({ doc, lineage }: Text, letter: Letter): boolean {
  return lineage.family(letter).every((member) => !isAlive(doc, member) || keyOf(member) === keyOf(letter))
}

function idsFrom(id: Id, length: number): Id[] {
  return Array.from({ length }, (_, offset) => plus(id, offset))
}

function blocksOf(doc: Y.Doc, record: MoveRecord): Y.XmlElement[] {
  const blocks = new Set<Y.XmlElement>()
  for (const { from, length } of record.moves) {
    for (const id of idsFrom(from, length)) {
      const item = findItem(doc, id)
      const block = item?.content instanceof Y.ContentType || item === null ? null : blockOf(item)
      if (block !== null && block._item?.deleted === false && !hasDeadParent(block._item)) blocks.add(block)
    }
  }
  return [...blocks]
}

interface Rules {
  isOrphan(letter: Letter): boolean
  look(letter: Letter): Neighbour
  readonly isDead: boolean
}

/** The orphans of a block, with the place each follows: its left neighbour's before its right one's. */
function gather(block: Y.XmlElement, letters: readonly Letter[], rules: Rules): Orphan[] {
  const orphans: Orphan[] = []
  const marked = letters.map((letter) => rules.isOrphan(letter))
  letters.forEach((letter, index) => {
    if (marked[index] !== true) return
    const last = orphans.at(-1)
    // Whoever stands beside an orphan goes where it goes.
    if (last !== undefined && marked[index - 1] === true) {
      last.letters.push(letter)
      return
    }
    const place = findPlace(letters, index, (other, at) => (marked[at] === true ? 'next' : rules.look(other)))
    if (place === 'stay' || (place === null && !rules.isDead)) marked[index] = false
    else orphans.push({ block, letters: [letter], place })
  })
  return orphans
}

function findPlace(
  letters: readonly Letter[],
  index: number,
  look: (letter: Letter, at: number) => Neighbour,
): Place | 'stay' | null {
  for (const [step, side] of [[-1, 'after'], [1, 'before']] as const) {
    for (let at = index + step; at >= 0 && at < letters.length; at += step) {
      const letter = letters[at]
      const found = letter === undefined ? 'next' : look(letter, at)
      if (found === 'stay') return 'stay'
      if (found !== 'next') return { beside: found.follow, side }
    }
  }
  return null
}
