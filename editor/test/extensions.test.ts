// @vitest-environment jsdom
import { toggleMark } from 'prosemirror-commands'
import { keymap } from 'prosemirror-keymap'
import { Schema, type Node } from 'prosemirror-model'
import { EditorState, NodeSelection, TextSelection, type Command } from 'prosemirror-state'
import { beforeEach, describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { undo } from '../binding/binding.ts'
import * as blocks from '../commands/blocks.ts'
import * as callouts from '../commands/callouts.ts'
import * as code from '../commands/code.ts'
import { setColor, toggleHighlight } from '../commands/colors.ts'
import * as images from '../commands/images.ts'
import { continueNumbering, restartNumbering } from '../commands/lists.ts'
import * as marks from '../commands/marks.ts'
import { insertMath } from '../commands/math.ts'
import * as moves from '../commands/move-blocks.ts'
import { insertTable } from '../commands/insert-table.ts'
import { blockKinds, turnInto } from '../commands/turn-into.ts'
import { createEditor } from '../editor.ts'
import { extendSchema, type EditorExtension } from '../extensions.ts'
import { loadTableEditing } from '../plugins/tables.ts'
import { schema, schemaOf } from '../schema/index.ts'
import { insertItems } from '../ui/insert-items.ts'
import { text } from '../ui/text.ts'
import { textTools, toolGroups } from '../ui/tools.ts'
import { p, Writer } from './page.ts'

await loadTableEditing()

const insertPanel: Command = (state, dispatch) => {
  const panel = state.schema.node(
    'panel',
    { tone: 'calm' },
    state.schema.node('paragraph', null, state.schema.text('inside')),
  )
  const position = state.selection.$from.after()
  dispatch?.(state.tr.insert(position, panel))
  return true
}

const insertSticker: Command = (state, dispatch) => {
  dispatch?.(state.tr.replaceSelectionWith(state.schema.node('sticker', { name: 'star' }), false))
  return true
}

/** A box of blocks, a picture within text, a mark, a key and something in the slash menu. */
const stationery: EditorExtension = {
  nodes: {
    panel: {
      group: 'block',
      content: 'block*',
      attrs: { tone: { default: null } },
      parseDOM: [{ tag: 'section[data-tone]', getAttrs: (element) => ({ tone: element.dataset['tone'] }) }],
      toDOM: (node) => ['section', { 'data-tone': String(node.attrs['tone']) }, 0],
    },
    sticker: {
      group: 'inline',
      inline: true,
      atom: true,
      attrs: { name: { default: null } },
      toDOM: () => ['span', { class: 'sticker' }],
    },
  },
  marks: { remark: { toDOM: () => ['span', { class: 'remark' }, 0] } },
  plugins: ({ schema: { marks: own } }) =>
    own['remark'] === undefined
      ? []
      : [keymap({ 'Ctrl-Alt-r': toggleMark(own['remark']), 'Ctrl-Alt-s': insertSticker })],
  insertItems: [{ name: 'Panel', run: insertPanel }],
}

const extended = (ydoc = new Y.Doc()): Writer => new Writer(ydoc, undefined, [stationery])

function copyOf(doc: Y.Doc): Y.Doc {
  const copy = new Y.Doc()
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc))
  return copy
}

function meet(...docs: Y.Doc[]): void {
  for (let times = 0; times < 4; times++)
    for (const from of docs)
      for (const to of docs)
        if (from !== to) Y.applyUpdate(to, Y.encodeStateAsUpdate(from, Y.encodeStateVector(to)), 'network')
}

const run =
  (...commands: Command[]) =>
  (writer: Writer): void => {
    for (const command of commands) expect(writer.run(command)).toBe(true)
  }
const press =
  (...keys: string[]) =>
  (writer: Writer): void => {
    for (const key of keys) expect(writer.press(key)).toBe(true)
  }
const type =
  (typed: string) =>
  (writer: Writer): void =>
    void writer.type(typed)

