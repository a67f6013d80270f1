import type { Node, ResolvedPos } from 'prosemirror-model'
import { NodeSelection, TextSelection, type EditorState, type Selection } from 'prosemirror-state'
import * as Y from 'yjs'
import { blockOf, elementOf, findItem, indexOf, isAlive, itemsOf, lettersBefore, typeOf } from './items.ts'
import { childIndex } from './shelter.ts'
import { resolveSelection, toAbsolute, type RelativeSelection, type SyncBinding } from './sync-binding.ts'
import type { Id } from './spans.ts'

/*
 * The selection stays with its text where somebody else moves that.
 *
 * Yjs can't move: the letters beside the caret die here and are made again there, by that change or by the repairs that
 * follow it at once. So the letters of the block are noted when those beside the caret are gone, before Yjs forgets
 * them, and the nearest of them that is anywhere tells where the caret is, until all is repaired.
 */

/** What was around an end of the selection, nearest first, when it was last in its place. */
interface Around {
  readonly block: Id
  /** What was put in the place of the block; null when nothing was. */
  readonly instead: Id | null
  readonly left: readonly Id[]
  readonly right: readonly Id[]
  /** What a caret goes along with: a repair takes what was typed here to where it belongs, and the caret behind it. */
  readonly caretSide: Side
}

/** Which side an end of the selection goes along with; `any`: with the one that stays. */
type Side = 'left' | 'right' | 'any'

export interface Shown {
  readonly before: EditorState
  /** What is shown now; the mapping is already of this. */
  readonly doc: Node
  readonly transaction: Y.Transaction
}

/** What is known of moves. */
export interface Moves {
  /** Takes in what a transaction tells of moves, before its dead are collected. */
  learn(transaction: Y.Transaction): void
  /** Where a letter or an element is now; null when it is nowhere. */
  whereIs(id: Id): Id | null
  /** Whether an id was made by a move or by a repair. */
  isCopy(id: Id): boolean
}

export class SelectionFollower {
  readonly #binding: SyncBinding
  readonly #moves: Moves
  /** Until all that follows one change is shown, this is the same object. */
  #noted: RelativeSelection | null = null
  #anchor: Around | null = null
  #head: Around | null = null

  constructor(binding: SyncBinding, moves: Moves) {
    this.#binding = binding
    this.#moves = moves
  }

  /**
   * The selection as noted before somebody's change, in what is shown after it; null when the steps know it as well.
   * `mapped` is where the steps have put it.
   */
  find(noted: RelativeSelection | null, mapped: Selection, shown: Shown): Selection | null {
    const { selection } = shown.before
    this.#moves.learn(shown.transaction)
    this.#note(noted, mapped, shown)
    if (noted === null) return null
    if (selection instanceof NodeSelection) return this.#findNode(noted, mapped, shown)
    if (!(selection instanceof TextSelection)) return null
    if (this.#anchor === null && this.#head === null)
      return isInSameText(selection, mapped) ? null : resolveSelection(this.#binding, shown.doc, noted)
    const isForward = selection.anchor < selection.head
    const [start, end] = isForward ? (['right', 'left'] as const) : (['left', 'right'] as const)
    const anchor = this.#findEnd(this.#anchor, noted.anchor, selection.empty ? null : start)
    const head = this.#findEnd(this.#head, noted.head, selection.empty ? null : end)
    if (head === null) return null
    const found = between(shown.doc, anchor ?? head, head)
    return found === null || isWider(shown, found) ? between(shown.doc, head, head) : found
  }

  #note(noted: RelativeSelection | null, mapped: Selection, { before, transaction }: Shown): void {
    if (noted !== this.#noted) {
      this.#noted = noted
      this.#anchor = null
      this.#head = null
    }
    const { selection } = before
    const isText = selection instanceof TextSelection
    if (noted === null || !isText || isInSameText(selection, mapped)) return
    this.#anchor ??= this.#readAround(noted.anchor, { transaction, $end: selection.$anchor })
    this.#head ??= selection.empty
      ? this.#anchor
      : this.#readAround(noted.head, { transaction, $end: selection.$head })
  }

  /** Null while what is beside an end of the selection is where it was. */
  #readAround(noted: Y.RelativePosition, end: End): Around | null {
    const { doc } = this.#binding
    const { transaction } = end
    const wasHere = ({ client, clock }: Id): boolean => clock < (transaction.beforeState.get(client) ?? 0)
    const isMovedHere = (id: Id): boolean => !wasHere(id) && this.#moves.isCopy(id)
    return isUntouched(doc, noted, isMovedHere) ? null : readAround(doc, noted, end)
  }

