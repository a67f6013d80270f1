import { dropCursor } from 'prosemirror-dropcursor'
import { gapCursor } from 'prosemirror-gapcursor'
import type { Command, Plugin } from 'prosemirror-state'
import type { Awareness } from 'y-protocols/awareness'
import { autolink } from './plugins/autolink.ts'
import { clipboard } from './plugins/clipboard.ts'
import { emptyDocument } from './plugins/empty-document.ts'
import { markdownRules } from './plugins/input-rules.ts'
import { keys } from './plugins/keymap.ts'
import { links } from './plugins/links.ts'
import { placeholder } from './plugins/placeholder.ts'
import { tables } from './plugins/tables.ts'
import { tasks } from './plugins/tasks.ts'
import { carets } from './ui/carets.ts'
import { editLink, linkPopover } from './ui/link-popover.ts'
import { publishCursor } from './ui/publish-cursor.ts'
import { text } from './ui/text.ts'

/** What the plugins of one editor need of it. */
export interface EditingContext {
  readonly awareness: Awareness
  /** What an empty document shows. */
  readonly placeholder: string
  readonly focusToolbar: Command
}

/** Everything that makes writing pleasant, in the order in which keys and pastes are offered to it. */
export function editingPlugins({ awareness, placeholder: hint, focusToolbar }: EditingContext): Plugin[] {
  return [
    emptyDocument(),
    tasks(),
    linkPopover(),
    links(),
    markdownRules(),
    autolink(),
    clipboard(),
    ...keys({ editLink, focusToolbar }),
    placeholder({ title: text.placeholderTitle, text: hint }),
    gapCursor(),
    dropCursor({ class: 'coscribe-dropcursor', color: false, width: 2 }),
    ...tables(),
    publishCursor(awareness),
    carets(awareness),
  ]
}
