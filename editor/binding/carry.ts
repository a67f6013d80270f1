import * as Y from 'yjs'
import { findItem, indexOf, elementOf, type Letter, type WasAlive } from './items.ts'
import { insertLetters, type Spot } from './insert-letters.ts'
import type { Pair } from './match-text.ts'
import type { Place } from './find-place.ts'
import type { Orphan } from './gather.ts'
import type { Author } from './neighbours.ts'
import { childIndex, makeAgain, shelterOf, type Shelters } from './shelter.ts'
import { keyOf, type Id } from './spans.ts'

/** What a repair has to carry. */
export interface Load {
  readonly orphans: readonly Orphan[]
  /** Own blocks that show something without any text, and died in one whose deleter did not know them. */
  readonly blocks: readonly Y.XmlElement[]
  readonly wasAlive: WasAlive
}

/**
 * Puts orphans where the text around them is now, in their order, and takes them away from where they were; those with
 * nothing left around them get a block of their own where theirs was. Returns which letter went where.
 */
export function carry(author: Author, { orphans, blocks, wasAlive }: Load): Pair<Id>[] {
  const pairs: Pair<Id>[] = []
  const lastAfter = new Map<string, Id>()
  const shelters: Shelters = { author, wasAlive, homes: new Map(), frames: new Map() }
  const now = new Map<string, Id>()
  const note = (pair: Pair<Id>): void => {
    pairs.push(pair)
    now.set(keyOf(pair.from), pair.to)
  }
  // What it stands beside may have been carried just now.
  const whereIs = (id: Id): Id => now.get(keyOf(id)) ?? id
  for (const { block, letters, place: found } of orphans) {
    const place = found === null ? null : { ...found, beside: whereIs(found.beside) }
    const last = place?.side === 'after' ? lastAfter.get(keyOf(place.beside)) : undefined
    const spot =
      place === null ? null : findSpot(author.doc, { ...place, beside: whereIs(last ?? place.beside) })
    const { made, moved } = insertLetters(author, spot ?? endOf(shelterOf(shelters, block)), {
      letters,
      wasAlive,
    })
    for (const pair of moved) note(pair)
    letters.forEach((from, index) => {
      const to = made[index]
      if (to !== undefined) note({ from, to })
    })
    const end = made.at(-1)
    if (place?.side === 'after' && end !== undefined) lastAfter.set(keyOf(place.beside), end)
  }
  for (const block of blocks) makeAgain(shelters, block)
  for (const [from, to] of shelters.frames)
    if (from._item !== null && to._item !== null && author.isMine(from._item.id.client))
      note({ from: from._item.id, to: to._item.id })
  takeAway(
    author.doc,
    orphans.flatMap(({ letters }) => letters),
  )
  return pairs
}

function endOf(home: Y.XmlText): Spot {
  return { home, index: home.length }
}

function findSpot(doc: Y.Doc, { beside, side }: Place): Spot | null {
  const item = findItem(doc, beside)
  if (item === null || item.deleted) return null
  const step = side === 'after' ? 1 : 0
  const element = elementOf(item)
  if (element !== null) return findSpotBeside(element, step)
  return item.parent instanceof Y.XmlText
    ? { home: item.parent, index: indexOf(item.parent, beside) + step }
    : null
}

/** In the text before or after an inline element. */
function findSpotBeside(element: Y.XmlElement, step: 0 | 1): Spot | null {
  const block = element.parent
  if (!(block instanceof Y.XmlElement)) return null
  const at = childIndex(element) + step
  const sibling = step === 1 || at > 0 ? block.toArray()[step === 1 ? at : at - 1] : undefined
  if (sibling instanceof Y.XmlText) return { home: sibling, index: step === 1 ? 0 : sibling.length }
  const home = new Y.XmlText()
  block.insert(at, [home])
  return { home, index: 0 }
}

/** Deletes what was carried from where it was; the dead among it stay dead. */
function takeAway(doc: Y.Doc, letters: readonly Letter[]): void {
  deleteLetters(doc, letters)
  for (const { element } of letters) if (element !== null) deleteElement(element)
}

/** Deletes letters, wherever they are; the dead ones among them stay dead. */
export function deleteLetters(doc: Y.Doc, ids: readonly Id[]): void {
  for (const id of ids) {
    const item = findItem(doc, id)
    if (item === null || item.deleted) continue
    if (item.parent instanceof Y.XmlText) item.parent.delete(indexOf(item.parent, id), 1)
  }
}

/** Deletes an element if it is there. */
export function deleteElement(element: Y.XmlElement): void {
  const { parent } = element
  if (element._item?.deleted === false && parent instanceof Y.XmlFragment)
    parent.delete(childIndex(element), 1)
}
