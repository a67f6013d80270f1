import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { readSchemaVersion, readTitle, writeFirstBlocks, writeTitle } from '../document-title.ts'
import { fragmentName, metaName, schemaKey } from '../protocol/document.ts'

interface Block {
  readonly style?: string
  readonly node?: string
}

/** A document of these blocks; a plain string is a paragraph without a style. */
function docOf(...blocks: readonly (string | [string, Block])[]): Y.Doc {
  const doc = new Y.Doc()
  const elements = blocks.map((block) => {
    const [text, { style, node = 'paragraph' }] = typeof block === 'string' ? [block, {} as Block] : block
    const element = new Y.XmlElement(node)
    if (style !== undefined) element.setAttribute('style', style)
    element.insert(0, text === '' ? [] : [new Y.XmlText(text)])
    return element
  })
  doc.getXmlFragment(fragmentName).insert(0, elements)
  return doc
}

const title = (text: string): [string, Block] => [text, { style: 'title' }]
const textOf = (doc: Y.Doc) => doc.getXmlFragment(fragmentName).toJSON()

/** Two copies of a document exchange what they have. */
function merge(a: Y.Doc, b: Y.Doc): void {
  Y.applyUpdate(a, Y.encodeStateAsUpdate(b))
  Y.applyUpdate(b, Y.encodeStateAsUpdate(a))
}

function copyOf(doc: Y.Doc, clientId: number): Y.Doc {
  const copy = new Y.Doc()
  copy.clientID = clientId
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc))
  return copy
}

test.each<[string, string, Y.Doc]>([
  ['the first block in title style', 'Plan', docOf('before', title('Plan'), title('Second'), 'after')],
  ['the first text without one', 'hello', docOf('', 'hello', 'world')],
  ['the first text of any block', 'head', docOf(['head', { node: 'code_block' }], 'text')],
  ['empty, when the title block is', '', docOf(title(''), 'text')],
  ['empty in an empty document', '', docOf()],
  ['without spaces around it', 'Plan', docOf(title('  Plan '))],
  ['not looked for without end', '', docOf(...Array<string>(20).fill(''), 'far down')],
])('[D3] the title is %s', (_which, expected, doc) => {
  expect(readTitle(doc)).toBe(expected)
})

test('[D3] marks are no part of a title, and deleted text is not either', () => {
  const doc = docOf(title('Big plan'))
  const text = (doc.getXmlFragment(fragmentName).firstChild as Y.XmlElement).firstChild as Y.XmlText
  text.format(0, 3, { strong: true })
  text.insertEmbed(3, { image: 'a.png' })
  text.delete(4, 1)
  expect(readTitle(doc)).toBe('Bigplan')
})

test('[D3] a long title is cut, and never through the middle of a character', () => {
  expect(readTitle(docOf(title('x'.repeat(500))))).toBe('x'.repeat(120))
  expect(readTitle(docOf(title('x'.repeat(119) + '😀'))).isWellFormed()).toBe(true)
})

test('[D3] reading leaves a document of another editor as it is', () => {
  const doc = new Y.Doc()
  doc.getText('other').insert(0, 'text')
  expect([readTitle(doc), readSchemaVersion(doc)]).toEqual(['', 0])
  expect([...doc.share.keys()]).toEqual(['other'])
})

test('[D2] the first blocks are a title and a line to write in, with the schema version', () => {
  const doc = new Y.Doc()
  writeFirstBlocks(doc, 'Plan')
  expect(textOf(doc)).toBe('<paragraph style="title">Plan</paragraph><paragraph></paragraph>')
  expect(readSchemaVersion(doc)).toBe(1)
  const untitled = new Y.Doc()
  writeFirstBlocks(untitled, '')
  expect(textOf(untitled)).toBe('<paragraph style="title"></paragraph><paragraph></paragraph>')
})

test.each<[unknown, number]>([
  [7, 7],
  ['7', 0],
  [null, 0],
  [{ v: 7 }, 0],
])('[D2] a schema version of %j reads as %i', (value, expected) => {
  const doc = new Y.Doc()
  doc.getMap(metaName).set(schemaKey, value)
  expect(readSchemaVersion(doc)).toBe(expected)
})

test('[D3] a new title replaces the text of the title block and nothing else', () => {
  const doc = docOf('before', title('Plan'), 'after')
  writeTitle(doc, 'Better')
  expect(readTitle(doc)).toBe('Better')
  expect(textOf(doc)).toBe(
    '<paragraph>before</paragraph><paragraph style="title">Better</paragraph><paragraph>after</paragraph>',
  )
})

test('[D3] a document without a title block gets one at its start', () => {
  const doc = docOf('text')
  writeTitle(doc, 'Plan')
  expect(textOf(doc)).toBe('<paragraph style="title">Plan</paragraph><paragraph>text</paragraph>')
})

test('[D3] an empty title block takes a title, and a title can be taken away', () => {
  const doc = docOf(title(''))
  writeTitle(doc, 'Plan')
  expect(readTitle(doc)).toBe('Plan')
  writeTitle(doc, '')
  expect(readTitle(doc)).toBe('')
  expect(doc.getXmlFragment(fragmentName).length).toBe(1)
})

test('[D3] a title of several texts becomes one', () => {
  const doc = docOf(title('Plan'))
  const block = doc.getXmlFragment(fragmentName).firstChild as Y.XmlElement
  block.insert(1, [new Y.XmlElement('hard_break'), new Y.XmlText(' B')])
  writeTitle(doc, 'Better')
  expect(textOf(doc)).toBe('<paragraph style="title">Better</paragraph>')
})

test('[D3] renaming in the list and typing in the page merge: nothing of either is lost', () => {
  const page = docOf(title('Plan'))
  page.clientID = 1
  const server = copyOf(page, 2)
  const block = page.getXmlFragment(fragmentName).firstChild as Y.XmlElement
  ;(block.firstChild as Y.XmlText).insert(4, ' for June')
  writeTitle(server, 'Budget')
  merge(page, server)
  expect(readTitle(server)).toBe(readTitle(page))
  expect(readTitle(page)).toContain('Budget')
  expect(readTitle(page)).toContain('for June')
})

test('[D3] a title of many words survives being written and read', () => {
  const doc = docOf(title('x'))
  for (const text of ['<b>&amp;</b>', '😀', '\u202etxet', 'a\nb', '"quoted"', '__proto__']) {
    writeTitle(doc, text)
    expect(readTitle(doc)).toBe(text)
  }
})
