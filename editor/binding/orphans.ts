import * as Y from 'yjs'
import { findWinner, type Text } from './families.ts'
import {
  blockOf,
  diedIn,
  findItem,
  hasDeadParent,
  isAlive,
  lettersOf,
  parentItem,
  type Letter,
} from './items.ts'
import type { MoveRecord } from './move-record.ts'
import { keyOf, plus, SpanIndex, type Id } from './spans.ts'

/** Letters in a row that lost the text around them, and where that is now. */
export interface Orphan {
  readonly block: Y.XmlElement
  readonly letters: Letter[]
  /** Null when nothing of the text around them is left. */
  readonly place: Place | null
  /** Letters that stood nearer, to go back to when they come back: cut text that is pasted, mostly. */
  readonly around: readonly Around[]
}

/** A letter that stood around an orphan, nearest first. */
export interface Around {
  readonly id: Id
  readonly side: Place['side']
}

export interface Place {
  readonly beside: Id
  readonly side: 'before' | 'after'
}

export interface Author extends Text {
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

/** What a walk along a block's letters finds: a letter to follow, one to stay with, or nothing to go by. */
type Neighbour = { readonly follow: Id } | 'stay' | 'next'

/** Own letters that still stand where a recorded change took the text around them away. */
export function findLeftBehind(author: Author, record: MoveRecord): Orphan[] {
  const taken = new Set(record.moves.flatMap(({ from, length }) => idsFrom(from, length).map(keyOf)))
  const seen = new SpanIndex<true>()
  for (const span of record.seen) seen.add(span, true)
  return blocksOf(author.doc, record).flatMap((block) => {
    const letters = lettersOf(block, () => false)
    // What was typed into a copy goes where the copy went, though whoever dropped the copy saw it.
    const isWhole = block._item !== null && author.lineage.isBornByMove(block._item.id)
    const isDrop = record.kind === 'dropped'
    const inside = typedBetween(author, letters, { taken, isDrop, isWhole: isWhole && isDrop })
    const isFree = (letter: Letter): boolean => {
      if (record.kind === 'carried') return !seen.has(letter) && inside.has(letter)
      return !seen.has(letter) || (record.kind === 'dropped' && inside.has(letter))
    }
    const look = (letter: Letter, orphan: Letter | null): Neighbour => {
      if (taken.has(keyOf(letter))) {
        const follow = orphan === null || haveMet(author, letter, orphan) ? findWinner(author, letter) : null
        return follow === null ? 'next' : { follow }
      }
      const isNear = orphan === null || haveMet(author, letter, orphan)
      return letter.isAlive && !isFree(letter) && isNear ? 'stay' : 'next'
    }
    const isOrphan = (letter: Letter): boolean =>
      letter.isAlive &&
      author.isMine(letter.client) &&
      mayFollow(letter, record) &&
      !author.isTired(letter) &&
      isFree(letter) &&
      isOnly(author, letter)
    return gather(block, letters, { author, isOrphan, look, isDead: false })
  })
}

/** Whether a letter was here, and alive, when the orphan was typed: else they never were neighbours. */
function haveMet({ diedAt, arrivedAt }: Author, letter: Id, { client, clock }: Id): boolean {
  return diedAt(letter, client) > clock && (letter.client === client || arrivedAt(letter, client) <= clock)
}

interface Taken {
  readonly taken: ReadonlySet<string>
  /** The block was made for the copy that was taken away: all that is new in it belongs to that copy. */
  readonly isWhole: boolean
  /** They gave way to other copies. */
  readonly isDrop: boolean
}

/**
 * New letters of a block that stand between letters that were taken away: typed there, or moved there with them, while
 * whoever made the copies that stay didn't know them.
 */
function typedBetween(author: Author, letters: readonly Letter[], rules: Taken): Set<Letter> {
  const { taken, isWhole, isDrop } = rules
  const found = new Set<Letter>()
  let open: Letter[] = []
  let isAfterTaken = isWhole
  const staying = letters.find((letter) => taken.has(keyOf(letter)))
  let winner = staying === undefined ? null : findWinner(author, staying)
  const isNew = (letter: Letter): boolean =>
    !author.lineage.isKnown(letter) ||
    (isDrop && winner !== null && isOnly(author, letter) && !author.lineage.isMadeKnowing(winner, letter))
  for (const letter of letters) {
    const isTaken = taken.has(keyOf(letter))
    if (isTaken && isDrop) winner = findWinner(author, letter)
    if (isTaken || (letter.isAlive && !isNew(letter))) {
      if (isAfterTaken && (isTaken || isWhole)) for (const each of open) found.add(each)
      open = []
      isAfterTaken = isTaken || isWhole
    } else if (letter.isAlive) open.push(letter)
  }
  if (isWhole) for (const each of open) found.add(each)
  return found
}

/**
 * Own letters that died with the element around them, whose deleter did not know of them; and letters whose last copy
 * gave way to one of those.
 */
export function findSwept(author: Author, transaction: Y.Transaction): Orphan[] {
  return [...blocksWithDead(author, transaction)].flatMap((block) => {
    const isGrave = isGraveKnown(author, block)
    const look = (letter: Letter, orphan: Letter | null): Neighbour => followWinner(author, letter, orphan)
    const isSwept = (letter: Letter): boolean =>
      isGrave &&
      author.isMine(letter.client) &&
      hasDeadParent(letter.item) &&
      !author.lineage.isBuried(letter)
    const isOrphan = (letter: Letter): boolean =>
      letter.text !== '' &&
      diedIn(transaction, letter) &&
      (isSwept(letter) || isForsaken(author, letter)) &&
      !author.isSpent(letter) &&
      findWinner(author, letter) === null
    const letters = lettersOf(block, (item) => diedIn(transaction, item.id))
    return gather(block, letters, { author, isOrphan, look, isDead: true })
  })
}

/** Own letters that died with the element around them, and no record says yet who deleted that and what they knew. */
export interface Unexplained {
  readonly block: Y.XmlElement
  /** All of the block, as it was when they died: Yjs forgets what is dead. */
  readonly letters: readonly Letter[]
  readonly lost: ReadonlySet<Letter>
}

export function findUnexplained(author: Author, transaction: Y.Transaction): Unexplained[] {
  if (transaction.local) return []
  return [...blocksWithDead(author, transaction)].flatMap((block) => {
    if (isGraveKnown(author, block)) return []
    const letters = lettersOf(block, (item) => diedIn(transaction, item.id))
    const isLost = (letter: Letter): boolean =>
      letter.text !== '' &&
      author.isMine(letter.client) &&
      diedIn(transaction, letter) &&
      hasDeadParent(letter.item) &&
      findWinner(author, letter) === null &&
      !author.lineage.goesOn(letter)
    const lost = new Set(letters.filter(isLost))
    return lost.size === 0 ? [] : [{ block, letters, lost }]
  })
}

/** What nobody explains, as it is offered. */
export function toOrphans(author: Author, { block, letters, lost }: Unexplained): Orphan[] {
  const isOrphan = (letter: Letter): boolean => lost.has(letter)
  return gather(block, letters, { author, isOrphan, look: () => 'next', isDead: true })
}

/** Letters whose death is explained now: the record came after the deletion, from somebody else. */
export function findExplained(author: Author, unexplained: readonly Unexplained[]): Orphan[] {
  return unexplained.flatMap(({ block, letters, lost }) => {
    if (!isGraveKnown(author, block)) return []
    const isOrphan = (letter: Letter): boolean =>
      lost.has(letter) &&
      !author.lineage.isBuried(letter) &&
      !author.lineage.goesOn(letter) &&
      !author.isSpent(letter) &&
      findWinner(author, letter) === null
    const look = (letter: Letter, orphan: Letter | null): Neighbour => followWinner(author, letter, orphan)
    return gather(block, letters, { author, isOrphan, look, isDead: true })
  })
}

/** To the copy of a letter that stays. */
function followWinner(author: Author, letter: Letter, orphan: Letter | null): Neighbour {
  const isNear = letter.home !== null && (orphan === null || haveMet(author, letter, orphan))
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
        const block = item.content instanceof Y.ContentString ? blockOf(item) : null
        if (block !== null) blocks.add(block)
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

/** Whether the deletion of the element, or of one around it, was recorded: other programs don't tell what they knew. */
export function isGraveKnown({ lineage }: Text, block: Y.XmlElement): boolean {
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
  readonly author: Author
  readonly isOrphan: (letter: Letter) => boolean
  /** What a letter is to an orphan; to any at all when none is given. */
  readonly look: (letter: Letter, orphan: Letter | null) => Neighbour
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
    const find = (orphan: Letter | null) =>
      findPlace(letters, index, (other, at) => (marked[at] === true ? 'next' : rules.look(other, orphan)))
    const found = find(letter)
    if (found === 'stay' || (found.place === null && !rules.isDead)) {
      marked[index] = false
      return
    }
    // Beside whatever is there, if all that it stood beside is gone.
    const any = found.place === null ? find(null) : found
    const nearer = found.passed.filter(
      ({ id, at }) => marked[at] !== true && haveMet(rules.author, id, letter),
    )
    const place = any === 'stay' ? null : any.place
    orphans.push({ block, letters: [letter], place, around: nearer.slice(0, mostAround) })
  })
  return orphans
}

