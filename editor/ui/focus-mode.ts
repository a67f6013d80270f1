import { Plugin, PluginKey, type Command, type EditorState } from 'prosemirror-state'
import { Decoration, DecorationSet, type EditorView } from 'prosemirror-view'
import { lasting } from '../lasting-view.ts'
import { frameOf } from './chrome.ts'
import { text } from './text.ts'

const focusKey = new PluginKey<boolean>('coscribe-focus')

/** Shows nothing but the text, with all of it dimmed but the block of the caret; or everything again. */
export const toggleFocusMode: Command = (state, dispatch) => {
  const isOn = focusKey.getState(state)
  if (isOn === undefined) return false
  dispatch?.(state.tr.setMeta(focusKey, !isOn))
  return true
}

/** Focus mode: Escape or the button leaves it. Pages around the editor find it by its class `is-focus-mode`. */
export function focusMode(): Plugin<boolean> {
  return new Plugin<boolean>({
    key: focusKey,
    state: {
      init: () => false,
      apply: (tr, isOn) => {
        const change: unknown = tr.getMeta(focusKey)
        return typeof change === 'boolean' ? change : isOn
      },
    },
    props: {
      decorations: (state) => (focusKey.getState(state) === true ? currentBlock(state) : null),
      handleKeyDown: (view, event) =>
        event.key === 'Escape' &&
        focusKey.getState(view.state) === true &&
        toggleFocusMode(view.state, view.dispatch, view),
    },
    view: lasting((view) => new FocusView(view)),
  })
}

function currentBlock({ doc, selection }: EditorState): DecorationSet {
  const { $head } = selection
  if ($head.depth === 0) return DecorationSet.empty
  return DecorationSet.create(doc, [
    Decoration.node($head.before(1), $head.after(1), { class: 'coscribe-focus-now' }),
  ])
}

class FocusView {
  readonly #frames: ReadonlySet<Element | null>
  readonly #frame: HTMLElement | null
  readonly #button: HTMLButtonElement

  constructor(view: EditorView) {
    this.#frame = frameOf(view.dom)
    this.#frames = new Set([this.#frame, view.dom.closest('.coscribe')])
    this.#button = view.dom.ownerDocument.createElement('button')
    this.#button.type = 'button'
    this.#button.className = 'coscribe-leave coscribe-button'
    this.#button.setAttribute('part', 'button')
    this.#button.textContent = text.focusLeave
    this.#button.addEventListener('click', () => {
      toggleFocusMode(view.state, view.dispatch, view)
      view.focus()
    })
  }

  update(view: EditorView): void {
    const isOn = focusKey.getState(view.state) === true
    if (isOn === this.#button.isConnected) return
    for (const frame of this.#frames) frame?.classList.toggle('is-focus-mode', isOn)
    if (isOn) this.#frame?.append(this.#button)
    else this.#button.remove()
  }

  destroy(): void {
    for (const frame of this.#frames) frame?.classList.remove('is-focus-mode')
    this.#button.remove()
  }
}
