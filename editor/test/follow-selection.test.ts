// @vitest-environment jsdom
import { joinBackward, wrapIn } from 'prosemirror-commands'
import { NodeSelection, TextSelection } from 'prosemirror-state'
import { describe, expect, test, vi } from 'vitest'
import { findPosition, savePosition } from '../binding/binding.ts'
import { toggleCodeBlock } from '../commands/blocks.ts'
import { moveBlocks } from '../commands/move-blocks.ts'
import { schema } from '../schema/index.ts'
import { p, two, type Writer } from './page.ts'

/** The text around the caret, with the caret as a bar; a selection as two of them. */
function around({ state: { selection, doc } }: Writer): string {
  if (!(selection instanceof TextSelection)) return selection.constructor.name
  const { $from, $to, empty } = selection
  if (empty) return `${doc.textBetween($from.start(), $from.pos)}|${doc.textBetween($from.pos, $from.end())}`
  const selected = doc.textBetween($from.pos, $to.pos, '/')
  return `${doc.textBetween($from.start(), $from.pos)}|${selected}|${doc.textBetween($to.pos, $to.end())}`
}

/** Bob moves the block `from` up to the start. */
function moveToStart(bob: Writer, from: number): void {
  bob.at(from)
  for (let times = 0; times < from; times++) bob.run(moveBlocks(-1))
}

const callout = (...blocks: ReturnType<typeof p>[]) => schema.nodes.callout.create({ kind: 'note' }, blocks)

