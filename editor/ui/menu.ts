import type { Placement, ReferenceElement } from '@floating-ui/dom'
import { html, nothing, render } from 'lit'
import type { EditorView } from 'prosemirror-view'
import { chromeOf, hasFocus, isWithin } from './chrome.ts'
import { float } from './float.ts'

/** Something a menu does. */
export interface MenuItem {
  readonly label: string
  readonly picture?: Node | undefined
  readonly keys?: string
  /** Set for one of several of which one is on. */
  readonly isChecked?: boolean
  /** Set for what is on or off by itself. */
  readonly isOn?: boolean
  /** Shown, but not to be chosen now. */
  readonly isDisabled?: boolean
  /** Takes something away. */
  readonly isDanger?: boolean
  /** Drawn as a sample of a colour: the name of it, and what it colours. */
  readonly swatch?: { readonly mark: 'highlight' | 'text_color'; readonly color: string | null }
  readonly run: () => void
}

/** Items that belong together: under their label, or without one below a line. */
export interface MenuGroup {
  readonly label?: string
  readonly items: readonly MenuItem[]
}

export interface MenuOptions {
  readonly label: string
  readonly groups: readonly MenuGroup[]
  /** What it opens from; a button says that it is expanded meanwhile. */
  readonly anchor: ReferenceElement
  readonly placement?: Placement
  /** Items in one line; default 1. */
  readonly columns?: number
  /** Where the focus goes when nothing was chosen; default: the text. */
  readonly returnTo?: 'text' | 'anchor'
  readonly onClose?: () => void
}

/** An open menu. */
export interface OpenMenu {
  close(): void
}

const maxHeight = 420
const open = new WeakMap<EditorView, OpenMenu>()

/**
 * Opens a menu and moves the focus into it; when something was chosen, the focus goes to the text. An editor has one open
 * menu at most; opening one from the button that has one open already closes that, and gives null.
 */
export function openMenu(view: EditorView, options: MenuOptions): OpenMenu | null {
  const wasOpen = options.anchor instanceof Element && options.anchor.ariaExpanded === 'true'
  open.get(view)?.close()
  if (wasOpen) return null
  const menu = new Menu(view, options)
  open.set(view, menu)
  return menu
}

class Menu implements OpenMenu {
  readonly #view: EditorView
  readonly #options: MenuOptions
  readonly #dom: HTMLElement
  readonly #ended = new AbortController()
  readonly #stopFloating: () => void

