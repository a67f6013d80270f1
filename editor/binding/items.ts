import * as Y from 'yjs'
import { mergeSpans, type Id, type Span } from './spans.ts'

/*
 * Reading Yjs below its types: single letters with their ids, dead ones included. The only file of the binding that
 * knows how Yjs keeps them; `binding-contract.test.ts` pins it.
 */

/** One letter, or one element or other thing without text, in a block. */
export interface Letter extends Id {
  readonly item: Y.Item
  readonly isAlive: boolean
  /** Empty for what is no text, and for dead text that Yjs has collected. */
  readonly text: string
  /** The inline element it is; null for text, and for what died before. */
  readonly element: Y.XmlElement | null
  /** The text type it is in; null for an element between texts. */
  readonly home: Y.XmlText | null
  readonly marks: Marks
}

export type Marks = Readonly<Record<string, unknown>>

/** Whether an item counts for what was there. */
export type WasAlive = (item: Y.Item) => boolean

/** The item that holds an id; null when it was collected or isn't here. */
export function findItem(doc: Y.Doc, { client, clock }: Id): Y.Item | null {
  if (Y.getState(doc.store, client) <= clock) return null
  const item: unknown = Y.getItem(doc.store, Y.createID(client, clock))
  return item instanceof Y.Item ? item : null
}

/** Whether an id is known here at all. */
export function isHere(doc: Y.Doc, { client, clock, length }: Span): boolean {
  return clock + length <= Y.getState(doc.store, client)
}

/** Whether something came that goes on from what isn't here yet: its deletions are done, what it inserts waits. */
export function isAwaiting({ store }: Y.Doc): boolean {
  return store.pendingStructs !== null
}

export function isAlive(doc: Y.Doc, id: Id): boolean {
  const item = findItem(doc, id)
  return item !== null && !item.deleted
}

/** The item of the type that an item is in; null at a root. */
export function parentItem(item: Y.Item): Y.Item | null {
  return item.parent instanceof Y.AbstractType ? item.parent._item : null
}

export function hasDeadParent(item: Y.Item): boolean {
  for (let parent = parentItem(item); parent !== null; parent = parentItem(parent))
    if (parent.deleted) return true
  return false
}

/** Whatever holds items in a row. */
interface Items {
  readonly _start: Y.Item | null
}

/** The type an item holds; null when it holds something else. */
export function typeOf(item: Y.Item): Items | null {
  return item.content instanceof Y.ContentType ? item.content.type : null
}

/** The element that text or an inline thing stands in; null when it stands in none. */
export function blockOf(item: Y.Item): Y.XmlElement | null {
  const { parent } = item
  if (parent instanceof Y.XmlElement) return parent
  if (!(parent instanceof Y.XmlText)) return null
  return parent.parent instanceof Y.XmlElement ? parent.parent : null
}

/** The element an item holds; null when it holds something else. */
export function elementOf(item: Y.Item): Y.XmlElement | null {
  const type = typeOf(item)
  return isElement(type) ? type : null
}

function isElement(type: unknown): type is Y.XmlElement {
  return type instanceof Y.XmlElement
}

export function* itemsOf(type: Items): Generator<Y.Item> {
  for (let item = type._start; item !== null; item = item.right) yield item
}

/**
 * The letters of a block in order, dead ones included. `wasAlive` says which dead items still count for what the text
 * looked like.
 */
export function lettersOf(block: Y.XmlElement, wasAlive: WasAlive): Letter[] {
  const letters: Letter[] = []
  for (const item of itemsOf(block)) {
    const type = typeOf(item)
    if (type instanceof Y.XmlText) addText(letters, type, wasAlive)
    else if (item.countable || item.deleted) addItem(letters, item, { home: null, marks: {} })
  }
  return letters
}

function addText(letters: Letter[], home: Y.XmlText, wasAlive: WasAlive): void {
  let marks: Record<string, unknown> = {}
  for (const item of itemsOf(home)) {
    const { content } = item
    if (!(content instanceof Y.ContentFormat)) addItem(letters, item, { home, marks })
    else if (!item.deleted || wasAlive(item)) {
      marks = { ...marks, [content.key]: content.value }
    }
  }
}

function addItem(letters: Letter[], item: Y.Item, rest: Pick<Letter, 'home' | 'marks'>): void {
  const { client, clock } = item.id
  const text = item.content instanceof Y.ContentString ? item.content.str : ''
  for (let offset = 0; offset < item.length; offset++)
    letters.push({
      client,
      clock: clock + offset,
      item,
      isAlive: !item.deleted,
      text: text.charAt(offset),
      element: elementOf(item),
      ...rest,
    })
}

