// @vitest-environment jsdom
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EditorState, Transaction, type Plugin } from 'prosemirror-state'
import { EditorView } from 'prosemirror-view'
import { initProseMirrorDoc, undoCommand, ySyncPluginKey, yUndoPlugin, yUndoPluginKey } from 'y-prosemirror'
import { expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { bindFragment } from '../binding/binding.ts'
import { deletedItems, isAwaiting } from '../binding/items.ts'
import { createSyncPlugin, findBinding } from '../binding/sync-binding.ts'
import { undoState } from '../binding/undo.ts'
import { restoredBy } from '../binding/undo-moves.ts'
import { schema } from '../schema/index.ts'

/*
 * What `binding/` takes for granted about y-prosemirror's inside. When one of these fails after an upgrade, read
 * `sync-binding.ts` and `binding.ts` against the new version before changing the expectation.
 */

function fragmentWith(text: string): Y.XmlFragment {
  const fragment = new Y.Doc().getXmlFragment('text')
  const paragraph = new Y.XmlElement('paragraph')
  paragraph.insert(0, [new Y.XmlText(text)])
  fragment.insert(0, [paragraph])
  return fragment
}

test('[E25] y-prosemirror is exactly the version the binding was written for', () => {
  const manifest = join(import.meta.dirname, '../../node_modules/y-prosemirror/package.json')
  expect(JSON.parse(readFileSync(manifest, 'utf8'))).toMatchObject({ version: '1.3.7' })
})

test('[E25] the sync plugin hands out one binding, which works through methods we can replace', () => {
  const { plugin, binding } = createSyncPlugin({ fragment: fragmentWith('x'), schema, mapping: new Map() })
  const state = EditorState.create({ schema, plugins: [plugin] })
  expect(findBinding(state)).toBe(binding)
  expect(binding.prosemirrorView).toBeNull()
  expect(Object.hasOwn(binding, '_observeFunction')).toBe(true)
  expect(Object.hasOwn(binding, '_prosemirrorChanged')).toBe(false)
})

test('[E25] the binding observes with, and stops observing, the function it holds when the view is made', () => {
  const fragment = fragmentWith('x')
  const { doc, mapping } = initProseMirrorDoc(fragment, schema)
  const { plugin, binding } = createSyncPlugin({ fragment, schema, mapping })
  let calls = 0
  binding._observeFunction = () => calls++
  const view = new EditorView(null, { state: EditorState.create({ doc, plugins: [plugin] }) })
  fragment.delete(0, 1)
  view.destroy()
  fragment.insert(0, [new Y.XmlElement('paragraph')])
  expect(calls).toBe(1)
})

test('[E25] a local change goes through the method the binding holds at that moment', () => {
  const fragment = fragmentWith('x')
  const { doc, mapping } = initProseMirrorDoc(fragment, schema)
  const { plugin, binding } = createSyncPlugin({ fragment, schema, mapping })
  const view = new EditorView(null, { state: EditorState.create({ doc, plugins: [plugin] }) })
  const written: string[] = []
  binding._prosemirrorChanged = (changed) => written.push(changed.textContent)
  view.dispatch(view.state.tr.insertText('y', 1))
  expect(written).toEqual(['yx'])
  view.destroy()
})

test('[E25] the undo plugin keeps nothing in its state but what ours keeps, and the commands find ours', () => {
  const fragment = fragmentWith('x')
  const undoManager = new Y.UndoManager(fragment, { trackedOrigins: new Set(['here']) })
  const open = (plugin: Plugin) =>
    EditorState.create({
      schema,
      plugins: [createSyncPlugin({ fragment, schema, mapping: new Map() }).plugin, plugin],
    })
  const own = open(undoState(undoManager))
  const theirs: unknown = yUndoPluginKey.getState(open(yUndoPlugin({ undoManager })))
  expect(yUndoPluginKey.getState(own)).toEqual(theirs)
  fragment.doc?.transact(() => fragment.delete(0, 1), 'here')
  undoCommand(own, () => undefined)
  expect(fragment.length).toBe(1)
})

test('[E25] what others changed is read by one `toArray` of the page and put into the state by one `replace`', () => {
  const fragment = fragmentWith('one')
  fragment.insert(1, [fragmentWith('two').get(0).clone()])
  const { doc, mapping } = initProseMirrorDoc(fragment, schema)
  const { plugin, binding } = createSyncPlugin({ fragment, schema, mapping })
  const view = new EditorView(null, { state: EditorState.create({ doc, plugins: [plugin] }) })
  const page = vi.spyOn(fragment, 'toArray')
  const replace = vi.spyOn(Transaction.prototype, 'replace')
  fragment.doc?.transact(() => fragment.delete(1, 1), 'remote')
  expect([page.mock.calls.length, replace.mock.calls.length]).toEqual([1, 1])
  expect([binding.type === fragment, view.state.doc.textContent]).toEqual([true, 'one'])
  vi.restoreAllMocks()
  view.destroy()
})

test('[E26] destroying the view destroys the undo manager', async () => {
  const fragment = fragmentWith('hello')
  const { doc, plugins, undoManager } = bindFragment({ fragment, schema, startsFromDoc: true })
  const view = new EditorView(null, { state: EditorState.create({ doc, plugins: [...plugins] }) })
  view.dispatch(view.state.tr.insertText('x', 1))
  expect(undoManager.undoStack).toHaveLength(1)
  view.destroy()
  await Promise.resolve()
  fragment.doc?.transact(() => fragment.insert(0, [new Y.XmlElement('paragraph')]), ySyncPluginKey)
  expect(undoManager.undoStack).toHaveLength(1)
})

test('[E25] text deleted in a transaction can still be read when that has ended, before Yjs collects it', () => {
  const doc = new Y.Doc()
  const fragment = doc.getXmlFragment('text')
  const paragraph = new Y.XmlElement('paragraph')
  paragraph.insert(0, [new Y.XmlText('gone')])
  fragment.insert(0, [paragraph])
  const found: string[] = []
  doc.on('afterTransaction', (transaction: Y.Transaction) => {
    for (const item of deletedItems(transaction))
      if (item.content instanceof Y.ContentString) found.push(item.content.str)
  })
  fragment.delete(0, 1)
  expect(found).toEqual(['gone'])
})

test('[E25] what is written at the end of a transaction is in the same update message', () => {
  const doc = new Y.Doc()
  const text = doc.getText('text')
  const messages: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => messages.push(update))
  doc.once('afterTransaction', () => doc.getArray('notes').push(['note']))
  text.insert(0, 'x')
  const other = new Y.Doc()
  for (const message of messages.slice(0, 1)) Y.applyUpdate(other, message)
  expect(other.getArray('notes').toArray()).toEqual(['note'])
})

