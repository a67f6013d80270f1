import type { EditorView } from 'prosemirror-view'
import { editLink } from '../plugins/link-editing.ts'
import { HandleLayer, openMenuOfBlock } from './block-handle.ts'
import { CompletionMenu } from './completion-menu.ts'
import { emojiSource } from './emoji-source.ts'
import { fromExtension, insertItems } from './insert-items.ts'
import { insertSource } from './insert-source.ts'
import { LinkPopover } from './link-popover.ts'
import { findPresent, mentionSource } from './mention-source.ts'
import type { MenuContext, Menus } from './menu-context.ts'
import { SelectionToolbar } from './selection-toolbar.ts'

/** Makes everything that opens beside the text of one editor. */
export function createMenus(view: EditorView, context: MenuContext): Menus {
  const { awareness, mentions, insertItems: added = [] } = context
  const completion = new CompletionMenu(view, {
    '/': insertSource([...insertItems, ...added.map(fromExtension)]),
    '@': mentionSource(mentions ?? findPresent(awareness), mentions !== undefined),
    ':': emojiSource(),
  })
  const bar = new SelectionToolbar(view, editLink)
  const handle = new HandleLayer(view)
  const link = new LinkPopover(view)
  return {
    update: (_view, before) => {
      completion.update()
      bar.update()
      handle.update(view, before)
      link.update()
    },
    press: (event) => {
      handle.forget()
      return completion.press(event) || (event.key === 'Escape' && bar.dismiss())
    },
    drop: (event) => handle.drop(view, event),
    openBlockMenu: () => openMenuOfBlock(view.state, view.dispatch, view),
    destroy: () => {
      for (const part of [completion, bar, handle, link]) part.destroy()
    },
  }
}
