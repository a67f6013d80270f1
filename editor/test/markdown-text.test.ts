// @vitest-environment jsdom
import { NodeSelection, TextSelection } from 'prosemirror-state'
import { describe, expect, test, vi } from 'vitest'
import { redo, undo } from '../binding/binding.ts'
import { isMarkdown } from '../plugins/markdown-text.ts'
import { schema } from '../schema/index.ts'
import { p, two, Writer } from './page.ts'

/** A writer whose text has the focus, with all that is fetched then. */
async function focused(writer: Writer): Promise<Writer> {
  writer.view.dom.dispatchEvent(new FocusEvent('focus'))
  await vi.dynamicImportSettled()
  return writer
}

function copied(writer: Writer): string {
  return writer.view.serializeForClipboard(writer.state.selection.content()).text
}

function selectAll(writer: Writer): void {
  writer.view.dispatch(
    writer.state.tr.setSelection(TextSelection.create(writer.doc, 1, writer.doc.content.size - 1)),
  )
}

describe('[E87] Copied text', () => {
  const blocks = [
    p('Plan', { style: 'title' }),
    p('Aims', { style: 'heading2' }),
    p('one', { list: 'bullet' }),
    p('end'),
  ]

  test('is Markdown once somebody writes here, plain text before', async () => {
    const writer = new Writer().write(...blocks)
    selectAll(writer)
    expect(copied(writer)).toBe('Plan\n\nAims\n\n- one\n\nend')
    await focused(writer)
    expect(copied(writer)).toBe('# Plan\n\n## Aims\n\n- one\n\nend')
  })

  test('is the text itself for a piece of a block, code, and a table', async () => {
    const writer = await focused(new Writer().write(p('a_b_c *x*', { style: 'heading1' })))
    writer.at(0, 0, 9)
    expect(copied(writer)).toBe('a_b_c *x*')
    const select = (position: number) =>
      writer.view.dispatch(writer.state.tr.setSelection(NodeSelection.create(writer.doc, position)))
    writer.write(schema.nodes.code_block.create(null, schema.text('# x\n*y*')))
    select(0)
    expect(copied(writer)).toBe('# x\n*y*')
    const row = ['1', '2'].map((word) => schema.nodes.table_cell.create(null, p(word)))
    writer.write(schema.nodes.table.create(null, schema.nodes.table_row.create(null, row)))
    select(0)
    expect(copied(writer)).toBe('1\t2')
  })
})

