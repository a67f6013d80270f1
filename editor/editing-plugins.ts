import { dropCursor } from 'prosemirror-dropcursor'
import { gapCursor } from 'prosemirror-gapcursor'
import { Plugin, type Command } from 'prosemirror-state'
import type { Awareness } from 'y-protocols/awareness'
import { autolink } from './plugins/autolink.ts'
import { clipboard } from './plugins/clipboard.ts'
import { emptyDocument } from './plugins/empty-document.ts'
import { codeColours } from './plugins/highlight.ts'
import { images } from './plugins/images.ts'
import { markdownRules } from './plugins/input-rules.ts'
import { keys } from './plugins/keymap.ts'
import { links } from './plugins/links.ts'
import { placeholder } from './plugins/placeholder.ts'
import { tables } from './plugins/tables.ts'
import { tasks } from './plugins/tasks.ts'
import { uploads } from './plugins/uploads.ts'
import type { Pictures, Upload } from './sync/upload.ts'
import { blockControls } from './ui/block-controls.ts'
import { carets } from './ui/carets.ts'
import { formulas } from './ui/formulas.ts'
import { imageTools } from './ui/image-tools.ts'
import { imageView } from './ui/image-view.ts'
import { editLink, linkPopover } from './ui/link-popover.ts'
import { publishCursor } from './ui/publish-cursor.ts'
import { text } from './ui/text.ts'
import { uploadCards } from './ui/upload-cards.ts'

/** What the plugins of one editor need of it. */
export interface EditingContext {
  readonly awareness: Awareness
  /** What an empty document shows. */
  readonly placeholder: string
  readonly focusToolbar: Command
  readonly pictures: Pictures
  /** Null where there is nowhere to put files. */
  readonly upload: Upload | null
}

/** Everything that makes writing pleasant, in the order in which keys and pastes are offered to it. */
export function editingPlugins(context: EditingContext): Plugin[] {
  const { awareness, placeholder: hint, focusToolbar, pictures, upload } = context
  return [
    emptyDocument(),
    tasks(),
    linkPopover(),
    links(),
    markdownRules(),
    autolink(),
    ...(upload === null ? [] : [uploads(), uploadCards(upload)]),
    clipboard(),
    images(),
    imageTools({ pictures, canUpload: upload !== null }),
    new Plugin({ props: { nodeViews: { image: imageView(pictures) } } }),
    ...keys({ editLink, focusToolbar }),
    placeholder({ title: text.placeholderTitle, text: hint }),
    gapCursor(),
    dropCursor({ class: 'coscribe-dropcursor', color: false, width: 2 }),
    ...tables(),
    blockControls(),
    formulas(),
    codeColours(),
    publishCursor(awareness),
    carets(awareness),
  ]
}
