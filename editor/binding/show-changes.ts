import { Fragment, type Node, type Schema, type Slice } from 'prosemirror-model'
import { AllSelection, EditorState, Selection, type Transaction } from 'prosemirror-state'
import { ySyncPluginKey } from 'y-prosemirror'
import * as Y from 'yjs'
import { adoptNodes, type RawChild } from './block-children.ts'
import type { Composing } from './composing.ts'
import { deletedItems, elementOf, itemsFrom } from './items.ts'
import { addMinimalSteps } from './minimal-steps.ts'
import { selectionOnScreen } from './selection-on-screen.ts'
import { SelectionFollower, type Moves } from './follow-selection.ts'
import type { BoundView, RelativeSelection, SyncBinding } from './sync-binding.ts'

/*
 * Shows what others changed by the smallest steps, and reads no more of Yjs for it than what changed.
 *
 * y-prosemirror makes the nodes. It is shown a page that has only the changed blocks, through a schema that refuses
 * nothing; what it makes of them is put between the blocks that stayed.
 */

interface Showing {
  readonly forgiving: Schema
  /** Which block is to be left alone. */
  readonly composing: Composing
  readonly moves: Moves
}

/** Makes a binding show changes in Yjs by the smallest steps, with nodes made by a schema that refuses nothing. */
export function showMinimalSteps(binding: SyncBinding, { forgiving, composing, moves }: Showing): void {
  const render = binding._observeFunction
  const follower = new SelectionFollower(binding, moves)
  binding._observeFunction = (events, transaction) => {
    const { type, prosemirrorView: view, beforeTransactionSelection: selection } = binding
    if (view === null) return
    const { doc } = view.state
    const block = composing.findBlock(view)
    let change: Change = { start: 0, end: 0, children: [] }
    const restore = (): void => {
      binding.prosemirrorView = view
      binding.type = type
    }
    let target = doc
    const put = (nodes: readonly Node[]): void => {
      target = putBetween(doc, change, nodes)
    }
    const stage: BoundView = {
      state: seenThrough(view.state, { schema: forgiving, put }),
      composing: view.composing,
      editable: view.editable,
      dom: view.dom,
      posAtDOM: (node, offset) => view.posAtDOM(node, offset),
      hasFocus: () => false,
      dispatch: (made) => {
        restore()
        target = composing.keepOut(view.state, target, { block, transaction })
        const meta: unknown = made.getMeta(ySyncPluginKey)
        show(binding, view, { target, change, selection, meta, composing, follower, transaction })
      },
    }
    binding.prosemirrorView = stage
    // Read only when there is something to show: not for what was written here.
    binding.type = withChildren(type, () => {
      change = findChange(binding.mapping, { page: type, doc, transaction })
      return change.children
    })
    // Given neither selection nor focus, the original leaves selection and scroll position alone.
    binding.beforeTransactionSelection = null
    try {
      render(events, transaction)
    } finally {
      if (binding.prosemirrorView === stage) restore()
      binding.beforeTransactionSelection = selection
    }
  }
}

/** A page's blocks that may have changed, as Yjs has them now. */
interface Change {
  /** How many stay before them, and after them. */
  readonly start: number
  readonly end: number
  readonly children: readonly RawChild[]
}

interface Changed {
  readonly page: Y.XmlFragment
  readonly doc: Node
  readonly transaction: Y.Transaction
}

/** All of the page where what stays is not what is shown. */
function findChange(mapping: SyncBinding['mapping'], { page, doc, transaction }: Changed): Change {
  const { start, end, first, last, left, right } = findMiddle(page, findTouched(page, transaction))
  const isShown = (item: Y.Item | null, index: number): boolean => {
    const element = item === null ? null : elementOf(item)
    return item === null || (element !== null && mapping.get(element) === doc.maybeChild(index))
  }
  const isRight =
    start + end <= doc.childCount && isShown(left, start - 1) && isShown(right, doc.childCount - end)
  if (first === null || !isRight) return { start: 0, end: 0, children: page.toArray() }
  const children: Y.XmlElement[] = []
  for (let item: Y.Item | null = first; item !== null; item = item === last ? null : item.right) {
    const element = item.deleted ? null : elementOf(item)
    if (element !== null) children.push(element)
  }
  return { start, end, children }
}

/** The page's own items that a transaction made, deleted or changed within. */
function findTouched(page: Y.XmlFragment, transaction: Y.Transaction): Set<Y.Item> {
  const touched = new Set<Y.Item>()
  for (const type of transaction.changedParentTypes.keys())
    if (type._item?.parent === page) touched.add(type._item)
  if (!new Set<unknown>(transaction.changed.keys()).has(page)) return touched
  const { beforeState, afterState, doc } = transaction
  const made = [...afterState].flatMap(([client, end]) => {
    const clock = beforeState.get(client) ?? 0
    return clock < end ? itemsFrom(doc, { client, clock }) : []
  })
  for (const item of [...made, ...deletedItems(transaction)]) if (item.parent === page) touched.add(item)
  return touched
}