  constructor(view: EditorView, options: MenuOptions) {
    this.#view = view
    this.#options = options
    const document = view.dom.ownerDocument
    this.#dom = document.createElement('div')
    this.#dom.className = 'coscribe-menu'
    this.#dom.setAttribute('part', 'menu')
    this.#dom.setAttribute('role', 'menu')
    this.#dom.setAttribute('aria-label', options.label)
    chromeOf(view).append(this.#dom)
    render(options.groups.map(this.#group), this.#dom)
    const { anchor, placement = 'bottom-start' } = options
    this.#stopFloating = float(this.#dom, anchor, { placement, maxHeight }).stop
    if (anchor instanceof Element) anchor.setAttribute('aria-expanded', 'true')
    const { signal } = this.#ended
    this.#dom.addEventListener('keydown', this.#onKey, { signal })
    document.addEventListener('pointerdown', this.#onPress, { signal, capture: true })
    const items = this.#items
    const isChoice = options.groups.length === 1
    const checked = isChoice ? items.find((item) => item.ariaChecked === 'true') : undefined
    this.#focus(checked ?? items[0])
  }

  get #items(): HTMLElement[] {
    return [...this.#dom.querySelectorAll<HTMLElement>('button:not([aria-disabled])')]
  }

  close(): void {
    this.#end(this.#options.returnTo)
  }

  #end(focused: MenuOptions['returnTo']): void {
    if (this.#ended.signal.aborted) return
    this.#ended.abort()
    this.#stopFloating()
    const { anchor, onClose } = this.#options
    if (anchor instanceof Element) anchor.setAttribute('aria-expanded', 'false')
    const hadFocus = hasFocus(this.#dom)
    this.#dom.remove()
    if (open.get(this.#view) === this) open.delete(this.#view)
    if (hadFocus && focused === 'anchor' && anchor instanceof HTMLElement)
      anchor.focus({ preventScroll: true })
    else if (hadFocus) this.#view.focus()
    onClose?.()
  }

  readonly #group = ({ label, items }: MenuGroup, at: number) => {
    const { columns = 1, groups } = this.#options
    const heading = html`<div class="coscribe-list-heading" role="presentation">${label}</div>`
    return html`${label === undefined && at > 0 ? html`<div role="separator"></div>` : nothing}
      <div
        role="group"
        aria-label=${label ?? nothing}
        class=${columns > 1 ? 'coscribe-swatches' : 'coscribe-menu-group'}
      >
        ${label !== undefined && groups.length > 1 ? heading : nothing}${items.map((item) => this.#item(item))}
      </div>`
  }

  #item(item: MenuItem) {
    const { label, swatch, isDisabled = false, isDanger = false } = item
    const { role, isChecked } = stateOf(item)
    const choose = (): void => {
      if (isDisabled) return
      this.#end('text')
      item.run()
      this.#view.focus()
    }
    return html`<button
      type="button"
      tabindex="-1"
      class=${swatch === undefined ? 'coscribe-menu-item' : 'coscribe-swatch'}
      part="menu-item"
      role=${role}
      aria-checked=${isChecked ?? nothing}
      aria-disabled=${isDisabled || nothing}
      ?data-danger=${isDanger}
      title=${swatch === undefined ? nothing : label}
      aria-label=${swatch === undefined ? nothing : label}
      @click=${choose}
    >
      ${swatch === undefined ? line(item) : sample(swatch)}
    </button>`
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    const next = event.ctrlKey || event.metaKey ? undefined : this.#nextItem(event.key)
    if (next !== undefined) {
      event.preventDefault()
      this.#focus(next)
    } else if (event.key === 'Escape' || event.key === 'Tab') {
      event.preventDefault()
      event.stopPropagation()
      this.close()
    }
  }

  #focus(item: HTMLElement | undefined): void {
    for (const other of this.#items) other.tabIndex = other === item ? 0 : -1
    item?.focus({ preventScroll: !this.#dom.classList.contains('is-placed') })
  }

  #nextItem(key: string): HTMLElement | undefined {
    const items = this.#items
    const { columns = 1 } = this.#options
    const at = items.findIndex(hasFocus)
    const after = items[(at + 1) % items.length]
    const before = items.at(Math.max(at, 0) - 1)
    switch (key) {
      case 'ArrowDown':
        return columns > 1 ? (items[at + columns] ?? items.at(-1)) : after
      case 'ArrowUp':
        return columns > 1 ? (items[at - columns] ?? items[0]) : before
      case 'ArrowRight':
        return columns > 1 ? after : undefined
      case 'ArrowLeft':
        return columns > 1 ? before : undefined
      case 'Home':
        return items[0]
      case 'End':
        return items.at(-1)
      default:
        return this.#findByLetter(key, at)
    }
  }

  #findByLetter(key: string, at: number): HTMLElement | undefined {
    if (key.length !== 1 || key === ' ') return undefined
    const items = this.#items
    const after = [...items.slice(at + 1), ...items.slice(0, at + 1)]
    const nameOf = (item: HTMLElement): string => (item.ariaLabel ?? item.textContent).trim().toLowerCase()
    return after.find((item) => nameOf(item).startsWith(key.toLowerCase()))
  }

  readonly #onPress = (event: Event): void => {
    const { anchor } = this.#options
    // A press on the button closes the menu by itself.
    const isOnAnchor = anchor instanceof Element && isWithin(event, anchor)
    if (!isOnAnchor && !isWithin(event, this.#dom)) this.close()
  }
}

function stateOf({ isChecked, isOn }: MenuItem): { readonly role: string; readonly isChecked?: boolean } {
  if (isChecked !== undefined) return { role: 'menuitemradio', isChecked }
  return isOn === undefined ? { role: 'menuitem' } : { role: 'menuitemcheckbox', isChecked: isOn }
}

function line({ label, picture, keys }: MenuItem) {
  const drawn = html`<span class="coscribe-option-picture" aria-hidden="true">${picture}</span>`
  return html`${picture === undefined ? nothing : drawn}<span class="coscribe-option-label">${label}</span>${
      keys === undefined ? nothing : html`<kbd aria-hidden="true">${keys}</kbd>`
    }`
}

function sample({ mark, color }: NonNullable<MenuItem['swatch']>) {
  if (color === null) return html`<span class="coscribe-no-color">A</span>`
  return mark === 'highlight'
    ? html`<mark data-color=${color}>A</mark>`
    : html`<span data-text-color=${color}>A</span>`
}
