import { Plugin } from 'prosemirror-state'
import { loadedMenus } from './loaded-menus.ts'
import type { MenuContext } from './menu-context.ts'

/**
 * Menus, the bar beside a selection, the handle of a block and the link editor. They are drawn by code that is loaded
 * when the text is there; what they are about is the state of plugins that are there from the start.
 */
export function menus(context: MenuContext): Plugin {
  return new Plugin({
    props: {
      handleKeyDown: (view, event) => loadedMenus.get(view)?.press(event) ?? false,
      handleDrop: (view, event) => loadedMenus.get(view)?.drop(event) ?? false,
    },
    view: (view) => {
      let isDestroyed = false
      void import('./menu-parts.ts').then(({ createMenus }) => {
        if (isDestroyed) return
        const all = createMenus(view, context)
        loadedMenus.set(view, all)
        all.update(view, view.state)
      })
      return {
        update: (_view, before) => loadedMenus.get(view)?.update(view, before),
        destroy: () => {
          isDestroyed = true
          loadedMenus.get(view)?.destroy()
          loadedMenus.delete(view)
        },
      }
    },
  })
}
