// @vitest-environment jsdom
import type { Node } from 'prosemirror-model'
import { TextSelection, type Command } from 'prosemirror-state'
import { describe, expect, test } from 'vitest'
import {
  columnAfter,
  deleteColumns,
  deleteRows,
  deleteTable,
  moveColumn,
  moveRow,
  rowBelow,
} from '../commands/table-shape.ts'
import { loadTableEditing } from '../plugins/tables.ts'
import { schema } from '../schema/index.ts'
import { p, two, type Writer } from './page.ts'

/* Two people who change the row or the column of one cell at once, or the table around it. */

await loadTableEditing()

const { table, table_row: row, table_cell: cell } = schema.nodes
const grid = (): Node =>
  table.create(
    null,
    ['a', 'b', 'c'].map((letter) =>
      row.create(
        null,
        ['1', '2', '3'].map((number) => cell.create(null, p(letter + number))),
      ),
    ),
  )

/** Puts the caret behind b2, and does something there. */
function act(writer: Writer, change: Command | string): void {
  let end = -1
  writer.doc.descendants((node, position) => {
    if (node.text === 'b2') end = position + node.nodeSize
  })
  writer.view.dispatch(writer.state.tr.setSelection(TextSelection.create(writer.doc, end)))
  if (typeof change === 'string') writer.type(change)
  else writer.run(change)
}

type Outcome = readonly (string | string[])[]

/** The document after two people have each done something at b2: a table as its rows, other blocks as their text. */
function meetOnce(one: Command | string, other: Command | string, isFirst: boolean): Outcome {
  const { ann, bob, same } = two(p('above'), grid(), p('below'))
  const isAnnFirst = ann.ydoc.clientID < bob.ydoc.clientID
  act(ann, isFirst === isAnnFirst ? one : other)
  act(bob, isFirst === isAnnFirst ? other : one)
  same()
  const blocks = ann.doc.children.slice(1, -1)
  for (const { editor } of [ann, bob]) editor.destroy()
  return blocks.map((node) =>
    node.type === table
      ? node.children.map((line) => line.children.map((each) => each.textContent).join(' '))
      : node.textContent,
  )
}

/** What comes of it, whichever of the two Yjs puts first. */
function meet(one: Command | string, other: Command | string): Outcome[] {
  return [true, false].map((isFirst) => meetOnce(one, other, isFirst))
}

/** Makes sure of what comes of it, whichever of the two Yjs puts first. */
function expectAlways(one: Command | string, other: Command | string, wanted: Outcome): void {
  for (const outcome of meet(one, other)) expect(outcome).toEqual(wanted)
}

const wordsOf = (outcome: unknown): string[] => [...(String(outcome).match(/[abc]\d/g) ?? [])].sort()

const [up, down, back, on] = [moveRow(-1), moveRow(1), moveColumn(-1), moveColumn(1)]
const words = ['a1', 'a2', 'a3', 'b1', 'b2', 'b3', 'c1', 'c2', 'c3']

describe('[E106] Rows and columns that two people change at once', () => {
  test('a row that both move the same way is where both want it, once', () => {
    expectAlways(up, up, [['b1 b2 b3', 'a1 a2 a3', 'c1 c2 c3']])
    expectAlways(down, down, [['a1 a2 a3', 'c1 c2 c3', 'b1 b2 b3']])
    expectAlways(back, back, [['a2 a1 a3', 'b2 b1 b3', 'c2 c1 c3']])
    expectAlways(on, on, [['a1 a3 a2', 'b1 b3 b2', 'c1 c3 c2']])
  })

  test('a row or column that both move, each elsewhere, is at one of the places, whole', () => {
    for (const [rows] of meet(up, down))
      expect([
        ['b1 b2 b3', 'a1 a2 a3', 'c1 c2 c3'],
        ['a1 a2 a3', 'c1 c2 c3', 'b1 b2 b3'],
      ]).toContainEqual(rows)
    for (const outcome of meet(back, on)) expect(wordsOf(outcome)).toEqual(words)
  })

  test('a row and a column that are moved at once, or added to, keep every word once', () => {
    const pairs = [
      [up, back],
      [down, on],
      [up, columnAfter],
      [down, rowBelow],
      [back, rowBelow],
      [on, columnAfter],
    ] as const
    for (const [one, other] of pairs)
      for (const outcome of meet(one, other)) {
        expect(outcome).toHaveLength(1)
        expect(wordsOf(outcome)).toEqual(words)
      }
  })

  test('what is moved while it is deleted is gone', () => {
    for (const move of [up, down]) expectAlways(move, deleteRows, [['a1 a2 a3', 'c1 c2 c3']])
    for (const move of [back, on]) expectAlways(move, deleteColumns, [['a1 a3', 'b1 b3', 'c1 c3']])
  })

  test('what both delete goes once', () => {
    expectAlways(deleteRows, deleteRows, [['a1 a2 a3', 'c1 c2 c3']])
    expectAlways(deleteColumns, deleteColumns, [['a1 a3', 'b1 b3', 'c1 c3']])
    expectAlways(deleteRows, deleteColumns, [['a1 a3', 'c1 c3']])
    expectAlways(deleteTable, deleteRows, [])
  })

  test('a deleted row or table leaves no empty cells of what was added to it meanwhile', () => {
    expectAlways(deleteRows, columnAfter, [['a1 a2  a3', 'c1 c2  c3']])
    for (const add of [rowBelow, columnAfter]) expectAlways(deleteTable, add, [])
  })

  test('what is typed in a row, a column or a table that is deleted meanwhile stays, beside it', () => {
    expectAlways(deleteRows, 'typed', [['a1 a2 a3', 'c1 c2 c3'], 'typed'])
    expectAlways(deleteColumns, 'typed', [['a1 a3', 'b1 b3', 'c1 c3'], 'typed'])
    expectAlways(deleteTable, 'typed', ['typed'])
  })

  test('a column that is moved while a row is deleted keeps no word of the row twice', () => {
    for (const move of [back, on])
      for (const [rows, ...rest] of meet(move, deleteRows)) {
        expect(wordsOf(rows)).toEqual(words.filter((word) => !word.startsWith('b')))
        expect(wordsOf(rest).length).toBeLessThanOrEqual(1)
      }
  })
})
