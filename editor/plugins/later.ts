import { Plugin, type EditorState } from 'prosemirror-state'
import { lasting } from '../lasting-view.ts'
import { readCaret } from './caret-now.ts'

interface Later {
  readonly load: () => Promise<readonly Plugin[]>
  /** Whether they are needed already; default: as soon as the text is there. Asked at every change until they are. */
  readonly isNeeded?: (state: EditorState) => boolean
}

/**
 * Stands for plugins that aren't needed to show a document and to type, until they have been fetched. None of them may
 * bring views of nodes: the whole document would be drawn anew, under whoever writes in it.
 */
export function later({ load, isNeeded = () => true }: Later): Plugin {
  const standIn: Plugin = new Plugin({
    view: lasting((view) => {
      let isAsked = false
      const put = (made: readonly Plugin[]): void => {
        if (view.isDestroyed) return
        // Else it is put back to where the state has it.
        readCaret(view)
        const { state } = view
        if (!state.plugins.includes(standIn)) return
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
    }),
  })
  return standIn
}
