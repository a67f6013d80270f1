import { Fragment, Slice, type Node } from 'prosemirror-model'
import { Plugin, PluginKey, TextSelection, type EditorState, type Transaction } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { ySyncPluginKey } from 'y-prosemirror'
import * as Y from 'yjs'
import { lasting } from '../lasting-view.ts'
import { adoptNodes } from './block-children.ts'
import { lettersBefore, lettersOf } from './items.ts'
import { addMinimalSteps } from './minimal-steps.ts'
import { keyOf } from './spans.ts'
import type { BoundView, SyncBinding } from './sync-binding.ts'

/*
 * Input methods lose what is being composed when its text is changed under them. So what others write into the block of
 * a composition waits until it ends; everything else goes on. Meanwhile that block differs from what Yjs has, and
 * nothing is written to Yjs; afterwards the block first becomes what Yjs has, and then what was composed is put back in.
 */

/** A composition that lasts longer is broken off: others must not wait for ever for what is written here. */
const longestHoldMs = 10_000
/** ProseMirror reads the composed text up to 20 ms after the composition. */
const settleMs = 30

/** A block in which somebody composes. */
export interface ComposedBlock {
  readonly type: Y.XmlElement
  /** As Yjs had it before the first change that waits. */
  readonly base: Node
}

interface Hold extends ComposedBlock {
  /** The letters of `base`, by their keys. */
  readonly letters: readonly string[]
}

/** Where the held block is; follows the document. */
const placeKey = new PluginKey<number | null>('coscribe-composing')

/** Keeps others' changes out of the block in which somebody composes. */
export class Composing {
  readonly #binding: SyncBinding
  #view: EditorView | null = null
  #hold: Hold | null = null
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(binding: SyncBinding) {
    this.#binding = binding
  }

  /** Whether the editor shows a block otherwise than Yjs has it, so that it must not be written. */
  get isHolding(): boolean {
    return this.#hold !== null
  }

