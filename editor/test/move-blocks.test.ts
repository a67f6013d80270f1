// @vitest-environment jsdom
import { describe, expect, test } from 'vitest'
import { toggleScript } from '../commands/marks.ts'
import { duplicateBlock, findBlock, moveBlocks, moveBlocksTo } from '../commands/move-blocks.ts'
import { schema } from '../schema/index.ts'
import { p, two, Writer } from './page.ts'

const callout = (...blocks: ReturnType<typeof p>[]) => schema.nodes.callout.create({ kind: 'note' }, blocks)

describe('Moving blocks', () => {
  test('[E60] moves the selected blocks past their neighbour, with the caret in them', () => {
    const writer = new Writer().write(p('one'), p('two'), p('three')).at(2, 2)
    expect(writer.run(moveBlocks(-1))).toBe(true)
    expect(writer.lines).toEqual(['one', 'three', 'two'])
    expect(writer.type('X').lines).toEqual(['one', 'thXree', 'two'])
    writer.run(moveBlocks(-1))
    expect([writer.run(moveBlocks(-1)), writer.lines]).toEqual([false, ['thXree', 'one', 'two']])
  })

  test('[E60] moves blocks out of a callout at its edge', () => {
    const writer = new Writer().write(p('one'), callout(p('in'), p('last')))
    const inside = writer.doc.child(0).nodeSize + 2
    expect(findBlock(writer.state, inside)).toBe(inside - 1)
    writer.view.dispatch(writer.state.tr.setSelection(writer.state.selection))
    const from = findBlock(writer.state, inside)
    expect(from).not.toBeNull()
    writer.run(moveBlocksTo({ from: inside - 1, to: inside + 3 }, 0))
    expect(writer.lines).toEqual(['in', 'one', '[callout: last]'])
  })

  test('[E60] what somebody types in a block meanwhile goes along with it, once', () => {
    const { ann, bob, same } = two(p('one'), p('two'), p('three'))
    ann.at(2).run(moveBlocks(-1))
    ann.run(moveBlocks(-1))
    bob.at(2, -1).type(' of bob')
    bob.at(1, -1).type(' too')
    same()
    expect(ann.lines).toEqual(['three of bob', 'one', 'two too'])
  })

  test('[E60] what somebody types in a callout that is moved goes along', () => {
    const { ann, bob, same } = two(p('one'), p('two'), callout(p('in')))
    const from = ann.doc.content.size - ann.doc.child(2).nodeSize
    ann.run(moveBlocksTo({ from, to: ann.doc.content.size }, 0))
    bob.view.dispatch(bob.state.tr.insertText(' by bob', from + 4))
    same()
    expect(ann.lines).toEqual(['[callout: in by bob]', 'one', 'two'])
  })

  test('[E60] a copy of a block is another block', () => {
    const { ann, bob, same } = two(p('one'), p('two'))
    ann.run(duplicateBlock(0))
    bob.at(0, -1).type('!')
    same()
    expect(ann.lines).toEqual(['one!', 'one', 'two'])
  })
})

test('[E59] a letter is lowered or raised, never both', () => {
  const writer = new Writer().write(p('H2O')).at(0, 1, 1)
  writer.run(toggleScript('subscript'))
  expect(writer.lines).toEqual(['H<subscript>2</subscript>O'])
  writer.run(toggleScript('superscript'))
  expect(writer.lines).toEqual(['H<superscript>2</superscript>O'])
  writer.run(toggleScript('superscript'))
  expect(writer.lines).toEqual(['H2O'])
})
