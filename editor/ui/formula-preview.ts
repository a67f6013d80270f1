import type { EditorView } from 'prosemirror-view'
import { openFormula } from '../commands/math.ts'
import { drawFormula } from './formula.ts'
import { placeUnder } from './control-menu.ts'

/** What the formula at the caret means, below its source. */
export class FormulaPreview {
  readonly #view: EditorView
  readonly #page: HTMLElement
  readonly #dom: HTMLElement
  readonly #stop = new AbortController()

  constructor(view: EditorView) {
    this.#view = view
    this.#page = view.dom.parentElement ?? view.dom
    this.#dom = view.dom.ownerDocument.createElement('div')
    this.#dom.className = 'coscribe-popover coscribe-preview'
    this.#dom.hidden = true
    this.#dom.append(view.dom.ownerDocument.createElement('div'), view.dom.ownerDocument.createElement('p'))
    this.#page.append(this.#dom)
    const { signal } = this.#stop
    const later = (): void => queueMicrotask(() => signal.aborted || this.update())
    view.dom.addEventListener('focus', later, { signal })
    view.dom.addEventListener('blur', later, { signal })
    view.dom.ownerDocument.defaultView?.addEventListener('resize', () => this.update(), { signal })
    this.update()
  }

  update(): void {
    const formula = this.#view.hasFocus() && this.#view.editable ? openFormula(this.#view.state) : null
    this.#dom.hidden = formula === null
    const [drawing, message] = this.#dom.children
    if (formula === null || !(drawing instanceof HTMLElement) || message === undefined) return
    const tell = (error: string | null): void => {
      message.textContent = error
      drawing.hidden = error !== null
    }
    drawFormula(drawing, { tex: formula.tex, isBlock: false }, tell)
    const start = this.#view.coordsAtPos(formula.from)
    const end = this.#view.coordsAtPos(formula.to)
    const place = new DOMRect(start.left, start.top, 0, Math.max(start.bottom, end.bottom) - start.top)
    placeUnder(this.#dom, place, this.#page)
  }

  destroy(): void {
    this.#stop.abort()
    this.#dom.remove()
  }
}
