import { dropCursor } from 'prosemirror-dropcursor'
import { gapCursor } from 'prosemirror-gapcursor'
import { keymap } from 'prosemirror-keymap'
import type { Plugin } from 'prosemirror-state'
import { moveBlocks } from './commands/move-blocks.ts'
import type { EditingContext } from './editing-context.ts'
import { autocomplete } from './plugins/autocomplete.ts'
import { blockTarget } from './plugins/block-target.ts'
import { cellKeys } from './plugins/cell-keys.ts'
import { clipboard } from './plugins/clipboard.ts'
import { codeColours } from './plugins/highlight.ts'
import { pastedBlocks } from './plugins/pasted-blocks.ts'
import { bindings } from './plugins/shortcuts.ts'
import { selectionBar } from './plugins/selection-bar.ts'
import { uploads } from './plugins/uploads.ts'
import { announcing } from './ui/announcing.ts'
import { openMenuOfBlock } from './ui/block-handle.ts'
import { formulas } from './ui/formulas.ts'
import { keyboardInset } from './ui/keyboard-inset.ts'
import { menus } from './ui/menus.ts'
import { uploadCards } from './ui/upload-cards.ts'

/** What is fetched together, by where it stands among the other plugins. */
export type LaterPlugins = Readonly<
  Record<'menus' | 'pasting' | 'rest', (context: EditingContext) => Plugin[]>
>

/** What can wait until the text is on the screen. */
export const laterPlugins: LaterPlugins = {
  menus: ({ awareness, mentions, insertItems }) => [
    autocomplete(),
    blockTarget(),
    selectionBar(),
    menus({ awareness, mentions, insertItems }),
    keymap(bindings({ moveUp: moveBlocks(-1), moveDown: moveBlocks(1), blockMenu: openMenuOfBlock })),
  ],
  pasting: ({ schema, upload }) => [
    ...(upload === null ? [] : [uploads(), uploadCards(upload)]),
    clipboard(schema),
    pastedBlocks(),
  ],
  rest: ({ awareness }) => [
    gapCursor(),
    dropCursor({ class: 'coscribe-dropcursor', color: false, width: 2 }),
    cellKeys(),
    formulas(),
    codeColours(),
    announcing(awareness),
    keyboardInset(),
  ],
}
