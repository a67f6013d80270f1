// @vitest-environment jsdom
import { joinBackward } from 'prosemirror-commands'
import type { Node } from 'prosemirror-model'
import { TextSelection } from 'prosemirror-state'
import { describe, expect, test } from 'vitest'
import { toggleCodeBlock } from '../commands/blocks.ts'
import { toggleCallout, unwrapCallout } from '../commands/callouts.ts'
import { createCell } from '../commands/insert-table.ts'
import { deleteColumns, deleteRows, moveColumn, moveRow } from '../commands/table-shape.ts'
import { schema } from '../schema/index.ts'
import { p, two, type Writer } from './page.ts'

/*
 * What one person types or inserts in a picture, a table or a callout while another moves or deletes that, or what is
 * around it. `ann` inserts, `bob` moves.
 */

const { nodes } = schema

const callout = (...blocks: Node[]): Node => nodes.callout.create({ kind: 'note' }, blocks)
const picture = (caption = ''): Node =>
  nodes.image.create({ src: '/a.png' }, caption === '' ? null : schema.text(caption))
const table = (...rows: string[][]): Node =>
  nodes.table.create(
    null,
    rows.map((row) =>
      nodes.table_row.create(
        null,
        row.map((cell) => createCell(schema, false, [p(cell)])),
      ),
    ),
  )

/** Blocks by their names and texts, `p` for a paragraph. */
function outline(node: Node): string {
  if (node.isText) return node.text ?? ''
  const content = node.children.map(outline)
  const style: unknown = node.attrs['style']
  const name = node.type === nodes.paragraph ? (typeof style === 'string' ? style : 'p') : node.type.name
  if (node.type === nodes.image) return `${name} ${String(node.attrs['src'])} "${content.join('')}"`
  if (node.isTextblock) return `${name} "${content.join('')}"`
  return node.isLeaf ? `[${name}]` : `${name}(${content.join(', ')})`
}

const outlines = ({ doc }: Writer): string[] => doc.children.map(outline)

/** The place behind a piece of text. */
function behind({ doc }: Writer, text: string): number {
  let found = -1
  doc.descendants((node, position) => {
    const at = node.text?.indexOf(text) ?? -1
    if (at >= 0) found = position + at + text.length
  })
  if (found < 0) throw new Error(`No "${text}" in the document`)
  return found
}

function caret(writer: Writer, text: string): Writer {
  const selection = TextSelection.create(writer.doc, behind(writer, text))
  writer.view.dispatch(writer.state.tr.setSelection(selection))
  return writer
}

/** Inserts a node behind text; a block behind the block of that text, which ends with it. */
function insert(writer: Writer, text: string, node: Node): void {
  writer.view.dispatch(writer.state.tr.insert(behind(writer, text) + (node.isInline ? 0 : 1), node))
}

/** Moves the block before the last one to the start, and writes it anew there. */
function drag(writer: Writer): void {
  const { doc, tr } = writer.state
  const start = writer.startOf(1) - 1
  const block = doc.child(1)
  writer.view.dispatch(tr.delete(start, start + block.nodeSize).insert(0, block))
}

function remove(writer: Writer): void {
  const start = writer.startOf(1) - 1
  writer.view.dispatch(writer.state.tr.delete(start, start + writer.doc.child(1).nodeSize))
}

const unwrap = (writer: Writer) => writer.run(unwrapCallout(writer.startOf(1) - 1))

describe('A line break or a mention in text that somebody else moves', () => {
  const [br, mention] = [nodes.hard_break.create(), nodes.mention.create({ id: 'eve', label: 'Eve' })]
  const meet = (node: Node, at: string, move: (bob: Writer) => void): string[] => {
    const { ann, bob, same } = two(p('zero'), p('one two three'), p('four'))
    insert(ann, at, node)
    move(bob)
    same()
    return outlines(ann)
  }

  test('[E92] goes along when the block is dragged', () => {
    expect(meet(br, 'one ', drag)).toEqual(['p "one [hard_break]two three"', 'p "zero"', 'p "four"'])
    expect(meet(mention, 'three', drag)).toEqual(['p "one two three[mention]"', 'p "zero"', 'p "four"'])
  })

  test('[E92] goes along when it is joined to the one before', () => {
    const join = (bob: Writer) => bob.at(1).run(joinBackward)
    expect(meet(br, 'one ', join)).toEqual(['p "zeroone [hard_break]two three"', 'p "four"'])
  })

  test('[E92] goes along with the nearer text when it is split', () => {
    const split = (bob: Writer) => bob.at(1, 8).press('Enter')
    expect(meet(br, 'one ', split)[1]).toBe('p "one [hard_break]two "')
    expect(meet(mention, 'three', split)).toEqual([
      'p "zero"',
      'p "one two "',
      'p "three[mention]"',
      'p "four"',
    ])
  })

  test('[E92] goes along when it is wrapped', () => {
    const wrap = (bob: Writer) => bob.at(1).run(toggleCallout)
    expect(meet(br, 'one ', wrap)[1]).toBe('callout(p "one [hard_break]two three")')
    expect(meet(mention, 'one ', wrap)[1]).toBe('callout(p "one [mention]two three")')
  })

  test('[E92] is text where the block becomes code', () => {
    const retype = (bob: Writer) => bob.at(1).run(toggleCodeBlock)
    expect(meet(br, 'one ', retype)[1]).toBe('code_block "one \ntwo three"')
    expect(meet(mention, 'one ', retype)[1]).toBe('code_block "one @Evetwo three"')
  })

  test('[E92] keeps its place among what was typed around it', () => {
    const { ann, bob, same } = two(p('zero'), p('one two three'), p('four'))
    caret(ann, 'one ').type('XX').press('Shift-Enter')
    ann.type('YY')
    bob.at(1).run(toggleCallout)
    same()
    expect(outlines(ann)[1]).toBe('callout(p "one XX[hard_break]YYtwo three")')
  })
})

