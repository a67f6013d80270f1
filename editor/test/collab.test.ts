// @vitest-environment jsdom
import { Schema } from 'prosemirror-model'
import { EditorState } from 'prosemirror-state'
import { EditorView } from 'prosemirror-view'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { collab, undo } from '../index.ts'

const plain = new Schema({
  nodes: {
    doc: { content: 'paragraph*' },
    paragraph: { content: 'text*', parseDOM: [{ tag: 'p' }], toDOM: () => ['p', 0] },
    text: {},
  },
})

function open(ydoc: Y.Doc): EditorView {
  const state = EditorState.create({ schema: plain, plugins: collab({ ydoc, schema: plain }) })
  return new EditorView(document.body.appendChild(document.createElement('div')), { state })
}

test('[E25] collab makes an editor of somebody else’s schema a shared one, with its own undo', () => {
  const [here, there] = [new Y.Doc(), new Y.Doc()]
  here.on('update', (update: Uint8Array) => Y.applyUpdate(there, update))
  const ann = open(here)
  const bob = open(there)
  there.on('update', (update: Uint8Array) => Y.applyUpdate(here, update))

  ann.dispatch(ann.state.tr.insert(0, plain.node('paragraph', null, [plain.text('from Ann')])))
  expect(bob.state.doc.textContent).toBe('from Ann')
  bob.dispatch(bob.state.tr.insertText(' and Bob', 9))
  expect(ann.state.doc.textContent).toBe('from Ann and Bob')

  undo(bob.state, bob.dispatch, bob)
  expect(ann.state.doc.textContent).toBe('from Ann')
  ann.destroy()
  bob.destroy()
})