  #findEnd(around: Around | null, noted: Y.RelativePosition, side: Side | null): number | null {
    const binding = this.#binding
    const place = around === null ? null : this.#findPlace(around, side ?? around.caretSide)
    return toAbsolute(binding, place ?? noted) ?? toAbsolute(binding, noted)
  }

  /** Beside the nearest letter that is anywhere, or in what stands for its block; null when all that is gone. */
  #findPlace({ block, instead, left, right }: Around, side: Side): Y.RelativePosition | null {
    const { doc } = this.#binding
    const now = (id: Id | undefined): Id | null => {
      if (id === undefined) return null
      return isAlive(doc, id) ? id : this.#moves.whereIs(id)
    }
    for (let distance = 0; distance < Math.max(left.length, right.length); distance++) {
      const [before, after] = [left[distance], right[distance]]
      const isRightFirst = side === 'right' || (side === 'any' && after !== undefined && isAlive(doc, after))
      for (const isRight of isRightFirst ? [true, false] : [false, true]) {
        const beside = now(isRight ? after : before)
        if (beside !== null) return positionBeside(doc, beside, isRight ? 0 : 1)
      }
    }
    const there = now(block) ?? instead
    const item = there === null ? null : findItem(doc, there)
    const element = item === null ? null : elementOf(item)
    return element === null ? null : startOf(element)
  }

  #findNode(
    { anchor: { item } }: RelativeSelection,
    mapped: Selection,
    { before, doc }: Shown,
  ): Selection | null {
    if (mapped instanceof NodeSelection || !(before.selection instanceof NodeSelection) || item === null)
      return null
    const there = this.#moves.whereIs(item)
    const beside = there === null ? null : positionBeside(this.#binding.doc, there, 0)
    const position = beside === null ? null : toAbsolute(this.#binding, beside)
    const node = position === null ? null : doc.nodeAt(position)
    if (position === null || node?.type.name !== before.selection.node.type.name) return null
    return NodeSelection.isSelectable(node) ? NodeSelection.create(doc, position) : null
  }
}

interface End {
  readonly transaction: Y.Transaction
  readonly $end: ResolvedPos
}

/** Whether what is beside a position is alive, and nothing was moved to behind it; unsure ones are not. */
function isUntouched(
  doc: Y.Doc,
  { item, type }: Y.RelativePosition,
  isMovedHere: (id: Id) => boolean,
): boolean {
  if (item === null) {
    const text = type === null ? null : findItem(doc, type)
    const items = text === null || text.deleted ? null : typeOf(text)
    const last = items === null ? undefined : [...itemsOf(items)].at(-1)
    return last !== undefined && !last.deleted && last.countable && !isMovedHere(last.id)
  }
  const right = findItem(doc, item)
  if (right === null || right.deleted) return false
  if (right.id.clock < item.clock) return true
  return right.left !== null && !right.left.deleted && right.left.countable
}

/** The letters around an end of the selection, as they were before; null where Yjs had others than are shown. */
function readAround(doc: Y.Doc, noted: Y.RelativePosition, { transaction, $end }: End): Around | null {
  const block = blockAt(doc, noted)
  if (block?._item == null || !$end.parent.inlineContent) return null
  const letters = lettersBefore(block, transaction).map(({ client, clock }) => ({ client, clock }))
  if (letters.length !== $end.parent.content.size) return null
  return {
    block: block._item.id,
    instead: findInstead(block._item, transaction),
    left: letters.slice(0, $end.parentOffset).reverse(),
    right: letters.slice($end.parentOffset),
    caretSide: transaction.local ? 'left' : 'any',
  }
}

function findInstead(block: Y.Item, { beforeState }: Y.Transaction): Id | null {
  for (const side of ['left', 'right'] as const) {
    let item = block[side]
    while (item?.deleted === true) item = item[side]
    if (item !== null && item.id.clock >= (beforeState.get(item.id.client) ?? 0)) return item.id
  }
  return null
}

/** The block that a position in a text is in. */
function blockAt(doc: Y.Doc, { item, type }: Y.RelativePosition): Y.XmlElement | null {
  const id = item ?? type
  const found = id === null ? null : findItem(doc, id)
  if (found === null) return null
  if (item !== null) return blockOf(found)
  return typeOf(found) instanceof Y.XmlText ? blockOf(found) : elementOf(found)
}

/** The position before a letter or an element, or after it with `step` 1; null when it is dead. */
export function positionBeside(doc: Y.Doc, id: Id, step: 0 | 1): Y.RelativePosition | null {
  const item = findItem(doc, id)
  if (item === null || item.deleted) return null
  const element = elementOf(item)
  const { parent } = item
  if (element !== null)
    return parent instanceof Y.XmlFragment
      ? Y.createRelativePositionFromTypeIndex(parent, childIndex(element) + step)
      : null
  return parent instanceof Y.XmlText
    ? Y.createRelativePositionFromTypeIndex(parent, indexOf(parent, id) + step)
    : null
}

function startOf(element: Y.XmlElement): Y.RelativePosition {
  const [first] = element.toArray()
  return Y.createRelativePositionFromTypeIndex(first instanceof Y.XmlText ? first : element, 0)
}

function isInSameText(before: Selection, after: Selection): boolean {
  return before.$anchor.parent === after.$anchor.parent && before.$head.parent === after.$head.parent
}

function between(doc: Node, anchor: number, head: number): TextSelection | null {
  if (Math.max(anchor, head) > doc.content.size) return null
  const selection = TextSelection.between(doc.resolve(anchor), doc.resolve(head))
  return selection instanceof TextSelection ? selection : null
}

/** Whether a selection has taken in text that nobody selected: its ends went to different places. */
function isWider({ before, doc }: Shown, { anchor, head, from, to }: TextSelection): boolean {
  const { selection } = before
  if (selection.anchor < selection.head !== anchor < head && anchor !== head) return true
  const textOf = (node: Node, start: number, end: number): string => node.textBetween(start, end, '', ' ')
  return textOf(doc, from, to).length > textOf(before.doc, selection.from, selection.to).length
}