const codeBlock = (content: string): Node => schema.nodes.code_block.create(null, schema.text(content))
const callout = (...content: Node[]): Node => schema.nodes.callout.create({ kind: 'tip' }, content)
const cell = (): Node => schema.nodes.table_cell.create(null, p('x'))
const table = (): Node =>
  schema.nodes.table.create(null, schema.nodes.table_row.create(null, [cell(), cell()]))
const image = (): Node => schema.nodes.image.create({ src: 'https://a.example/b.png' })
const linked = (): Node =>
  schema.nodes.paragraph.create(
    null,
    schema.text('site', [schema.marks.link.create({ href: 'https://a.b' })]),
  )

interface Story {
  readonly blocks: readonly Node[]
  /** Block, and the letters of it that are selected; default: the caret at the end of the first block. */
  readonly at?: readonly [block: number, offset?: number, length?: number]
  readonly act: (writer: Writer) => void
}

const words = [p('some words'), p('and more')]
const selected = [0, 0, 4] as const

const stories: Record<string, Story> = {
  'a heading': { blocks: words, act: run(blocks.setStyle('heading2')) },
  'a quote from code': { blocks: [codeBlock('x')], act: run(blocks.setStyle('quote')) },
  'a toggled style': { blocks: words, act: run(blocks.toggleStyle('title')) },
  'a list': { blocks: words, act: run(blocks.toggleList('bullet'), blocks.changeLevel(1)) },
  'a list from code': { blocks: [codeBlock('x')], act: run(blocks.toggleList('task')) },
  'a list no more': { blocks: [p('a', { list: 'bullet' })], act: run(blocks.toggleList('bullet')) },
  'a checked task': { blocks: [p('a', { list: 'task' })], act: run(blocks.toggleChecked) },
  'a pressed checkbox': { blocks: [p('a', { list: 'task' })], act: run(blocks.toggleCheckedAt(0)) },
  alignment: { blocks: words, act: run(blocks.setAlignment('center')) },
  'code of text': { blocks: words, at: [0, 0, 13], act: run(blocks.toggleCodeBlock) },
  'text of code': { blocks: [codeBlock('x')], act: run(blocks.toggleCodeBlock) },
  'a rule': { blocks: words, act: run(blocks.insertRule) },
  'numbers anew': { blocks: [p('a', { list: 'ordered' })], act: run(restartNumbering(7)) },
  'numbers that go on': {
    blocks: [p('a', { list: 'ordered' }), p('b'), p('c', { list: 'ordered' })],
    at: [2],
    act: run(continueNumbering),
  },
  bold: { blocks: words, at: selected, act: run(marks.toggle('strong'), marks.toggle('em')) },
  'bold no more': {
    blocks: words,
    at: selected,
    act: run(marks.toggle('strong'), marks.toggle('strong'), marks.toggle('code')),
  },
  'bold to be typed': {
    blocks: words,
    at: [0, 4],
    act: (writer) => {
      run(marks.toggle('strong'))(writer)
      writer.type('!')
    },
  },
  'letters below and above': {
    blocks: words,
    at: selected,
    act: run(marks.toggleScript('subscript'), marks.toggleScript('superscript')),
  },
  'a link': { blocks: words, at: selected, act: run(marks.setLink('a.example')) },
  'a link that is inserted': { blocks: words, act: run(marks.setLink('https://a.example')) },
  'a link that is written': {
    blocks: [linked()],
    act: run(
      marks.writeLink({ from: 1, to: 5, text: { before: 'site', after: 'sites' }, href: 'https://c.d' }),
    ),
  },
  'a link no more': { blocks: [linked()], at: [0, 2], act: run(marks.removeLink) },
  colours: {
    blocks: words,
    at: selected,
    act: run(setColor('highlight', 'green'), setColor('text_color', 'red')),
  },
  'colours no more': {
    blocks: words,
    at: selected,
    act: run(toggleHighlight, toggleHighlight, setColor('text_color', 'red')),
  },
  'a table': { blocks: words, act: run(insertTable(2, 2)) },
  'a row by Tab': {
    blocks: [table()],
    act: (writer) => {
      writer.view.dispatch(writer.state.tr.setSelection(TextSelection.create(writer.doc, 4)))
      press('Tab', 'Tab')(writer)
      writer.type('in a new row')
    },
  },
  'a cell that is emptied': {
    blocks: [table()],
    act: (writer) => writer.view.dispatch(writer.state.tr.delete(3, 6)),
  },
  'a pasted grid': { blocks: [p()], act: (writer) => void writer.paste({ text: 'a\tb\nc\td' }) },
  'a callout': { blocks: words, act: run(callouts.insertCallout('tip')) },
  'a callout of another kind': { blocks: [callout(p('a'))], act: run(callouts.setCalloutKind(0, 'note')) },
  'a callout no more': {
    blocks: [callout(p('a'))],
    act: (writer) => {
      writer.view.dispatch(writer.state.tr.setSelection(TextSelection.create(writer.doc, 3)))
      run(callouts.toggleCallout)(writer)
    },
  },
  'Enter out of a callout': {
    blocks: [callout(p('a'), p())],
    act: (writer) => {
      writer.view.dispatch(writer.state.tr.setSelection(TextSelection.create(writer.doc, 5)))
      press('Enter')(writer)
    },
  },
  'Backspace out of a callout': {
    blocks: [callout(p('a'))],
    act: (writer) => {
      writer.view.dispatch(writer.state.tr.setSelection(TextSelection.create(writer.doc, 2)))
      // Asked without a view: jsdom has no layout to tell where a line begins.
      expect(callouts.liftFromCallout(writer.state, writer.view.dispatch)).toBe(true)
    },
  },
  'code with a language': { blocks: [p()], act: run(code.insertCode('ts'), code.setLanguage(0, 'css')) },
  'code after text': { blocks: words, act: run(code.insertCode()) },
  'lines of code': { blocks: [codeBlock('  x')], act: press('Enter', 'Tab', 'Shift-Tab', 'Tab') },
  'three line breaks out of code': { blocks: [codeBlock('x')], act: press('Enter', 'Enter', 'Enter') },
  'a formula': { blocks: [p()], act: run(code.insertFormula) },
  'a formula in a line': { blocks: words, act: run(insertMath) },
  'a formula of text': { blocks: words, at: selected, act: run(insertMath) },
  'a picture, and text after it': {
    blocks: words,
    act: run(
      images.insertImage({ src: 'https://a.example/b.png' }),
      images.setImage(12, { alt: 'B' }),
      images.paragraphAfterImage,
    ),
  },
  'Backspace after a picture': {
    blocks: [image(), p()],
    at: [1],
    act: (writer) => {
      run(images.selectImageBefore)(writer)
      expect(writer.state.selection).toBeInstanceOf(NodeSelection)
    },
  },
  'a block moved down': { blocks: words, act: run(moves.moveBlocks(1)) },
  'a block moved in a callout': {
    blocks: [callout(p('a'), p('b'))],
    act: (writer) => {
      writer.view.dispatch(writer.state.tr.setSelection(TextSelection.create(writer.doc, 2)))
      run(moves.moveBlocks(1))(writer)
    },
  },
  'a block twice': { blocks: words, act: run(moves.duplicateBlock(0)) },
  'a new block': { blocks: words, act: run(moves.startBlockAfter(0)) },
  'Enter after a heading': { blocks: [p('Title', { style: 'heading1' })], act: press('Enter') },
  'Enter in a list': { blocks: [p('a', { list: 'task', checked: true })], act: press('Enter') },
  'Enter at the start': { blocks: words, at: [0, 0], act: press('Enter') },
  'Enter in an empty item': { blocks: [p('', { list: 'bullet', level: 1 })], act: press('Enter') },
  'Enter in bold text': {
    blocks: words,
    at: selected,
    act: (writer) => {
      run(marks.toggle('strong'))(writer)
      writer.at(0, 4).press('Enter')
      writer.type('bold')
    },
  },
  'a line break': { blocks: words, act: press('Shift-Enter') },
  'Backspace in a list': { blocks: [p('', { list: 'bullet' })], act: press('Backspace') },
  'Backspace in empty code': { blocks: [schema.nodes.code_block.create()], act: press('Backspace') },
  'Markdown of blocks': {
    blocks: [p()],
    act: type('# one\n- two\n\n1. three\n\n[ ] four\n\n> five\n\n---[!tip] six\n\n```js\nseven'),
  },
  'Markdown of marks': {
    blocks: [p()],
    act: type('**a** *b* ~~c~~ `d` $e$ [f](https://f.example) https://g.example h'),
  },
  'pasted HTML': {
    blocks: words,
    act: (writer) => void writer.paste({ html: '<h2>a</h2><ul><li><b>b</b></li></ul>', text: 'a b' }),
  },
  'a styled piece pasted into an empty line': {
    blocks: [p()],
    act: (writer) => void writer.paste({ html: '<ul data-pm-slice="1 1 []"><li>b</li></ul>', text: 'b' }),
  },
  'an address pasted over text': {
    blocks: words,
    at: selected,
    act: (writer) => void writer.paste({ text: 'https://a.example' }),
  },
  'undo and typing after it': {
    blocks: words,
    act: (writer) => {
      writer.type('?')
      run(undo)(writer)
      writer.type('!')
    },
  },
}

