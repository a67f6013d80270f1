import * as Y from 'yjs'
import { findWinner, type Text } from './families.ts'
import {
  attributesOf,
  blockOf,
  elementOf,
  findItem,
  itemsOf,
  parentItem,
  typeOf,
  type WasAlive,
} from './items.ts'
import type { Kinds } from './kinds.ts'
import type { Author } from './neighbours.ts'
import { setAttribute } from './write-attributes.ts'

/*
 * Places for what lost all that was around it.
 *
 * Text of a block that its deleter knew gets a plain block where that one was. What its deleter did not know, because it
 * was made meanwhile, is made again as it was: a picture, a table, a heading.
 */

/** What one repair has made so far, by the dead blocks it was made for. */
export interface Shelters {
  readonly author: Author
  readonly wasAlive: WasAlive
  readonly homes: Map<Y.XmlElement, Y.XmlText>
  readonly frames: Map<Y.XmlElement, Y.XmlElement>
}

/** A text to put in what was in a dead block. */
export function shelterOf(shelters: Shelters, block: Y.XmlElement): Y.XmlText {
  const made = shelters.homes.get(block) ?? textOfCopy(shelters.author, block)
  if (made !== undefined) return made
  const top = findNew(shelters.author, block)
  if (top !== null) makeAgain(shelters, top)
  const again = shelters.homes.get(block)
  if (again !== undefined) return again
  const name = shelters.author.kinds.nameForText(block.nodeName)
  const element = new Y.XmlElement(name)
  if (name === block.nodeName) copyAttributes(shelters, block, element)
  const home = new Y.XmlText()
  element.insert(0, [home])
  insertWhere(shelters, block, element)
  shelters.homes.set(block, home)
  return home
}

/** A text of what a block goes on as elsewhere. */
function textOfCopy(author: Author, { _item: item }: Y.XmlElement): Y.XmlText | undefined {
  const copy = item === null ? null : findWinner(author, item.id)
  const copied = copy === null ? null : findItem(author.doc, copy)
  const element = copied === null ? null : elementOf(copied)
  return element?.toArray().find((child) => child instanceof Y.XmlText)
}

/** Makes a block again that its deleter did not know, with all in it that is nowhere else, but without the text. */
export function makeAgain(shelters: Shelters, block: Y.XmlElement): void {
  const top = findNew(shelters.author, block)
  if (top === null || shelters.frames.has(top)) return
  const frame = copyFrame(shelters, top)
  if (frame !== null) insertWhere(shelters, top, frame)
}

/** The outermost dead element, from this one on, that its deleter did not know; null when that knew this one. */
function findNew({ lineage }: Text, block: Y.XmlElement): Y.XmlElement | null {
  let top: Y.XmlElement | null = null
  for (let item = block._item; item?.deleted === true; item = parentItem(item)) {
    const element = elementOf(item)
    if (element === null || lineage.isBuried(item.id) || lineage.goesOn(item.id)) break
    top = element
  }
  return top
}

/** Null for what is elsewhere. */
function copyFrame(shelters: Shelters, element: Y.XmlElement): Y.XmlElement | null {
  const { author, wasAlive, homes, frames } = shelters
  const letters = [...itemsOf(element)].flatMap((item) => {
    const type = typeOf(item)
    return type instanceof Y.XmlText ? [...itemsOf(type)] : []
  })
  const isElsewhere =
    (element._item !== null && author.lineage.goesOn(element._item.id)) ||
    letters.some((item) => wasAlive(item) && findWinner(author, item.id) !== null)
  if (isElsewhere) return null
  const frame = new Y.XmlElement(element.nodeName)
  copyAttributes(shelters, element, frame)
  frames.set(element, frame)
  if (author.kinds.isTextblock(element.nodeName)) {
    const home = new Y.XmlText()
    homes.set(element, home)
    frame.insert(0, [home])
    return frame
  }
  const children = [...itemsOf(element)].flatMap((item) => {
    const child = wasAlive(item) ? elementOf(item) : null
    const copy = child === null ? null : copyFrame(shelters, child)
    return copy === null ? [] : [copy]
  })
  frame.insert(0, children)
  return frame
}

function copyAttributes({ wasAlive }: Shelters, from: Y.XmlElement, to: Y.XmlElement): void {
  for (const [name, value] of attributesOf(from, wasAlive)) setAttribute(to, name, value)
}

function insertWhere({ author }: Shelters, dead: Y.XmlElement, element: Y.XmlElement): void {
  const { parent, index } = placeOf(author, author.kinds, { block: dead, name: element.nodeName })
  parent.insert(index, [element])
}

/** Where a block stood that died, as a place that keeps while others edit. */
export function relativePlaceOf(author: Author, block: Y.XmlElement): Y.RelativePosition {
  const { kinds } = author
  const name = kinds.nameForText(block.nodeName)
  const { parent, index } = placeOf(author, kinds, { block, name })
  return Y.createRelativePositionFromTypeIndex(parent, index)
}

interface Wanted {
  readonly block: Y.XmlFragment
  /** Of the element that is to be there. */
  readonly name: string
}

interface ChildPlace {
  readonly parent: Y.XmlFragment
  readonly index: number
}

/**
 * Where a dead block stood: after the nearest living thing to its left, or before the nearest to its right; beside what
 * is around that if nothing of this kind may be in there.
 */
function placeOf(text: Text, kinds: Kinds, { block, name }: Wanted): ChildPlace {
  const item = block._item
  const { parent } = block
  if (item === null || !(parent instanceof Y.XmlFragment)) return { parent: block, index: block.length }
  for (const side of ['left', 'right'] as const) {
    for (let other = item[side]; other !== null; other = other[side]) {
      const alive = livingElement(text, other)
      if (alive !== null) return placeBeside(kinds, alive, { name, step: side === 'left' ? 1 : 0 })
    }
  }
  if (parent._item?.deleted === true) return placeOf(text, kinds, { block: parent, name })
  const around = elementAround(block)
  return around !== null && !kinds.mayHold(around.nodeName, name)
    ? placeBeside(kinds, around, { name, step: 1 })
    : { parent, index: 0 }
}

function elementAround({ _item: item }: Y.XmlFragment): Y.XmlElement | null {
  const parent = item === null ? null : parentItem(item)
  return parent === null ? null : elementOf(parent)
}

function placeBeside(
  kinds: Kinds,
  element: Y.XmlElement,
  { name, step }: { name: string; step: number },
): ChildPlace {
  const { parent } = element
  if (!(parent instanceof Y.XmlFragment)) return { parent: element, index: element.length }
  const around = elementAround(element)
  if (around !== null && !kinds.mayHold(around.nodeName, name))
    return placeBeside(kinds, around, { name, step: 1 })
  return { parent, index: childIndex(element) + step }
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

export function childIndex(element: Y.XmlElement | Y.XmlText): number {
  return element.parent instanceof Y.XmlFragment ? element.parent.toArray().indexOf(element) : 0
}