describe('A block that somebody inserts in a callout', () => {
  const meet = (node: Node, move: (bob: Writer) => void): string[] => {
    const { ann, bob, same } = two(p('zero'), callout(p('one'), p('two')), p('four'))
    insert(ann, 'one', node)
    move(bob)
    same()
    return outlines(ann)
  }

  test('[E92] goes along when that is dragged', () => {
    const rest = ['p "zero"', 'p "four"']
    expect(meet(picture(), drag)).toEqual(['callout(p "one", image /a.png "", p "two")', ...rest])
    expect(meet(picture('cap'), drag)).toEqual(['callout(p "one", image /a.png "cap", p "two")', ...rest])
    expect(meet(nodes.horizontal_rule.create(), drag)).toEqual([
      'callout(p "one", [horizontal_rule], p "two")',
      ...rest,
    ])
  })

  test('[E92] stays between its neighbours when that is unwrapped, as it was', () => {
    const heading = p('head', { style: 'heading1' })
    expect(meet(picture('cap'), unwrap)[2]).toBe('image /a.png "cap"')
    expect(meet(heading, unwrap)[2]).toBe('heading1 "head"')
    expect(meet(table(['x', 'y']), unwrap)).toEqual([
      'p "zero"',
      'p "one"',
      'table(table_row(table_cell(p "x"), table_cell(p "y")))',
      'p "two"',
      'p "four"',
    ])
  })

  test('[E92] stays when that is deleted', () => {
    expect(meet(picture(), remove)).toEqual(['p "zero"', 'image /a.png ""', 'p "four"'])
  })
})

describe('A caption that somebody types', () => {
  const meet = (caption: string, move: (bob: Writer) => void): string[] => {
    const { ann, bob, same } = two(p('zero'), picture(caption), p('four'))
    ann.at(1).type('XX')
    move(bob)
    same()
    return outlines(ann)
  }

  test('[E92] goes along when the picture is dragged, also the first letters of it', () => {
    expect(meet('cap', drag)[0]).toBe('image /a.png "XXcap"')
    expect(meet('', drag)[0]).toBe('image /a.png "XX"')
  })

  test('[E92] is a paragraph when the picture is deleted', () => {
    expect(meet('cap', remove)).toEqual(['p "zero"', 'p "XX"', 'p "four"'])
  })

  test('[E39] takes no picture along when somebody deletes it while that is dragged', () => {
    const { ann, bob, same } = two(p('zero'), picture('cap'), p('four'))
    ann.view.dispatch(ann.state.tr.delete(ann.startOf(1), ann.startOf(1) + 3))
    drag(bob)
    same()
    expect(outlines(ann)).toEqual(['image /a.png ""', 'p "zero"', 'p "four"'])
  })
})

describe('What somebody types in a cell', () => {
  const meet = (type: (ann: Writer) => void, move: (bob: Writer) => void): string[] => {
    const { ann, bob, same } = two(p('zero'), table(['a1', 'a2'], ['b1', 'b2'], ['c1', 'c2']), p('four'))
    type(ann)
    move(bob)
    same()
    return outlines(ann)
  }
  const words = (ann: Writer) => caret(ann, 'b1').type('XX')
  const in1 = (bob: Writer) => caret(bob, 'b1')

  test('[E92] goes along when its row, its column or its table is moved', () => {
    expect(meet(words, (bob) => in1(bob).run(moveRow(1)))[1]).toContain(
      'table_row(table_cell(p "c1"), table_cell(p "c2")), table_row(table_cell(p "b1XX"), table_cell(p "b2"))',
    )
    expect(meet(words, (bob) => in1(bob).run(moveColumn(1)))[1]).toContain(
      'table_row(table_cell(p "b2"), table_cell(p "b1XX"))',
    )
    expect(meet(words, drag)[0]).toContain('table_cell(p "b1XX")')
  })

  test('[E92] is a paragraph after the table when its row or its column is deleted', () => {
    for (const command of [deleteRows, deleteColumns]) {
      const lines = meet(words, (bob) => in1(bob).run(command))
      expect(lines[1]).toMatch(/^table\(/)
      expect(lines.slice(2)).toEqual(['p "XX"', 'p "four"'])
    }
  })

  test('[E39] and deletes: the cell stays when its table is dragged meanwhile', () => {
    const clear = (ann: Writer) => {
      const end = behind(ann, 'b1')
      ann.view.dispatch(ann.state.tr.delete(end - 2, end))
    }
    expect(meet(clear, drag)[0]).toContain('table_row(table_cell(p ""), table_cell(p "b2"))')
  })
})