for (const kind of blockKinds) {
  const before = kind === 'text' ? [p('x', { style: 'quote' })] : words
  stories[`${kind} in the block menu`] = { blocks: before, act: run(turnInto(kind)) }
}
for (const { name, run: command } of insertItems) {
  // That one asks for a file first; links open a popover.
  if (name === text.picture || name === text.link) continue
  const before = name === text.styles.text ? [p('', { style: 'quote' })] : [p()]
  stories[`“${name}” of the slash menu`] = { blocks: before, act: run(command) }
}
const never: Command = () => false
for (const { name, run: command, open } of toolGroups(never).flat()) {
  if (
    open !== undefined ||
    ['undo', 'redo', 'link', 'picture', 'help', 'outdent', 'alignStart'].includes(name)
  )
    continue
  stories[`“${name}” of the toolbar`] = { blocks: words, at: selected, act: run(command) }
}

function seen({ doc, state }: Writer): unknown {
  const json: unknown = doc.toJSON()
  const selection: unknown = state.selection.toJSON()
  const storedMarks = state.storedMarks?.map((mark): unknown => mark.toJSON())
  return { json, selection, storedMarks }
}

function play(
  writer: Writer,
  { blocks: content, at = [0, -1], act }: Story,
): { before: unknown; after: unknown } {
  writer.write(...content)
  if (writer.doc.child(at[0]).isTextblock) writer.at(...at)
  const before = seen(writer)
  act(writer)
  writer.doc.check()
  return { before, after: seen(writer) }
}

