import * as Y from 'yjs'
import {
  blockOf,
  deletedItems,
  findItem,
  hasDeadParent,
  idsWithin,
  itemsFrom,
  itemsOf,
  livingLetters,
  parentItem,
  typeOf,
} from './items.ts'
import { matchRuns, type Pair, type Run } from './match-text.ts'
import type { Move, MoveKind, MoveRecord } from './move-record.ts'
import { keyOf, mergeSpans, plus, type Id, type Span } from './spans.ts'
import type { WrittenText } from './write-blocks.ts'

/** What a transaction made and deleted, by letters: read before Yjs collects what is dead. */
export interface Change {
  readonly doc: Y.Doc
  readonly deleted: readonly Run<Id>[]
  readonly inserted: readonly Run<Id>[]
  /** Blocks and other elements that died with all they hold. */
  readonly deadElements: readonly Y.Item[]
  /** Texts that died in blocks that live on: beside a line break that was deleted, say. */
  readonly deadTexts: readonly Y.Item[]
  readonly newElements: readonly Y.Item[]
  readonly deadItems: readonly Y.Item[]
  readonly born: Span | null
}

/** What a transaction of ours has changed so far. */
export function readChange(transaction: Y.Transaction): Change {
  const { clientID: client, store } = transaction.doc
  const clock = transaction.beforeState.get(client) ?? 0
  const length = Y.getState(store, client) - clock
  const made = itemsFrom(transaction.doc, { client, clock })
  const deadItems = deletedItems(transaction)
  const dead = new Set(deadItems)
  return {
    doc: transaction.doc,
    deleted: readRuns(deadItems, (item) => (dead.has(item) ? 'in' : item.deleted ? 'skip' : 'break')),
    inserted: readRuns(made, (item) =>
      item.deleted ? 'skip' : item.id.client === client && item.id.clock >= clock ? 'in' : 'break',
    ),
    deadElements: deadItems.filter(isElement),
    deadTexts: deadItems.filter(
      (item) => typeOf(item) instanceof Y.XmlText && parentItem(item)?.deleted === false,
    ),
    newElements: made.filter((item) => !item.deleted && isElement(item)),
    deadItems,
    born: length === 0 ? null : { client, clock, length },
  }
}

function isElement(item: Y.Item): boolean {
  return typeOf(item) instanceof Y.XmlElement
}

/** The letters of the given items in runs, in the order they stand in their texts. */
function readRuns(items: readonly Y.Item[], place: (item: Y.Item) => 'in' | 'skip' | 'break'): Run<Id>[] {
  const texts = new Set(items.map(({ parent }) => parent).filter((parent) => parent instanceof Y.XmlText))
  const runs: Run<Id>[] = []
  for (const text of texts) {
    let run: { text: string; ids: Id[] } = { text: '', ids: [] }
    const finish = (): void => {
      if (run.text !== '') runs.push(run)
      run = { text: '', ids: [] }
    }
    for (const item of itemsOf(text)) {
      const { content } = item
      if (!(content instanceof Y.ContentString)) continue
      const where = place(item)
      if (where === 'break') finish()
      if (where !== 'in') continue
      run.text += content.str
      for (let offset = 0; offset < item.length; offset++) run.ids.push(plus(item.id, offset))
    }
    finish()
  }
  return runs
}

/** Moves of single letters, those in a row joined. */
export function joinPairs(pairs: readonly Pair<Id>[]): Move[] {
  const moves: Move[] = []
  for (const { from, to } of pairs) {
    const last = moves.at(-1)
    const isNext =
      last?.from.client === from.client &&
      last.from.clock + last.length === from.clock &&
      last.to.client === to.client &&
      last.to.clock + last.length === to.clock
    if (isNext) moves[moves.length - 1] = { ...last, length: last.length + 1 }
    else moves.push({ from, to, length: 1 })
  }
  return moves
}

/** Elements that were deleted here and made again there, told by the one node they both show. */
function matchElements(change: Change, nodeOf: (type: unknown) => unknown): Pair<Id>[] {
  const sources = new Map<unknown, Id>()
  for (const item of change.deadElements) {
    const node = nodeOf(typeOf(item))
    if (node !== undefined) sources.set(node, item.id)
  }
  return change.newElements.flatMap((item) => {
    const node = nodeOf(typeOf(item))
    const from = sources.get(node)
    if (from === undefined) return []
    sources.delete(node)
    return [{ from, to: item.id }]
  })
}

/** Letters that are in another place than before, by what the writer knew of them. */
export function findFollowed(written: readonly WrittenText[]): Pair<Id>[] {
  return written.flatMap(({ texts, origins }) => {
    const letters = texts.flatMap(livingLetters)
    return letters.flatMap((to, index) => {
      const from = origins[index] ?? null
      return from === null || keyOf(from) === keyOf(to) ? [] : [{ from, to }]
    })
  })
}

/** The record of a change made here; null when it moved nothing and deleted nothing whole. */
export function findMoves(
  change: Change,
  known: readonly Pair<Id>[],
  nodeOf: (type: unknown) => unknown,
): MoveRecord | null {
  if (change.deadItems.length === 0) return null
  const others = matchRuns(
    without(change.deleted, new Set(known.map(({ from }) => keyOf(from)))),
    without(change.inserted, new Set(known.map(({ to }) => keyOf(to)))),
  )
  return recordOf(change, 'moved', joinPairs([...known, ...others, ...matchElements(change, nodeOf)]))
}

/** The runs without some of their letters, cut where those were. */
export function without(runs: readonly Run<Id>[], known: ReadonlySet<string>): Run<Id>[] {
  if (known.size === 0) return [...runs]
  return runs.flatMap(({ text, ids }) => {
    const parts: { text: string; ids: Id[] }[] = [{ text: '', ids: [] }]
    ids.forEach((id, index) => {
      const last = parts.at(-1)
      if (known.has(keyOf(id))) {
        if (last?.text !== '') parts.push({ text: '', ids: [] })
      } else if (last !== undefined) {
        last.text += text.charAt(index)
        last.ids.push(id)
      }
    })
    return parts.filter((part) => part.text !== '')
  })
}

/** What to record of a change and its moves; null when the others need not know. */
export function recordOf(change: Change, kind: MoveKind, moves: readonly Move[]): MoveRecord | null {
  const { born, deadElements, deadTexts, deadItems, doc } = change
  const dead = [...deadElements, ...deadTexts]
  if (moves.length === 0 && dead.length === 0) return null
  const deadAttributes = deadItems.filter((item) => item.parentSub !== null && hasDeadParent(item))
  const buried = mergeSpans([
    ...dead.flatMap((item) => idsWithin(item)),
    ...deadAttributes.map(({ id: { client, clock }, length }) => ({ client, clock, length })),
  ])
  const blocks = new Set<Y.Item>()
  for (const { from, length } of moves) {
    for (let offset = 0; offset < length; offset++) {
      const item = findItem(doc, plus(from, offset))
      const block = item === null ? null : (blockOf(item)?._item ?? null)
      if (block?.deleted === false) blocks.add(block)
    }
  }
  return { kind, moves, buried, seen: mergeSpans([...blocks].flatMap((item) => idsWithin(item))), born }
}
