// @vitest-environment jsdom
import type { Node } from 'prosemirror-model'
import { parseHTML } from 'linkedom'
import { describe, expect, test } from 'vitest'
import { fromHtml, fromJson, fromMarkdown, fromText, toHtml, toMarkdown, toText } from '../convert/index.ts'
import { schema } from '../schema/index.ts'
import { describe as inShort, p } from './page.ts'

const docOf = (...blocks: Node[]) => schema.nodes.doc.create(null, blocks)
const lines = (doc: Node) => doc.children.map(inShort)
const read = (markdown: string) => lines(fromMarkdown(markdown))
/** What a text becomes after it was a document. */
const again = (markdown: string) => toMarkdown(fromMarkdown(markdown))

describe('Markdown', () => {
  test('[E44] the first heading of level 1 is the title, others are headings', () => {
    expect(read('# Plan\n\n# One\n\n## Two')).toEqual(['title Plan', 'heading1 One', 'heading2 Two'])
    expect(read('text\n\n# One')).toEqual(['text', 'heading1 One'])
    expect(read('Plan\n====\n\ntext')).toEqual(['heading1 Plan', 'text'])
    expect(toMarkdown(docOf(p('A', { style: 'heading1' })))).toBe('A\n===\n')
  })

  test('[E44] flat lists become nested lists', () => {
    const doc = docOf(
      p('a', { list: 'bullet' }),
      p('b', { list: 'task', level: 1, checked: true }),
      p('c', { list: 'ordered', start: 3 }),
      p('d', { list: 'ordered' }),
    )
    expect(toMarkdown(doc)).toBe('- a\n  - [x] b\n\n3. c\n4. d\n')
    expect(lines(fromMarkdown(toMarkdown(doc)))).toEqual(lines(doc))
  })

  test('[E44] an item of several paragraphs keeps them, and its number goes on', () => {
    const markdown = '1. a\n\n   more\n2. b\n'
    const doc = fromMarkdown(markdown)
    expect(
      doc.children.map(({ attrs }): unknown[] => [attrs['list'], attrs['level'], attrs['start']]),
    ).toEqual([
      ['ordered', null, null],
      [null, 1, null],
      ['ordered', null, 2],
    ])
    expect(toMarkdown(doc)).toBe(markdown)
  })

  test('[E44] alerts are callouts, and a quote of such a sign is not one', () => {
    const doc = fromMarkdown('> [!WARNING]\n> Hot.\n>\n> - a\n')
    expect(doc.firstChild?.attrs['kind']).toBe('warning')
    expect(doc.firstChild?.children.map(inShort)).toEqual(['Hot.', 'bullet a'])
    expect(toMarkdown(doc)).toBe('> [!WARNING]\n> Hot.\n>\n> - a\n')
    expect(read('> \\[!NOTE]\n> x')).toEqual(['quote [!NOTE] x'])
  })

  test('[E44] formulas, code with its language, and money', () => {
    const doc = fromMarkdown('$$\nx^2\n$$\n\n```ts\nlet a\n```\n\nIt is $a_1$ for $5 or $ 6')
    expect(doc.children.map(({ attrs }): unknown => attrs['language'])).toEqual(['math', 'ts', undefined])
    expect(inShort(doc.child(2))).toBe('It is <math>a_1</math> for $5 or $ 6')
    expect(read('from $5 to $6')).toEqual(['from $5 to $6'])
  })

  test('[E44] a picture has the line after it as its caption', () => {
    const markdown = '![An i](https://a.example/i.png "I")\\\nThe *i*\n'
    const doc = fromMarkdown(markdown)
    expect(doc.firstChild?.type.name).toBe('image')
    expect(doc.firstChild?.textContent).toBe('The i')
    expect(toMarkdown(doc)).toBe(markdown)
    expect(read('a ![x](https://a.example/i.png) b')).toEqual(['a', '[image]', 'b'])
  })

  test('[E44] tables keep their headings and alignment; more than a line of a cell is put on one', () => {
    const markdown = '| a | b |\n| - | -: |\n| 1 | 2 |\n'
    expect(again(markdown)).toBe('| a |  b |\n| - | -: |\n| 1 |  2 |\n')
    const cell = schema.nodes.table_cell.create(null, [p('x'), p('y', { list: 'bullet' })])
    const table = schema.nodes.table.create(null, schema.nodes.table_row.create(null, cell))
    expect(toMarkdown(docOf(table))).toBe('|          |\n| -------- |\n| x<br>• y |\n')
  })

  test('[E44] what has no sign is a tag, and other tags are text', () => {
    expect(read('<u>a</u><sub>b</sub> <mark>c</mark> <b>d</b> <blink>e</blink>')).toEqual([
      '<underline>a</underline><subscript>b</subscript> <highlight>c</highlight> <strong>d</strong> <blink>e</blink>',
    ])
    expect(read('<div>\n\n**x**\n\n</div>')).toEqual(['<div>', '<strong>x</strong>', '</div>'])
    expect(again('<span data-mention="u1">@Ada</span>')).toBe('<span data-mention="u1">@Ada</span>\n')
  })

  test('[E44] what others write is read: named links, notes, headers, other signs', () => {
    expect(read('[a][b]\n\n[b]: https://b.example')).toEqual(['<link>a</link>'])
    expect(read('x[^1]\n\n[^1]: note')).toEqual(['x[^1]', '[^1]: note'])
    expect(read('---\ntitle: x\n---\n# T')).toEqual(['code_block title: x', 'title T'])
    expect(read('* a\n+ b\n1) c')).toEqual(['bullet a', 'bullet b', 'ordered c'])
    expect(read('    code')).toEqual(['code_block code'])
    expect(read('- > q\n- ```\n  c\n  ```')).toEqual(['quote bullet q', 'bullet', 'code_block c'])
  })

  test('[E44] a title, an empty line and spaces at the edges are what Markdown can say of them', () => {
    expect(toMarkdown(docOf(p('', { style: 'title' }), p(''), p(' a ')))).toBe('a\n')
    const strong = schema.nodes.paragraph.create(null, [
      schema.text('a ', [schema.marks.strong.create()]),
      schema.text('b'),
    ])
    expect(toMarkdown(docOf(strong))).toBe('**a** b\n')
  })

  test('[E47] what is nested too deep is refused', () => {
    expect(() => fromMarkdown('>'.repeat(5000))).toThrow('too deep')
    expect(() => fromHtml('<div>'.repeat(5000), parseHTML('<html><body></body></html>').document)).toThrow(
      'too deep',
    )
  })
})

