import type { Command } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import type { Menus } from './menu-context.ts'

/** The menus of each view, once they are loaded. */
export const loadedMenus = new WeakMap<EditorView, Menus>()

/** Opens the menu of the block the caret is in. */
export const openBlockMenu: Command = (_state, dispatch, view) => {
  const all = view === undefined ? undefined : loadedMenus.get(view)
  return all !== undefined && (dispatch === undefined || all.openBlockMenu())
}
