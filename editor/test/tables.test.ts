// @vitest-environment jsdom
import type { Node } from 'prosemirror-model'
import { TextSelection } from 'prosemirror-state'
import { CellSelection, TableMap } from 'prosemirror-tables'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { fragmentName } from '../../server/protocol/document.ts'
import { undo } from '../binding/binding.ts'
import {
  columnAfter,
  columnBefore,
  deleteColumns,
  deleteRows,
  deleteTable,
  headersOf,
  mergeCells,
  moveColumn,
  moveRow,
  rowAbove,
  rowBelow,
  splitCell,
  toggleHeaderColumn,
  toggleHeaderRow,
  widenColumns,
} from '../commands/table-shape.ts'
import { insertTable } from '../commands/insert-table.ts'
import { parseTabbed } from '../plugins/tabbed-text.ts'
import { loadTableEditing } from '../plugins/tables.ts'
import { parseCell, schema, tableLimits } from '../schema/index.ts'
import { p, two, Writer } from './page.ts'

await loadTableEditing()

const cell = (text: string) => schema.nodes.table_cell.create(null, p(text))
const header = (text: string) => schema.nodes.table_header.create(null, p(text))
const row = (...cells: Node[]) => schema.nodes.table_row.create(null, cells)
const table = (...rows: Node[]) => schema.nodes.table.create(null, rows)

/** Three by two: letters down, numbers across. */
const grid = () =>
  table(row(cell('a1'), cell('a2')), row(cell('b1'), cell('b2')), row(cell('c1'), cell('c2')))

/** The table's rows as text, header cells in capitals. */
function rowsOf(writer: Writer, index = 1): string[] {
  return writer.doc
    .child(index)
    .children.map((line) =>
      line.children
        .map((one) =>
          one.type === schema.nodes.table_header ? one.textContent.toUpperCase() : one.textContent,
        )
        .join('|'),
    )
}

/** Where a text begins. */
function placeOf(writer: Writer, text: string): number {
  let found = -1
  writer.doc.descendants((node, position) => {
    const at = node.isText ? (node.text ?? '').indexOf(text) : -1
    if (at >= 0 && found < 0) found = position + at
  })
  if (found < 0) throw new Error(`${text} is nowhere in ${writer.doc.textContent}`)
  return found
}

function goTo(writer: Writer, text: string): Writer {
  const position = placeOf(writer, text) + text.length
  writer.view.dispatch(writer.state.tr.setSelection(TextSelection.create(writer.doc, position)))
  return writer
}

function selectCells(writer: Writer, from: string, to: string): Writer {
  const cellOf = (text: string) => writer.doc.resolve(placeOf(writer, text)).before(-1)
  const selection = CellSelection.create(writer.doc, cellOf(from), cellOf(to))
  writer.view.dispatch(writer.state.tr.setSelection(selection))
  return writer
}

const open = () => new Writer().write(p('above'), grid(), p('below'))

