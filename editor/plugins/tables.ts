import { Fragment, Slice, type Node } from 'prosemirror-model'
import { Plugin, TextSelection, type EditorState, type Transaction } from 'prosemirror-state'
import {
  columnResizing,
  handlePaste,
  isInTable,
  ResizeState,
  tableEditing,
  TableView,
} from 'prosemirror-tables'
import type { EditorView } from 'prosemirror-view'
import { isFromYjs, undoneApart } from '../binding/binding.ts'
import { createCell } from '../commands/tables.ts'
import { columnWidths, isTableSound, schema, tableLimits } from '../schema/index.ts'
import { changedBlocks } from './changed-blocks.ts'

/**
 * Selecting and editing in table cells.
 *
 * prosemirror-tables repairs ragged tables after every change. Only who makes a change may repair after it: everybody
 * else would add the same missing cells, once for each person looking.
 */
export function tables(): Plugin[] {
  return [resizing(), cellWriting(), pastedTables(), editing()]
}

function editing(): Plugin {
  const plugin = tableEditing()
  const repair = plugin.spec.appendTransaction
  plugin.spec.appendTransaction = (transactions, before, after) =>
    transactions.some((tr) => isFromYjs(tr)) ? null : repair?.call(plugin, transactions, before, after)
  return plugin
}

/** Scrolls by itself when it is wider than the page. */
class ScrolledTable extends TableView {
  constructor(node: Node, cellWidth: number) {
    super(node, cellWidth)
    this.dom.className = 'coscribe-table'
  }
}

/** Columns are as wide as they are dragged. */
function resizing(): Plugin {
  const plugin = columnResizing({
    cellMinWidth: columnWidths.least,
    defaultCellMinWidth: 72,
    handleWidth: 6,
    View: ScrolledTable,
  })
  const state = plugin.spec.state
  const apply: ApplyResize | undefined = state?.apply
  if (state && apply)
    state.apply = (tr: Transaction, value: ResizeState, before: EditorState, after: EditorState) => {
      const next = apply.call(plugin, tr, value, before, after)
      // The column that is being dragged was deleted by somebody else: prosemirror-tables would drag on, and throw.
      return next.activeHandle === -1 && next.dragging !== false ? new ResizeState(-1, false) : next
    }
  return plugin
}

type ApplyResize = (
  this: Plugin,
  tr: Transaction,
  value: ResizeState,
  before: EditorState,
  after: EditorState,
) => ResizeState

const isCell = ({ type }: Node): boolean =>
  type === schema.nodes.table_cell || type === schema.nodes.table_header
const isTable = ({ type }: Node): boolean => type === schema.nodes.table

/** Gives cells that are made or emptied here a paragraph to write into, and refuses tables larger than one may be. */
function cellWriting(): Plugin {
  return new Plugin({
    filterTransaction: (tr) =>
      !tr.docChanged || isFromYjs(tr) || changedBlocks(tr, isTable).every(({ node }) => isTableSound(node)),
    appendTransaction: (transactions, _before, after) => {
      if (transactions.some((tr) => isFromYjs(tr))) return null
      const cells = transactions.flatMap((tr, index) =>
        changedBlocks(tr, isCell).map(({ position }) =>
          transactions.slice(index + 1).reduce((at, later) => later.mapping.map(at), position),
        ),
      )
      return fillCells(after, cells)
    },
    props: {
      handleClickOn: (view, _position, node, at) => {
        if (!isCell(node) || node.childCount > 0 || !view.editable) return false
        const tr = fillCells(view.state, [at])
        if (tr !== null) view.dispatch(tr.setSelection(TextSelection.near(tr.doc.resolve(at + 1))))
        return tr !== null
      },
    },
  })
}

function fillCells(state: EditorState, positions: readonly number[]): Transaction | null {
  const empty = [...new Set(positions)].filter((position) => {
    const node = state.doc.nodeAt(position)
    return node !== null && isCell(node) && node.childCount === 0
  })
  if (empty.length === 0) return null
  const { tr } = state
  for (const position of empty.sort((a, b) => b - a)) tr.insert(position + 1, schema.nodes.paragraph.create())
  return tr
}

/** The rows and columns of a text as spreadsheets copy it; null when it isn't that. */
export function parseTabbed(text: string, isInCells: boolean): string[][] | null {
  const rows = text
    .replace(/\r\n?/g, '\n')
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => line.split('\t'))
  const columns = rows[0]?.length ?? 0
  const isGrid = columns > 1 && rows.every((row) => row.length === columns)
  const isSmall = rows.length <= tableLimits.rows && rows.length * columns <= tableLimits.places
  return isGrid && isSmall && (rows.length > 1 || isInCells) ? rows : null
}

function toTable(rows: readonly (readonly string[])[]): Node {
  const cells = (row: readonly string[]) =>
    row.map((text) => {
      const trimmed = text.trim()
      return createCell(false, [
        schema.nodes.paragraph.create(null, trimmed === '' ? null : schema.text(trimmed)),
      ])
    })
  return schema.nodes.table.create(
    null,
    rows.map((row) => schema.nodes.table_row.create(null, cells(row))),
  )
}

/** A table that is too large to be one: its text, a paragraph for each row. */
function withoutHugeTables(content: Fragment): Fragment {
  const nodes = content.content.flatMap((node) => {
    if (isTable(node) && !isTableSound(node))
      return node.children.map((row) => {
        const text = row.children.map((cell) => cell.textContent).join(' ')
        return schema.nodes.paragraph.create(null, text === '' ? null : schema.text(text))
      })
    return [node.isTextblock ? node : node.copy(withoutHugeTables(node.content))]
  })
  return Fragment.from(nodes)
}

function hasHugeTable(content: Fragment): boolean {
  return content.content.some(
    (node) => (isTable(node) && !isTableSound(node)) || (!node.isTextblock && hasHugeTable(node.content)),
  )
}

/** Cells copied from a spreadsheet as text become a table, or fill the one they are pasted into. */
function pastedTables(): Plugin {
  return new Plugin({
    props: {
      transformPasted: (slice) =>
        hasHugeTable(slice.content) ? new Slice(withoutHugeTables(slice.content), 0, 0) : slice,
      handlePaste: (view, event) => {
        const text = event.clipboardData?.getData('text/plain') ?? ''
        if ((event.clipboardData?.getData('text/html') ?? '') !== '') return false
        return pasteTabbed(view, event, text)
      },
    },
  })
}

function pasteTabbed(view: EditorView, event: ClipboardEvent, text: string): boolean {
  const { state } = view
  if (state.selection.$from.parent.type.spec.code === true) return false
  const isInCells = isInTable(state)
  const rows = parseTabbed(text, isInCells)
  if (rows === null) return false
  const slice = new Slice(Fragment.from(toTable(rows)), 0, 0)
  if (isInCells) return handlePaste(view, event, slice)
  view.dispatch(undoneApart(state.tr.replaceSelection(slice)).scrollIntoView().setMeta('paste', true))
  return true
}