describe('The caret, when somebody else', () => {
  test('[E8] moves its block, goes along, and what is typed next lands there', () => {
    for (const offset of [0, 2, 5]) {
      const { ann, bob, meet, same } = two(p('one'), p('two'), p('three'), p('four'))
      ann.at(2, offset)
      moveToStart(bob, 2)
      meet()
      ann.type('X')
      same()
      const text = `${'three'.slice(0, offset)}X${'three'.slice(offset)}`
      expect([ann.lines, around(ann)]).toEqual([
        [text, 'one', 'two', 'four'],
        `${text.slice(0, offset + 1)}|${text.slice(offset + 1)}`,
      ])
    }
  })

  test('[E8] moves its block while something was typed in it, stays behind that', () => {
    for (const offset of [0, 3, 5]) {
      const { ann, bob, same } = two(p('one'), p('two'), p('three'))
      moveToStart(bob, 2)
      ann.at(2, offset).type('mine')
      same()
      const [left, right] = ['three'.slice(0, offset), 'three'.slice(offset)]
      expect(around(ann)).toBe(`${left}mine|${right}`)
      ann.type('!')
      same()
      expect(bob.lines).toEqual([`${left}mine!${right}`, 'one', 'two'])
    }
  })

  test('[E8] moves its empty block, is in the empty block', () => {
    const { ann, bob, meet, same } = two(p('one'), p('two'), p())
    ann.at(2)
    moveToStart(bob, 2)
    meet()
    ann.type('X')
    same()
    expect(ann.lines).toEqual(['X', 'one', 'two'])
  })

  test('[E8] moves the callout it is in, goes along', () => {
    const { ann, bob, meet, same } = two(p('one'), callout(p('in'), p('last')))
    const place = ann.doc.content.size - 4
    ann.view.dispatch(ann.state.tr.setSelection(TextSelection.create(ann.doc, place)))
    expect(around(ann)).toBe('la|st')
    bob.view.dispatch(bob.state.tr.setSelection(NodeSelection.create(bob.doc, 5)))
    bob.run(moveBlocks(-1))
    meet()
    same()
    expect([ann.lines, around(ann)]).toEqual([['[callout: inlast]', 'one'], 'la|st'])
  })

  test('[E8] breaks its block before it, goes to the new one; behind it, stays', () => {
    for (const [offset, expected] of [
      [2, 'on|e'],
      [5, ' t|wo'],
      [7, ' two|'],
    ] as const) {
      const { ann, bob, same } = two(p('one two'), p('next'))
      ann.at(0, offset)
      bob.at(0, 3).press('Enter')
      same()
      expect([offset, around(ann)]).toEqual([offset, expected])
    }
  })

  test('[E8] joins its block to the one above, stays between its letters', () => {
    for (const [block, offset, expected] of [
      [0, 2, 'fi|rstsecond'],
      [0, 5, 'first|second'],
      [1, 0, 'first|second'],
      [1, 3, 'firstsec|ond'],
      [1, 6, 'firstsecond|'],
    ] as const) {
      const { ann, bob, same } = two(p('first'), p('second'), p('third'))
      ann.at(block, offset)
      bob.at(1).run(joinBackward)
      same()
      expect([block, offset, around(ann)]).toEqual([block, offset, expected])
    }
  })

  test('[E8] wraps its block or changes its type, stays between its letters', () => {
    for (const command of [wrapIn(schema.nodes.callout), toggleCodeBlock]) {
      for (const offset of [0, 3, 5]) {
        const { ann, bob, same } = two(p('one'), p('three'), p('four'))
        ann.at(1, offset)
        bob.at(1).run(command)
        same()
        expect(around(ann)).toBe(`${'three'.slice(0, offset)}|${'three'.slice(offset)}`)
        ann.type('X')
        same()
        expect(bob.doc.textContent).toBe(`one${'three'.slice(0, offset)}X${'three'.slice(offset)}four`)
      }
    }
  })

  test('[E8] changes the type of its empty block, is in that block', () => {
    for (const after of ['', 'three']) {
      const { ann, bob, same } = two(p('one'), p(), p(after))
      ann.at(1)
      bob.at(1).run(toggleCodeBlock)
      same()
      ann.type('X')
      same()
      expect(bob.lines).toEqual(['one', 'code_block X', after])
    }
  })

  test('[E8] moves the same block elsewhere, is in the one that stays', () => {
    const { ann, bob, same } = two(p('one'), p('two'), p('three'), p('four'))
    ann.at(2, 3).run(moveBlocks(-1))
    bob.at(2, 1).run(moveBlocks(1))
    same()
    expect([around(ann), around(bob)]).toEqual(['thr|ee', 't|hree'])
  })

  test('[E8] takes the words before it elsewhere, stays beside those behind it', () => {
    const { ann, bob, same } = two(p('one two'), p('three'))
    ann.at(0, 4)
    const slice = bob.doc.slice(1, 5)
    const cut = bob.state.tr.delete(1, 5)
    bob.view.dispatch(cut.replace(cut.doc.content.size - 1, cut.doc.content.size - 1, slice))
    same()
    expect([ann.lines, around(ann)]).toEqual([['two', 'threeone '], '|two'])
  })

  test('[E8] deletes what is around it, is where that was', () => {
    const { ann, bob, same } = two(p('one two three'))
    ann.at(0, 5)
    bob.view.dispatch(bob.state.tr.delete(5, 9))
    same()
    expect(around(ann)).toBe('one |three')
  })
})

