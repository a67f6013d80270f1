import type { Schema } from 'prosemirror-model'
import type { Plugin } from 'prosemirror-state'
import type { Awareness } from 'y-protocols/awareness'
import type * as Y from 'yjs'
import { fragmentName } from '../server/protocol/document.ts'
import { bindFragment } from './binding/binding.ts'
import { schema as ownSchema } from './schema/index.ts'
import { carets } from './ui/carets.ts'
import { publishCursor } from './ui/publish-cursor.ts'

export interface CollabOptions {
  readonly ydoc: Y.Doc
  readonly awareness?: Awareness
  /** Of the editor the plugins go into; default: the one `createEditor` uses. */
  readonly schema?: Schema
}

/**
 * Plugins that make any ProseMirror editor a shared one: text, own undo, and the others' carets.
 *
 * They go first in the editor's list, on a document that has been synced once. Its content replaces the state's.
 */
export function collab({ ydoc, awareness, schema = ownSchema }: CollabOptions): Plugin[] {
  const fragment = ydoc.getXmlFragment(fragmentName)
  const { plugins } = bindFragment({ fragment, schema, startsFromDoc: false })
  return [...plugins, ...(awareness === undefined ? [] : [publishCursor(awareness), carets(awareness)])]
}

export { redo, undo, type Rescue } from './binding/binding.ts'
export { createEditor } from './editor.ts'
export type { ContentFormat } from './content.ts'
export type { ContentOptions, Editor, EditorEvents, EditorOptions, User } from './options.ts'
export type { EditorCommands, TableOptions } from './editor-commands.ts'
export type { EditorExtension, ExtensionContext, ExtensionItem } from './extensions.ts'
export type { FindMentions, Mentionable } from './ui/mention-source.ts'
export {
  schema,
  schemaOf,
  type Alignment,
  type CalloutKind,
  type CoscribeSchema,
  type ImageAttrs,
  type PaletteColor,
} from './schema/index.ts'
export type { ConnectOptions, Sync } from './sync/connect.ts'
export type { Status } from './sync/status.ts'
export { UploadError, type Upload, type UploadedFile, type UploadOptions } from './sync/upload.ts'
export { countDocument, type Count } from './reading/count.ts'
export type { Heading } from './reading/outline.ts'
export { showAvatars } from './ui/avatars.ts'
export { openFind, openReplace } from './ui/finding.ts'
export { toggleFocusMode } from './ui/focus-mode.ts'
export { visit } from './ui/following.ts'
export { isOutlineOpen, toggleOutline } from './ui/outlining.ts'
export { listPeople, type Person } from './ui/presence.ts'
export * as blocks from './commands/blocks.ts'
export * as marks from './commands/marks.ts'
