import { Plugin, type EditorState } from 'prosemirror-state'

interface Later {
  readonly load: () => Promise<readonly Plugin[]>
  /** Whether they are needed already; default: as soon as the text is there. Asked at every change until they are. */
  readonly isNeeded?: (state: EditorState) => boolean
}

/**
 * Stands for plugins that aren't needed to show a document and to type, until they have been fetched. Those that draw
 * nodes make the whole document be drawn anew.
 */
export function later({ load, isNeeded = () => true }: Later): Plugin {
  const standIn: Plugin = new Plugin({
    view: (view) => {
      let isAsked = false
      const put = (made: readonly Plugin[]): void => {
        const { state } = view
        if (view.isDestroyed || !state.plugins.includes(standIn)) return
        const plugins = state.plugins.flatMap((plugin) => (plugin === standIn ? made : [plugin]))
        view.updateState(state.reconfigure({ plugins }))
      }
      const ask = (): void => {
        if (isAsked || !isNeeded(view.state)) return
        isAsked = true
        load().then(put, () => (isAsked = false))
      }
      ask()
      return { update: ask }
    },
  })
  return standIn
}