describe('An editor with nodes and marks of an extension', () => {
  test.each(Object.entries(stories))('[E89] does what one without does: %s', (_name, story) => {
    const plain = play(new Writer(), story)
    expect(plain.after).not.toEqual(plain.before)
    expect(play(extended(), story)).toEqual(plain)
  })

  test('[E89] shows in its toolbar what is selected', () => {
    const writer = extended().write(p('word'))
    writer.at(0, 0, 4)
    for (const { name, run: command, isActive } of [...textTools(never), ...toolGroups(never).flat()]) {
      if (name !== 'strong' && name !== 'subscript' && name !== 'bullet' && name !== 'codeBlock') continue
      const wasActive = isActive?.(writer.state)
      expect(writer.run(command)).toBe(true)
      expect([name, isActive?.(writer.state)]).toEqual([name, wasActive !== true])
    }
  })

  test('[E89] reads back what is copied in it, its own nodes as well', () => {
    const writer = extended().write(p('a')).at(0, -1)
    writer.run(insertPanel)
    const { dom } = writer.view.serializeForClipboard(writer.doc.slice(0, writer.doc.content.size))
    const other = extended().write(p()).at(0)
    other.paste({ html: dom.innerHTML, text: 'a' })
    expect(other.lines).toContain('[panel: inside]')
    expect(other.html).toContain('<section data-tone="calm">')
  })
})

