// @vitest-environment jsdom
import { wrapIn } from 'prosemirror-commands'
import type { Node } from 'prosemirror-model'
import { NodeSelection, TextSelection, type Command } from 'prosemirror-state'
import { describe, expect, test } from 'vitest'
import { setAlignment, setStyle, toggleChecked, toggleList } from '../commands/blocks.ts'
import { setCalloutKind, unwrapCallout } from '../commands/callouts.ts'
import { moveBlocks } from '../commands/move-blocks.ts'
import { schema } from '../schema/index.ts'
import { p, two, type Writer } from './page.ts'

/** An attribute that `ann` changes on what `bob` moves or wraps, neither seeing the other. */
const { nodes } = schema

const callout = (...blocks: Node[]): Node => nodes.callout.create({ kind: 'note' }, blocks)
const wrap = wrapIn(nodes.callout)

/** The attributes of the first block with this text, those that are set. */
function attrsOf({ doc }: Writer, text: string): Record<string, unknown> {
  const found: Node[] = []
  doc.descendants((node) => {
    if (node.isTextblock && node.textContent === text) found.push(node)
  })
  expect(found).toHaveLength(1)
  return Object.fromEntries(Object.entries(found[0]?.attrs ?? {}).filter(([, value]) => value !== null))
}

const changes: [string, Command, Parameters<typeof p>[1], Record<string, unknown>][] = [
  ['made a heading', setStyle('heading1'), {}, { style: 'heading1' }],
  ['made another heading', setStyle('heading1'), { style: 'heading2' }, { style: 'heading1' }],
  ['made plain', setStyle(null), { style: 'heading2' }, {}],
  ['aligned', setAlignment('center'), {}, { align: 'center' }],
  ['made an item', toggleList('bullet'), {}, { list: 'bullet' }],
  ['made another item', toggleList('ordered'), { list: 'bullet' }, { list: 'ordered' }],
  ['checked', toggleChecked, { list: 'task' }, { list: 'task', checked: true }],
  ['unchecked', toggleChecked, { list: 'task', checked: true }, { list: 'task' }],
]

describe('A paragraph that somebody else moves or wraps', () => {
  test.each(changes)('[E92] is %s', (_, change, before, after) => {
    for (const move of [moveBlocks(-1), wrap]) {
      const { ann, bob, same } = two(p('one'), p('two', before), p('three'))
      ann.at(1).run(change)
      bob.at(1).run(move)
      same()
      expect(attrsOf(ann, 'two')).toEqual(after)
    }
  })

  test('[E92] has what both changed, and what was changed back', () => {
    const { ann, bob, same } = two(p('one'), p('two', { style: 'heading2' }), p('three'))
    ann.at(1).run(setStyle('heading1'))
    ann.run(setStyle(null))
    bob.at(1).run(moveBlocks(-1))
    bob.run(setAlignment('right'))
    same()
    expect(attrsOf(ann, 'two')).toEqual({ align: 'right' })
  })

  test('[E92] keeps what its mover changed after hearing of it', () => {
    const { ann, bob, meet, same } = two(p('one'), p('two'), p('three'))
    ann.at(1).run(setStyle('heading1'))
    meet()
    bob.at(1).run(moveBlocks(-1))
    bob.run(setStyle('heading3'))
    same()
    expect(attrsOf(ann, 'two')).toEqual({ style: 'heading3' })
  })

  test('[E92] goes along with text that was typed in it', () => {
    const { ann, bob, same } = two(p('one'), p('two'), p('three'))
    ann.at(1, -1).type(' more')
    ann.run(setStyle('heading1'))
    bob.at(1).run(wrap)
    same()
    expect(attrsOf(ann, 'two more')).toEqual({ style: 'heading1' })
  })
})

describe('A block that somebody else moves', () => {
  test('[E92] is a callout of the other kind, with what was changed in it', () => {
    const { ann, bob, same } = two(p('one'), callout(p('in'), p('last')))
    ann.run(setCalloutKind(5, 'warning'))
    ann.view.dispatch(ann.state.tr.setSelection(TextSelection.create(ann.doc, 8)))
    ann.run(setStyle('heading2'))
    bob.view.dispatch(bob.state.tr.setSelection(NodeSelection.create(bob.doc, 5)))
    bob.run(moveBlocks(-1))
    same()
    expect([ann.doc.child(0).type.name, ann.doc.child(0).attrs['kind']]).toEqual(['callout', 'warning'])
    expect(attrsOf(ann, 'in')).toEqual({ style: 'heading2' })
  })

  test('[E92] is out of its callout', () => {
    const { ann, bob, same } = two(p('one'), callout(p('in')))
    ann.view.dispatch(ann.state.tr.setSelection(TextSelection.create(ann.doc, 8)))
    ann.run(setStyle('heading2'))
    bob.run(unwrapCallout(5))
    same()
    expect([ann.lines, bob.lines]).toEqual([
      ['one', 'heading2 in'],
      ['one', 'heading2 in'],
    ])
  })

  test('[E92] is a picture of another width', () => {
    const { ann, bob, same } = two(p('one'), nodes.image.create({ src: '/a.png' }))
    ann.view.dispatch(ann.state.tr.setNodeAttribute(5, 'width', 200))
    bob.view.dispatch(bob.state.tr.setSelection(NodeSelection.create(bob.doc, 5)))
    bob.run(moveBlocks(-1))
    same()
    expect([ann.doc.child(0).type.name, ann.doc.child(0).attrs['width']]).toEqual(['image', 200])
  })
})
