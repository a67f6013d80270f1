import { CellSelection, selectedRect, updateColumnsOnResize } from 'prosemirror-tables'
import type { EditorView } from 'prosemirror-view'
import { isInTable } from '../commands/insert-table.ts'
import { widenColumns } from '../commands/table-shape.ts'
import { clampColumnWidth, columnWidths } from '../schema/index.ts'

interface Drag {
  readonly start: number
  readonly width: number
  readonly column: number
}

/**
 * What a finger drags to make the column with the caret wider: a pointer that hovers finds the column's edge, a finger
 * doesn't. Beside the menu, so it is no stop for the keyboard.
 */
export class ColumnGrip {
  readonly dom: HTMLElement
  readonly #view: EditorView
  #table: HTMLTableElement | null = null
  #drag: Drag | null = null

  constructor(view: EditorView) {
    this.#view = view
    this.dom = view.dom.ownerDocument.createElement('div')
    this.dom.className = 'coscribe-column-grip'
    this.dom.setAttribute('aria-hidden', 'true')
    this.dom.addEventListener('pointerdown', this.#begin)
    this.dom.addEventListener('pointermove', this.#move)
    this.dom.addEventListener('pointerup', this.#end)
    this.dom.addEventListener('pointercancel', this.#cancel)
  }

  /** Stands at the edge of the column with the caret, where that is in sight; `origin` is what it is placed in. */
  place(frame: HTMLElement, origin: DOMRect): void {
    this.#table = frame.querySelector('table')
    const cell = this.#cell()
    const sight = frame.getBoundingClientRect()
    const edge = cell === null ? NaN : this.#edgeOf(cell.getBoundingClientRect())
    this.dom.hidden = !(edge >= sight.left && edge <= sight.right + 1)
    this.dom.style.setProperty('left', `${Math.round(edge - origin.left)}px`)
    this.dom.style.setProperty('top', `${Math.round(sight.top - origin.top)}px`)
  }

  #edgeOf({ left, right }: DOMRect): number {
    return this.#sign() < 0 ? left : right
  }

  /** Which way is wider. */
  #sign(): 1 | -1 {
    return this.#table !== null && getComputedStyle(this.#table).direction === 'rtl' ? -1 : 1
  }

  #cell(): HTMLElement | null {
    const { selection } = this.#view.state
    const { node } = this.#view.domAtPos(selection.from)
    if (selection instanceof CellSelection) return null
    const element = node instanceof HTMLElement ? node : node.parentElement
    return element?.closest<HTMLElement>('td, th') ?? null
  }

  #widthAt({ start, width }: Drag, x: number): number {
    return clampColumnWidth(Math.max(width + (x - start) * this.#sign(), columnWidths.least))
  }

  readonly #begin = (event: PointerEvent): void => {
    const cell = this.#cell()
    if (cell === null || !isInTable(this.#view.state)) return
    event.preventDefault()
    this.dom.setPointerCapture(event.pointerId)
    const column = selectedRect(this.#view.state).right - 1
    this.#drag = { start: event.clientX, width: cell.offsetWidth, column }
  }

  readonly #move = (event: PointerEvent): void => {
    const cell = this.#cell()
    if (this.#drag === null || cell === null) return
    this.#show(this.#widthAt(this.#drag, event.clientX))
    const origin = this.dom.parentElement?.getBoundingClientRect()
    if (origin)
      this.dom.style.setProperty('left', `${this.#edgeOf(cell.getBoundingClientRect()) - origin.left}px`)
  }

  /** Only here: the others see the width when the finger is lifted. */
  #show(width: number | undefined): void {
    const columns = this.#table?.querySelector('colgroup')
    if (this.#drag === null || !this.#table || !columns || !isInTable(this.#view.state)) return
    const { table } = selectedRect(this.#view.state)
    updateColumnsOnResize(table, columns, this.#table, columnWidths.leastByItself, this.#drag.column, width)
  }

  readonly #end = (event: PointerEvent): void => {
    const drag = this.#drag
    this.#cancel()
    const by = drag === null ? 0 : this.#widthAt(drag, event.clientX) - drag.width
    if (by !== 0) widenColumns(by)(this.#view.state, this.#view.dispatch, this.#view)
  }

  readonly #cancel = (): void => {
    this.#show(undefined)
    this.#drag = null
  }
}