describe('[E88] Pasted text', () => {
  test('becomes what it means when it clearly is Markdown', async () => {
    const writer = await focused(new Writer().write(p('')).at(0))
    writer.paste({ text: '## Aims\n\n- one\n- **two**\n\n```js\nx\n```' })
    expect(writer.lines).toEqual([
      'heading2 Aims',
      'bullet one',
      'bullet <strong>two</strong>',
      'code_block x',
    ])
  })

  test('[E100] is the text again after one undo, and gone after another', async () => {
    const text = '## Aims\n\n- one\n- **two**'
    const places = [
      { blocks: [p('')], at: [0, 0, 0] },
      { blocks: [p('ab'), p('cd')], at: [0, 1, 0] },
      { blocks: [p('ab', { style: 'quote' })], at: [0, -1, 0] },
      { blocks: [p('ab'), p('cd')], at: [0, 1, 4] },
      { blocks: [p('one', { list: 'bullet' }), p('', { list: 'bullet' })], at: [1, 0, 0] },
    ] as const
    for (const {
      blocks,
      at: [block, offset, length],
    } of places) {
      const writer = await focused(new Writer().write(...blocks).at(block, offset, length))
      const before = writer.lines
      const plain = new Writer().write(...blocks).at(block, offset, length)
      plain.paste({ text })
      writer.paste({ text })
      const after = writer.lines
      expect(after.join()).toContain('Aims,bullet one,bullet <strong>two</strong>')
      writer.run(undo)
      expect(writer.lines).toEqual(plain.lines)
      writer.run(undo)
      expect(writer.lines).toEqual(before)
      writer.run(redo)
      writer.run(redo)
      expect(writer.lines).toEqual(after)
    }
  })

  test('[E100] is undone apart from what others typed meanwhile', async () => {
    const { ann, bob, meet, same } = two(p('ab'), p('cd'))
    await focused(ann)
    ann.at(0, -1).paste({ text: '## Aims\n\n- one\n- **two**' })
    meet()
    bob.at(1, -1).type('!')
    bob.at(bob.lines.length - 1, -1).type('?')
    meet()
    ann.run(undo)
    ann.run(undo)
    same()
    expect(ann.lines.join('|')).toContain('cd?')
    expect(ann.lines.join('|')).toContain('!')
    expect(ann.lines[0]).toBe('ab')
  })

  test('[E100] fills cells as one step, and makes nothing else of a text that is pasted next', async () => {
    const writer = await focused(new Writer().write(p('')).at(0))
    writer.paste({ text: '- one\n- two' })
    writer.write(schema.nodes.code_block.create(null, schema.text('x'))).at(0, 1)
    writer.paste({ text: '- one\n- two' })
    expect(writer.lines).toEqual(['code_block x- one\n- two'])
    writer.write(p('')).at(0).paste({ html: '<p>one</p><p>two</p>', text: 'one\n\ntwo' })
    expect(writer.lines).toEqual(['one', 'two'])
    writer.write(p('')).at(0).paste({ text: '- one\t1\n- two\t2' })
    expect(writer.lines).toEqual(['[table: - one1- two2]'])
  })

  test('stays text in code, before it can be read, and when it is no Markdown', async () => {
    const text = '## Aims\n\n- one\n- two'
    const writer = new Writer().write(p('')).at(0)
    writer.paste({ text })
    expect(writer.lines[0]).toBe('## Aims')
    await focused(writer)
    writer.write(schema.nodes.code_block.create(null, schema.text('x'))).at(0, 1)
    writer.paste({ text })
    expect(writer.lines).toEqual(['code_block x## Aims\n\n- one\n- two'])
    writer.write(p('')).at(0).paste({ text: 'Dear *you*,\nsee 1. and 2.' })
    expect(writer.lines).toEqual(['Dear *you*,', 'see 1. and 2.'])
  })

  test('begins a block of its own in the middle of a line, unless it is a line of text', async () => {
    const writer = await focused(new Writer().write(p('ab')).at(0, 1))
    writer.paste({ text: '## Aims\n\n- one\n- two' })
    expect(writer.lines.slice(0, 3)).toEqual(['a', 'heading2 Aims', 'bullet one'])
    expect(writer.lines.join()).toContain('two')
    writer.write(p('ab')).at(0, 1).paste({ text: 'x\n\n- one\n- [ ] two' })
    expect(writer.lines.slice(0, 2)).toEqual(['ax', 'bullet one'])
  })

  const yes = [
    '# Title\n\nText',
    '## Aims\n- one',
    '- one\n- two',
    '1. one\n2. two\n   more',
    '* [ ] a\n* [x] b',
    '```\ncode\n```',
    '| a | b |\n|---|---|\n| 1 | 2 |',
    'a | b\n--|--\n1 | 2',
    'See\n[this](https://example.com/a).',
  ]
  test.each(yes)('is Markdown: %j', (text) => expect(isMarkdown(text)).toBe(true))

  const no = [
    '',
    'prose',
    '# one line',
    '- one line',
    'See [this](https://example.com).',
    'Hello,\n- but of course\nthis is prose\nand more of it',
    '#!/bin/sh\n\n# list\n\nls',
    '# count\n\nint a;\nint b;',
    '# a comment\nx = 1\n# another\ny = 2',
    'a *b* c\nd _e_ f',
    '```\nopen',
    '2024\n2025',
    'a\tb\nc\td',
    '-----\nx | y',
  ]
  test.each(no)('is no Markdown: %j', (text) => expect(isMarkdown(text)).toBe(false))

  test('is looked through in time that grows with its length', () => {
    for (const part of ['[a', '|--', '- ', '`', '# ', '| :-', ' '])
      expect(isMarkdown(`${part.repeat(60_000)}\n${part}x`)).toBeTypeOf('boolean')
  })
})
