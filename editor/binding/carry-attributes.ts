import type * as Y from 'yjs'
import { findWinner } from './families.ts'
import { deletedItems, diedIn, elementOf, findItem } from './items.ts'
import type { Author } from './neighbours.ts'
import type { Id } from './spans.ts'
import { setAttribute } from './write-attributes.ts'
import { isEqual } from './write-text.ts'

/** An attribute that was changed here on what somebody else moved, not knowing of it. */
export interface LostAttribute {
  /** The element it was changed on. */
  readonly element: Id
  readonly nodeName: string
  readonly name: string
  /** Null where it was taken away. */
  readonly value: unknown
}

/**
 * Attributes that died with an element that goes on elsewhere: own ones that whoever moved it had not heard of, and those
 * that were there for them, but not here any more. Read before Yjs collects what is dead.
 */
export function findLostAttributes(author: Author, transaction: Y.Transaction): LostAttribute[] {
  const { lineage, isMine, deletedHere } = author
  if (lineage.isEmpty || transaction.local) return []
  const died = (item: Y.Item): boolean => diedIn(transaction, item.id)
  const isSet = (item: Y.Item): boolean => died(item) && isMine(item.id.client) && !lineage.isBuried(item.id)
  const isTakenAway = (item: Y.Item): boolean =>
    !died(item) && deletedHere.has(item.id) && earlierValues(item).some(({ id }) => lineage.isBuried(id))
  const lost = deletedItems(transaction).flatMap((item) => {
    const element = lineage.goesOn(item.id) ? elementOf(item) : null
    if (element === null) return []
    const { nodeName } = element
    return [...element._map].flatMap(([name, attribute]): LostAttribute[] => {
      if (isTakenAway(attribute)) return [{ element: item.id, nodeName, name, value: null }]
      if (!isSet(attribute)) return []
      const value: unknown = attribute.content.getContent().at(-1)
      return [{ element: item.id, nodeName, name, value }]
    })
  })
  return lost.filter((each) => findOther(author, each) !== null)
}

/** An attribute's value and those it had before. */
function earlierValues(attribute: Y.Item): Y.Item[] {
  const values: Y.Item[] = []
  for (let item: Y.Item | null = attribute; item !== null; item = item.left) values.push(item)
  return values
}

/** What an element is now, if it is of the same type and has another value. */
function findOther(author: Author, { element, nodeName, name, value }: LostAttribute): Y.XmlElement | null {
  const now = findWinner(author, element)
  const item = now === null ? null : findItem(author.doc, now)
  const there = item === null ? null : elementOf(item)
  if (there?.nodeName !== nodeName) return null
  const stored: Readonly<Record<string, unknown>> = there.getAttributes()
  return isEqual(stored[name] ?? null, value) ? null : there
}

/** Makes the same changes where the elements are now. */
export function carryAttributes(author: Author, lost: readonly LostAttribute[]): void {
  for (const attribute of lost) {
    const there = findOther(author, attribute)
    if (there !== null) setAttribute(there, attribute.name, attribute.value)
  }
}
