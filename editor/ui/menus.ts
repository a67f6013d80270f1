import { Plugin, type EditorState, type PluginView } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import type { Awareness } from 'y-protocols/awareness'
import type { ExtensionItem } from '../extensions.ts'
import { lasting } from '../lasting-view.ts'
import { editLink } from '../plugins/link-editing.ts'
import { HandleLayer } from './block-handle.ts'
import { CompletionMenu } from './completion-menu.ts'
import { emojiSource } from './emoji-source.ts'
import { fromExtension, insertItems } from './insert-items.ts'
import { insertSource } from './insert-source.ts'
import { LinkPopover } from './link-popover.ts'
import { findPresent, mentionSource, type FindMentions } from './mention-source.ts'
import { SelectionToolbar } from './selection-toolbar.ts'

interface MenuContext {
  readonly awareness: Awareness
  /** Who can be mentioned; default: the people present. */
  readonly mentions?: FindMentions | undefined
  /** Offered in the slash menu after the editor's own. */
  readonly insertItems?: readonly ExtensionItem[] | undefined
}

/** Menus, the bar beside a selection, the handle of a block and the link editor. */
export function menus(context: MenuContext): Plugin {
  let parts: MenuParts | null = null
  return new Plugin({
    props: {
      handleKeyDown: (_view, event) => parts?.press(event) ?? false,
      handleDrop: (view, event) => parts?.handle.drop(view, event) ?? false,
    },
    view: lasting((view) => (parts = new MenuParts(view, context))),
  })
}

/** Everything that opens beside the text of one view. */
class MenuParts implements PluginView {
  readonly handle: HandleLayer
  readonly #completion: CompletionMenu
  readonly #bar: SelectionToolbar
  readonly #link: LinkPopover

  constructor(view: EditorView, { awareness, mentions, insertItems: added = [] }: MenuContext) {
    this.#completion = new CompletionMenu(view, {
      '/': insertSource([...insertItems, ...added.map(fromExtension)]),
      '@': mentionSource(mentions ?? findPresent(awareness), mentions !== undefined),
      ':': emojiSource(),
    })
    this.#bar = new SelectionToolbar(view, editLink)
    this.handle = new HandleLayer(view)
    this.#link = new LinkPopover(view)
    this.update(view, view.state)
  }

  update(view: EditorView, before: EditorState): void {
    this.#completion.update()
    this.#bar.update()
    this.handle.update(view, before)
    this.#link.update()
  }

  /** Takes a key before the text does; false when it means nothing here. */
  press(event: KeyboardEvent): boolean {
    this.handle.forget()
    return this.#completion.press(event) || (event.key === 'Escape' && this.#bar.dismiss())
  }

  destroy(): void {
    for (const part of [this.#completion, this.#bar, this.handle, this.#link]) part.destroy()
  }
}
