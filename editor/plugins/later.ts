import { Plugin, type EditorState } from 'prosemirror-state'

interface Later {
  readonly load: () => Promise<readonly Plugin[]>
  /** Whether they are needed already; default: as soon as the text is there. Asked at every change until they are. */
  readonly isNeeded?: (state: EditorState) => boolean
}

/**
 * Stands for plugins that aren't needed to show a document and to type, until they have been fetched. Those that draw
 * nodes make the whole document be drawn anew. With them come new views of all plugins, so they wait while somebody types
 * into a field: it may be in one of these.
 */
export function later({ load, isNeeded = () => true }: Later): Plugin {
  const standIn: Plugin = new Plugin({
    view: (view) => {
      const { ownerDocument } = view.dom
      let isAsked = false
      let made: readonly Plugin[] | null = null
      const put = (): void => {
        const { state } = view
        const instead = made
        if (instead === null || view.isDestroyed || !state.plugins.includes(standIn)) return
        if (focusedIn(ownerDocument) instanceof HTMLInputElement) return
        const plugins = state.plugins.flatMap((plugin) => (plugin === standIn ? instead : [plugin]))
        view.updateState(state.reconfigure({ plugins }))
      }
      const ask = (): void => {
        if (isAsked || !isNeeded(view.state)) return
        isAsked = true
        const take = (plugins: readonly Plugin[]): void => {
          made = plugins
          put()
        }
        load().then(take, () => (isAsked = false))
      }
      // In a task of its own: what a field does when it is left, a press or a key, is to be done first.
      const putSoon = (): void => {
        if (made !== null) setTimeout(put)
      }
      ask()
      ownerDocument.addEventListener('focusout', putSoon)
      return {
        update: () => {
          ask()
          putSoon()
        },
        destroy: () => ownerDocument.removeEventListener('focusout', putSoon),
      }
    },
  })
  return standIn
}

/** What has the focus, in whatever shadow root it stands. */
function focusedIn(document: Document): Element | null {
  let focused = document.activeElement
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement
  return focused
}
