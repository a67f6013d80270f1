import type { EditorView } from 'prosemirror-view'
import { openFormula } from '../commands/math.ts'
import { chromeOf } from './chrome.ts'
import { float, type Floating } from './float.ts'
import { drawFormula } from './formula.ts'

/** What the formula at the caret means, below its source. */
export class FormulaPreview {
  readonly #view: EditorView
  readonly #dom: HTMLElement
  readonly #stop = new AbortController()
  #floating: Floating | null = null

  constructor(view: EditorView) {
    this.#view = view
    this.#dom = view.dom.ownerDocument.createElement('div')
    this.#dom.className = 'coscribe-popover coscribe-preview'
    this.#dom.setAttribute('part', 'popover')
    this.#dom.hidden = true
    this.#dom.append(view.dom.ownerDocument.createElement('div'), view.dom.ownerDocument.createElement('p'))
    chromeOf(view).append(this.#dom)
    const { signal } = this.#stop
    const later = (): void => queueMicrotask(() => signal.aborted || this.update())
    view.dom.addEventListener('focus', later, { signal })
    view.dom.addEventListener('blur', later, { signal })
    this.update()
  }

  update(): void {
    const formula = this.#view.hasFocus() && this.#view.editable ? openFormula(this.#view.state) : null
    this.#dom.hidden = formula === null
    const [drawing, message] = this.#dom.children
    if (formula === null || !(drawing instanceof HTMLElement) || message === undefined) {
      this.#floating?.stop()
      this.#floating = null
      return
    }
    const tell = (error: string | null): void => {
      message.textContent = error
      drawing.hidden = error !== null
    }
    drawFormula(drawing, { tex: formula.tex, isBlock: false }, tell)
    const reference = { getBoundingClientRect: () => this.#sourceRect(), contextElement: this.#view.dom }
    this.#floating ??= float(this.#dom, reference, { placement: 'bottom-start' })
    this.#floating.update()
  }

  destroy(): void {
    this.#stop.abort()
    this.#floating?.stop()
    this.#dom.remove()
  }

  /** Where the source starts, as tall as all of it. */
  #sourceRect(): DOMRect {
    const formula = openFormula(this.#view.state)
    if (formula === null) return new DOMRect()
    const start = this.#view.coordsAtPos(formula.from)
    const end = this.#view.coordsAtPos(formula.to)
    return new DOMRect(start.left, start.top, 0, Math.max(start.bottom, end.bottom) - start.top)
  }
}
