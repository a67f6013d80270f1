import * as Y from 'yjs'
import { carry, deleteElement, deleteLetters } from './carry.ts'
import { carryAttributes, findLostAttributes } from './carry-attributes.ts'
import { judge, type Verdict } from './families.ts'
import { joinPairs, readChange, recordOf } from './find-moves.ts'
import type { Homeless, Orphan } from './gather.ts'
import { findReturned, remember, settle } from './homeless.ts'
import { blockOf, diedIn, elementOf, findItem, isAlive, itemsOf, parentItem, typeOf } from './items.ts'
import { findLeftBehind } from './left-behind.ts'
import type { Kinds } from './kinds.ts'
import type { MoveRecord } from './move-record.ts'
import type { Author } from './neighbours.ts'
import { findExplained, findSwept, findSweptBlocks, type Unexplained } from './orphans.ts'
import { keyOf, type Id } from './spans.ts'

/** What made a repair necessary. */
export interface Trouble {
  readonly transaction: Y.Transaction
  /** Records that came with it. */
  readonly records: readonly MoveRecord[]
  /** Letters it moved or deleted. */
  readonly touched: readonly Id[]
  /** Copies of letters that were deleted here before their move became known. */
  readonly deleted: ReadonlySet<string>
  /** Own text without neighbours; repairs take away what they find a place for, and add what they don't. */
  readonly homeless: Homeless[]
  /** Own text that died here, and whose deletion may be explained by these records. */
  readonly unexplained: readonly Unexplained[]
}

/** Writes a record into the document, and takes it into account. */
export type Note = (record: MoveRecord) => void

/** Changes the document until every letter stands once, beside its neighbours; false when it was so already. */
export function repair(author: Author, trouble: Trouble & { note: Note; origin: object }): boolean {
  const { transaction, records, touched, deleted, homeless, unexplained, note, origin } = trouble
  const verdict = judge(author, touched, deleted)
  // Nothing comes back without a record.
  const returned = records.length === 0 ? [] : findReturned(author, homeless)
  const findDead = (): Orphan[] => [...findSwept(author, transaction), ...findExplained(author, unexplained)]
  const left = records.map((record) => findLeftBehind(author, record))
  const attributes = findLostAttributes(author, transaction)
  const isQuiet =
    verdict.doomed.length === 0 &&
    verdict.drops.length === 0 &&
    returned.length === 0 &&
    attributes.length === 0 &&
    findDead().length === 0 &&
    findSweptBlocks(author, transaction).length === 0 &&
    left.every(({ orphans }) => orphans.length === 0)
  remember(
    homeless,
    left.flatMap(({ waiting }) => waiting),
  )
  if (isQuiet) return false
  author.doc.transact((own) => {
    const dropped = applyVerdict(author, verdict, own)
    if (dropped !== null) note(dropped)
    const all = dropped === null ? records : [...records, dropped]
    const orphans = [
      ...returned,
      ...findDead(),
      ...all.flatMap((record) => findLeftBehind(author, record).orphans),
    ]
    const once = eachOnce(orphans)
    const blocks = new Set(once.map(({ block }) => block))
    const pairs = carry(author, {
      orphans: once,
      blocks: findSweptBlocks(author, transaction),
      wasAlive: (item) => !item.deleted || diedIn(transaction, item.id),
    })
    for (const block of blocks) removeHollow(author, block)
    carryAttributes(author, attributes)
    settle(homeless, once, pairs)
    const record = recordOf(readChange(own), 'carried', joinPairs(pairs))
    if (record !== null && pairs.length > 0) note(record)
  }, origin)
  return true
}

/** Several records may have left the same letters behind; they go with the first. */
function eachOnce(orphans: readonly Orphan[]): Orphan[] {
  const seen = new Set<string>()
  return orphans.flatMap((orphan) => {
    const letters = orphan.letters.filter((letter) => !seen.has(keyOf(letter)))
    for (const letter of letters) seen.add(keyOf(letter))
    return letters.length === 0 ? [] : [{ ...orphan, letters }]
  })
}

function applyVerdict(author: Author, { doomed, drops }: Verdict, own: Y.Transaction): MoveRecord | null {
  const blocks = new Set<Y.XmlElement>()
  for (const id of [...doomed, ...drops.map(({ from }) => from)]) {
    const item = findItem(author.doc, id)
    const block = item === null ? null : blockOf(item)
    if (block !== null) blocks.add(block)
  }
  const isElement = (id: Id): boolean => findItem(author.doc, id)?.content instanceof Y.ContentType
  // Other blocks may be empty only for now.
  const isShownEmpty = (id: Id): boolean => {
    const item = findItem(author.doc, id)
    const element = item === null ? null : elementOf(item)
    return element !== null && author.kinds.isShownEmpty(element.nodeName)
  }
  deleteLetters(author.doc, [...doomed, ...drops.map(({ from }) => from)])
  const elements = [...doomed.filter(isShownEmpty), ...drops.map(({ from }) => from).filter(isElement)]
  for (const id of elements.reverse()) {
    const item = findItem(author.doc, id)
    const element = item === null ? null : elementOf(item)
    if (element !== null && isHollow(author.kinds, element)) deleteElement(element)
  }
  for (const block of blocks) removeHollow(author, block)
  const gone = drops.filter(({ from }) => !isAlive(author.doc, from))
  return recordOf(readChange(own), 'dropped', joinPairs(gone))
}

/** Removes a block, and what is around it, that holds nothing any more and was made only to hold a copy. */
function removeHollow({ kinds, lineage }: Author, block: Y.XmlElement): void {
  let top: Y.XmlElement | null = null
  for (let item = block._item; item !== null; item = parentItem(item)) {
    const element = elementOf(item)
    if (element === null || item.deleted) break
    const isSpare = lineage.isBornByMove(item.id) || lineage.isKnown(item.id)
    if (!isSpare || kinds.isShownEmpty(element.nodeName) || !isHollow(kinds, element)) break
    // A cell keeps a block to write into.
    if (isOnlyInCell(kinds, element)) break
    top = element
  }
  if (top !== null) deleteElement(top)
}

function isOnlyInCell(kinds: Kinds, { parent }: Y.XmlElement): boolean {
  return parent instanceof Y.XmlElement && parent.length === 1 && kinds.isShownEmpty(parent.nodeName)
}

/** Whether an element holds no letter and nothing that shows without any. */
function isHollow(kinds: Kinds, element: Y.XmlElement): boolean {
  for (const item of itemsOf(element)) {
    if (item.deleted) continue
    const type = typeOf(item)
    const inner = elementOf(item)
    if (type instanceof Y.XmlText) {
      if (type.length > 0) return false
    } else if (inner !== null) {
      if (kinds.isShownEmpty(inner.nodeName) || !isHollow(kinds, inner)) return false
    }
  }
  return true
}
