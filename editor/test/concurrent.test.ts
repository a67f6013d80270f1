// @vitest-environment jsdom
import { joinBackward } from 'prosemirror-commands'
import { Fragment, Slice } from 'prosemirror-model'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { undo } from '../binding/binding.ts'
import { setStyle } from '../commands/blocks.ts'
import { schema } from '../schema/index.ts'
import { p, two, type Writer } from './page.ts'

/** Moves a whole block as its handle does: one change that takes it out here and puts it in there. */
function drag(writer: Writer, from: number, to: number): void {
  const { doc, tr } = writer.state
  const start = writer.startOf(from) - 1
  const block = doc.child(from)
  tr.delete(start, start + block.nodeSize)
  let place = 0
  for (let index = 0; index < to; index++) place += tr.doc.child(index).nodeSize
  writer.view.dispatch(tr.insert(place, block))
}

/** Cuts `length` letters and pastes them at the start of another block. */
function cutAndPaste(writer: Writer, [block, offset, length]: [number, number, number], to: number): void {
  const from = writer.startOf(block) + offset
  const slice = writer.doc.slice(from, from + length)
  writer.view.dispatch(writer.state.tr.delete(from, from + length).setMeta('uiEvent', 'cut'))
  const place = writer.startOf(to)
  writer.view.dispatch(writer.state.tr.replace(place, place, slice).setMeta('uiEvent', 'paste'))
}

describe('What somebody types while somebody else changes the block it is in', () => {
  test('[E37] goes with the neighbour that is nearer when the block is split', () => {
    const { ann, bob, same } = two(p('one two three'))
    ann.view.dispatch(ann.state.tr.delete(5, 8))
    ann.at(0, 4).press('Enter')
    bob.at(0, 7).type('XX')
    same()
    expect(ann.lines).toEqual(['one ', 'XX three'])
  })

  test('[E37] goes along with text that is cut and pasted', () => {
    const { ann, bob, same } = two(p('take these words away'), p('here: '))
    cutAndPaste(ann, [0, 5, 11], 1)
    bob.at(0, 10).type(' XX')
    same()
    expect(ann.lines).toEqual(['take  away', 'these XX wordshere: '])
  })

  test('[E37] survives when the whole block is deleted', () => {
    const { ann, bob, same } = two(p('one'), p('two'), p('three'))
    ann.view.dispatch(ann.state.tr.delete(5, 10))
    bob.at(1, -1).type(' mine')
    same()
    expect(ann.lines).toEqual(['one', ' mine', 'three'])
  })

  test('[E37] keeps its marks', () => {
    const { ann, bob, same } = two(p('one'), p('two'))
    drag(ann, 1, 0)
    const bold = schema.text('bold', [schema.marks.strong.create()])
    bob.view.dispatch(bob.state.tr.insert(bob.startOf(1) + 1, bold))
    same()
    expect(ann.lines).toEqual(['t<strong>bold</strong>wo', 'one'])
  })
})

describe('The same text moved by two people', () => {
  test('[E38] both press Enter at different places, and it is split twice', () => {
    const { ann, bob, same } = two(p('one two three'))
    ann.at(0, 3).press('Enter')
    bob.at(0, 7).press('Enter')
    same()
    expect(ann.lines).toEqual(['one', ' two', ' three'])
  })

  test('[E38] both press Enter and go on writing: what either wrote stays', () => {
    const { ann, bob, same } = two(p('hello world'))
    ann.at(0, 5).press('Enter')
    ann.type('ann')
    bob.at(0, 5).press('Enter')
    bob.type('bob')
    same()
    expect(ann.lines[0]).toBe('hello')
    expect(ann.lines.slice(1).join()).toMatch(/^(annbob|bobann) world$/)
  })

  test('[E38] both drag one block, and it is there once', () => {
    const { ann, bob, same } = two(p('one'), p('two'), p('three'))
    drag(ann, 2, 0)
    drag(bob, 2, 1)
    same()
    expect(ann.lines.toSorted()).toEqual(['one', 'three', 'two'])
  })

  test('[E38] one joins what the other splits, and every letter is there once', () => {
    const { ann, bob, same } = two(p('first line'), p('second line'))
    ann.at(1).run(joinBackward)
    bob.at(1, 6).press('Enter')
    same()
    expect(ann.lines.join('')).toBe('first linesecond line')
  })
})

describe('A word that somebody deleted', () => {
  test('[E39] stays deleted when the block is dragged meanwhile', () => {
    const { ann, bob, same } = two(p('one'), p('two three'))
    drag(ann, 1, 0)
    bob.view.dispatch(bob.state.tr.delete(bob.startOf(1), bob.startOf(1) + 4))
    same()
    expect(ann.lines).toEqual(['three', 'one'])
  })

  test('[E39] stays deleted when it is in the tail of a split', () => {
    const { ann, bob, same } = two(p('one two three'))
    ann.at(0, 3).press('Enter')
    bob.view.dispatch(bob.state.tr.delete(9, 14))
    same()
    expect(ann.lines).toEqual(['one', ' two '])
  })
})