/** So many letters are remembered of where an orphan stood. */
const mostAround = 100

/** Text that is not where it stood, because what was around it is gone. */
export interface Homeless {
  readonly ids: readonly Id[]
  readonly around: readonly Around[]
}

/** Homeless text beside which something has come back: cut text that was pasted, mostly. */
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
  readonly around: readonly Around[]
  readonly block: Y.XmlElement
  readonly first: Id
}

/** Beside the nearest letter that is back, unless that is homeless itself and follows this text. */
function findReturnPlace(
  author: Author,
  { around, block, first }: Waiting,
): Pick<Orphan, 'place' | 'around'> | null {
  for (const [index, { id, side }] of around.entries()) {
    const beside = findWinner(author, id)
    const item = beside === null ? null : findItem(author.doc, beside)
    if (beside === null || item === null || blockOf(item) === block) continue
    const home = blockOf(item)?._item
    const isHomeless = home !== null && home !== undefined && author.lineage.isShelter(home.id)
    if (!isHomeless || isOlder(beside, first))
      return { place: { beside, side }, around: around.slice(0, index) }
  }
  return null
}

function isOlder(one: Id, other: Id): boolean {
  return one.client < other.client || (one.client === other.client && one.clock < other.clock)
}

interface Found {
  readonly place: Place | null
  /** Letters that were passed on the way. */
  readonly passed: readonly (Around & { readonly at: number })[]
}

function findPlace(
  letters: readonly Letter[],
  index: number,
  look: (letter: Letter, at: number) => Neighbour,
): Found | 'stay' {
  const passed: (Around & { readonly at: number })[] = []
  for (const [step, side] of [
    [-1, 'after'],
    [1, 'before'],
  ] as const) {
    for (let at = index + step; at >= 0 && at < letters.length; at += step) {
      const letter = letters[at]
      if (letter === undefined) break
      const found = look(letter, at)
      if (found === 'stay') return 'stay'
      if (found !== 'next') return { place: { beside: found.follow, side }, passed }
      const { client, clock } = letter
      passed.push({ id: { client, clock }, side, at })
    }
  }
  return { place: null, passed }
}