describe('A table', () => {
  test('[E63] is inserted with a header row, the caret in its first cell and text after it', () => {
    const writer = new Writer().write(p(''))
    writer.at(0)
    expect(writer.run(insertTable())).toBe(true)
    writer.type('x')
    expect(rowsOf(writer, 0)).toEqual(['X||', '||', '||'])
    expect(writer.doc.lastChild?.type.name).toBe('paragraph')
    expect(writer.run(insertTable())).toBe(false)
  })

  const changes = [
    ['a row above', rowAbove, ['a1|a2', '|', 'b1|b2', 'c1|c2']],
    ['a row below', rowBelow, ['a1|a2', 'b1|b2', '|', 'c1|c2']],
    ['a column before', columnBefore, ['|a1|a2', '|b1|b2', '|c1|c2']],
    ['a column after', columnAfter, ['a1||a2', 'b1||b2', 'c1||c2']],
    ['one row less', deleteRows, ['a1|a2', 'c1|c2']],
    ['one column less', deleteColumns, ['a2', 'b2', 'c2']],
    ['its row further up', moveRow(-1), ['b1|b2', 'a1|a2', 'c1|c2']],
    ['its row further down', moveRow(1), ['a1|a2', 'c1|c2', 'b1|b2']],
    ['its column further on', moveColumn(1), ['a2|a1', 'b2|b1', 'c2|c1']],
    ['a header row', toggleHeaderRow, ['A1|A2', 'b1|b2', 'c1|c2']],
    ['a header column', toggleHeaderColumn, ['A1|a2', 'B1|b2', 'C1|c2']],
  ] as const
  for (const [name, command, expected] of changes)
    test(`[E63] gets ${name}, and back by undo`, () => {
      const writer = goTo(open(), 'b1')
      expect(writer.run(command)).toBe(true)
      expect(rowsOf(writer)).toEqual(expected)
      writer.doc.descendants((node) => {
        if (node.type.spec['tableRole'] === 'cell') expect(node.childCount).toBeGreaterThan(0)
      })
      writer.run(undo)
      expect(rowsOf(writer)).toEqual(['a1|a2', 'b1|b2', 'c1|c2'])
    })

  test('[E63] keeps its header row first, and cells that span together', () => {
    const writer = new Writer().write(
      p('x'),
      table(row(header('h1'), header('h2')), row(cell('a1'), cell('a2'))),
    )
    expect(goTo(writer, 'a1').run(moveRow(-1))).toBe(false)
    expect(headersOf(writer.state)).toEqual({ row: true, column: false })
    const spanning = goTo(open(), 'b1')
    selectCells(spanning, 'a1', 'b1').run(mergeCells)
    expect(goTo(spanning, 'c1').run(moveRow(-1))).toBe(false)
  })

  test('[E63] cells are merged and split', () => {
    const writer = selectCells(open(), 'a1', 'b1')
    expect(writer.run(mergeCells)).toBe(true)
    expect(rowsOf(writer)).toEqual(['a1b1|a2', 'b2', 'c1|c2'])
    expect(goTo(writer, 'a1').run(splitCell)).toBe(true)
    expect(rowsOf(writer)).toEqual(['a1b1|a2', '|b2', 'c1|c2'])
  })

  test('[E63] columns are made wider and narrower within bounds, by attributes', () => {
    const writer = goTo(open(), 'b2')
    writer.run(widenColumns(40))
    expect(writer.doc.child(1).child(2).child(1).attrs['colwidth']).toEqual([160])
    for (let count = 0; count < 9; count++) writer.run(widenColumns(-40))
    expect(writer.doc.child(1).child(2).child(1).attrs['colwidth']).toEqual([40])
    expect(writer.doc.child(1).child(2).child(0).attrs['colwidth']).toBeNull()
  })

  test('[E63] Tab goes on, and from the last cell into a new row', () => {
    const writer = goTo(open(), 'c1')
    writer.press('Tab')
    expect(writer.state.selection.$from.parent.textContent).toBe('c2')
    writer.press('Tab')
    writer.type('d1')
    expect(rowsOf(writer)).toEqual(['a1|a2', 'b1|b2', 'c1|c2', 'd1|'])
    writer.press('Shift-Tab')
    expect(writer.state.selection.$from.parent.textContent).toBe('c2')
  })

  test('[E63] goes by Backspace when all of it is selected; some cells are only emptied', () => {
    const writer = selectCells(open(), 'a1', 'c1')
    writer.press('Backspace')
    expect(rowsOf(writer)).toEqual(['|a2', '|b2', '|c2'])
    writer.run(undo)
    selectCells(writer, 'a1', 'c2').press('Backspace')
    expect(writer.lines).toEqual(['above', 'below'])
  })

  test('[E63] goes with its last row or column, and by its command', () => {
    const writer = selectCells(open(), 'a1', 'c1')
    expect(writer.run(deleteRows)).toBe(true)
    expect(writer.lines).toEqual(['above', 'below'])
    const other = goTo(open(), 'b2')
    expect(other.run(deleteTable)).toBe(true)
    expect(other.lines).toEqual(['above', 'below'])
  })

  test('[E63] is made of tabbed text, and filled by it', () => {
    expect(parseTabbed('a\tb\r\nc\td\r\n', false)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ])
    expect(parseTabbed('a\tb', false)).toBeNull()
    expect(parseTabbed('a\tb\nc', true)).toBeNull()
    expect(parseTabbed('no tabs\nat all', true)).toBeNull()
    const writer = new Writer().write(p(''))
    writer.at(0).paste({ text: 'one\ttwo\n3\t4' })
    expect(rowsOf(writer, 0)).toEqual(['one|two', '3|4'])
    goTo(writer, 'two').paste({ text: 'X\tY' })
    expect(rowsOf(writer, 0)).toEqual(['one|X|Y', '3|4|'])
  })

  test('[E63] is made of a spreadsheet’s HTML, and filled by it', () => {
    const html = '<table><tr><td>one</td><td>two</td></tr><tr><td>3</td><td>4</td></tr></table>'
    const writer = new Writer().write(p(''), p('after'))
    writer.at(0).paste({ html })
    expect(rowsOf(writer, 0)).toEqual(['one|two', '3|4'])
    const filled = goTo(open(), 'b1').paste({ html })
    expect(rowsOf(filled)).toEqual(['a1|a2', 'one|two', '3|4'])
  })
})

