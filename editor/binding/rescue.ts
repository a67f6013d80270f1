import * as Y from 'yjs'
import { findWinner, type Text } from './families.ts'
import { joinPairs } from './find-moves.ts'
import type { Orphan } from './gather.ts'
import { blockOf, itemsFrom } from './items.ts'
import type { MoveRecord } from './move-record.ts'
import type { Author } from './neighbours.ts'
import { findGrave, findSwept, toOrphans, type Unexplained } from './orphans.ts'
import { relativePlaceOf } from './shelter.ts'
import { plus, type Id } from './spans.ts'

interface LostLetter extends Id {
  readonly text: string
}

/** Text that somebody's change took away. */
export interface Loss {
  readonly letters: readonly LostLetter[]
  /** It was typed at this editor; else by somebody who isn't here. */
  readonly isOwn: boolean
  /** The client that deleted what was around it; null when nothing tells. */
  readonly by: number | null
  readonly place: Y.RelativePosition
  /** Of the block to put it into. */
  readonly name: string
}

/** Whether the editor of a client is open somewhere: then it looks after its own text. */
export type IsPresent = (client: number) => boolean

/** What a transaction took away. */
export interface Taken {
  readonly transaction: Y.Transaction
  /** What `findUnexplained` found of it. */
  readonly unexplained: readonly Unexplained[]
}

/**
 * What a transaction took away that nobody puts back at once: text of people who are not here, and own text that a
 * program deleted which doesn't tell what it knew. Read before Yjs collects it.
 */
export function findLosses(author: Author, isPresent: IsPresent, taken: Taken): Loss[] {
  const { transaction, unexplained } = taken
  const ofAbsent = { ...author, isMine: (client: number) => !author.isMine(client) && !isPresent(client) }
  const givenUp = { ...author, isSpent: (id: Id) => !author.isSpent(id) }
  const orphans = unexplained.flatMap((each) => toOrphans(author, each))
  return [
    ...lossesOf(author, orphans, true),
    ...lossesOf(author, findSwept(givenUp, transaction), true),
    ...lossesOf(author, findSwept(ofAbsent, transaction), false),
  ]
}

function lossesOf(author: Author, orphans: readonly Orphan[], isOwn: boolean): Loss[] {
  const blocks = new Map<Y.XmlElement, Orphan[]>()
  for (const orphan of orphans) blocks.set(orphan.block, [...(blocks.get(orphan.block) ?? []), orphan])
  return [...blocks].map(([block, inside]) => ({
    letters: inside
      .flatMap((orphan) => orphan.letters)
      .map(({ client, clock, text }) => ({ client, clock, text }))
      .filter(({ text }) => text !== ''),
    isOwn,
    by: deleterOf(author, block._item),
    place: relativePlaceOf(author, block),
    name: author.kinds.nameForText(block.nodeName),
  }))
}

function deleterOf(text: Text, item: Y.Item | null): number | null {
  const grave = findGrave(text, item)
  return grave === null ? null : text.lineage.buriedBy(grave.id)
}

/** Those letters of a loss that are nowhere. */
export function stillLost(text: Text, { letters }: Loss): readonly LostLetter[] {
  return letters.filter((letter) => findWinner(text, letter) === null)
}

export function textOfLost(letters: readonly LostLetter[]): string {
  return letters.map(({ text }) => text).join('')
}

/** Puts what is still lost where it was, as a block of its own; to be recorded in the same transaction. */
export function putBack(author: Author, fragment: Y.XmlFragment, loss: Loss): MoveRecord {
  const { doc } = author
  const letters = stillLost(author, loss)
  const found = Y.createAbsolutePositionFromRelativePosition(loss.place, doc)
  const isSound = found !== null && found.type instanceof Y.XmlFragment && found.type._item?.deleted !== true
  const parent = isSound && found.type instanceof Y.XmlFragment ? found.type : fragment
  const element = new Y.XmlElement(loss.name)
  element.insert(0, [new Y.XmlText(textOfLost(letters))])
  const clock = Y.getState(doc.store, doc.clientID)
  parent.insert(isSound ? found.index : parent.length, [element])
  const made = itemsFrom(doc, { client: doc.clientID, clock }).find(
    (item) => item.content instanceof Y.ContentString && blockOf(item) === element,
  )
  const pairs =
    made === undefined
      ? []
      : letters.map(({ client, clock }, offset) => ({ from: { client, clock }, to: plus(made.id, offset) }))
  return { kind: 'carried', moves: joinPairs(pairs), buried: [], seen: [], born: null }
}
