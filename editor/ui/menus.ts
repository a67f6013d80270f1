import { Plugin, type Command, type EditorState } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import type { Awareness } from 'y-protocols/awareness'
import type { ExtensionItem } from '../extensions.ts'
import type { FindMentions } from './mention-source.ts'

/** What opens beside the text, once it is loaded. */
export interface Menus {
  update(view: EditorView, before: EditorState): void
  /** Takes a key before the text does; false when it means nothing here. */
  press(event: KeyboardEvent): boolean
  drop(event: DragEvent): boolean
  openBlockMenu(): boolean
  destroy(): void
}

export interface MenuContext {
  readonly awareness: Awareness
  /** Who can be mentioned; default: the people present. */
  readonly mentions?: FindMentions | undefined
  /** Offered in the slash menu after the editor's own. */
  readonly insertItems?: readonly ExtensionItem[] | undefined
}

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
