import type { EditorView } from 'prosemirror-view'
import { scrollerOf } from './scroll-to.ts'

/*
 * The page stays where it is for whoever has it open. Browsers keep the line at the top of the page in its place when
 * something above it grows; somebody who writes looks at the line they write in, so that one has to stay.
 */

/** Keeps the line of the caret where it is on the screen while others change what is above it. */
export class Steady {
  readonly #view: EditorView
  #frame: number | undefined

  constructor(view: EditorView) {
    this.#view = view
  }

  /** To be called before a change by somebody else is shown; the first of a frame counts. */
  hold(): void {
    if (this.#frame !== undefined || !this.#view.hasFocus()) return
    const before = this.#caretTop()
    if (before === null) return
    this.#frame = requestAnimationFrame(() => {
      this.#frame = undefined
      const after = this.#view.isDestroyed ? null : this.#caretTop()
      if (after !== null && Math.abs(after - before) >= 1)
        scrollerOf(this.#view.dom).scrollBy(0, after - before)
    })
  }

  /** To be called before a change made here is shown: the caret moves as its owner wants. */
  release(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame)
    this.#frame = undefined
  }

  /** Null when the caret isn't on the screen. */
  #caretTop(): number | null {
    const { top, bottom } = this.#view.coordsAtPos(this.#view.state.selection.head)
    const height = this.#view.dom.ownerDocument.documentElement.clientHeight
    return bottom > 0 && top < height ? top : null
  }
}