test('[E25] an undo tells at the end of its transaction what it brought back as what', () => {
  const doc = new Y.Doc()
  const text = doc.getText('text')
  text.insert(0, 'one')
  const undoManager = new Y.UndoManager(text, { trackedOrigins: new Set(['here']) })
  doc.transact(() => text.delete(0, 3), 'here')
  let pairs = 0
  doc.on('afterTransaction', (transaction: Y.Transaction) => {
    if (transaction.origin === undoManager) pairs = restoredBy(undoManager, transaction).length
  })
  undoManager.undo()
  expect([text.toJSON(), pairs]).toEqual(['one', 3])
})

test('[E25] a deletion is done though what was inserted with it still waits for something else, and Yjs tells so', () => {
  const [one, other] = [new Y.Doc(), new Y.Doc()]
  one.getText('text').insert(0, 'ab')
  Y.applyUpdate(other, Y.encodeStateAsUpdate(one))
  const missing: Uint8Array[] = []
  one.on('update', (update: Uint8Array) => missing.push(update))
  one.getArray('notes').push(['first'])
  const third = new Y.Doc()
  Y.applyUpdate(third, Y.encodeStateAsUpdate(one))
  const told: boolean[] = []
  other.on('afterTransaction', () => told.push(isAwaiting(other)))
  third.on('update', (update: Uint8Array) => Y.applyUpdate(other, update))
  third.transact(() => {
    third.getText('text').delete(0, 1)
    third.getArray('notes').push(['second'])
  })
  expect([other.getText('text').toJSON(), other.getArray('notes').length, told[0]]).toEqual(['b', 0, true])
  for (const update of missing) Y.applyUpdate(other, update)
  expect([other.getArray('notes').toArray(), told.at(-1)]).toEqual([['first', 'second'], false])
})