/** The letters of a block that were alive before a transaction, whose dead are not collected yet. */
export function lettersBefore(block: Y.XmlElement, transaction: Y.Transaction): Letter[] {
  const wasAlive = (item: Y.Item): boolean => !item.deleted || diedIn(transaction, item.id)
  const wasHere = ({ client, clock }: Id): boolean => clock < (transaction.beforeState.get(client) ?? 0)
  return lettersOf(block, wasAlive).filter((letter) => wasAlive(letter.item) && wasHere(letter))
}

/** The attributes of an element, dead or alive, as they were. */
export function attributesOf({ _map: map }: Y.XmlElement, wasAlive: WasAlive): [string, unknown][] {
  return [...map].flatMap(([name, item]): [string, unknown][] =>
    wasAlive(item) ? [[name, item.content.getContent().at(-1)]] : [],
  )
}

/** The ids of a text's living letters, in order. */
export function livingLetters(text: Y.XmlText): Id[] {
  const letters: Id[] = []
  for (const item of itemsOf(text)) {
    if (item.deleted || !item.countable) continue
    for (let offset = 0; offset < item.length; offset++)
      letters.push({ client: item.id.client, clock: item.id.clock + offset })
  }
  return letters
}

/** Where a letter stands in its text: how many living ones are before it. */
export function indexOf(home: Y.XmlText, id: Id): number {
  let index = 0
  for (const item of itemsOf(home)) {
    const offset = id.clock - item.id.clock
    const isIt = item.id.client === id.client && offset >= 0 && offset < item.length
    if (isIt) return item.deleted || !item.countable ? index : index + offset
    if (!item.deleted && item.countable) index += item.length
  }
  return index
}

/** Whether two living letters stand in one text, the one directly before the other. */
export function isNextTo(doc: Y.Doc, one: Id, other: Id): boolean {
  const home = findItem(doc, one)?.parent
  if (!(home instanceof Y.XmlText) || findItem(doc, other)?.parent !== home) return false
  return indexOf(home, one) + 1 === indexOf(home, other)
}

/** All ids in what an item holds, itself included, dead or alive. */
export function idsWithin(item: Y.Item): Span[] {
  const spans: Span[] = []
  const visit = (inner: Y.Item): void => {
    spans.push({ client: inner.id.client, clock: inner.id.clock, length: inner.length })
    const type = typeOf(inner)
    if (type !== null) for (const child of itemsOf(type)) visit(child)
  }
  visit(item)
  return mergeSpans(spans)
}

/** The items of a client from a clock on. */
export function itemsFrom(doc: Y.Doc, { client, clock }: Id): Y.Item[] {
  const structs = doc.store.clients.get(client) ?? []
  const end = Y.getState(doc.store, client)
  if (clock >= end) return []
  return structs.slice(Y.findIndexSS(structs, clock)).filter((struct) => struct instanceof Y.Item)
}

/**
 * Makes what an undo brings back say truly between what it stands; call before it is sent.
 *
 * Yjs 13.6 looks for the left and the right neighbour each for itself, and may name a right one that is left of the left
 * one: whoever reads that puts the text elsewhere, and documents differ from then on.
 */
export function mendRightOrigins(doc: Y.Doc, from: Id): void {
  for (const item of itemsFrom(doc, from)) {
    if (item.rightOrigin === null || item.parentSub !== null || hasToTheRight(item, item.rightOrigin))
      continue
    let right = item.right
    while (right !== null && right.id.client === from.client && right.id.clock >= from.clock)
      right = right.right
    item.rightOrigin = right === null ? null : right.id
  }
}

function hasToTheRight(item: Y.Item, { client, clock }: Id): boolean {
  for (let { right } = item; right !== null; { right } = right)
    if (right.id.client === client && right.id.clock <= clock && clock < right.id.clock + right.length)
      return true
  return false
}

/** The items that a transaction deletes, or has deleted so far. */
export function deletedItems(transaction: Y.Transaction): Y.Item[] {
  const items = new Set<Y.Item>()
  for (const [client, spans] of transaction.deleteSet.clients) {
    const structs = transaction.doc.store.clients.get(client) ?? []
    for (const { clock, len } of spans) {
      for (let index = Y.findIndexSS(structs, clock); index < structs.length; index++) {
        const struct = structs[index]
        if (struct === undefined || struct.id.clock >= clock + len) break
        if (struct instanceof Y.Item) items.add(struct)
      }
    }
  }
  return [...items]
}

/** Whether an item is among those that were deleted in a transaction. */
export function diedIn(transaction: Y.Transaction, id: Id): boolean {
  return Y.isDeleted(transaction.deleteSet, Y.createID(id.client, id.clock))
}
