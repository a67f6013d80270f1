import type { AlignType, PhrasingContent, Table, TableRow } from 'mdast'
import type { Node } from 'prosemirror-model'
import { Numbering } from '../html/numbering.ts'
import { parseImage, parseParagraph, schema } from '../schema/index.ts'
import { writePhrasing } from './write-phrasing.ts'

/*
 * Markdown's tables have one row of headings and one line of text in a cell. A table without headings gets an empty
 * row of them; what a cell has more of is put on one line with `<br>`; a cell that spans others leaves them empty.
 */

const { table_header, paragraph, image, code_block } = schema.nodes

/** More columns than anybody reads; hostile cells could claim any number. */
const maxColumns = 200

/** Null for a table without cells. */
export function writeTable(table: Node): Table | null {
  const rows = layOut(table)
  const width = Math.max(0, ...rows.map((row) => row.length))
  if (width === 0) return null
  const [first = []] = rows
  const hasHeadings = first.some((cell) => cell?.type === table_header)
  const body = rows.map((row) => writeRow(Array.from({ length: width }, (_, index) => row[index] ?? null)))
  const headings = hasHeadings ? [] : [writeRow(Array.from({ length: width }, () => null))]
  const align = Array.from({ length: width }, (_, index) => alignOf(rows.map((row) => row[index] ?? null)))
  return { type: 'table', align, children: [...headings, ...body] }
}

/** The rows with every cell in its column; null where another cell reaches into. */
function layOut(table: Node): (Node | null)[][] {
  const rows: (Node | null)[][] = table.children.map(() => [])
  table.children.forEach((row, y) => {
    let x = 0
    for (const cell of row.children) {
      while (rows[y]?.[x] !== undefined) x++
      const [width, height] = [spanOf(cell, 'colspan'), Math.min(spanOf(cell, 'rowspan'), rows.length - y)]
      for (let down = 0; down < height; down++)
        for (let right = 0; right < width && x + right < maxColumns; right++) {
          const target = rows[y + down]
          if (target !== undefined) target[x + right] ??= down === 0 && right === 0 ? cell : null
        }
      x += width
    }
  })
  return rows
}

function spanOf(cell: Node, name: 'colspan' | 'rowspan'): number {
  const span: unknown = cell.attrs[name]
  return typeof span === 'number' && span >= 1 ? Math.min(Math.floor(span), maxColumns) : 1
}

/** That of the column's first text. */
function alignOf(cells: readonly (Node | null)[]): AlignType {
  const first = cells.find((cell) => cell?.firstChild?.type === paragraph)?.firstChild
  const { align } = parseParagraph(first?.attrs ?? {})
  return align === 'justify' ? null : align
}

function writeRow(cells: readonly (Node | null)[]): TableRow {
  return {
    type: 'tableRow',
    children: cells.map((cell) => ({
      type: 'tableCell',
      children: cell === null ? [] : joinLines(linesOf(cell.children)),
    })),
  }
}

function joinLines(lines: readonly PhrasingContent[][]): PhrasingContent[] {
  return lines
    .filter((line) => line.length > 0)
    .flatMap((line, index) => (index === 0 ? line : [{ type: 'html', value: '<br>' }, ...line]))
}

function linesOf(blocks: readonly Node[]): PhrasingContent[][] {
  const numbering = new Numbering()
  return blocks.flatMap((block): PhrasingContent[][] => {
    const attrs = parseParagraph(block.type === paragraph ? block.attrs : {})
    const number = numbering.next(attrs)
    if (block.type === image) return [writeImage(block), writePhrasing(inTable(block.children), true)]
    if (block.type === code_block)
      return block.textContent
        .split('\n')
        .map((value) => (value === '' ? [] : [{ type: 'inlineCode', value }]))
    if (!block.isTextblock) return linesOf(block.children)
    const line = writePhrasing(inTable(block.children), true)
    if (attrs.list === null) return [line]
    const box = attrs.list === 'task' ? (attrs.checked === true ? '☑ ' : '☐ ') : '• '
    return [[{ type: 'text', value: number === null ? box : `${number}. ` }, ...line]]
  })
}

/** A formula's upright line would end its cell; TeX has another name for it. */
function inTable(nodes: readonly Node[]): readonly Node[] {
  return nodes.map((node) =>
    node.isText && schema.marks.math.isInSet(node.marks) !== undefined
      ? schema.text(
          (node.text ?? '').replace(/\\?\|/g, (sign) => (sign === '|' ? '\\vert ' : '\\Vert ')),
          node.marks,
        )
      : node,
  )
}

/** A picture as Markdown has it; nothing when its address may not be shown. */
export function writeImage(node: Node): PhrasingContent[] {
  const { src, alt, title } = parseImage(node.attrs)
  return src === null ? [] : [{ type: 'image', url: src, alt: alt ?? '', title }]
}
