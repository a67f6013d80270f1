// @vitest-environment jsdom
import { DOMParser, DOMSerializer, type Node } from 'prosemirror-model'
import { describe, expect, test } from 'vitest'
import { createParser } from '../html/parser.ts'
import { toPlainText } from '../html/plain-text.ts'
import { createSerializer } from '../html/serializer.ts'
import { schema } from '../schema/index.ts'
import { describe as inShort, p, Writer } from './page.ts'

function element(html: string): HTMLElement {
  const holder = document.implementation.createHTMLDocument('').createElement('div')
  holder.innerHTML = html
  return holder
}

function parse(html: string): string[] {
  return createParser(schema).parse(element(html)).children.map(inShort)
}

function docOf(...blocks: Node[]): Node {
  return schema.nodes.doc.create(null, blocks)
}

function toHTML(...blocks: Node[]): string {
  const holder = document.createElement('div')
  holder.append(createSerializer(schema).serializeFragment(docOf(...blocks).content))
  return holder.innerHTML
}

const everything = docOf(
  p('Title', { style: 'title' }),
  p('Head', { style: 'heading3', align: 'center' }),
  p('one', { list: 'bullet' }),
  p('deep', { list: 'ordered', level: 2 }),
  p('deeper', { list: 'ordered', level: 3 }),
  p('done', { list: 'task', checked: true }),
  p('to do', { list: 'task', level: 1 }),
  p('said', { style: 'quote' }),
  p('and said', { style: 'quote' }),
  p('indented', { level: 3, align: 'right' }),
  p(''),
  schema.nodes.code_block.create({ language: 'ts' }, schema.text('let a\n  = 1')),
  schema.nodes.horizontal_rule.create(),
  schema.nodes.image.create({ src: 'https://a.example/i.png', alt: 'An i', title: 'I', width: 120 }),
  schema.nodes.paragraph.create(null, [
    schema.text('a', [schema.marks.strong.create(), schema.marks.em.create()]),
    schema.nodes.hard_break.create(),
    schema.text('b', [schema.marks.underline.create()]),
    schema.text('c', [schema.marks.strike.create()]),
    schema.text('d', [schema.marks.code.create()]),
    schema.text('e', [schema.marks.link.create({ href: 'https://a.example/' })]),
  ]),
  schema.nodes.table.create(null, [
    schema.nodes.table_row.create(null, [
      schema.nodes.table_header.create(null, p('head')),
      schema.nodes.table_cell.create({ colspan: 2 }, [p('cell', { list: 'bullet' }), p('two')]),
    ]),
  ]),
)

describe('The document as HTML', () => {
  test('[E17] what the editor shows is read back as the same document', () => {
    const holder = document.createElement('div')
    holder.append(DOMSerializer.fromSchema(schema).serializeFragment(everything.content))
    const same = DOMParser.fromSchema(schema).parse(holder, { preserveWhitespace: 'full' })
    expect(same.toJSON()).toEqual(everything.toJSON())
  })

  test('[E17] what is copied is read back as the same document', () => {
    const holder = document.createElement('div')
    holder.append(createSerializer(schema).serializeFragment(everything.content))
    holder.firstElementChild?.setAttribute('data-pm-slice', '0 0 []')
    const same = createParser(schema).parse(holder, { preserveWhitespace: true })
    expect(same.toJSON()).toEqual(everything.toJSON())
  })

  test('[E18] lists are copied as real nested lists', () => {
    const items = [
      p('a', { list: 'bullet' }),
      p('b', { list: 'bullet', level: 1 }),
      p('c', { list: 'ordered' }),
    ]
    expect(toHTML(...items, p('d'))).toBe('<ul><li>a<ul><li>b</li></ul></li></ul><ol><li>c</li></ol><p>d</p>')
  })

  test('[E18] quotes are copied as one blockquote of several paragraphs', () => {
    const quotes = [p('a', { style: 'quote' }), p('b', { style: 'quote' })]
    expect(toHTML(...quotes)).toBe('<blockquote><p>a</p><p>b</p></blockquote>')
  })

  test('[E18] marks that go on across text nodes stay one element', () => {
    const strong = schema.marks.strong.create()
    const text = [schema.text('a', [strong]), schema.text('b', [strong, schema.marks.em.create()])]
    expect(toHTML(schema.nodes.paragraph.create(null, text))).toBe('<p><strong>a<em>b</em></strong></p>')
  })

  test('[E18] plain text spells out list markers and keeps paragraphs apart', () => {
    const blocks = [
      p('one'),
      p('a', { list: 'ordered' }),
      p('b', { list: 'ordered' }),
      p('c', { list: 'task', level: 1, checked: true }),
      p('end'),
    ]
    expect(toPlainText(docOf(...blocks).slice(0))).toBe('one\n\n1. a\n2. b\n  [x] c\n\nend')
    expect(toPlainText(docOf(p('item', { list: 'bullet' })).slice(2, 4, true))).toBe('te')
  })

  test('[E19] hostile attribute values render as if they were not set', () => {
    const attrs = { style: 'x" onload="y', list: {}, level: 1e9, checked: 'no', align: '<b>' }
    const writer = new Writer()
    writer.view.dispatch(writer.state.tr.insert(0, schema.nodes.paragraph.create(attrs, schema.text('x'))))
    expect(writer.html).toBe('<p dir="auto" data-level="8">x</p>')
  })
})

