// @vitest-environment jsdom
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { undo } from '../binding/binding.ts'
import { createEditor } from '../editor.ts'
import { schema } from '../schema/index.ts'
import { p, two, Writer } from './page.ts'

const markdown = { format: 'markdown' } as const

describe('[E48] Content from outside', () => {
  test('comes out as Markdown, HTML, text and JSON', async () => {
    const { editor } = new Writer().write(p('Plan', { style: 'title' }), p('one', { list: 'bullet' }))
    expect(await editor.getMarkdown()).toBe('# Plan\n\n- one\n')
    expect(editor.getHTML()).toContain('<li>one</li>')
    expect(editor.getText()).toBe('Plan\n\n- one')
    expect(editor.getJSON()).toMatchObject({ type: 'doc', content: [{ type: 'paragraph' }, {}] })
  })

  test('goes in by each format', async () => {
    const writer = new Writer().write(p('before'))
    await writer.editor.setContent('## Aims\n\n- **one**\n', markdown)
    expect(writer.lines).toEqual(['heading2 Aims', 'bullet <strong>one</strong>'])
    const json = writer.editor.getJSON()
    await writer.editor.setContent('<ol><li>two</li></ol>', { format: 'html' })
    expect(writer.lines).toEqual(['ordered two'])
    await writer.editor.setContent('a\n\nb', { format: 'text' })
    expect(writer.lines).toEqual(['a', 'b'])
    await writer.editor.setContent(json, { format: 'json' })
    expect(writer.editor.getJSON()).toEqual(json)
  })

  test('is one step to undo', async () => {
    const writer = new Writer().write(p('a'), p('b'), p('c')).at(1, 1)
    writer.type('x')
    await writer.editor.setContent('a\n\nnew\n\n- c\n\nend', markdown)
    expect(writer.lines).toEqual(['a', 'new', 'bullet c', 'end'])
    writer.run(undo)
    expect(writer.lines).toEqual(['a', 'bx', 'c'])
  })

  test('leaves carets and others’ words in what is the same', async () => {
    const { ann, bob, meet, same } = two(p('one'), p(''), p('two'), p(''), p('two'), p('three'))
    bob.at(2, -1).type(' and more')
    ann.at(5, 2)
    await ann.editor.setContent('Start\n\none\n\ntwo\n\ntwo\n\nthree\n\nend', markdown)
    expect(ann.state.selection.$from.parent.textContent).toBe('three')
    expect(ann.state.selection.$from.parentOffset).toBe(2)
    meet()
    same()
    expect(bob.lines).toEqual(['Start', 'one', 'two and more', 'two', 'three', 'end'])
  })

  test('leaves others’ words in the rows of a table that gets another one', async () => {
    const table = (...rows: string[]) => `| a | b |\n| --- | --- |\n${rows.join('\n')}\n`
    const ann = new Writer().write(p('x'))
    await ann.editor.setContent(table('| 1 | 2 |', '| 3 | 4 |'), markdown)
    const { bob, meet, same, ann: cat } = two(...ann.doc.children)
    let at = 0
    bob.doc.descendants((node, position) => {
      if (node.isText && node.text === '4') at = position + 1
    })
    bob.view.dispatch(bob.state.tr.insertText('!', at))
    await cat.editor.setContent(table('| 0 | 0 |', '| 1 | 2 |', '| 3 | 4 |'), markdown)
    meet()
    same()
    const words = (await bob.editor.getMarkdown()).match(/[\w!]+/g)
    expect(words).toEqual(['a', 'b', '0', '0', '1', '2', '3', '4!'])
  })

  test('changes nothing when it is the same', async () => {
    const writer = new Writer().write(p('Plan', { style: 'title' }), p('a', { list: 'task', checked: true }))
    const changes: unknown[] = []
    writer.ydoc.on('update', (update) => changes.push(update))
    await writer.editor.setContent(await writer.editor.getMarkdown(), markdown)
    await writer.editor.setContent(writer.editor.getJSON(), { format: 'json' })
    expect(changes).toEqual([])
  })

  test('is refused when it is not of its format', async () => {
    const { editor } = new Writer().write(p('a'))
    for (const garbage of [null, 1, '{}', [], { type: 'paragraph' }, undefined])
      await expect(editor.setContent(garbage, { format: 'json' })).rejects.toThrow('type doc')
    for (const format of ['markdown', 'html', 'text'] as const)
      await expect(editor.setContent({ type: 'doc' }, { format })).rejects.toThrow(format)
    await expect(editor.setContent('<div>'.repeat(2000), { format: 'html' })).rejects.toThrow('too deep')
    expect(editor.getText()).toBe('a')
  })

  test('is refused where the document can only be read, or is gone', async () => {
    const { editor } = new Writer().write(p('a'))
    editor.setEditable(false)
    await expect(editor.setContent('b', markdown)).rejects.toThrow('read')
    await expect(editor.insertContent('b', markdown)).rejects.toThrow('read')
    expect(editor.getText()).toBe('a')
    editor.destroy()
    await expect(editor.setContent('b', markdown)).rejects.toThrow('not here')
    expect([await editor.getMarkdown(), editor.getHTML(), editor.getJSON()]).toEqual([
      '',
      '',
      { type: 'doc' },
    ])
  })

  test('goes behind the block with the caret, or in place of an empty line', async () => {
    const writer = new Writer().write(p('a'), p(''), p('b')).at(0, 1)
    await writer.editor.insertContent('# T\n\n- x', markdown)
    expect(writer.lines).toEqual(['a', 'heading1 T', 'bullet x', '', 'b'])
    expect(writer.state.selection.$from.parent.textContent).toBe('x')
    writer.at(3)
    await writer.editor.insertContent('c', markdown)
    expect(writer.lines).toEqual(['a', 'heading1 T', 'bullet x', 'c', 'b'])
    writer.run(undo)
    writer.run(undo)
    expect(writer.lines).toEqual(['a', '', 'b'])
  })

  test('keeps a host’s nodes where the format can say them', async () => {
    const box = {
      content: 'block*',
      group: 'block',
      parseDOM: [{ tag: 'x-box' }],
      toDOM: () => ['x-box', 0] as const,
    }
    const target = document.body.appendChild(document.createElement('div'))
    const editor = createEditor(target, { ydoc: new Y.Doc(), extensions: [{ nodes: { box } }] })
    const json = { type: 'doc', content: [{ type: 'box', content: [p('in').toJSON()] }] }
    await editor.setContent(json, { format: 'json' })
    expect(editor.view?.state.doc.child(0).type.name).toBe('box')
    expect(await editor.getMarkdown()).toBe('in\n')
    await editor.setContent('**m**', markdown)
    expect(editor.view?.state.doc.child(0).type.schema).not.toBe(schema)
    await expect(
      editor.setContent({ type: 'doc', content: [{ type: 'no' }] }, { format: 'json' }),
    ).rejects.toThrow('no')
    editor.destroy()
    target.remove()
  })
})
