// @vitest-environment jsdom
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { fragmentName } from '../../server/protocol/document.ts'
import { undo } from '../binding/binding.ts'
import { p, Writer } from './page.ts'

/** A document as a newer editor might have written it. */
function newer(): Y.Doc {
  const doc = new Y.Doc()
  const fragment = doc.getXmlFragment(fragmentName)
  const paragraph = new Y.XmlElement('paragraph')
  const text = new Y.XmlText()
  text.applyDelta([
    { insert: 'plain ' },
    { insert: 'noted', attributes: { comment: { id: 7, v: 1 } } },
    { insert: ' end', attributes: { strong: { v: 1, tone: 'loud' } } },
  ])
  const sticker = new Y.XmlElement('sticker')
  sticker.setAttribute('user', 'ada')
  paragraph.setAttribute('shade', 'green')
  paragraph.insert(0, [text, sticker])
  const panel = new Y.XmlElement('panel')
  panel.setAttribute('tone', 'info')
  const inner = new Y.XmlElement('paragraph')
  inner.insert(0, [new Y.XmlText('inside')])
  panel.insert(0, [inner])
  fragment.insert(0, [paragraph, panel])
  return doc
}

const kept = [
  'shade="green"',
  '<comment id="7" v="1">noted</comment>',
  'tone="loud"',
  '<sticker user="ada"></sticker>',
  '<panel tone="info"><paragraph>inside</paragraph></panel>',
]

function expectKept(writer: Writer): void {
  for (const part of kept) expect(writer.xml).toContain(part)
}

describe('An older editor', () => {
  test('[E43] opens a document with what it does not know, and shows that as placeholders', () => {
    const writer = new Writer(newer())
    expectKept(writer)
    expect(writer.lines).toEqual([
      'plain <unknown>noted</unknown><strong> end</strong>[unknown_inline]',
      '[unknown_block]',
    ])
    expect(writer.view.dom.querySelector('div.coscribe-unknown')?.textContent).toBe('panel: inside')
  })

  test('[E43] keeps what it does not know when typing and deleting beside it, and when others do', () => {
    const writer = new Writer(newer())
    writer.at(0, 2).type('XX')
    writer.at(0, 0).type('so ')
    expectKept(writer)
    const other = new Writer(copyOf(writer.ydoc))
    other.at(0, 0).type('well, ')
    Y.applyUpdate(writer.ydoc, Y.encodeStateAsUpdate(other.ydoc), 'network')
    writer.at(0, 0).type('oh ')
    expectKept(writer)
    expect(writer.doc.textContent).toContain('oh well, so plXXain ')
  })

  test('[E43] keeps what it does not know through undo', () => {
    const writer = new Writer(newer())
    writer.at(0, 1).type('abc')
    writer.run(undo)
    expectKept(writer)
  })

  test('[E43] moves what it does not know as it is', () => {
    const writer = new Writer(newer())
    const [first, second] = [writer.doc.child(0), writer.doc.child(1)]
    writer.view.dispatch(
      writer.state.tr.delete(first.nodeSize, first.nodeSize + second.nodeSize).insert(0, second),
    )
    expectKept(writer)
    expect(writer.xml).toMatch(/^<panel/)
    const { tr } = writer.state
    const block = writer.doc.child(1)
    writer.view.dispatch(tr.delete(second.nodeSize, second.nodeSize + block.nodeSize).insert(0, block))
    expectKept(writer)
  })

  test('[E43] keeps a known block that stands where it does not belong, or holds what it should not', () => {
    const doc = new Y.Doc()
    const fragment = doc.getXmlFragment(fragmentName)
    const row = new Y.XmlElement('table_row')
    row.insert(0, [new Y.XmlElement('paragraph')])
    const code = new Y.XmlElement('code_block')
    const text = new Y.XmlText()
    text.insert(0, 'bold', { strong: { v: 1 } })
    code.insert(0, [text])
    fragment.insert(0, [row, code])
    const writer = new Writer(doc)
    expect(writer.lines).toEqual(['[unknown_block]', 'code_block bold'])
    writer.view.dispatch(writer.state.tr.insert(0, p('before')))
    expect(writer.xml).toContain('<table_row><paragraph></paragraph></table_row>')
  })

  test('[E43] shows hostile names as text only', () => {
    const doc = new Y.Doc()
    const bad = new Y.XmlElement('img src=x onerror=alert(1)')
    bad.setAttribute('onclick', 'alert(1)')
    bad.setAttribute('constructor', 'x')
    const proto = new Y.XmlElement('__proto__')
    doc.getXmlFragment(fragmentName).insert(0, [bad, proto, new Y.XmlElement('constructor')])
    const writer = new Writer(doc)
    expect(writer.lines).toEqual(['[unknown_block]', '[unknown_block]', '[unknown_block]'])
    expect(writer.view.dom.querySelector('img')).toBeNull()
    expect(writer.view.dom.querySelector('[onclick]')).toBeNull()
    writer.view.dispatch(writer.state.tr.insert(0, p('before')))
    expect(writer.ydoc.getXmlFragment(fragmentName).length).toBe(4)
  })
})

function copyOf(doc: Y.Doc): Y.Doc {
  const copy = new Y.Doc()
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc))
  return copy
}