describe('HTML', () => {
  const parse = (html: string) => lines(fromHtml(html))

  test('[E45] numbers of lists are kept', () => {
    const doc = fromHtml('<ol start="5"><li>a<li>b<li value="9">c</ol>')
    expect(doc.children.map(({ attrs }): unknown => attrs['start'])).toEqual([5, null, 9])
    expect(toHtml(doc)).toBe('<ol start="5"><li>a</li><li>b</li></ol><ol start="9"><li>c</li></ol>')
  })

  test('[E45] GitHub’s alerts and code are read', () => {
    const doc = fromHtml(
      '<div class="markdown-alert markdown-alert-tip"><p class="markdown-alert-title">Tip</p><p>Do.</p></div>' +
        '<div class="highlight highlight-source-ts"><pre><span>let</span> a</pre></div>',
    )
    expect([doc.child(0).attrs['kind'], doc.child(0).textContent]).toEqual(['tip', 'Do.'])
    expect([doc.child(1).attrs['language'], doc.child(1).textContent]).toEqual(['ts', 'let a'])
  })

  test('[E45] rendered formulas are read by their TeX', () => {
    const math = (display: string) =>
      `<math ${display}><semantics><mi>x</mi><annotation encoding="application/x-tex">x^2</annotation></semantics></math>`
    const katex = `<span class="katex"><span class="katex-mathml">${math('')}</span><span class="katex-html">x2</span></span>`
    expect(parse(`<p>a ${katex} b</p>`)).toEqual(['a <math>x^2</math> b'])
    const block = fromHtml(`<span class="katex-display">${katex}</span>`).firstChild
    expect([block?.attrs['language'], block?.textContent]).toEqual(['math', 'x^2'])
  })

  test('[E45] figures keep their caption, Notion’s checklists their checks', () => {
    const figure = fromHtml(
      '<figure><img src="https://a.example/i.png"><figcaption>The <b>i</b></figcaption></figure>',
    )
    expect(figure.firstChild?.textContent).toBe('The i')
    expect(
      parse('<ul class="to-do-list"><li><div class="checkbox checkbox-on"></div> <span>a</span></li></ul>'),
    ).toEqual(['task done a'])
  })

  test('[E45] the DOM of the server reads and writes the same', () => {
    const html =
      '<p style="text-align: center">a &amp; <b>b</b></p><ul><li>c<ol><li>d</li></ol></li></ul><p>&lt;e&gt;</p>'
    const { document: page } = parseHTML('<!doctype html><html><body></body></html>')
    expect(fromHtml(html, page).toJSON()).toEqual(fromHtml(html).toJSON())
    expect(toHtml(fromHtml(html), page).replaceAll(';"', '"')).toBe(
      toHtml(fromHtml(html)).replaceAll(';"', '"'),
    )
  })
})

describe('JSON and text', () => {
  test('[E46] what is not known gives way to what is known inside it', () => {
    const json = {
      type: 'doc',
      content: [
        {
          type: 'tab',
          content: [{ type: 'paragraph', content: [{ type: 'text', text: 'a', marks: [{ type: 'no' }] }] }],
        },
        { type: 'text', text: 'b', marks: [{ type: 'link', attrs: { href: 'javascript:x' } }] },
        { type: 'table_row', content: [{ type: 'table_cell', content: [{ type: 'text', text: 'c' }] }] },
        { type: 'paragraph', attrs: { style: 'x', level: 1e9, evil: {} }, content: { text: 1 } },
        { type: 'image', attrs: { src: 'data:text/html,x', alt: 'i' } },
        7,
        null,
        [[]],
      ],
    }
    const doc = fromJson(json)
    doc.check()
    expect(lines(doc)).toEqual(['a', 'b', 'c', 'indent·8', '[image]'])
    expect(doc.child(4).attrs['src']).toBeNull()
  })

  test('[E46] what is no document at all is an empty one', () => {
    for (const json of [
      undefined,
      null,
      1,
      'x',
      [],
      {},
      { type: 'constructor' },
      { type: '__proto__', content: 1 },
    ])
      expect(fromJson(json).childCount).toBe(0)
  })

  test('[E46] a text becomes a paragraph for each line', () => {
    expect(lines(fromText('a\r\n\r\n b\n'))).toEqual(['a', ' b'])
    expect(toText(docOf(p('a', { list: 'ordered', start: 4 }), p('b', { list: 'ordered' })))).toBe(
      '4. a\n5. b',
    )
  })
})
