import { Plugin } from 'prosemirror-state'
import type { EditingContext } from './editing-context.ts'
import { autocomplete } from './plugins/autocomplete.ts'
import { autolink } from './plugins/autolink.ts'
import { blockTarget } from './plugins/block-target.ts'
import { clipboard } from './plugins/clipboard.ts'
import { emptyDocument } from './plugins/empty-document.ts'
import { images } from './plugins/images.ts'
import { markdownRules } from './plugins/input-rules.ts'
import { keys } from './plugins/keymap.ts'
import { editLink, linkEditing } from './plugins/link-editing.ts'
import { later } from './plugins/later.ts'
import { links } from './plugins/links.ts'
import { pastedBlocks } from './plugins/pasted-blocks.ts'
import { placeholder } from './plugins/placeholder.ts'
import { selectionBar } from './plugins/selection-bar.ts'
import { tables } from './plugins/tables.ts'
import { tasks } from './plugins/tasks.ts'
import { uploads } from './plugins/uploads.ts'
import { blockControls } from './ui/block-controls.ts'
import { carets } from './ui/carets.ts'
import { imageTools } from './ui/image-tools.ts'
import { imageView } from './ui/image-view.ts'
import { menus, openBlockMenu } from './ui/menus.ts'
import { openHelp } from './ui/open-help.ts'
import { finding } from './ui/finding.ts'
import { focusMode } from './ui/focus-mode.ts'
import { following } from './ui/following.ts'
import { outlining } from './ui/outlining.ts'
import { publishCursor } from './ui/publish-cursor.ts'
import { text } from './ui/text.ts'
import { uploadCards } from './ui/upload-cards.ts'

/** Everything that makes writing pleasant, in the order in which keys and pastes are offered to it. */
export function editingPlugins(context: EditingContext): Plugin[] {
  const {
    schema,
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
    clipboard(schema),
    pastedBlocks(),
    images(),
    imageTools({ pictures, canUpload: upload !== null }),
    new Plugin({ props: { nodeViews: { image: imageView(pictures) } } }),
    ...tables(),
    ...keys({ link: editLink, focusToolbar, blockMenu: openBlockMenu, help: openHelp }),
    placeholder({ title: text.placeholderTitle, text: hint }),
    blockControls(),
    publishCursor(awareness),
    carets(awareness),
    following(awareness, onFollow),
    finding(),
    outlining(),
    focusMode(),
    later({ load: async () => (await import('./later-plugins.ts')).laterPlugins(context) }),
  ]
}