describe('People with an extension', () => {
  let ann: Writer
  let bob: Writer
  beforeEach(() => {
    ann = extended().write(p('one two'), p('three'))
    bob = extended(copyOf(ann.ydoc))
  })

  const write = (): void => {
    ann.at(0, 0, 3).press('Ctrl-Alt-r')
    expect(bob.at(1, -1).press('Ctrl-Alt-s')).toBe(true)
    bob.run(insertPanel)
    ann.at(1, 0).type('# ')
    bob.at(0, -1).run(blocks.toggleList('bullet'))
    meet(ann.ydoc, bob.ydoc)
  }

  test('[E90] see the same, whatever they write at once', () => {
    write()
    expect(ann.lines).toEqual([
      'bullet <remark>one</remark> two',
      'heading1 three[sticker]',
      '[panel: inside]',
    ])
    expect(bob.doc.toJSON()).toEqual(ann.doc.toJSON())
    expect(bob.xml).toBe(ann.xml)
  })

  test('[E90] lose nothing to somebody without it, who sees placeholders', () => {
    write()
    const carol = new Writer(copyOf(ann.ydoc))
    expect(carol.lines).toEqual([
      'bullet <unknown>one</unknown> two',
      'heading1 three[unknown_inline]',
      '[unknown_block]',
    ])
    carol.at(0, 2).type('!')
    carol.at(1, 0).type('so ')
    carol.run(blocks.toggleList('task'))
    ann.at(1, -1).type('.')
    meet(ann.ydoc, bob.ydoc, carol.ydoc)
    expect(ann.lines).toEqual([
      'bullet <remark>on!e</remark> two',
      'task so three[sticker].',
      '[panel: inside]',
    ])
    expect(bob.doc.toJSON()).toEqual(ann.doc.toJSON())
    expect(ann.doc.lastChild?.attrs['tone']).toBe('calm')
  })
})

describe('Extensions', () => {
  const line = { toDOM: () => ['hr'] as const, group: 'block' }

  test('[E90] with a name that is taken are refused with a RangeError', () => {
    const target = document.createElement('div')
    const openWith =
      (...extensions: EditorExtension[]) =>
      () =>
        createEditor(target, { ydoc: new Y.Doc(), extensions })
    expect(openWith({ nodes: { paragraph: line } })).toThrow(
      new RangeError('There is a node named paragraph already'),
    )
    expect(openWith({ marks: { strong: {} } })).toThrow(
      new RangeError('There is a mark named strong already'),
    )
    expect(openWith({ nodes: { mine: line } }, { nodes: { mine: line } })).toThrow(RangeError)
    expect(openWith({ nodes: { mine: line } }, { marks: { mine: {} } })).toThrow(RangeError)
    expect(target.childElementCount).toBe(0)
  })

  test('[E90] of two editors on a page know nothing of each other', () => {
    const one = extended().write(p('one')).at(0, 0, 3)
    const other = new Writer(new Y.Doc(), undefined, [{ nodes: { line } }]).write(p('other')).at(0, 0, 5)
    expect([other.press('Ctrl-Alt-r'), one.press('Ctrl-Alt-r')]).toEqual([false, true])
    expect([Object.keys(one.state.schema.nodes), Object.keys(other.state.schema.nodes)]).toEqual([
      [...Object.keys(schema.nodes), 'panel', 'sticker'],
      [...Object.keys(schema.nodes), 'line'],
    ])
    for (const writer of [one, other]) run(blocks.toggleList('bullet'), marks.toggle('strong'))(writer)
    expect(one.lines).toEqual(['bullet <strong><remark>one</remark></strong>'])
    one.editor.destroy()
    run(code.insertCode())(other)
    expect(other.lines).toEqual(['bullet <strong>other</strong>', 'code_block', ''])
  })

  test('[E90] without nodes and marks leave the schema as it is', () => {
    expect(extendSchema([{ insertItems: [] }])).toBe(schema)
    expect(schemaOf(EditorState.create({ schema }))).toBe(schema)
  })

  test('[E89] a schema without our nodes is refused with a TypeError', () => {
    const { marks: ownMarks, nodes } = schema.spec
    const bare = new Schema({ nodes: nodes.remove('image'), marks: ownMarks })
    expect(() => schemaOf({ schema: bare })).toThrow(TypeError)
  })
})