  readonly plugin = new Plugin<number | null>({
    key: placeKey,
    state: {
      init: () => null,
      apply: (tr, place) => {
        const set: unknown = tr.getMeta(placeKey)
        if (typeof set === 'number' || set === null) return set
        return place === null ? null : tr.mapping.map(place, 1)
      },
    },
    props: {
      handleDOMEvents: {
        compositionend: () => this.#releaseIn(settleMs),
        keydown: (view) => this.#releaseUnlessComposing(view),
        mousedown: (view) => this.#releaseUnlessComposing(view),
      },
    },
    view: lasting((view) => {
      this.#view = view
      return { destroy: () => clearTimeout(this.#timer) }
    }),
  })

  /** The block of the caret while somebody composes; must be asked before a change is rendered. */
  findBlock({ composing, state }: BoundView): ComposedBlock | null {
    if (this.#hold !== null) return this.#hold
    const base = state.selection.$from.parent
    if (!composing || !base.isTextblock) return null
    for (const [type, node] of this.#binding.mapping)
      if (node === base && isElement(type)) return { type, base }
    return null
  }

  /** What to show of the document after a change: all of it but for the block, which stays as it is here. */
  keepOut(state: EditorState, whole: Node, change: Change): Node {
    const { block, transaction } = change
    if (block === null) return whole
    const node = this.#nodeOf(block)
    if (this.#hold === null && node === block.base) return whole
    const shown = state.doc.nodeAt(placeIn(state))
    const at = node === null ? null : findNode(whole, node)
    // It may be in there as it is already: a change elsewhere brings only what it changed.
    if (at === null && shown !== null && findNode(whole, shown) !== null) return whole
    if (at === null || shown === null || !shown.isTextblock) {
      if (this.#hold !== null && shown !== null) this.#giveUp(this.#hold, shown)
      return whole
    }
    if (this.#hold === null) {
      this.#hold = { ...block, letters: lettersBefore(block.type, transaction).map(keyOf) }
      this.#releaseIn(longestHoldMs)
    }
    return replaceAt(whole, at, shown)
  }

  /** Notes in the transaction that shows the change where the held block is. */
  follow(tr: Transaction, state: EditorState): Transaction {
    return this.#hold === null ? tr : tr.setMeta(placeKey, tr.mapping.map(placeIn(state), 1))
  }

  #nodeOf({ type }: ComposedBlock): Node | null {
    const node = this.#binding.mapping.get(type)
    return node === undefined || Array.isArray(node) ? null : node
  }

  #releaseIn(ms: number): false {
    if (this.#hold === null) return false
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#release(), ms)
    return false
  }

  #releaseUnlessComposing(view: EditorView): false {
    if (!view.composing) this.#release()
    return false
  }

  #release(): void {
    const [view, hold] = [this.#view, this.#hold]
    clearTimeout(this.#timer)
    if (view === null || hold === null || view.isDestroyed) return
    const place = placeIn(view.state)
    const shown = view.state.doc.nodeAt(place)
    const { head } = view.state.selection
    const node = this.#nodeOf(hold)
    if (shown !== null && node !== null) this.#showWhatYjsHas(view, replaceAt(view.state.doc, place, node))
    this.#hold = null
    const tr = view.state.tr.setMeta(placeKey, null)
    if (shown !== null) putBack(tr, { place, hold, shown, head })
    view.dispatch(tr)
  }

  /** The block is gone: what was composed since gets one of its own where it was. */
  #giveUp({ base }: Hold, shown: Node): void {
    this.#hold = null
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      const change = changeBetween(base, shown)
      if (this.#view === null || this.#view.isDestroyed) return
      const tr = this.#view.state.tr
      if (change !== null && change.slice.size > 0)
        tr.insert(placeIn(this.#view.state), shown.type.create(shown.attrs, change.slice.content))
      this.#view.dispatch(tr.setMeta(placeKey, null))
    })
  }

  #showWhatYjsHas(view: EditorView, doc: Node): void {
    const tr = addMinimalSteps(view.state.tr, doc)
    view.dispatch(tr.setMeta('addToHistory', false).setMeta(ySyncPluginKey, { isChangeOrigin: true }))
    adoptNodes(this.#binding.mapping, this.#binding.type, { node: view.state.doc, start: 0, end: 0 })
  }
}

function isElement(type: unknown): type is Y.XmlElement {
  return type instanceof Y.XmlElement
}

interface Change {
  readonly block: ComposedBlock | null
  readonly transaction: Y.Transaction
}

function placeIn(state: EditorState): number {
  return placeKey.getState(state) ?? state.selection.$from.before()
}

function findNode(doc: Node, wanted: Node): number | null {
  let found: number | null = null
  doc.descendants((node, position) => {
    if (node === wanted) found = position
    return found === null && !node.inlineContent
  })
  return found
}

/** The same document with another node at a place. */
function replaceAt(doc: Node, place: number, node: Node): Node {
  const size = doc.nodeAt(place)?.nodeSize ?? 0
  return doc.replace(place, place + size, new Slice(Fragment.from(node), 0, 0))
}

/** The range of a block that another version of it has otherwise, and what it has there. */
function changeBetween(base: Node, shown: Node): { from: number; to: number; slice: Slice } | null {
  const from = base.content.findDiffStart(shown.content)
  const end = base.content.findDiffEnd(shown.content)
  if (from === null || end === null) return null
  const overlap = Math.max(0, from - Math.min(end.a, end.b))
  return { from, to: end.a + overlap, slice: shown.slice(from, end.b + overlap) }
}

interface Composed {
  readonly place: number
  readonly hold: Hold
  /** The block with what was composed. */
  readonly shown: Node
  /** Where the caret was in it. */
  readonly head: number
}

/** Changes the block, which is now as Yjs has it, as it was changed here while others' changes waited. */
function putBack(tr: Transaction, { place, hold, shown, head }: Composed): void {
  const { base, letters, type } = hold
  const change = changeBetween(base, shown)
  const block = tr.doc.nodeAt(place)
  if (change === null || block === null || !block.isTextblock) return
  const now = lettersOf(type, () => false)
    .filter(({ isAlive }) => isAlive)
    .map(keyOf)
  const after = (count: number): number => {
    const left = letters.slice(0, count).findLast((key) => now.includes(key))
    return left === undefined ? 0 : now.indexOf(left) + 1
  }
  const [start, stop] = [after(change.from), after(change.to)]
  tr.replace(place + 1 + start, place + 1 + Math.max(start, stop), change.slice)
  const caret = place + 1 + start + Math.max(0, head - place - 1 - change.from)
  tr.setSelection(TextSelection.near(tr.doc.resolve(Math.min(caret, tr.doc.content.size))))
}