describe('Tables, together', () => {
  test('[E64] two people’s rows and columns all stay, and the gap is filled by whoever changes the table next', () => {
    const { ann, bob, same } = two(p('above'), grid())
    goTo(ann, 'b1').run(rowBelow)
    goTo(bob, 'b2').run(columnAfter)
    same()
    expect(rowsOf(ann)).toEqual(['a1|a2|', 'b1|b2|', '|', 'c1|c2|'])
    goTo(ann, 'c1').run(rowAbove)
    same()
    expect(ann.doc.child(1).children.map((line) => line.childCount)).toEqual([3, 3, 3, 3, 3])
    expect(TableMap.get(ann.doc.child(1)).problems).toBeNull()
  })

  const moves = { up: moveRow(-1), down: moveRow(1), 'to the end': moveColumn(1) }
  for (const [where, move] of Object.entries(moves))
    for (const word of ['a1', 'b1', 'b2', 'c1'])
      test(`[E64] what is typed beside ${word} stays, once, when the row or column of b1 moves ${where}`, () => {
        const { ann, bob, same } = two(p('above'), grid())
        goTo(ann, 'b1').run(move)
        goTo(bob, word).type('typed')
        same()
        expect(ann.doc.textContent.split('typed')).toHaveLength(2)
        expect(ann.doc.textContent).toContain(`${word}typed`)
        expect(TableMap.get(ann.doc.child(1)).problems).toBeNull()
      })

  for (const [name, change] of Object.entries({
    toggleHeaderRow,
    toggleHeaderColumn,
    columnBefore,
    widen: widenColumns(40),
  }))
    test(`[E64] what is typed stays, once, beside ${name}`, () => {
      const { ann, bob, same } = two(p('above'), grid())
      goTo(ann, 'a1').run(change)
      goTo(bob, 'a1').type('typed')
      same()
      expect(ann.doc.textContent).toContain('a1typed')
      expect(ann.doc.textContent.split('typed')).toHaveLength(2)
    })

  test('[E64] what is typed into a cell stays, once, when somebody merges it', () => {
    const { ann, bob, same } = two(p('above'), grid())
    selectCells(ann, 'a1', 'b1').run(mergeCells)
    goTo(bob, 'b1').type('typed')
    same()
    expect(ann.doc.textContent).toContain('b1typed')
    expect(ann.doc.textContent.split('typed')).toHaveLength(2)
  })
})

/** A document with one table as nobody's editor makes it. */
function hostile(attrs: Record<string, unknown>, cells = 2, rows = 2): Y.Doc {
  const doc = new Y.Doc()
  const made = new Y.XmlElement('table')
  for (let line = 0; line < rows; line++) {
    const element = new Y.XmlElement('table_row')
    for (let at = 0; at < cells; at++) {
      const one = new Y.XmlElement('table_cell')
      for (const [name, value] of Object.entries(attrs)) one.setAttribute(name, value as string)
      const text = new Y.XmlElement('paragraph')
      text.insert(0, [new Y.XmlText(`t${line}${at}`)])
      one.insert(0, [text])
      element.insert(at, [one])
    }
    made.insert(line, [element])
  }
  const paragraph = new Y.XmlElement('paragraph')
  paragraph.insert(0, [new Y.XmlText('above')])
  doc.getXmlFragment(fragmentName).insert(0, [paragraph, made])
  return doc
}

describe('Tables, from hostile peers', () => {
  const values = [1e9, -5, 0, 1.5, NaN, '1000000000', '-1', 'x', '', true, [1], { a: 1 }, null]
  for (const value of values)
    test(`[E65] spans of ${JSON.stringify(value)} neither freeze nor break`, () => {
      const writer = new Writer()
      Y.applyUpdate(
        writer.ydoc,
        Y.encodeStateAsUpdate(hostile({ colspan: value, rowspan: value, colwidth: value })),
      )
      goTo(writer, 't00').type('typed')
      expect(writer.run(rowBelow) || writer.run(columnAfter)).toBe(true)
      expect(writer.doc.textContent).toContain('t00typed')
      expect(writer.doc.textContent).toContain('t11')
    })

  test('[E65] a cell’s attributes are clamped', () => {
    expect(parseCell({ colspan: 1e9, rowspan: '7', colwidth: 'x' })).toEqual({
      colspan: tableLimits.span,
      rowspan: 7,
      colwidth: null,
    })
    expect(parseCell({ colspan: 2, colwidth: [1e9, -1] }).colwidth).toEqual([2000, 0])
    expect(parseCell({ colspan: 2, colwidth: [100] }).colwidth).toBeNull()
  })

  test('[E65] a table that claims more room than one may have is a placeholder, and kept', () => {
    const doc = hostile({ colspan: 1e9 }, 60, 20)
    const writer = new Writer()
    Y.applyUpdate(writer.ydoc, Y.encodeStateAsUpdate(doc))
    expect(writer.lines).toEqual(['above', '[unknown_block]'])
    writer.at(0, 0).type('so ')
    expect(writer.xml).toContain('t1959')
  })

  test('[E65] no such table is made here, by command or by pasting', () => {
    const wide = `<tr>${'<td colspan="100">x</td>'.repeat(60)}</tr>`
    const writer = new Writer().write(p(''))
    writer.at(0).paste({ html: `<table>${wide.repeat(20)}</table>` })
    expect(writer.doc.textContent).toContain('x x x')
    expect(writer.lines.some((line) => line.startsWith('[table'))).toBe(false)
    const huge = table(...Array.from({ length: tableLimits.rows }, () => row(cell('a'))))
    const full = new Writer().write(p('x'), huge)
    goTo(full, 'a').run(rowBelow)
    expect(full.doc.child(1).childCount).toBe(tableLimits.rows)
  })
})
