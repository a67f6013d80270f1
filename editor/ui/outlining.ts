import { Plugin, PluginKey, type Command, type EditorState } from 'prosemirror-state'
import { laterView } from '../plugins/later-view.ts'

const outlineKey = new PluginKey<boolean>('coscribe-outline')

/** Opens the panel with the document's headings and its length; closes it when it is open. */
export const toggleOutline: Command = (state, dispatch) => {
  const isOpen = outlineKey.getState(state)
  if (isOpen === undefined) return false
  dispatch?.(state.tr.setMeta(outlineKey, !isOpen))
  return true
}

export function isOutlineOpen(state: EditorState): boolean {
  return outlineKey.getState(state) ?? false
}

/** The outline, whose panel is loaded when it is first asked for. */
export function outlining(): Plugin<boolean> {
  return new Plugin<boolean>({
    key: outlineKey,
    state: {
      init: () => false,
      apply: (tr, isOpen) => {
        const change: unknown = tr.getMeta(outlineKey)
        return typeof change === 'boolean' ? change : isOpen
      },
    },
    view: laterView({
      isNeeded: ({ state }) => isOutlineOpen(state),
      load: async () => {
        const { OutlinePanel } = await import('./outline-panel.ts')
        return (view) => new OutlinePanel(view, { isOpen: isOutlineOpen, toggle: toggleOutline })
      },
    }),
  })
}
