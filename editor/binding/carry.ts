import * as Y from 'yjs'
import { findWinner, type Text } from './families.ts'
import { blockOf, findItem, indexOf, itemsFrom, itemsOf, typeOf, type Letter, type Marks } from './items.ts'
import type { Pair } from './match-text.ts'
import type { Place } from './find-place.ts'
import type { Orphan } from './gather.ts'
import { keyOf, plus, type Id } from './spans.ts'

/** What carrying has to know of the schema. */
export interface Kinds {
  /** Whether an element of this name shows something though it holds nothing: a picture, a rule. */
  isLeaf(name: string): boolean
  /** The marks that text in such an element can have. */
  marksAllowedIn(name: string, marks: Marks): Marks
}

/**
 * Puts orphans where the text around them is now, in their order, and takes them away from where they were; those with
 * nothing left around them get a block of their own where theirs was. Returns which letter went where.
 */
export function carry(text: Text, kinds: Kinds, orphans: readonly Orphan[]): Pair<Id>[] {
  const pairs: Pair<Id>[] = []
  const lastAfter = new Map<string, Id>()
  const shelters = new Map<Y.XmlElement, Y.XmlText>()
  const now = new Map<string, Id>()
  for (const { block, letters, place: found } of orphans) {
    // What it stands beside may have been carried just now.
    const place = found === null ? null : { ...found, beside: now.get(keyOf(found.beside)) ?? found.beside }
    const spot = place === null ? null : findSpot(text.doc, place, lastAfter)
    const target = spot ?? shelterOf(text, { block, kinds, shelters })
    const made = insertLetters(text.doc, target, letters, kinds)
    const last = made.at(-1)
    if (place?.side === 'after' && last !== undefined) lastAfter.set(keyOf(place.beside), last)
    letters.forEach((from, index) => {
      const to = made[index]
      if (to === undefined) return
      pairs.push({ from, to })
      now.set(keyOf(from), to)
    })
  }
  deleteLetters(
    text.doc,
    orphans.flatMap(({ letters }) => letters),
  )
  return pairs
}

interface Spot {
  readonly home: Y.XmlText
  readonly index: number
}

function findSpot(doc: Y.Doc, { beside, side }: Place, lastAfter: ReadonlyMap<string, Id>): Spot | null {
  const id = side === 'after' ? (lastAfter.get(keyOf(beside)) ?? beside) : beside
  const home = findItem(doc, id)?.parent
  if (!(home instanceof Y.XmlText)) return null
  return { home, index: indexOf(home, id) + (side === 'after' ? 1 : 0) }
}

/** Inserts letters with their marks; returns their new ids, one for each. */
function insertLetters(doc: Y.Doc, spot: Spot, letters: readonly Letter[], kinds: Kinds): Id[] {
  const { client, clock } = { client: doc.clientID, clock: Y.getState(doc.store, doc.clientID) }
  const name = spot.home.parent instanceof Y.XmlElement ? spot.home.parent.nodeName : ''
  let { index } = spot
  for (const [text, marks] of partsOf(letters)) {
    spot.home.insert(index, text, { ...kinds.marksAllowedIn(name, marks) })
    index += text.length
  }
  const made = itemsFrom(doc, { client, clock }).filter((item) => item.content instanceof Y.ContentString)
  return made.flatMap((item) => {
    const skip = Math.max(0, clock - item.id.clock)
    return Array.from({ length: item.length - skip }, (_, offset) => plus(item.id, skip + offset))
  })
}

/** Letters with the same marks in a row, as text. */
function partsOf(letters: readonly Letter[]): [string, Marks][] {
  const parts: [string, Marks][] = []
  for (const { text, marks } of letters) {
    const last = parts.at(-1)
    if (last?.[1] === marks) last[0] += text
    else parts.push([text, marks])
  }
  return parts
}

interface Shelter {
  readonly block: Y.XmlElement
  readonly kinds: Kinds
  readonly shelters: Map<Y.XmlElement, Y.XmlText>
}

/** A new block like a dead one, where that one was. */
function shelterOf(text: Text, { block, shelters }: Shelter): Spot {
  const made = shelters.get(block)
  if (made !== undefined) return { home: made, index: made.length }
  const element = new Y.XmlElement(block.nodeName)
  const home = new Y.XmlText()
  element.insert(0, [home])
  const { parent, index } = placeOf(text, block)
  parent.insert(index, [element])
  shelters.set(block, home)
  return { home, index: 0 }
}

/** Where a block stood that died, as a place that keeps while others edit. */
export function relativePlaceOf(text: Text, block: Y.XmlElement): Y.RelativePosition {
  const { parent, index } = placeOf(text, block)
  return Y.createRelativePositionFromTypeIndex(parent, index)
}

/** Where a dead block stood: after the nearest living thing to its left, or before the nearest to its right. */
function placeOf(text: Text, block: Y.XmlFragment): { parent: Y.XmlFragment; index: number } {
  const item = block._item
  const { parent } = block
  if (item === null || !(parent instanceof Y.XmlFragment)) return { parent: block, index: block.length }
  for (const side of ['left', 'right'] as const) {
    for (let other = item[side]; other !== null; other = other[side]) {
      const alive = livingElement(text, other)
      if (alive?.parent instanceof Y.XmlFragment)
        return { parent: alive.parent, index: childIndex(alive) + (side === 'left' ? 1 : 0) }
    }
  }
  return parent._item?.deleted === true ? placeOf(text, parent) : { parent, index: 0 }
}

/** The element an item holds, or the one that its copy or its text is in now; null when all that is gone. */
function livingElement(text: Text, item: Y.Item): Y.XmlElement | null {
  const type = typeOf(item)
  if (!(type instanceof Y.XmlElement)) return null
  if (!item.deleted) return type
  const copy = findWinner(text, item.id)
  const copied = copy === null ? null : findItem(text.doc, copy)
  const element = copied === null ? null : typeOf(copied)
  if (element instanceof Y.XmlElement) return element
  for (const child of itemsOf(type)) {
    const inner = typeOf(child)
    if (!(inner instanceof Y.XmlText)) continue
    for (const letter of itemsOf(inner)) {
      const winner = findWinner(text, letter.id)
      const home = winner === null ? null : findItem(text.doc, winner)
      if (home !== null) return blockOf(home)
    }
  }
  return null
}

export function childIndex(element: Y.XmlElement): number {
  return element.parent instanceof Y.XmlFragment ? element.parent.toArray().indexOf(element) : 0
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
