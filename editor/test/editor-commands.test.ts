// @vitest-environment jsdom
import type { Node } from 'prosemirror-model'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { createEditor } from '../editor.ts'
import type { EditorCommands } from '../editor-commands.ts'
import { schema, tableLimits } from '../schema/index.ts'
import type { ConnectOptions, Sync } from '../sync/connect.ts'
import { p, Writer } from './page.ts'

const item = p('word', { list: 'bullet', level: 1 })
const header = schema.nodes.table_header.create(null, p())

interface Case {
  /** The first block's letters are selected. Default: a paragraph `word`. */
  readonly block?: Node
  readonly act: (commands: EditorCommands) => boolean
  readonly lines: readonly string[]
}

const cases: Record<keyof EditorCommands, Case> = {
  bold: { act: (c) => c.bold(), lines: ['<strong>word</strong>'] },
  italic: { act: (c) => c.italic(), lines: ['<em>word</em>'] },
  underline: { act: (c) => c.underline(), lines: ['<underline>word</underline>'] },
  strike: { act: (c) => c.strike(), lines: ['<strike>word</strike>'] },
  code: { act: (c) => c.code(), lines: ['<code>word</code>'] },
  subscript: { act: (c) => c.subscript(), lines: ['<subscript>word</subscript>'] },
  superscript: { act: (c) => c.superscript(), lines: ['<superscript>word</superscript>'] },
  highlight: { act: (c) => c.highlight('green'), lines: ['<highlight>word</highlight>'] },
  textColor: { act: (c) => c.textColor('red') && c.textColor(null), lines: ['word'] },
  link: { act: (c) => c.link('a.example'), lines: ['<link>word</link>'] },
  unlink: { act: (c) => c.link('a.example') && c.unlink(), lines: ['word'] },
  paragraph: { block: item, act: (c) => c.paragraph(), lines: ['word'] },
  title: { act: (c) => c.title(), lines: ['title word'] },
  heading: { act: (c) => c.heading(4), lines: ['heading4 word'] },
  quote: { act: (c) => c.quote(), lines: ['quote word'] },
  bulletList: { act: (c) => c.bulletList(), lines: ['bullet word'] },
  orderedList: { act: (c) => c.orderedList(), lines: ['ordered word'] },
  taskList: { act: (c) => c.taskList(), lines: ['task word'] },
  indent: { block: item, act: (c) => c.indent(), lines: ['bullet·2 word'] },
  outdent: { block: item, act: (c) => c.outdent(), lines: ['bullet word'] },
  align: { act: (c) => c.align('right'), lines: ['right word'] },
  moveUp: { act: (c) => c.rule() && c.moveDown() && c.moveUp(), lines: ['word', '[horizontal_rule]'] },
  moveDown: { act: (c) => c.rule() && c.moveDown(), lines: ['[horizontal_rule]', 'word'] },
  callout: { act: (c) => c.callout('tip'), lines: ['[callout: word]'] },
  codeBlock: { block: p(), act: (c) => c.codeBlock('ts'), lines: ['code_block'] },
  math: { act: (c) => c.math(), lines: ['<math>word</math>'] },
  formula: { act: (c) => c.formula(), lines: ['word', 'code_block', ''] },
  table: { act: (c) => c.table(), lines: ['word', '[table: ]', ''] },
  image: { act: (c) => c.image({ src: 'https://a.example/b.png', alt: 'B' }), lines: ['word', '[image]'] },
  rule: { act: (c) => c.rule(), lines: ['word', '[horizontal_rule]'] },
  undo: { act: (c) => c.bold() && c.undo(), lines: ['word'] },
  redo: { act: (c) => c.bold() && c.undo() && c.redo(), lines: ['<strong>word</strong>'] },
}

const start = (block = p('word')): Writer => new Writer().write(block).at(0, 0, block.content.size)

describe('The commands of an editor', () => {
  test.each(Object.entries(cases))('[E91] %s', (_name, { block, act, lines }) => {
    const writer = start(block)
    expect(act(writer.editor.commands)).toBe(true)
    expect(writer.lines).toEqual(lines)
    writer.editor.setEditable(false)
    const before = writer.doc
    expect(act(writer.editor.commands)).toBe(false)
    expect(writer.doc).toBe(before)
  })

  test('[E91] are all here', () => {
    expect(Object.keys(start().editor.commands).sort()).toEqual(Object.keys(cases).sort())
  })

  test('[E91] take what was put on away again', () => {
    const writer = start()
    const { commands } = writer.editor
    for (const name of ['bold', 'quote', 'bulletList', 'subscript', 'math'] as const)
      expect([name, commands[name](), commands[name]()]).toEqual([name, true, true])
    const ofCallout = [commands.callout('tip'), commands.callout('warning'), commands.callout(null)]
    expect([...ofCallout, commands.callout(null)]).toEqual([true, true, true, false])
    expect(writer.lines).toEqual(['word'])
  })

  test('[E91] make what they are told to', () => {
    const code = start(p())
    code.editor.commands.codeBlock('ts')
    expect(code.doc.firstChild?.attrs['language']).toBe('ts')
    const writer = start()
    expect(writer.editor.commands.table({ rows: 1, columns: 2, header: false })).toBe(true)
    const row = writer.doc.child(1).child(0)
    expect(row.children.map(({ type }) => type.name)).toEqual(['table_cell', 'table_cell'])
    const headed = start()
    headed.editor.commands.table({ columns: 1 })
    expect(headed.doc.child(1).children.map((each) => each.firstChild?.type.name)).toEqual([
      header.type.name,
      'table_cell',
      'table_cell',
    ])
  })

  test('[E91] do nothing where they make no sense', () => {
    const { commands } = start().editor
    const { rows, places } = tableLimits
    const refused = [
      commands.link('javascript:alert(1)'),
      commands.image({ src: 'javascript:alert(1)' }),
      commands.unlink(),
      commands.outdent(),
      commands.moveUp(),
      commands.redo(),
      commands.table({ rows: 0 }),
      commands.table({ rows: Number.NaN }),
      commands.table({ rows: rows + 1, columns: 1 }),
      commands.table({ rows: 2, columns: places }),
    ]
    expect(refused).toEqual(refused.map(() => false))
  })

  test('[E91] do nothing before the document is here, and after the editor is gone', () => {
    const connect = ({ doc, awareness }: ConnectOptions): Sync => ({
      doc,
      awareness,
      ready: new Promise(() => undefined),
      status: { state: 'syncing' },
      hasUnsaved: false,
      isLastPlace: false,
      earlierClients: new Set(),
      onStatus: () => () => undefined,
      discard: () => Promise.resolve(),
      destroy: () => undefined,
    })
    const target = document.createElement('div')
    const waiting = createEditor(target, { server: 'ws://x.example', document: 'd', connect })
    const gone = createEditor(target, { ydoc: new Y.Doc() })
    for (const editor of [waiting, gone]) {
      if (editor === gone) expect(editor.commands.rule()).toBe(true)
      else expect(editor.commands.rule()).toBe(false)
      editor.destroy()
      expect(editor.commands.rule()).toBe(false)
    }
  })
})
