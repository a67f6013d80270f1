import type { Command } from 'prosemirror-state'
import type { Awareness } from 'y-protocols/awareness'
import type { ExtensionItem } from './extensions.ts'
import type { CoscribeSchema } from './schema/index.ts'
import type { Pictures, Upload } from './sync/upload.ts'
import type { FindMentions } from './ui/mention-source.ts'

/** What the plugins of one editor need of it. */
export interface EditingContext {
  /** Of the editor they are for. */
  readonly schema: CoscribeSchema
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
