import { html, render } from 'lit'
import type { Command } from 'prosemirror-state'
import { findTable } from 'prosemirror-tables'
import type { EditorView } from 'prosemirror-view'
import { isInTable } from '../commands/insert-table.ts'
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
import { laterIcon as icon } from './later-icons.ts'
import { chromeOf, hasFocus } from './chrome.ts'
import { ColumnGrip } from './column-grip.ts'
import { openMenu, type MenuGroup, type MenuItem, type OpenMenu } from './menu.ts'
import { laterText } from './later-text.ts'
import { text } from './text.ts'

const menus = ['tableRow', 'tableColumn', 'tableCells'] as const
type MenuName = (typeof menus)[number]

/** How much wider or narrower a column gets at a time, in CSS pixels. */
const widthStep = 40

/** The controls of the table that the caret is in, above it. */
export class TableBar {
  readonly #view: EditorView
  readonly #page: HTMLElement
  readonly #dom: HTMLElement
  readonly #stop = new AbortController()
  readonly #grip: ColumnGrip
  #menu: OpenMenu | null = null

  constructor(view: EditorView) {
    this.#view = view
    this.#grip = new ColumnGrip(view)
    this.#page = chromeOf(view)
    this.#dom = view.dom.ownerDocument.createElement('div')
    this.#dom.className = 'coscribe-table-bar'
    this.#dom.setAttribute('part', 'table-bar')
    this.#dom.setAttribute('role', 'toolbar')
    this.#dom.setAttribute('aria-label', text.tableBar)
    this.#dom.hidden = true
    render(
      menus.map((name) => this.#button(name)),
      this.#dom,
    )
    this.#page.append(this.#dom, this.#grip.dom)
    const options = { signal: this.#stop.signal }
    this.#dom.addEventListener('keydown', this.#onKey, options)
    this.#dom.addEventListener('mousedown', (event) => event.preventDefault(), options)
    this.#page.addEventListener('focusout', this.#onFocus, options)
    this.#page.addEventListener('focusin', this.#onFocus, options)
    const { defaultView } = view.dom.ownerDocument
    defaultView?.addEventListener('scroll', this.#place, { ...options, passive: true, capture: true })
    defaultView?.addEventListener('resize', this.#place, options)
    this.update()
  }

  update(): void {
    const { state, editable } = this.#view
    const isFocused = this.#view.hasFocus() || hasFocus(this.#dom)
    const isShown = editable && isInTable(state) && (isFocused || this.#menu !== null)
    this.#dom.hidden = !isShown
    this.#grip.dom.hidden = !isShown
    if (isShown) this.#place()
    else this.#menu?.close()
  }

  destroy(): void {
    this.#stop.abort()
    this.#menu?.close()
    this.#dom.remove()
    this.#grip.dom.remove()
  }

  #button(name: MenuName) {
    return html`<button
      type="button"
      class="coscribe-tool"
      part="tool"
      title=${text[name]}
      aria-label=${text[name]}
      aria-haspopup="menu"
      aria-expanded="false"
      tabindex=${name === menus[0] ? 0 : -1}
      @click=${(event: Event) => this.#toggle(name, event.currentTarget)}
    >
      ${icon(name)}
    </button>`
  }

  #toggle(name: MenuName, anchor: EventTarget | null): void {
    if (!(anchor instanceof HTMLElement)) return
    this.#menu = openMenu(this.#view, {
      label: text[name],
      groups: this.#groups(name),
      anchor,
      returnTo: 'anchor',
      onClose: () => {
        this.#menu = null
      },
    })
  }

  #groups(name: MenuName): MenuGroup[] {
    const { state } = this.#view
    const item = (label: keyof typeof laterText.table, command: Command): MenuItem => ({
      label: laterText.table[label],
      isDisabled: !command(state, undefined, this.#view),
      run: () => command(this.#view.state, this.#view.dispatch, this.#view),
    })
    const danger = (label: keyof typeof laterText.table, command: Command): MenuGroup => ({
      items: [{ ...item(label, command), isDanger: true }],
    })
    const headers = headersOf(state)
    if (name === 'tableRow') {
      const items = [
        item('rowAbove', rowAbove),
        item('rowBelow', rowBelow),
        item('rowUp', moveRow(-1)),
        item('rowDown', moveRow(1)),
        { ...item('headerRow', toggleHeaderRow), isOn: headers.row },
      ]
      return [{ items }, danger('deleteRow', deleteRows)]
    }
    if (name === 'tableColumn') {
      const items = [
        item('columnBefore', columnBefore),
        item('columnAfter', columnAfter),
        item('columnBack', moveColumn(-1)),
        item('columnOn', moveColumn(1)),
        item('wider', widenColumns(widthStep)),
        item('narrower', widenColumns(-widthStep)),
        { ...item('headerColumn', toggleHeaderColumn), isOn: headers.column },
      ]
      return [{ items }, danger('deleteColumn', deleteColumns)]
    }
    const items = [item('merge', mergeCells), item('split', splitCell)]
    return [{ items }, danger('deleteTable', deleteTable)]
  }

  readonly #onFocus = (): void => {
    // Where the focus goes is known only when it has left.
    queueMicrotask(() => {
      if (!this.#stop.signal.aborted) this.update()
    })
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    const buttons = [...this.#dom.querySelectorAll<HTMLElement>('button')]
    const at = buttons.findIndex((button) => button === event.target)
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (event.key === 'Escape') this.#view.focus()
    else if (event.key === 'ArrowDown' && event.target instanceof HTMLElement) event.target.click()
    else if (step === 0) return
    event.preventDefault()
    const next = buttons.at((at + step) % buttons.length)
    if (step === 0 || next === undefined) return
    for (const button of buttons) button.tabIndex = button === next ? 0 : -1
    next.focus()
  }

  readonly #place = (): void => {
    if (this.#dom.hidden) return
    const found = findTable(this.#view.state.selection.$from)
    const table = found ? this.#view.nodeDOM(found.pos) : null
    if (!(table instanceof HTMLElement)) return
    const place = table.getBoundingClientRect()
    const origin = this.#page.getBoundingClientRect()
    const height = this.#dom.offsetHeight
    // A tall table's controls stay in sight, above the row that is.
    const top = Math.min(Math.max(place.top - height - 4, this.#ceiling() + 4), place.bottom - height)
    this.#dom.style.setProperty('top', `${Math.round(top - origin.top)}px`)
    const right = Math.max(8, origin.right - Math.min(place.right, origin.right))
    this.#dom.style.setProperty('inset-inline-end', `${Math.round(right)}px`)
    this.#grip.place(table, origin)
  }

  /** What nothing can be seen above: the end of the toolbar, or of what the page has there when that is at the bottom. */
  #ceiling(): number {
    const { documentElement } = this.#page.ownerDocument
    const bar = this.#page.previousElementSibling?.getBoundingClientRect()
    const isAtTop = bar !== undefined && bar.top + bar.bottom < documentElement.clientHeight
    if (isAtTop) return Math.max(0, bar.bottom)
    return parseFloat(getComputedStyle(this.#page).getPropertyValue('--coscribe-toolbar-top')) || 0
  }
}
