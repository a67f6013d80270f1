import { JSDOM } from 'jsdom'
import * as Y from 'yjs'

/*
 * What keeping everybody's text costs: a local key press and a remote change through the binding, ours and stock
 * y-prosemirror's, on the same document. A key press is what the binding takes to write it, without drawing; a remote
 * change is all from the update to the changed page, which is not laid out. What counts is the ratio.
 *
 * Run it alone: `node --import tsx bench/concurrent-cost.ts`.
 */

const paragraphs = 5000
const keys = 100
const passes = 2

/** The editor needs a page's globals when it is loaded. */
function makePage(): void {
  const { window } = new JSDOM('<!doctype html><body></body>', { pretendToBeVisual: true })
  const names = [
    'window',
    'document',
    'Node',
    'HTMLElement',
    'HTMLInputElement',
    'Range',
    'MutationObserver',
  ] as const
  for (const name of names)
    Object.defineProperty(globalThis, name, {
      value: name === 'window' ? window : window[name],
      configurable: true,
    })
  Object.defineProperty(globalThis, 'navigator', { value: window.navigator, configurable: true })
  Object.defineProperty(globalThis, 'getSelection', {
    value: () => window.getSelection(),
    configurable: true,
  })
}

function largeDocument(): Uint8Array {
  const doc = new Y.Doc()
  const fragment = doc.getXmlFragment('coscribe')
  const blocks = Array.from({ length: paragraphs }, (_, n) => {
    const block = new Y.XmlElement('paragraph')
    block.insert(0, [
      new Y.XmlText(`Paragraph ${n}: the quick brown fox jumps over the lazy dog, again and again.`),
    ])
    return block
  })
  fragment.insert(0, blocks)
  return Y.encodeStateAsUpdate(doc)
}

interface Figures {
  readonly localMs: number
  readonly remoteMs: number
}

const median = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0

makePage()
const { EditorState } = await import('prosemirror-state')
const { initProseMirrorDoc, ySyncPlugin, yUndoPlugin } = await import('y-prosemirror')
const { bindFragment } = await import('../editor/binding/binding.ts')
const { schema } = await import('../editor/schema/index.ts')
const { EditorView } = await import('prosemirror-view')
const { findBinding } = await import('../editor/binding/sync-binding.ts')

const whole = largeDocument()

type Kind = 'ours' | 'stock'

function measure(kind: Kind): Figures {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, whole)
  const other = new Y.Doc()
  Y.applyUpdate(other, whole)
  const fragment = doc.getXmlFragment('coscribe')
  const view = new EditorView(null, { state: openState(kind, fragment) })
  const localMs = median(Array.from({ length: keys }, (_, key) => timeLocal(view, key)))
  Y.applyUpdate(other, Y.encodeStateAsUpdate(doc, Y.encodeStateVector(other)))
  const remoteMs = median(Array.from({ length: keys }, (_, key) => timeRemote({ doc, other, key })))
  view.destroy()
  return { localMs, remoteMs }
}

function openState(kind: Kind, fragment: Y.XmlFragment) {
  if (kind === 'ours') {
    const bound = bindFragment({ fragment, schema, startsFromDoc: true })
    return EditorState.create({ doc: bound.doc, plugins: [...bound.plugins] })
  }
  const { doc, mapping } = initProseMirrorDoc(fragment, schema)
  return EditorState.create({ doc, plugins: [ySyncPlugin(fragment, { mapping }), yUndoPlugin()] })
}

/** Typing goes on in one paragraph in the middle. */
function timeLocal(view: InstanceType<typeof EditorView>, key: number): number {
  const binding = findBinding(view.state)
  if (binding === undefined) throw new Error('The editor is not bound')
  let position = 1
  for (let index = 0; index < paragraphs / 2; index++) position += view.state.doc.child(index).nodeSize
  let spent = 0
  const write = binding._prosemirrorChanged
  binding._prosemirrorChanged = (doc) => {
    const start = performance.now()
    write.call(binding, doc)
    spent = performance.now() - start
  }
  view.dispatch(view.state.tr.insertText('x', position + key))
  binding._prosemirrorChanged = write
  return spent
}

function timeRemote({ doc, other, key }: { doc: Y.Doc; other: Y.Doc; key: number }): number {
  const block = other.getXmlFragment('coscribe').get((key * 7) % paragraphs)
  const text = block instanceof Y.XmlElement ? block.firstChild : null
  if (text instanceof Y.XmlText) text.insert(3, 'y')
  const update = Y.encodeStateAsUpdate(other, Y.encodeStateVector(doc))
  const start = performance.now()
  Y.applyUpdate(doc, update, 'remote')
  return performance.now() - start
}

const rounds = Array.from({ length: passes }, () => ({ stock: measure('stock'), ours: measure('ours') }))
for (const name of ['localMs', 'remoteMs'] as const) {
  const [ours, stock] = [median(rounds.map((r) => r.ours[name])), median(rounds.map((r) => r.stock[name]))]
  const what = name === 'localMs' ? 'local key press' : 'remote change'
  console.log(
    `${what}, ${paragraphs} paragraphs: ours ${ours.toFixed(2)} ms, stock ${stock.toFixed(2)} ms, ratio ${(ours / stock).toFixed(2)} (at most 1.3)`,
  )
}