describe('A selection, when somebody else', () => {
  test('[E8] moves its block, goes along, in either direction', () => {
    for (const isForward of [true, false]) {
      const { ann, bob, same } = two(p('one'), p('two'), p('say three words'))
      const [from, to] = [ann.startOf(2) + 4, ann.startOf(2) + 9]
      const [anchor, head] = isForward ? [from, to] : [to, from]
      ann.view.dispatch(ann.state.tr.setSelection(TextSelection.create(ann.doc, anchor, head)))
      moveToStart(bob, 2)
      same()
      const { selection } = ann.state
      expect([around(ann), selection.anchor < selection.head]).toEqual(['say |three| words', isForward])
    }
  })

  test('[E8] breaks the block at its start, in it or at its end, holds the same letters', () => {
    for (const [at, expected] of [
      [4, '|three| words'],
      [6, 'say |th/ree| words'],
      [9, 'say |three|'],
    ] as const) {
      const { ann, bob, same } = two(p('say three words'))
      ann.at(0, 4, 5)
      bob.at(0, at).press('Enter')
      same()
      expect(around(ann)).toBe(expected)
    }
  })

  test('[E8] moves one of its blocks away, takes in nothing that was not selected', () => {
    for (const block of [2, 3]) {
      const { ann, bob, same } = two(p('zero'), p('one'), p('two'), p('three'))
      const [from, to] = [ann.startOf(2) + 1, ann.startOf(3) + 2]
      ann.view.dispatch(ann.state.tr.setSelection(TextSelection.create(ann.doc, from, to)))
      moveToStart(bob, block)
      same()
      expect(around(ann)).toBe('th|ree')
    }
  })

  test('[E8] moves the picture that is selected, stays with the picture', async () => {
    const image = schema.nodes.image.create({ src: 'https://example.com/a.png' })
    const { ann, bob, same } = two(p('one'), p('two'), image, p('three'))
    ann.view.dispatch(ann.state.tr.setSelection(NodeSelection.create(ann.doc, ann.startOf(2) - 1)))
    bob.view.dispatch(bob.state.tr.setSelection(NodeSelection.create(bob.doc, bob.startOf(2) - 1)))
    bob.run(moveBlocks(-1))
    bob.run(moveBlocks(-1))
    same()
    const { selection } = ann.state
    expect(ann.lines).toEqual(['[image]', 'one', 'two', 'three'])
    expect([selection instanceof NodeSelection, selection.from]).toEqual([true, 0])
    await vi.dynamicImportSettled()
  })
})

test('[E29] somebody’s caret in a block that was moved is shown in the moved block before they tell', () => {
  const { ann, bob, meet } = two(p('one'), p('two'), p('three'))
  const saved = savePosition(ann.state, ann.startOf(2) + 2)
  moveToStart(bob, 2)
  meet()
  for (const writer of [ann, bob]) expect(findPosition(writer.state, saved)).toBe(3)
})

describe('A caret that was moved on the screen, of which the browser has not told yet,', () => {
  /** Where a key or the mouse puts it; what `selectionchange` is heard by is not reached. */
  function moveOnScreen({ view }: Writer, block: number, from: number, to = from): void {
    const stop = (event: Event): void => event.stopImmediatePropagation()
    window.addEventListener('selectionchange', stop, true)
    const text = view.dom.children.item(block)?.firstChild ?? null
    if (text === null) throw new Error(`block ${block} has no text`)
    document.getSelection()?.setBaseAndExtent(text, from, text, to)
    window.removeEventListener('selectionchange', stop, true)
  }

  test('[E98] stays there when somebody else writes', () => {
    const { ann, bob, meet, same } = two(p('one'), p('two'))
    ann.at(0, 1)
    ann.view.focus()
    moveOnScreen(ann, 1, 2)
    // Without a key, which would have every editor of the page look where its caret is.
    bob.view.dispatch(bob.state.tr.insertText('X', bob.startOf(1)))
    meet()
    expect(around(ann)).toBe('Xtw|o')
    ann.type('Y')
    same()
    expect(ann.lines).toEqual(['one', 'XtwYo'])
  })

  test('[E98] stays with what a reader selects', () => {
    const { ann, bob, meet } = two(p('one'), p('two'))
    ann.at(0, 1)
    ann.view.setProps({ editable: () => false })
    moveOnScreen(ann, 1, 1, 3)
    bob.view.dispatch(bob.state.tr.insertText('X', bob.startOf(1)))
    meet()
    expect(around(ann)).toBe('Xt|wo|')
    expect(document.getSelection()?.toString()).toBe('wo')
  })

  test('[E98] stays with what is selected, and goes along with its block', () => {
    const { ann, bob, meet } = two(p('one'), p('two'), p('three'))
    ann.at(0, 1)
    ann.view.focus()
    moveOnScreen(ann, 2, 1, 3)
    moveToStart(bob, 2)
    meet()
    expect(around(ann)).toBe('t|hr|ee')
  })
})
