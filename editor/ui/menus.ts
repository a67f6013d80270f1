import { Plugin, type Command } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import type { MenuContext, Menus } from './menu-context.ts'

const loaded = new WeakMap<EditorView, Menus>()

/** Opens the menu of the block the caret is in. */
export const openBlockMenu: Command = (_state, dispatch, view) => {
  const all = view === undefined ? undefined : loaded.get(view)
  return all !== undefined && (dispatch === undefined || all.openBlockMenu())
}

/**
 * Menus, the bar beside a selection, the handle of a block and the link editor. They are drawn by code that is loaded
 * when the text is there; what they are about is the state of plugins that are there from the start.
 */
export function menus(context: MenuContext): Plugin {
  return new Plugin({
    props: {
      handleKeyDown: (view, event) => loaded.get(view)?.press(event) ?? false,
      handleDrop: (view, event) => loaded.get(view)?.drop(event) ?? false,
    },
    view: (view) => {
      let isDestroyed = false
      void import('./menu-parts.ts').then(({ createMenus }) => {
        if (isDestroyed) return
        const all = createMenus(view, context)
        loaded.set(view, all)
        all.update(view, view.state)
      })
      return {
        update: (_view, before) => loaded.get(view)?.update(view, before),
        destroy: () => {
          isDestroyed = true
          loaded.get(view)?.destroy()
          loaded.delete(view)
        },
      }
    },
  })
}
