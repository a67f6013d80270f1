import type { Attrs, Node, NodeSpec } from 'prosemirror-model'

/*
 * Whoever lays out a table takes time and memory for its width times its height, and both can be claimed in a few
 * bytes. So spans and widths are bounded as they are read, and a table that claims too much is not made at all.
 */

/** What a table may have; a larger one is shown as a placeholder, and can't be made here. */
export const tableLimits = {
  /** Columns, and rows, that one cell can span. */
  span: 100,
  rows: 2_000,
  /** Columns times rows. */
  places: 50_000,
} as const

/** Widths a column can be given, and the least it has without one, in CSS pixels. */
export const columnWidths = { least: 40, most: 2_000, leastByItself: 72 } as const

/** A cell's attributes after parsing. */
export interface CellAttrs {
  readonly colspan: number
  readonly rowspan: number
  /** A width in CSS pixels for each column it spans, 0 for those without; null when none has one. */
  readonly colwidth: readonly number[] | null
}

function parseSpan(value: unknown): number {
  const span = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof span === 'number' && Number.isInteger(span) && span > 1 ? Math.min(span, tableLimits.span) : 1
}

/** A column's width within its bounds; 0 for what is none. */
export function clampColumnWidth(value: unknown): number {
  if (typeof value !== 'number' || !(value > 0)) return 0
  return Math.round(Math.min(Math.max(value, columnWidths.least), columnWidths.most))
}

/** Reads a cell's attributes, whoever wrote them. */
export function parseCell(attrs: Attrs): CellAttrs {
  const colspan = parseSpan(attrs['colspan'])
  const stored: unknown = attrs['colwidth']
  const widths: readonly unknown[] = Array.isArray(stored) ? stored : []
  const colwidth = widths.length === colspan ? widths.map(clampColumnWidth) : []
  return {
    colspan,
    rowspan: parseSpan(attrs['rowspan']),
    colwidth: colwidth.some((width) => width > 0) ? colwidth : null,
  }
}

/** Whether a table is no larger than one may be. */
export function isTableSound(table: Node): boolean {
  if (table.childCount > tableLimits.rows) return false
  const ends: number[] = []
  let spanning = 0
  return table.children.every((row, index) => {
    spanning -= ends[index] ?? 0
    let width = spanning
    for (const cell of row.children) {
      const { colspan, rowspan } = parseCell(cell.attrs)
      width += colspan
      if (rowspan === 1) continue
      spanning += colspan
      ends[index + rowspan] = (ends[index + rowspan] ?? 0) + colspan
    }
    return width * table.childCount <= tableLimits.places
  })
}

function cellFromElement(element: HTMLElement): CellAttrs {
  const widths = element.dataset['colwidth']?.split(',').map(Number) ?? null
  return parseCell({
    colspan: element.getAttribute('colspan'),
    rowspan: element.getAttribute('rowspan'),
    colwidth: widths,
  })
}

function cell(tag: 'td' | 'th'): NodeSpec {
  return {
    content: 'block*',
    attrs: { colspan: { default: 1 }, rowspan: { default: 1 }, colwidth: { default: null } },
    tableRole: tag === 'td' ? 'cell' : 'header_cell',
    isolating: true,
    readAttrs: parseCell,
    parseDOM: [{ tag, getAttrs: cellFromElement }],
    toDOM: ({ attrs }) => {
      const { colspan, rowspan, colwidth } = parseCell(attrs)
      return [
        tag,
        {
          colspan: colspan === 1 ? null : String(colspan),
          rowspan: rowspan === 1 ? null : String(rowspan),
          'data-colwidth': colwidth === null ? null : colwidth.join(','),
        },
        0,
      ]
    },
  }
}

/** Tables, rows and cells in the roles by which `prosemirror-tables` knows them; any of them may be empty. */
export const tables = {
  table: {
    group: 'block',
    content: 'table_row*',
    tableRole: 'table',
    isolating: true,
    isSound: isTableSound,
    parseDOM: [{ tag: 'table' }],
    toDOM: () => ['table', ['tbody', 0]],
  },
  table_row: {
    content: '(table_cell | table_header)*',
    tableRole: 'row',
    parseDOM: [{ tag: 'tr' }],
    toDOM: () => ['tr', 0],
  },
  table_cell: cell('td'),
  table_header: cell('th'),
} satisfies Record<string, NodeSpec>
