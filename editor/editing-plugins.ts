import { dropCursor } from 'prosemirror-dropcursor'
import { gapCursor } from 'prosemirror-gapcursor'
import { Plugin, type Command } from 'prosemirror-state'
import type { Awareness } from 'y-protocols/awareness'
import type { ExtensionItem } from './extensions.ts'
import { autocomplete } from './plugins/autocomplete.ts'
import { autolink } from './plugins/autolink.ts'
import { blockTarget } from './plugins/block-target.ts'
import { clipboard } from './plugins/clipboard.ts'
import { emptyDocument } from './plugins/empty-document.ts'
import { codeColours } from './plugins/highlight.ts'
import { images } from './plugins/images.ts'
import { markdownRules } from './plugins/input-rules.ts'
import { keys } from './plugins/keymap.ts'
import { editLink, linkEditing } from './plugins/link-editing.ts'
import { links } from './plugins/links.ts'
import { placeholder } from './plugins/placeholder.ts'
import { selectionBar } from './plugins/selection-bar.ts'
import { tables } from './plugins/tables.ts'
import { tasks } from './plugins/tasks.ts'
import { uploads } from './plugins/uploads.ts'
import type { Pictures, Upload } from './sync/upload.ts'
import { blockControls } from './ui/block-controls.ts'
import { carets } from './ui/carets.ts'
import { formulas } from './ui/formulas.ts'
import { imageTools } from './ui/image-tools.ts'
import { imageView } from './ui/image-view.ts'
import { menus, openBlockMenu } from './ui/menus.ts'
import type { FindMentions } from './ui/mention-source.ts'
import { openHelp } from './ui/open-help.ts'
import { announcing } from './ui/announcing.ts'
import { finding } from './ui/finding.ts'
import { focusMode } from './ui/focus-mode.ts'
import { following } from './ui/following.ts'
import { outlining } from './ui/outlining.ts'
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
  /** Who can be mentioned; default: the people present. */
  readonly mentions?: FindMentions | undefined
  /** What hosts add to the slash menu. */
  readonly insertItems?: readonly ExtensionItem[] | undefined
  /** Somebody is followed from now on, or nobody any more. */
  readonly onFollow: () => void
}

/** Everything that makes writing pleasant, in the order in which keys and pastes are offered to it. */
export function editingPlugins(context: EditingContext): Plugin[] {
  const {
    awareness,
    placeholder: hint,
    focusToolbar,
    mentions,
    insertItems,
    pictures,
    upload,
    onFollow,
  } = context
  return [
    autocomplete(),
    blockTarget(),
    selectionBar(),
    menus({ awareness, mentions, insertItems }),
    emptyDocument(),
    tasks(),
    linkEditing(),
    links(),
    markdownRules(),
    autolink(),
    ...(upload === null ? [] : [uploads(), uploadCards(upload)]),
    clipboard(),
    images(),
    imageTools({ pictures, canUpload: upload !== null }),
    new Plugin({ props: { nodeViews: { image: imageView(pictures) } } }),
    ...tables(),
    ...keys({ link: editLink, focusToolbar, blockMenu: openBlockMenu, help: openHelp }),
    placeholder({ title: text.placeholderTitle, text: hint }),
    gapCursor(),
    dropCursor({ class: 'coscribe-dropcursor', color: false, width: 2 }),
    blockControls(),
    formulas(),
    codeColours(),
    publishCursor(awareness),
    carets(awareness),
    following(awareness, onFollow),
    announcing(awareness),
    finding(),
    outlining(),
    focusMode(),
  ]
}
