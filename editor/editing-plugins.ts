import { Plugin } from 'prosemirror-state'
import type { EditingContext } from './editing-context.ts'
import type { LaterPlugins } from './later-plugins.ts'
import { autolink } from './plugins/autolink.ts'
import { caretNow } from './plugins/caret-now.ts'
import { emptyDocument } from './plugins/empty-document.ts'
import { images } from './plugins/images.ts'
import { markdownRules } from './plugins/input-rules.ts'
import { keys } from './plugins/keymap.ts'
import { editLink, linkEditing } from './plugins/link-editing.ts'
import { later } from './plugins/later.ts'
import { links } from './plugins/links.ts'
import { placeholder } from './plugins/placeholder.ts'
import { tables } from './plugins/tables.ts'
import { tasks } from './plugins/tasks.ts'
import { blockControls } from './ui/block-controls.ts'
import { carets } from './ui/carets.ts'
import { imageTools } from './ui/image-tools.ts'
import { imageView } from './ui/image-view.ts'
import { openHelp } from './ui/open-help.ts'
import { finding } from './ui/finding.ts'
import { focusMode } from './ui/focus-mode.ts'
import { following } from './ui/following.ts'
import { outlining } from './ui/outlining.ts'
import { publishCursor } from './ui/publish-cursor.ts'
import { text } from './ui/text.ts'

let loaded: LaterPlugins | null = null

/** Fetches what editors have beside the text; those that are made afterwards have it from the start. */
export async function loadLaterPlugins(): Promise<LaterPlugins> {
  return (loaded = (await import('./later-plugins.ts')).laterPlugins)
}

/** Everything that makes writing pleasant, in the order in which keys and pastes are offered to it. */
export function editingPlugins(context: EditingContext): Plugin[] {
  const { awareness, placeholder: hint, focusToolbar, pictures, upload, onFollow } = context
  const soon = (group: keyof LaterPlugins): Plugin[] =>
    loaded?.[group](context) ?? [later({ load: async () => (await loadLaterPlugins())[group](context) })]
  return [
    caretNow(),
    ...soon('menus'),
    emptyDocument(),
    tasks(),
    linkEditing(),
    links(),
    markdownRules(),
    autolink(),
    ...soon('pasting'),
    images(),
    imageTools({ pictures, canUpload: upload !== null }),
    new Plugin({ props: { nodeViews: { image: imageView(pictures) } } }),
    ...tables(),
    ...keys({ link: editLink, focusToolbar, help: openHelp }),
    placeholder({ title: text.placeholderTitle, text: hint }),
    blockControls(),
    publishCursor(awareness),
    carets(awareness),
    following(awareness, onFollow),
    finding(),
    outlining(),
    focusMode(),
    ...soon('rest'),
  ]
}
