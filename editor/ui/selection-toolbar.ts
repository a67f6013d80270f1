import type { VirtualElement } from '@floating-ui/dom'
import { html, render } from 'lit'
import type { Command } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { activeKind } from '../commands/turn-into.ts'
import { dismissBar, isBarOffered } from '../plugins/selection-bar.ts'
import { chromeOf, hasFocus, isWithin } from './chrome.ts'
import { float, type Floating } from './float.ts'
import { laterIcon } from './later-icons.ts'
import { roving, type Roving } from './roving.ts'
import { text } from './text.ts'
import { toolButton } from './tool-button.ts'
import { textTools } from './tools.ts'
import { kindName, openTurnInto } from './turn-into-menu.ts'

/**
 * A bar of tools beside selected text. It appears when the pointer is up again, never takes the focus, and stays while
 * others write; Escape sends it away until something else is selected. Fingers have the fixed bar: this one would stand
 * where the system's own menu does.
 */
export class SelectionToolbar {
  readonly #view: EditorView
  readonly #dom: HTMLElement
  readonly #tools
  readonly #icons
  readonly #chevron = laterIcon('open')
  readonly #ended = new AbortController()
  readonly #roving: Roving
  #floating: Floating | null = null
  #isPressed = false
  #isTouched = false

  constructor(view: EditorView, editLink: Command) {
    this.#view = view
    this.#tools = textTools(editLink)
    this.#icons = new Map(this.#tools.map((tool) => [tool, laterIcon(tool.name)]))
    const document = view.dom.ownerDocument
    this.#dom = document.createElement('div')
    this.#dom.className = 'coscribe-selection-bar'
    this.#dom.setAttribute('part', 'selection-bar')
    this.#dom.setAttribute('role', 'toolbar')
    this.#dom.setAttribute('aria-label', text.selectionToolbar)
    this.#dom.hidden = true
    chromeOf(view).append(this.#dom)
    this.#roving = roving(this.#dom, () => view.focus())
    this.#listen(document)
  }

  update(): void {
    const isShown = this.#isShown()
    if (isShown) this.#show()
    else this.#hide()
  }

  /** Escape; true when there was a bar to send away. */
  dismiss(): boolean {
    return this.#isShown() && dismissBar(this.#view.state, this.#view.dispatch)
  }

  destroy(): void {
    this.#ended.abort()
    this.#hide()
    this.#roving.stop()
    this.#dom.remove()
  }

  #listen(document: Document): void {
    const { signal } = this.#ended
    const later = (): void => {
      // The browser tells of the new selection, or who has the focus, a moment later.
      setTimeout(() => {
        if (!signal.aborted) this.update()
      })
    }
    const release = (): void => {
      this.#isPressed = false
      later()
    }
    const press = (event: PointerEvent): void => {
      this.#isTouched = event.pointerType === 'touch'
      this.#isPressed = isWithin(event, this.#view.dom)
      if (this.#isPressed) this.update()
    }
    document.addEventListener('pointerdown', press, { signal, capture: true })
    for (const name of ['pointerup', 'dragend', 'drop'])
      document.addEventListener(name, release, { signal, capture: true })
    document.addEventListener('pointercancel', release, { signal })
    this.#view.dom.addEventListener(
      'dragstart',
      () => {
        this.#isPressed = true
        this.update()
      },
      { signal },
    )
    for (const name of ['focusin', 'focusout']) {
      this.#view.dom.addEventListener(name, later, { signal })
      this.#dom.addEventListener(name, later, { signal })
    }
    this.#view.dom.addEventListener('keydown', () => (this.#isTouched = false), { signal })
    this.#dom.addEventListener('mousedown', (event) => event.preventDefault(), { signal })
  }

  #isShown(): boolean {
    const { state, editable } = this.#view
    if (!editable || this.#isPressed || this.#isTouched) return false
    return isBarOffered(state) && this.#hasFocus()
  }

  /** In the text, in the bar, or in a menu that was opened from it. */
  #hasFocus(): boolean {
    if (this.#view.hasFocus() || hasFocus(this.#dom)) return true
    return !this.#dom.hidden && this.#dom.querySelector('[aria-expanded=true]') !== null
  }

  #show(): void {
    this.#dom.hidden = false
    render(
      html`${this.#kindButton()}${this.#tools.map((tool) =>
        toolButton(tool, this.#view, this.#icons.get(tool)),
      )}`,
      this.#dom,
    )
    this.#roving.refresh()
    this.#floating ??= float(this.#dom, this.#reference(), { placement: 'top', gap: 8 })
    this.#floating.update()
  }

  #hide(): void {
    if (this.#dom.hidden) return
    this.#dom.hidden = true
    this.#floating?.stop()
    this.#floating = null
  }

  #kindButton() {
    const kind = activeKind(this.#view.state)
    const open = (event: Event): void => {
      if (event.currentTarget instanceof HTMLElement) openTurnInto(this.#view, event.currentTarget)
    }
    const name = kind === null ? text.turnInto : kindName(kind)
    return html`<button
      type="button"
      class="coscribe-tool coscribe-kind"
      part="tool"
      title=${text.turnInto}
      aria-label="${text.turnInto}: ${name}"
      aria-haspopup="menu"
      @click=${open}
    >
      <span>${name}</span>${this.#chevron}
    </button>`
  }

  #reference(): VirtualElement {
    const view = this.#view
    return {
      contextElement: view.dom,
      getBoundingClientRect: () => {
        const { from, to } = view.state.selection
        const [start, end] = [view.coordsAtPos(from, 1), view.coordsAtPos(to, -1)]
        const isOneLine = end.top < start.bottom
        const box = view.dom.getBoundingClientRect()
        const [left, right] = isOneLine ? [start.left, end.right] : [box.left, box.right]
        // What is selected may begin above the window.
        const top = Math.min(Math.max(start.top, 120), end.bottom)
        return new DOMRect(left, top, Math.max(0, right - left), end.bottom - top)
      },
    }
  }
}