describe('Undo', () => {
  test('[E40] of Enter keeps what somebody typed into the new paragraph, beside its neighbours', () => {
    const { ann, bob, meet, same } = two(p('hello world'))
    ann.at(0, 6).press('Enter')
    meet()
    bob.at(1, -1).type('!!')
    ann.run(undo)
    same()
    expect(ann.lines).toEqual(['hello world!!'])
  })

  test('[E40] of typing takes the words back where somebody has moved them', () => {
    const { ann, bob, meet, same } = two(p('one'), p('two'))
    ann.at(1, -1).type(' mine')
    meet()
    drag(bob, 1, 0)
    meet()
    ann.run(undo)
    same()
    expect(ann.lines).toEqual(['two', 'one'])
  })

  test('[E39] of a move leaves deleted what somebody else has deleted since', () => {
    const { ann, bob, meet, same } = two(p('one'), p('two three'), p('four'))
    drag(ann, 1, 0)
    meet()
    bob.view.dispatch(bob.state.tr.delete(bob.startOf(0) + 3, bob.startOf(0) + 9))
    meet()
    ann.run(undo)
    same()
    expect(ann.lines).toEqual(['one', 'two', 'four'])
  })

  test('[E39] and leaves no empty block where that was all of it', () => {
    const { ann, bob, meet, same } = two(p('one'), p('two'), p('three'))
    drag(ann, 1, 0)
    meet()
    bob.view.dispatch(bob.state.tr.delete(0, 5))
    meet()
    ann.run(undo)
    same()
    expect(ann.lines).toEqual(['one', 'three'])
  })

  test('[E38] of a move leaves what somebody else has cut since to be pasted', () => {
    const { ann, bob, meet, same } = two(p('one'), p('all these many words'), p('here: '))
    drag(ann, 1, 0)
    meet()
    const slice = bob.doc.slice(5, 21)
    bob.view.dispatch(bob.state.tr.delete(5, 21).setMeta('uiEvent', 'cut'))
    meet()
    ann.run(undo)
    meet()
    bob.view.dispatch(bob.state.tr.replace(bob.startOf(2), bob.startOf(2), slice).setMeta('uiEvent', 'paste'))
    same()
    expect(ann.lines).toEqual(['one', 'all ', 'these many wordshere: '])
  })

  test('[E40] of a heading leaves what others typed in it', () => {
    const { ann, bob, meet, same } = two(p('hello'))
    ann.at(0).run(setStyle('heading1'))
    meet()
    bob.at(0, -1).type(' world')
    meet()
    ann.run(undo)
    same()
    expect(ann.lines).toEqual(['hello world'])
  })
})

describe('Moves', () => {
  test('[E41] are merged by somebody who was offline meanwhile and gets one difference', () => {
    const { ann, bob, same } = two(p('one'), p('two'), p('three'), p('four'))
    bob.at(2, -1).type(' by bob')
    bob.at(3).type('bob: ')
    drag(ann, 2, 0)
    ann.at(0, 2).press('Enter')
    ann.at(3, -1).press('Enter')
    ann.type('new')
    drag(ann, 5, 1)
    same()
    expect(ann.lines).toEqual(['th', 'bob: four', 'ree by bob', 'one', 'two', 'new'])
  })

  test('[E41] leave the stored form as stock clients know it, and their edits merge', () => {
    const { ann, meet, bob, same } = two(p('one'), p('two'))
    drag(ann, 1, 0)
    meet()
    const stock = new Y.Doc()
    Y.applyUpdate(stock, Y.encodeStateAsUpdate(bob.ydoc))
    expect(bob.xml).toBe('<paragraph>two</paragraph><paragraph>one</paragraph>')
    const first = stock.getXmlFragment('coscribe').get(0)
    if (first instanceof Y.XmlElement && first.firstChild instanceof Y.XmlText)
      first.firstChild.insert(0, 'stock ')
    drag(ann, 0, 1)
    Y.applyUpdate(bob.ydoc, Y.encodeStateAsUpdate(stock), 'network')
    same()
    expect(ann.lines).toEqual(['one', 'stock two'])
  })

  test('[E41] of others write nothing here when there is nothing to repair', () => {
    const { ann, bob, meet } = two(p('one'), p('two'), p('three'))
    ann.at(0, 1).press('Enter')
    drag(ann, 2, 0)
    let updates = 0
    bob.ydoc.on('update', (_: Uint8Array, origin: unknown) => (updates += origin === 'network' ? 0 : 1))
    meet()
    expect(updates).toBe(0)
  })
})

describe('A paste of several paragraphs', () => {
  test('[E37] keeps what somebody types at the end of the block it goes into', () => {
    const { ann, bob, same } = two(p('start end'))
    const slice = new Slice(Fragment.from([p('A'), p('B'), p('C')]), 1, 1)
    ann.view.dispatch(ann.state.tr.replace(6, 6, slice))
    bob.at(0, -1).type(' more')
    same()
    expect(ann.lines).toEqual(['startA', 'B', 'C end more'])
  })
})
