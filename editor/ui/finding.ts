import { keydownHandler } from 'prosemirror-keymap'
import { Plugin, type Command } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { lasting } from '../lasting-view.ts'
import { bindings } from '../plugins/shortcuts.ts'
import { frameOf } from './chrome.ts'
import type { FindBar } from './find-bar.ts'
import { foundKey, nextFound, nothingFound, type Found, type FindRequest } from './found.ts'
import { text } from './text.ts'

function ask(wish: FindRequest['wish']): Command {
  return (state, dispatch) => {
    if (foundKey.getState(state) === undefined) return false
    dispatch?.(state.tr.setMeta(foundKey, { wish } satisfies FindRequest))
    return true
  }
}

/** Opens the search, with the selected text in it. */
export const openFind = ask('find')
/** Opens the search with what replaces a match. */
export const openReplace = ask('replace')

const keys = keydownHandler(
  bindings({ find: openFind, replace: openReplace, findNext: ask('next'), findPrevious: ask('previous') }),
)

/** Finding and replacing: the keys and the highlights. The bar is loaded when it is first asked for. */
export function finding(): Plugin<Found> {
  return new Plugin<Found>({
    key: foundKey,
    state: { init: () => nothingFound, apply: nextFound },
    props: { decorations: (state) => foundKey.getState(state)?.shown },
    view: lasting((view) => new FindingView(view)),
  })
}

class FindingView {
  readonly #view: EditorView
  readonly #root: HTMLElement | null
  readonly #stop = new AbortController()
  #bar: FindBar | null = null
  #asked: FindRequest | null = null

  constructor(view: EditorView) {
    this.#view = view
    // On the frame, not the text: the keys work in the bar and in the toolbar, too.
    this.#root = frameOf(view.dom)
    this.#root?.addEventListener('keydown', this.#onKey, { signal: this.#stop.signal })
  }

  update(view: EditorView): void {
    const request = foundKey.getState(view.state)?.request ?? null
    if (request === this.#asked) this.#bar?.update()
    else {
      this.#asked = request
      if (request !== null) void this.#answer(request)
    }
  }

  destroy(): void {
    this.#stop.abort()
    this.#bar?.destroy()
  }

  async #answer({ wish }: FindRequest): Promise<void> {
    if (this.#bar !== null) {
      this.#bar.open(wish)
      return
    }
    // Whoever types on while the bar is being loaded means it, not the document.
    const early = this.#view.dom.ownerDocument.createElement('input')
    early.className = 'coscribe-unseen'
    early.setAttribute('aria-label', text.find.search)
    early.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || event.isComposing) return
      // As in the bar: what is around the editor may close by it, too.
      event.preventDefault()
      event.stopPropagation()
      early.remove()
      this.#view.focus()
    })
    this.#root?.append(early)
    early.focus({ preventScroll: true })
    const loaded = await import('./find-bar.ts').catch(() => null)
    // It goes with the editor, too.
    const isWanted = early.isConnected
    early.remove()
    if (loaded === null || !isWanted) return
    this.#bar ??= new loaded.FindBar(this.#view)
    this.#bar.open(wish, early.value)
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    if (!event.defaultPrevented && keys(this.#view, event)) event.preventDefault()
  }
}
