import { Plugin, type EditorState } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import type { Awareness } from 'y-protocols/awareness'
import { savePosition } from '../binding/binding.ts'
import { lasting } from '../lasting-view.ts'

const intervalMs = 60

/**
 * Tells the others where the selection here is, at most every 60 ms, in y-prosemirror's own format.
 *
 * It starts when the editor is first focused, stays while the focus is on a toolbar or another window, and is taken
 * back when the page is hidden or the editor destroyed.
 */
export function publishCursor(awareness: Awareness): Plugin {
  return new Plugin({ view: lasting((view) => new CursorPublisher(view, awareness)) })
}

class CursorPublisher {
  readonly #view: EditorView
  readonly #awareness: Awareness
  #timer: ReturnType<typeof setTimeout> | undefined
  #published = ''
  #lastAt = 0
  #hasBeenFocused = false

  constructor(view: EditorView, awareness: Awareness) {
    this.#view = view
    this.#awareness = awareness
    view.dom.addEventListener('focus', this.#onFocus)
    view.dom.ownerDocument.addEventListener('visibilitychange', this.#onVisibility)
    if (view.hasFocus()) this.#onFocus()
  }

  update(view: EditorView, previous: EditorState): void {
    if (view.state.doc !== previous.doc || !view.state.selection.eq(previous.selection)) this.#schedule()
  }

  destroy(): void {
    this.#view.dom.removeEventListener('focus', this.#onFocus)
    this.#view.dom.ownerDocument.removeEventListener('visibilitychange', this.#onVisibility)
    this.#withdraw()
  }

  readonly #onFocus = (): void => {
    this.#hasBeenFocused = true
    this.#schedule()
  }

  readonly #onVisibility = (): void => {
    if (this.#view.dom.ownerDocument.hidden) this.#withdraw()
    else this.#schedule()
  }

  #schedule(): void {
    if (!this.#hasBeenFocused || this.#timer !== undefined) return
    const waitMs = Math.max(0, this.#lastAt + intervalMs - Date.now())
    this.#timer = setTimeout(this.#publish, waitMs)
  }

  readonly #publish = (): void => {
    this.#timer = undefined
    if (this.#view.isDestroyed || this.#view.dom.ownerDocument.hidden) return
    const { state } = this.#view
    const cursor = {
      anchor: savePosition(state, state.selection.anchor),
      head: savePosition(state, state.selection.head),
    }
    const published = JSON.stringify(cursor)
    // Two editors on one awareness would otherwise answer each other for ever.
    if (published === this.#published) return
    this.#published = published
    this.#lastAt = Date.now()
    this.#awareness.setLocalStateField('cursor', cursor)
  }

  #withdraw(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#published === '') return
    this.#published = ''
    this.#awareness.setLocalStateField('cursor', null)
  }
}
