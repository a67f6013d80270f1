import * as Y from 'yjs'
import { makeElement, readElement } from './element-copy.ts'
import {
  elementOf,
  itemsFrom,
  lettersOf,
  parentItem,
  type Letter,
  type Marks,
  type WasAlive,
} from './items.ts'
import type { Pair } from './match-text.ts'
import type { Author } from './neighbours.ts'
import { childIndex } from './shelter.ts'
import { plus, type Id } from './spans.ts'

/** A place in a text. */
export interface Spot {
  readonly home: Y.XmlText
  readonly index: number
}

interface Inserted {
  /** The new ids, one for each letter. */
  readonly made: readonly Id[]
  /** What else had to move, since Yjs has inline elements between texts only. */
  readonly moved: readonly Pair<Id>[]
}

interface Insertion {
  readonly letters: readonly Letter[]
  readonly wasAlive: WasAlive
}

/** Inserts letters with their marks, and inline elements, in their order. */
export function insertLetters(author: Author, spot: Spot, { letters, wasAlive }: Insertion): Inserted {
  const made: Id[] = []
  const moved: Pair<Id>[] = []
  let at = spot
  for (const part of partsOf(letters)) {
    if (part instanceof Y.XmlElement && !mayHold(author, at, part)) {
      const { name, attributes } = readElement(part, wasAlive)
      const text = author.kinds.asText(name, Object.fromEntries(attributes))
      made.push(...insertText(author, at, { text, marks: {} }).slice(0, 1))
      at = { home: at.home, index: at.index + text.length }
    } else if (part instanceof Y.XmlElement) {
      const inserted = insertElement(author, at, makeElement(readElement(part, wasAlive)))
      if (inserted.id !== null) made.push(inserted.id)
      moved.push(...inserted.moved)
      at = inserted.after
    } else {
      made.push(...insertText(author, at, part))
      at = { home: at.home, index: at.index + part.text.length }
    }
  }
  return { made, moved }
}

function mayHold({ kinds }: Author, { home }: Spot, element: Y.XmlElement): boolean {
  const block = home._item === null ? null : blockOfText(home._item)
  return block !== null && kinds.mayHold(block.nodeName, element.nodeName)
}

interface Part {
  text: string
  readonly marks: Marks
}

/** Letters with the same marks in a row, as text; and what is no text. */
function partsOf(letters: readonly Letter[]): (Part | Y.XmlElement)[] {
  const parts: (Part | Y.XmlElement)[] = []
  for (const { text, marks, element } of letters) {
    const last = parts.at(-1)
    if (element !== null) parts.push(element)
    else if (last !== undefined && !(last instanceof Y.XmlElement) && last.marks === marks) last.text += text
    else parts.push({ text, marks })
  }
  return parts
}

function insertText({ doc, kinds }: Author, { home, index }: Spot, { text, marks }: Part): Id[] {
  const [client, clock] = [doc.clientID, Y.getState(doc.store, doc.clientID)]
  const name = home.parent instanceof Y.XmlElement ? home.parent.nodeName : ''
  home.insert(index, text, { ...kinds.marksAllowedIn(name, marks) })
  const made = itemsFrom(doc, { client, clock }).filter((item) => item.content instanceof Y.ContentString)
  return made.flatMap((item) => {
    const skip = Math.max(0, clock - item.id.clock)
    return Array.from({ length: item.length - skip }, (_, offset) => plus(item.id, skip + offset))
  })
}

function blockOfText(item: Y.Item): Y.XmlElement | null {
  const parent = parentItem(item)
  return parent === null ? null : elementOf(parent)
}

/** Inserts an inline element, and parts the text around it. */
function insertElement(
  author: Author,
  { home, index }: Spot,
  element: Y.XmlElement,
): { id: Id | null; moved: Pair<Id>[]; after: Spot } {
  const block = home._item === null ? null : blockOfText(home._item)
  if (block === null) return { id: null, moved: [], after: { home, index } }
  const at = childIndex(home)
  if (index === 0) {
    block.insert(at, [element])
    return { id: element._item?.id ?? null, moved: [], after: { home, index } }
  }
  const tail = new Y.XmlText()
  block.insert(at + 1, [element, tail])
  const rest = lettersOf(block, () => false)
    .filter((letter) => letter.home === home && letter.isAlive && letter.item.countable)
    .slice(index)
  const moved: Pair<Id>[] = []
  let end = 0
  for (const part of partsOf(rest)) {
    if (part instanceof Y.XmlElement) continue
    for (const to of insertText(author, { home: tail, index: end }, part)) {
      const from = rest[end++]
      if (from !== undefined) moved.push({ from: { client: from.client, clock: from.clock }, to })
    }
  }
  home.delete(index, home.length - index)
  return { id: element._item?.id ?? null, moved, after: { home: tail, index: 0 } }
}
