// @vitest-environment jsdom
import { joinBackward, joinForward } from 'prosemirror-commands'
import { Transaction } from 'prosemirror-state'
import type { Step } from 'prosemirror-transform'
import { EditorView } from 'prosemirror-view'
import { describe, expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { fragmentName } from '../../server/protocol/document.ts'
import { redo, undo } from '../binding/binding.ts'
import { setStyle, toggleCodeBlock } from '../commands/blocks.ts'
import { createEditor } from '../editor.ts'
import { schema } from '../schema/index.ts'
import { p, two, Writer } from './page.ts'

/*
 * Twenty things that stock y-prosemirror 1.3.7 does wrong, as rows of one table, with what is wanted in their place.
 */

/** A document with a block and a mark that this editor doesn't know. */
function newer(): Y.Doc {
  const doc = new Y.Doc()
  const text = new Y.XmlText()
  text.applyDelta([{ insert: 'plain ' }, { insert: 'noted', attributes: { remark: { id: 7 } } }])
  const paragraph = new Y.XmlElement('paragraph')
  paragraph.insert(0, [text])
  doc.getXmlFragment(fragmentName).insert(0, [paragraph, new Y.XmlElement('panel')])
  return doc
}

const newerXml = '<paragraph>plain <remark id="7">noted</remark></paragraph><panel></panel>'

function xmlOf(doc: Y.Doc): string {
  // eslint-disable-next-line @typescript-eslint/no-base-to-string -- Yjs prints its XML this way.
  return doc.getXmlFragment(fragmentName).toString()
}

function updatesOf(doc: Y.Doc): () => number {
  let count = 0
  doc.on('update', () => count++)
  return () => count
}

/** Moves a whole block as its handle does: one change that takes it out here and puts it in there. */
function drag(writer: Writer, from: number, to: number): void {
  const { doc, tr } = writer.state
  const start = writer.startOf(from) - 1
  const block = doc.child(from)
  tr.delete(start, start + block.nodeSize)
  let place = 0
  for (let index = 0; index < to; index++) place += tr.doc.child(index).nodeSize
  writer.view.dispatch(tr.insert(place, block))
}

function rangesOf(step: Step): number[][] {
  const ranges: number[][] = []
  step.getMap().forEach((...range) => ranges.push(range))
  return ranges
}

describe('What stock y-prosemirror fails at', () => {
  test('[E43] row 1: reading what an older schema doesn’t know changes nothing', () => {
    const doc = newer()
    const updates = updatesOf(doc)
    const reader = new Writer(doc)
    expect([updates(), reader.xml]).toEqual([0, newerXml])
  })

  test('[E43] row 2: a reader of an older schema changes nothing while others write', () => {
    const doc = newer()
    const updates = updatesOf(doc)
    const target = document.body.appendChild(document.createElement('div'))
    const reader = createEditor(target, { ydoc: doc, editable: false })
    const writer = new Y.Doc()
    Y.applyUpdate(writer, Y.encodeStateAsUpdate(doc))
    const second = new Y.XmlElement('panel')
    second.insert(0, [new Y.XmlText('more')])
    writer.getXmlFragment(fragmentName).insert(2, [second])
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(writer), 'network')
    reader.destroy()
    target.remove()
    expect([updates(), xmlOf(doc)]).toEqual([1, `${newerXml}<panel>more</panel>`])
  })

  test('[E7] row 3: a letter that somebody else types is one step of one letter', () => {
    const { ann, bob, meet } = two(p('one'), p('two'))
    bob.at(1, 1).type('x')
    const apply = vi.spyOn(Transaction.prototype, 'step')
    meet()
    const ranges = apply.mock.calls.map(([step]) => rangesOf(step))
    vi.restoreAllMocks()
    expect([ann.lines, ranges]).toEqual([['one', 'txwo'], [[[7, 7, 7, 8]]]])
  })

  test('[E1][E37] row 4: text typed into a paragraph that becomes a heading, or code, stays in it', () => {
    const { ann, bob, same } = two(p('hello'), p('hello'))
    ann.at(0).run(setStyle('heading1'))
    ann.at(1).run(toggleCodeBlock)
    bob.at(0, -1).type(' world')
    bob.at(1, 2).type('XX')
    same()
    expect(ann.lines).toEqual(['heading1 hello world', 'code_block heXXllo'])
  })

  test('[E37] row 5: text typed into a block goes along when that is wrapped', () => {
    const { ann, bob, same } = two(p('first'), p('hello'))
    const { table, table_row: row, table_cell: cell } = schema.nodes
    const start = ann.startOf(1) - 1
    const wrapped = table.create(null, row.create(null, cell.create(null, ann.doc.child(1))))
    ann.view.dispatch(ann.state.tr.replaceWith(start, ann.doc.content.size, wrapped))
    bob.at(1, 2).type('XX')
    same()
    expect(ann.lines).toEqual(['first', '[table: heXXllo]'])
  })

  test('[E37] row 6: text typed into a block goes along when that is joined to the one before or after', () => {
    const { ann, bob, same } = two(p('one and more'), p('two'), p('three'), p('four and more'))
    ann.at(1).run(joinBackward)
    ann.at(1, -1).run(joinForward)
    bob.at(1, 1).type('XX')
    bob.at(2, 0).type('YY ')
    bob.at(3, -1).type(' ZZ')
    same()
    expect(ann.lines).toEqual(['one and moretXXwo', 'YY threefour and more ZZ'])
  })

  test('[E37] row 7: text typed into a block that is split stays beside its neighbours', () => {
    const { ann, bob, same } = two(p('hello world'))
    ann.at(0, 5).press('Enter')
    bob.at(0, 8).type('WONDER')
    bob.at(0, 2).type('XX')
    same()
    expect(ann.lines).toEqual(['heXXllo', ' woWONDERrld'])
  })

  test('[E38] row 8: both press Enter at the same place, and it is split once', () => {
    const { ann, bob, same } = two(p('hello world'))
    ann.at(0, 5).press('Enter')
    bob.at(0, 5).press('Enter')
    same()
    expect(ann.lines).toEqual(['hello', ' world'])
  })

  test('[E37] row 9: text typed into a block that is dragged goes along, and that between stays', () => {
    const { ann, bob, same } = two(p('one'), p('two'), p('three'))
    drag(ann, 2, 0)
    bob.at(2, -1).type('!!')
    bob.at(1, 0).type('>>')
    same()
    expect(ann.lines).toEqual(['three!!', 'one', '>>two'])
  })

  test('[E3] row 10: emptying a table from two sides leaves an empty table, not a deleted one', () => {
    const cell = (text: string) => schema.nodes.table_cell.create(null, p(text))
    const row = (text: string) => schema.nodes.table_row.create(null, cell(text))
    const { ann, bob, same } = two(p('before'), schema.nodes.table.create(null, [row('one'), row('two')]))
    const rowAt = (writer: Writer, index: number): [number, number] => {
      const table = writer.doc.child(1)
      let start = writer.startOf(1)
      for (let at = 0; at < index; at++) start += table.child(at).nodeSize
      return [start, start + table.child(index).nodeSize]
    }
    ann.view.dispatch(ann.state.tr.delete(...rowAt(ann, 0)))
    bob.view.dispatch(bob.state.tr.delete(...rowAt(bob, 1)))
    same()
    expect(ann.lines).toEqual(['before', '[table]'])
  })

  test('[E4] row 11: replacing one mark by another in a single change reaches the others', () => {
    const { ann, bob, same } = two(
      schema.nodes.paragraph.create(null, schema.text('word', [schema.marks.strong.create()])),
    )
    const { tr } = ann.state
    ann.view.dispatch(tr.removeMark(1, 5, schema.marks.strong).addMark(1, 5, schema.marks.code.create()))
    same()
    expect(bob.lines).toEqual(['<code>word</code>'])
  })

  test('[E84] row 12: a mark over something inline that is no text is on no editor’s screen alone', () => {
    const { ann, same } = two(p('one two'))
    ann.view.dispatch(ann.state.tr.insert(4, schema.nodes.hard_break.create()))
    ann.view.dispatch(ann.state.tr.addMark(2, 7, schema.marks.strong.create()))
    same()
    expect(ann.lines).toEqual(['o<strong>ne</strong>[hard_break]<strong> t</strong>wo'])
  })

  test('[E84] row 13: no block takes a mark, which others would not see', () => {
    const marks = Object.values(schema.marks).map((type) => type.create())
    const blocks = Object.values(schema.nodes).filter((type) => !type.inlineContent)
    for (const type of blocks) expect([type.name, type.allowedMarks(marks)]).toEqual([type.name, []])
  })

  test('[E10] row 14: undo survives a change of the editor’s plugins', () => {
    const writer = new Writer().write(p('one'))
    writer.at(0, -1).type(' two')
    writer.view.updateState(writer.state.reconfigure({ plugins: [...writer.state.plugins] }))
    writer.at(0).run(setStyle('heading1'))
    expect(writer.lines).toEqual(['heading1 one two'])
    writer.run(undo)
    expect(writer.lines).toEqual(['one two'])
    writer.run(undo)
    expect(writer.lines).not.toEqual(['one two'])
  })

  test('[E10] row 15: undo puts the caret back where it was before the undone edit', () => {
    const writer = new Writer().write(p('one'), p('two'))
    writer.at(0, 2).type('x')
    writer.at(1, 3)
    writer.run(undo)
    expect(writer.lines).toEqual(['one', 'two'])
    expect(writer.state.selection.head).toBe(3)
  })

  test('[E9] row 16: what somebody typed into a block survives the undo of that block, whatever its style', () => {
    for (const style of [null, 'heading1', 'quote'] as const) {
      const { ann, bob, meet, same } = two(p('start'))
      ann.view.dispatch(ann.state.tr.insert(ann.doc.content.size, p('mine', { style })))
      meet()
      bob.at(1, -1).type(' theirs')
      meet()
      ann.run(undo)
      same()
      expect(ann.lines.join()).toContain('theirs')
      ann.run(redo)
    }
  })

  test('[E23] row 17: two who begin an empty document unseen by each other have what both wrote, once', () => {
    const { ann, bob, same } = two()
    expect([ann.xml, bob.xml]).toEqual(['', ''])
    ann.type('ann was here')
    bob.type('bob was here')
    same()
    expect(ann.lines.toSorted()).toEqual(['ann was here', 'bob was here'])
  })

  test('[E26] row 18: mounting on a synced document dispatches nothing and writes nothing', () => {
    const ydoc = new Writer().write(p('hello')).ydoc
    const updates = updatesOf(ydoc)
    const dispatch = vi.spyOn(EditorView.prototype, 'dispatch')
    const writer = new Writer(ydoc)
    expect([dispatch.mock.calls.length, updates(), writer.lines]).toEqual([0, 0, ['hello']])
    vi.restoreAllMocks()
  })

  test('[E37] row 19: what is typed among equal letters stands where the caret was', () => {
    const { ann, bob, same } = two(p('aaaa'))
    ann.at(0, 0).type('a')
    bob.at(0, 1).type('b')
    same()
    expect(ann.lines).toEqual(['aabaaa'])
  })

  test('[E85] row 20: a key press, here or elsewhere, looks at no more in a document ten times as long', () => {
    const [short, long] = [lookUps(40), lookUps(400)]
    expect(long.here).toBeLessThan(short.here + 40)
    expect(long.there).toBeLessThan(short.there + 40)
  })
})

/** How often anything is looked up for a key press in the middle of a document, by who typed it and by who sees it. */
function lookUps(paragraphs: number): { here: number; there: number } {
  const { ann, bob } = two(...Array.from({ length: paragraphs }, (_, n) => p(`Paragraph ${n}`)))
  const type = (): void => {
    ann.at(paragraphs / 2, 3)
    ann.view.dispatch(ann.state.tr.insertText('x'))
  }
  type()
  const get = vi.spyOn(Map.prototype, 'get')
  type()
  const here = get.mock.calls.length
  const update = Y.encodeStateAsUpdate(ann.ydoc, Y.encodeStateVector(bob.ydoc))
  get.mockClear()
  Y.applyUpdate(bob.ydoc, update, 'network')
  const there = get.mock.calls.length
  get.mockRestore()
  return { here, there }
}
