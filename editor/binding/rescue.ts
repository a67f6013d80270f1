import * as Y from 'yjs'
import { blockOf, itemsFrom } from './items.ts'
import { joinPairs } from './find-moves.ts'
import type { MoveRecord } from './move-record.ts'
import type { Orphan } from './gather.ts'
import type { Author } from './neighbours.ts'
import { relativePlaceOf } from './shelter.ts'
import { findSwept, findUnexplained, toOrphans } from './orphans.ts'
import { plus, type Id } from './spans.ts'

/** Text that went with somebody's change, and that nobody puts back by themselves. */
export interface Rescue {
  readonly text: string
  /** It was typed at this editor; else by somebody who isn't here any more. */
  readonly isOwn: boolean
  /** Puts it back where it was, as a paragraph of its own. */
  readonly restore: () => void
}

export interface RescueContext {
  readonly author: Author
  readonly fragment: Y.XmlFragment
  /** Whether the editor of a client is open somewhere: then it looks after its own text. */
  readonly isPresent: (client: number) => boolean
  readonly write: (restore: () => MoveRecord) => void
}

/**
 * What a transaction took away that nobody will put back: text of people who are gone, and own text that a program
 * deleted which doesn't tell what it knew. Read before Yjs collects it.
 */
export function findRescues(context: RescueContext, transaction: Y.Transaction): Rescue[] {
  const { author, isPresent } = context
  const ofAbsent = { ...author, isMine: (client: number) => !author.isMine(client) && !isPresent(client) }
  const givenUp = { ...author, isSpent: (id: Id) => !author.isSpent(id) }
  return [
    ...offer(
      context,
      findUnexplained(author, transaction).flatMap((each) => toOrphans(author, each)),
      true,
    ),
    ...offer(context, findSwept(givenUp, transaction), true),
    ...offer(context, findSwept(ofAbsent, transaction), false),
  ]
}

function offer(context: RescueContext, orphans: readonly Orphan[], isOwn: boolean): Rescue[] {
  const blocks = new Map<Y.XmlElement, Orphan[]>()
  for (const orphan of orphans) blocks.set(orphan.block, [...(blocks.get(orphan.block) ?? []), orphan])
  return [...blocks].flatMap(([block, inside]) => {
    const letters = inside.flatMap((orphan) => orphan.letters).filter((letter) => letter.text !== '')
    const text = letters.map((letter) => letter.text).join('')
    if (text.trim() === '') return []
    const ids = letters.map(({ client, clock }) => ({ client, clock }))
    const place = relativePlaceOf(context.author, block)
    let isDone = false
    const restore = (): void => {
      if (isDone) return
      isDone = true
      context.write(() =>
        putBack(context, { text, ids, place, name: context.author.kinds.nameForText(block.nodeName) }),
      )
    }
    return [{ text, isOwn, restore }]
  })
}

interface Loss {
  readonly text: string
  readonly ids: readonly Id[]
  readonly place: Y.RelativePosition
  readonly name: string
}

function putBack({ author: { doc }, fragment }: RescueContext, { text, ids, place, name }: Loss): MoveRecord {
  const found = Y.createAbsolutePositionFromRelativePosition(place, doc)
  const isSound = found !== null && found.type instanceof Y.XmlFragment && found.type._item?.deleted !== true
  const parent = isSound && found.type instanceof Y.XmlFragment ? found.type : fragment
  const element = new Y.XmlElement(name)
  element.insert(0, [new Y.XmlText(text)])
  const clock = Y.getState(doc.store, doc.clientID)
  parent.insert(isSound ? found.index : parent.length, [element])
  const made = itemsFrom(doc, { client: doc.clientID, clock }).find(
    (item) => item.content instanceof Y.ContentString && blockOf(item) === element,
  )
  const pairs = made === undefined ? [] : ids.map((from, offset) => ({ from, to: plus(made.id, offset) }))
  return { kind: 'carried', moves: joinPairs(pairs), buried: [], seen: [], born: null }
}
