// @vitest-environment jsdom
import { Plugin } from 'prosemirror-state'
import { Decoration, DecorationSet } from 'prosemirror-view'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { metaName, schemaKey } from '../../server/protocol/document.ts'
import { schemaVersion } from '../../server/protocol/version.ts'
import { redo, undo } from '../binding/binding.ts'
import { changeLevel, setStyle, toggleChecked, toggleList } from '../commands/blocks.ts'
import { schema } from '../schema/index.ts'
import { p, two, Writer } from './page.ts'

describe('Editing together', () => {
  const changes = {
    'a heading': setStyle('heading2'),
    'a quote': setStyle('quote'),
    'a list item': toggleList('bullet'),
    'a task': toggleList('task'),
    'an indented paragraph': changeLevel(1),
  }
  for (const [name, change] of Object.entries(changes)) {
    test(`[E1] making a paragraph ${name} keeps what somebody types into it meanwhile`, () => {
      const { ann, bob, same } = two(p('hello'))
      ann.at(0).run(change)
      bob.at(0, -1).type(' world')
      same()
      expect(ann.lines[0]).toMatch(/^\S+ hello world$/)
    })
  }

  test('[E1] checking a task keeps what somebody types into it meanwhile', () => {
    const { ann, bob, same } = two(p('milk', { list: 'task' }))
    ann.at(0).run(toggleChecked)
    bob.at(0, -1).type(', eggs')
    same()
    expect(ann.lines).toEqual(['task done milk, eggs'])
  })

  test('[E1] two changes to different attributes of one paragraph are both kept', () => {
    const { ann, bob, same } = two(p('hello', { list: 'bullet' }))
    ann.at(0).run(toggleList('ordered'))
    bob.at(0).run(changeLevel(1))
    same()
    expect(ann.lines).toEqual(['ordered·1 hello'])
  })

  test('[E2] plain text stores no attributes', () => {
    const writer = new Writer()
    writer.write(p('hello'))
    expect(writer.xml).toBe('<paragraph>hello</paragraph>')
  })

  test('[E4] every mark has the constant attribute that tells it from a mark without any', () => {
    for (const type of Object.values(schema.marks)) expect(type.spec.attrs?.['v']).toEqual({ default: 1 })
  })

  test('[E5] text of surrogate pairs survives a change of half of one', () => {
    const { ann, bob, same } = two(p('a😀b'))
    ann.view.dispatch(ann.state.tr.insertText('😁', 2, 4))
    same()
    expect(bob.lines).toEqual(['a😁b'])
  })

  test('[E6] the first edit records the schema version, and opening a document records nothing', () => {
    const writer = new Writer()
    expect(writer.ydoc.share.has(metaName) && writer.ydoc.getMap(metaName).size > 0).toBe(false)
    const updates: Uint8Array[] = []
    writer.ydoc.on('update', (update: Uint8Array) => updates.push(update))
    writer.write(p('hello'))
    expect(writer.ydoc.getMap(metaName).get(schemaKey)).toBe(schemaVersion)
    expect(updates).toHaveLength(1)
  })

  test('[E6] an edit leaves a recorded schema version as it is', () => {
    const ydoc = new Y.Doc()
    ydoc.getMap(metaName).set(schemaKey, 7)
    new Writer(ydoc).write(p('hello'))
    expect(ydoc.getMap(metaName).get(schemaKey)).toBe(7)
  })
})

describe('Somebody else’s edit', () => {
  function watch(writer: Writer) {
    const deco: Plugin<DecorationSet> = new Plugin<DecorationSet>({
      state: {
        init: (_, state) => DecorationSet.create(state.doc, [Decoration.inline(7, 9, { class: 'mine' })]),
        apply: (tr, set) => set.map(tr.mapping, tr.doc),
      },
      props: { decorations: (state) => deco.getState(state) },
    })
    writer.view.updateState(writer.state.reconfigure({ plugins: [...writer.state.plugins, deco] }))
    return () =>
      deco
        .getState(writer.state)
        ?.find()
        .map(({ from, to }) => writer.doc.textBetween(from, to)) ?? []
  }

  test('[E7] leaves decorations in the same paragraph alone', () => {
    const { ann, bob, same } = two(p('alpha beta gamma'), p('delta'))
    const marked = watch(ann)
    expect(marked()).toEqual(['be'])
    bob.at(0, 0).type('>> ')
    same()
    expect(ann.lines[0]).toBe('>> alpha beta gamma')
    expect(marked()).toEqual(['be'])
  })

  test('[E7] in several distant places at once leaves what lies between alone', () => {
    const { ann, bob, same } = two(p('alpha beta gamma'), p('two'), p('three'))
    const marked = watch(ann)
    bob.view.dispatch(bob.state.tr.insert(0, p('zero')))
    bob.view.dispatch(bob.state.tr.insert(bob.doc.content.size, p('four')))
    bob.at(2, -1).type('!')
    same()
    expect(ann.lines).toEqual(['zero', 'alpha beta gamma', 'two!', 'three', 'four'])
    expect(marked()).toEqual(['be'])
  })

  test('[E7] to a paragraph’s attributes leaves decorations inside it alone', () => {
    const { ann, bob, same } = two(p('alpha beta gamma'))
    const marked = watch(ann)
    bob.at(0).run(setStyle('heading1'))
    same()
    expect(ann.lines).toEqual(['heading1 alpha beta gamma'])
    expect(marked()).toEqual(['be'])
  })

  test('[E7] leaves the marks alone that were asked for at the caret', () => {
    const { ann, bob, meet, same } = two(p('first'), p('second'))
    ann.at(0, -1).press('Ctrl-b')
    bob.at(1, 0).type('a')
    meet()
    bob.at(0, 0).type('b')
    meet()
    ann.type('X')
    same()
    const { lastChild } = ann.doc.child(0)
    expect([lastChild?.text, lastChild?.marks.map(({ type }) => type.name)]).toEqual(['X', ['strong']])
  })

  test('[E8] keeps the caret between the same letters', () => {
    const { ann, bob, same } = two(p('first'), p('second'))
    ann.at(1, 3)
    bob.at(0, 2).type('zzz')
    bob.at(1, 1).type('aaaa')
    same()
    const { $head } = ann.state.selection
    expect($head.parent.textBetween(0, $head.parentOffset)).toBe('saaaaec')
  })

  test('[E8] in a run of one letter keeps the caret where Yjs has it', () => {
    const { ann, bob, meet } = two(p('aaaa'))
    ann.at(0, 2)
    bob.at(0, 0).type('b')
    meet()
    bob.at(0, 1).type('a')
    meet()
    expect(ann.state.selection.head).toBe(5)
  })

  test('[E9] is never undone by undo', () => {
    const { ann, bob, meet, same } = two(p('start'))
    ann.at(0, -1).type(' ann')
    meet()
    bob.at(0, 0).type('bob ')
    meet()
    expect(ann.run(undo)).toBe(true)
    same()
    expect(ann.lines).toEqual(['bob start'])
    ann.run(redo)
    same()
    expect(ann.lines).toEqual(['bob start ann'])
  })
})

describe('Undo', () => {
  test('[E10] takes back a change of style without the typing right before it', () => {
    const writer = new Writer()
    writer.type('hello').run(setStyle('heading1'))
    writer.type(' there')
    writer.run(undo)
    expect(writer.lines).toEqual(['heading1 hello'])
    writer.run(undo)
    expect(writer.lines).toEqual(['hello'])
  })
})
