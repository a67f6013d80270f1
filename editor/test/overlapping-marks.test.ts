// @vitest-environment jsdom
import { Schema } from 'prosemirror-model'
import { EditorState } from 'prosemirror-state'
import { EditorView } from 'prosemirror-view'
import { prosemirrorToYXmlFragment } from 'y-prosemirror'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { fragmentName } from '../../server/protocol/document.ts'
import { bindFragment } from '../binding/binding.ts'
import { schema } from '../schema/index.ts'
import { Writer } from './page.ts'

const noted = new Schema({
  nodes: schema.spec.nodes,
  marks: schema.spec.marks.addToEnd('remark', {
    attrs: { id: {}, v: { default: 1 } },
    excludes: '',
    toDOM: () => ['mark', 0],
  }),
})

const remark = (id: number) => noted.mark('remark', { id })

/** "one two three" with a remark over "one two" and another over "two three", as stock y-prosemirror stores it. */
function storedByStock(): Y.Doc {
  const doc = new Y.Doc()
  const page = noted.node('doc', null, [
    noted.node('paragraph', null, [
      noted.text('one ', [remark(1)]),
      noted.text('two', [remark(1), remark(2)]),
      noted.text(' three', [remark(2)]),
    ]),
  ])
  prosemirrorToYXmlFragment(page, doc.getXmlFragment(fragmentName))
  return doc
}

function deltaOf(doc: Y.Doc, block = 0): unknown {
  const element = doc.getXmlFragment(fragmentName).get(block)
  const text = element instanceof Y.XmlElement ? element.firstChild : null
  return text instanceof Y.XmlText ? text.toDelta() : null
}

function open(doc: Y.Doc): EditorView {
  const bound = bindFragment({
    fragment: doc.getXmlFragment(fragmentName),
    schema: noted,
    startsFromDoc: true,
  })
  return new EditorView(null, { state: EditorState.create({ doc: bound.doc, plugins: [...bound.plugins] }) })
}

test('[E43] overlapping marks of one kind are read and written as stock y-prosemirror has them', () => {
  const doc = storedByStock()
  const before = deltaOf(doc)
  const view = open(doc)
  const [, both] = view.state.doc.child(0).children
  expect(both?.marks.map((mark) => Number(mark.attrs['id']))).toEqual([1, 2])
  view.dispatch(view.state.tr.insertText('X', 6))
  view.dispatch(view.state.tr.delete(6, 7))
  view.dispatch(view.state.tr.removeMark(1, 14).addMark(1, 8, remark(1)).addMark(5, 14, remark(2)))
  expect(deltaOf(doc)).toEqual(before)
  view.destroy()
})

test('[E43] overlapping marks that the schema doesn’t know keep their keys when their block is typed into and split', () => {
  const doc = storedByStock()
  const before = deltaOf(doc)
  const writer = new Writer(doc)
  writer.at(0, 5).type('X')
  writer.view.dispatch(writer.state.tr.delete(6, 7))
  expect(deltaOf(doc)).toEqual(before)
  writer.at(0, 0).press('Enter')
  expect(deltaOf(doc, 1) ?? deltaOf(doc, 0)).toEqual(before)
  writer.at(1, 4).press('Enter')
  const view = open(doc)
  const ids = view.state.doc.children.flatMap((block) =>
    block.children.map(
      (text) => `${text.text ?? ''}:${text.marks.map((mark) => String(mark.attrs['id'])).join()}`,
    ),
  )
  expect(ids).toEqual(['one :1', 'two:1,2', ' three:2'])
  view.destroy()
})
