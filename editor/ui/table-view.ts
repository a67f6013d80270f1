import type { Node } from 'prosemirror-model'
import type { NodeView, ViewMutationRecord } from 'prosemirror-view'
import { columnWidths, parseCell } from '../schema/index.ts'

/**
 * A table as the editor shows it: in a frame that scrolls when the table is wider than the page, its columns as wide as
 * they were made. What drags them (`prosemirror-tables`) finds the `colgroup` first in the table.
 */
export class TableView implements NodeView {
  readonly dom: HTMLElement
  readonly contentDOM: HTMLElement
  readonly #table: HTMLTableElement
  readonly #columns: HTMLElement

  constructor(node: Node, { ownerDocument }: HTMLElement) {
    this.dom = ownerDocument.createElement('div')
    this.dom.className = 'coscribe-table'
    this.#table = ownerDocument.createElement('table')
    this.#columns = ownerDocument.createElement('colgroup')
    this.contentDOM = ownerDocument.createElement('tbody')
    this.#table.append(this.#columns, this.contentDOM)
    this.dom.append(this.#table)
    this.#draw(node)
  }

  update(node: Node): boolean {
    if (node.type.spec['tableRole'] !== 'table') return false
    this.#draw(node)
    return true
  }

  ignoreMutation({ target }: ViewMutationRecord): boolean {
    return !this.contentDOM.contains(target)
  }

  #draw({ firstChild: row }: Node): void {
    const cells = row?.children.map(({ attrs }) => parseCell(attrs)) ?? []
    const widths = cells.flatMap(({ colspan, colwidth }) => colwidth ?? Array<number>(colspan).fill(0))
    const columns = this.#columns.children
    while (columns.length > widths.length) columns[widths.length]?.remove()
    while (columns.length < widths.length) this.#columns.append(this.dom.ownerDocument.createElement('col'))
    const setWidth = (element: Element | undefined, name: string, width: number) => {
      if (element instanceof HTMLElement) element.style.setProperty(name, width > 0 ? `${width}px` : '')
    }
    widths.forEach((width, index) => setWidth(columns[index], 'width', width))
    const whole = widths.reduce((sum, width) => sum + (width || columnWidths.leastByItself), 0)
    const isFixed = !widths.includes(0)
    setWidth(this.#table, 'width', isFixed ? whole : 0)
    setWidth(this.#table, 'min-width', isFixed ? 0 : whole)
  }
}