interface Middle {
  /** How many children stay before it, and after it. */
  readonly start: number
  readonly end: number
  /** Null when nothing was touched. */
  readonly first: Y.Item | null
  readonly last: Y.Item | null
  /** What stays next to it. */
  readonly left: Y.Item | null
  readonly right: Y.Item | null
}

function findMiddle(page: Y.XmlFragment, touched: ReadonlySet<Y.Item>): Middle {
  let [start, end] = [0, 0]
  let [first, last, left, right]: (Y.Item | null)[] = [null, null, null, null]
  for (let item = page._start; item !== null; item = item.right) {
    if (touched.has(item)) {
      first ??= item
      last = item
      end = 0
      right = null
    } else if (!item.deleted && first === null) {
      start++
      left = item
    } else if (!item.deleted) {
      end++
      right ??= item
    }
  }
  return { start, end, first: first ?? null, last: last ?? null, left: left ?? null, right: right ?? null }
}

/** The whole page, with these nodes in the place of those that may have changed. */
function putBetween(doc: Node, { start, end }: Change, nodes: readonly Node[]): Node {
  const { children } = doc
  const all = [...children.slice(0, start), ...nodes, ...children.slice(children.length - end)]
  return doc.copy(Fragment.from(all))
}

/** The same page with other children to show. */
function withChildren(page: Y.XmlFragment, find: () => readonly RawChild[]): Y.XmlFragment {
  const isPage = (value: unknown): value is Y.XmlFragment => value instanceof Y.XmlFragment
  const seen: unknown = Object.create(page, { toArray: { value: () => [...find()] } })
  return isPage(seen) ? seen : page
}

interface Seen {
  readonly schema: Schema
  /** Takes what the page's blocks are to be replaced by. */
  readonly put: (nodes: readonly Node[]) => void
}

/** The same state with another schema to make nodes by; what is put into it goes nowhere else. */
function seenThrough(state: EditorState, { schema, put }: Seen): EditorState {
  const isState = (value: unknown): value is EditorState => value instanceof EditorState
  const replace = function (this: Transaction, _from: number, _to: number, slice: Slice): Transaction {
    put(slice.content.content)
    return this
  }
  const tr = { get: () => Object.create(state.tr, { replace: { value: replace } }) as unknown }
  const seen: unknown = Object.create(state, { schema: { value: schema }, tr })
  return isState(seen) ? seen : state
}

interface Wanted {
  readonly target: Node
  readonly change: Change
  readonly selection: RelativeSelection | null
  readonly meta: unknown
  readonly composing: Composing
  readonly follower: SelectionFollower
  readonly transaction: Y.Transaction
}

function show(binding: SyncBinding, view: BoundView, wanted: Wanted): void {
  const { target, change, selection, meta, composing, follower, transaction } = wanted
  const onScreen = selectionOnScreen(view)
  if (!onScreen.eq(view.state.selection)) view.dispatch(view.state.tr.setSelection(onScreen))
  const before = view.state
  const tr = composing.follow(toMinimal(before, target), before)
  tr.setMeta('addToHistory', false).setMeta(ySyncPluginKey, meta)
  const found = follower.find(selection, tr.selection, { before, doc: tr.doc, transaction })
  if (!view.composing && found !== null && !found.eq(tr.selection)) tr.setSelection(found)
  leaveWholeSelection(before, tr)
  // Else whoever has just asked for bold would write plain; during a composition they would break it off.
  if (before.storedMarks !== null && !view.composing) tr.setStoredMarks(before.storedMarks)
  view.dispatch(tr)
  adoptNodes(binding.mapping, binding.type, { ...change, node: tr.doc })
}

/**
 * The only selection that an empty document has is all of it. What others write first must not become selected by that:
 * the next key would replace it.
 */
function leaveWholeSelection(before: EditorState, tr: Transaction): void {
  if (before.doc.content.size > 0 || !(tr.selection instanceof AllSelection)) return
  const start = Selection.findFrom(tr.doc.resolve(0), 1)
  if (start !== null) tr.setSelection(start)
}

function toMinimal(state: EditorState, target: Node): Transaction {
  try {
    const tr = addMinimalSteps(state.tr, target)
    if (tr.doc.eq(target)) return tr
  } catch (error) {
    const doesNotFit =
      error instanceof RangeError || (error instanceof Error && error.name === 'TransformError')
    if (!doesNotFit) throw error
  }
  // The whole replacement always fits.
  return state.tr.replaceWith(0, state.doc.content.size, target.content)
}