describe('Reading others’ HTML', () => {
  test('[E20] nested lists become flat items with levels', () => {
    const html =
      '<ul><li>a<ol><li><p>b</p></li><li>c</li></ol></li><li>d<ul><li><ul><li>e</li></ul></li></ul></li></ul>'
    expect(parse(html)).toEqual(['bullet a', 'ordered·1 b', 'ordered·1 c', 'bullet d', 'bullet·2 e'])
  })

  test('[E20] an item of several paragraphs becomes several items', () => {
    expect(parse('<ol><li><p>a</p><p>b</p></li></ol>')).toEqual(['ordered a', 'ordered b'])
  })

  test('[E20] a quote of several paragraphs becomes paragraphs in quote style', () => {
    expect(parse('<blockquote><p>a</p>b<ul><li>c</li></ul></blockquote><p>d</p>')).toEqual([
      'quote a',
      'quote b',
      'quote bullet c',
      'd',
    ])
  })

  test('[E20] GitHub’s task lists become tasks', () => {
    const box = (attrs: string) => `<input type="checkbox" class="task-list-item-checkbox" disabled ${attrs}>`
    const html = `<ul class="contains-task-list"><li class="task-list-item">${box('')} a</li><li class="task-list-item">${box('checked')} b
      <ul><li class="task-list-item">${box('')} c</li></ul></li></ul>`
    expect(parse(html)).toEqual(['task a', 'task done b', 'task·1 c'])
  })

  test('[E21] Google Docs’ wrapper, spacing and checklists are understood', () => {
    const span = (style: string, text: string) =>
      `<span style="font-size:11pt;font-weight:${style};white-space:pre-wrap;">${text}</span>`
    const html = `<meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-1"><h1 dir="ltr">${span('400', 'Head')}</h1>
      <p dir="ltr">${span('400', 'plain ')}${span('700', 'bold')}</p><br><ul><li dir="ltr" aria-level="1"><p role="presentation">${span('400', 'a')}</p></li>
      <ul><li dir="ltr" aria-level="2"><p role="presentation">${span('400', 'b')}</p></li></ul></ul>
      <ul><li role="checkbox" aria-checked="true"><img alt="checked" aria-roledescription="checkbox" src="data:image/png;base64,AA"><p role="presentation">${span('400', 'c')}</p></li></ul>
      <p><a href="https://x.example" style="text-decoration:none;">${span('400', '<u style="text-decoration:underline">link</u>').replace('<u', '<span').replace('</u', '</span')}</a></p></b><br class="Apple-interchange-newline">`
    expect(parse(html)).toEqual([
      'heading1 Head',
      'plain <strong>bold</strong>',
      'bullet a',
      'bullet·1 b',
      'task done c',
      '<link>link</link>',
    ])
  })

  test('[E21] Word’s lists, empty paragraphs and private elements are understood', () => {
    const item = (level: number, marker: string, text: string) =>
      `<p class="MsoListParagraph" style="margin-left:.5in;text-indent:-.25in;mso-list:l0 level${level} lfo1"><![if !supportLists]><span style="mso-list:Ignore">${marker}<span style="font:7.0pt">&nbsp;&nbsp;</span></span><![endif]>${text}<o:p></o:p></p>`
    const html = `<style>p.MsoNormal{color:red}</style><p class="MsoNormal">Intro<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p>
      ${item(1, '·', 'a')}${item(2, 'o', 'b')}${item(1, '1.', 'c')}`
    expect(parse(html)).toEqual(['Intro', 'bullet a', 'bullet·1 b', 'ordered c'])
  })

  test('[E21] scripts, styles, forms and unsafe addresses of web pages are dropped', () => {
    const html = `<div><script>x()</script><style>p{}</style><p onclick="x()">a <a href="javascript:x()">b</a></p><button>c</button>
      <iframe src="https://x.example"></iframe><img src="x" onerror="x()"><p></p><div>&nbsp;</div><p>d</p></div>`
    expect(parse(html)).toEqual(['a b', '[image]', 'd'])
  })
})

describe('Pasting', () => {
  test('[E22] plain text becomes paragraphs', () => {
    expect(new Writer().paste({ text: 'one\n\ntwo\nthree' }).lines).toEqual(['one', 'two', 'three'])
  })

  test('[E22] an address pasted over a selection links it', () => {
    const writer = new Writer().write(p('see here now')).at(0, 4, 4)
    writer.paste({ text: 'https://example.com' })
    expect(writer.lines).toEqual(['see <link>here</link> now'])
  })

  test('[E22] an address pasted into text is inserted as a link', () => {
    expect(new Writer().write(p('see ')).at(0, -1).paste({ text: 'https://example.com' }).lines).toEqual([
      'see <link>https://example.com</link>',
    ])
  })

  test('[E22] a piece of a heading pasted into an empty paragraph makes it that heading', () => {
    const html = '<h2 data-pm-slice="1 1 []">Head</h2>'
    expect(new Writer().write(p(''), p('x')).at(0).paste({ html }).lines).toEqual(['heading2 Head', 'x'])
  })

  test('[E22] a piece of a heading pasted into text stays text', () => {
    const html = '<h2 data-pm-slice="1 1 []">Head</h2>'
    expect(new Writer().write(p('ab')).at(0, 1).paste({ html }).lines).toEqual(['aHeadb'])
  })

  test('[E22] code takes text as it is', () => {
    const writer = new Writer().write(schema.nodes.code_block.create(null, schema.text('a')))
    expect(writer.at(0, -1).paste({ html: '<b>b</b>', text: '\n  b' }).lines).toEqual(['code_block a\n  b'])
  })
})
