import type { EditorState } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import type { Awareness } from 'y-protocols/awareness'
import type { ExtensionItem } from '../extensions.ts'
import type { FindMentions } from './mention-source.ts'

/** What opens beside the text, once it is loaded. */
export interface Menus {
  update(view: EditorView, before: EditorState): void
  /** Takes a key before the text does; false when it means nothing here. */
  press(event: KeyboardEvent): boolean
  drop(event: DragEvent): boolean
  openBlockMenu(): boolean
  destroy(): void
}

export interface MenuContext {
  readonly awareness: Awareness
  /** Who can be mentioned; default: the people present. */
  readonly mentions?: FindMentions | undefined
  /** Offered in the slash menu after the editor's own. */
  readonly insertItems?: readonly ExtensionItem[] | undefined
}
