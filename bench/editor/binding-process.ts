import type { Node } from 'prosemirror-model'
import type { EditorState, PluginView, Transaction } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { initProseMirrorDoc, ySyncPlugin, yUndoPlugin } from 'y-prosemirror'
import type * as Yjs from 'yjs'
import { bindFragment } from '../../editor/binding/binding.ts'
import { schema } from '../../editor/schema/index.ts'
import { fragmentName } from '../../server/protocol/document.ts'
import { productState } from '../product-state.ts'
import { productYjs as Y } from '../product-yjs.ts'
import type { Scale } from '../rows/row.ts'
import { median } from '../rows/statistics.ts'
import type { BindingAct } from './binding-acts.ts'

/*
 * What the binding takes for a change, ours and stock y-prosemirror's, from the transaction to the update that leaves,
 * and from the update that comes to the changed state. Nothing is drawn. Both work on the same document in turns, so
 * that whatever slows this machine down slows both.
 */

type Kind = 'stock' | 'ours'
const kinds: readonly Kind[] = ['stock', 'ours']

/** An editor without a page. */
class Desk {
  readonly doc = new Y.Doc()
  state: EditorState
  readonly #views: PluginView[] = []

  constructor(kind: Kind, whole: Uint8Array) {
    Y.applyUpdate(this.doc, whole)
    this.state = openState(kind, this.doc.getXmlFragment(fragmentName))
    const view = this as unknown as EditorView
    for (const plugin of this.state.plugins) {
      const made = plugin.spec.view?.(view)
      if (made !== undefined) this.#views.push(made)
    }
  }

  readonly composing = false
  readonly editable = true
  readonly hasFocus = () => false

  dispatch(tr: Transaction): void {
    const previous = this.state
    this.state = this.state.apply(tr)
    for (const view of this.#views) view.update?.(this as unknown as EditorView, previous)
  }
}

function openState(kind: Kind, fragment: Yjs.XmlFragment): EditorState {
  const { EditorState } = productState
  if (kind === 'ours') {
    const bound = bindFragment({ fragment, schema, startsFromDoc: true })
    return EditorState.create({ doc: bound.doc, plugins: [...bound.plugins] })
  }
  const { doc, mapping } = initProseMirrorDoc(fragment, schema)
  return EditorState.create({ doc, plugins: [ySyncPlugin(fragment, { mapping }), yUndoPlugin()] })
}

/** Somebody and whom they write with. */
interface Pair {
  readonly here: Desk
  readonly there: Desk
  readonly updates: Uint8Array[]
}

function openPair(kind: Kind, whole: Uint8Array): Pair {
  const pair: Pair = { here: new Desk(kind, whole), there: new Desk(kind, whole), updates: [] }
  pair.here.doc.on('update', (update: Uint8Array) => pair.updates.push(update))
  return pair
}

type Act = (state: EditorState, turn: number) => Transaction

/** Where a block's text starts. */
function startOf(doc: Node, index: number): number {
  let position = 1
  for (let at = 0; at < index; at++) position += doc.child(at).nodeSize
  return position
}

const middleOf = ({ doc }: EditorState): number => startOf(doc, Math.floor(doc.childCount / 2))
const longOf = ({ doc }: EditorState): number => startOf(doc, longAt) + 10_000
const lastOf = ({ doc }: EditorState): number => startOf(doc, doc.childCount - 1)

/** One more letter each turn, behind the one before. */
const typeAt =
  (start: (state: EditorState) => number): Act =>
  (state, turn) =>
    typed(state, start(state) + (turn % 50))

function typed(state: EditorState, position: number): Transaction {
  const tr = state.tr.insertText('x', position)
  return tr.setSelection(productState.TextSelection.create(tr.doc, position + 1))
}

/** What somebody does, by the figures it gives. */
const acts: Readonly<Record<BindingAct, Act>> = {
  key: typeAt(middleOf),
  lastKey: typeAt(lastOf),
  longKey: typeAt(longOf),
  enter: (state) => state.tr.split(middleOf(state) + 20),
  paste: (state) => {
    const at = middleOf(state) + 20
    return state.tr.replace(at, at, state.doc.slice(5, startOf(state.doc, 2) + 30))
  },
}

type Times = Record<Kind, { local: number[]; remote: number[] }>

function turns(pairs: Record<Kind, Pair>, act: Act, count: number): Times {
  const times: Times = { stock: { local: [], remote: [] }, ours: { local: [], remote: [] } }
  for (let turn = 0; turn < count; turn++) {
    for (const kind of turn % 2 === 0 ? kinds : kinds.toReversed()) {
      const { here, there, updates } = pairs[kind]
      const tr = act(here.state, turn)
      updates.length = 0
      times[kind].local.push(timed(() => here.dispatch(tr)))
      times[kind].remote.push(timed(() => updates.forEach((update) => Y.applyUpdate(there.doc, update))))
    }
  }
  for (const kind of kinds)
    if (!pairs[kind].there.state.doc.eq(pairs[kind].here.state.doc))
      throw new Error(`two ${kind} editors differ`)
  return times
}

function timed(work: () => void): number {
  const start = performance.now()
  work()
  return performance.now() - start
}

/** Which paragraph is a long one. */
const longAt = 100
const words = 'the quick brown fox '

function largeDocument(paragraphs: number): Uint8Array {
  const doc = new Y.Doc()
  const blocks = Array.from({ length: paragraphs }, (_, n) => {
    const block = new Y.XmlElement('paragraph')
    block.insert(0, [
      new Y.XmlText(
        `${n === longAt ? words.repeat(1000) : ''}Paragraph ${n}: the quick brown fox jumps over the lazy dog, again and again.`,
      ),
    ])
    return block
  })
  doc.getXmlFragment(fragmentName).insert(0, blocks)
  return Y.encodeStateAsUpdate(doc)
}

/** Figures by name: our milliseconds, and how many times stock's those are. */
function measure(paragraphs: number, { isQuick }: Scale): Record<string, number> {
  const whole = largeDocument(paragraphs)
  const pairs = { stock: openPair('stock', whole), ours: openPair('ours', whole) }
  const sample: Record<string, number> = {}
  for (const [name, act] of Object.entries(acts)) {
    turns(pairs, act, isQuick ? 2 : 40)
    const { stock, ours } = turns(pairs, act, isQuick ? 10 : 200)
    for (const side of ['local', 'remote'] as const) {
      const [stockMs, oursMs] = [median(stock[side]), median(ours[side])]
      sample[`${name}-${side}-ms`] = oursMs
      sample[`${name}-${side}`] = oursMs / stockMs
    }
  }
  return sample
}

const [paragraphs = '5000', scale] = process.argv.slice(2)
console.log(JSON.stringify(measure(Number(paragraphs), { isQuick: scale === 'quick' })))
