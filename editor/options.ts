import type { Command } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import type { Awareness } from 'y-protocols/awareness'
import type * as Y from 'yjs'
import type { Rescue } from './binding/binding.ts'
import type { ContentFormat } from './content.ts'
import type { EditorCommands } from './editor-commands.ts'
import type { EditorExtension } from './extensions.ts'
import type { Heading } from './reading/outline.ts'
import type { ConnectOptions, Sync } from './sync/connect.ts'
import type { Status } from './sync/status.ts'
import type { Upload } from './sync/upload.ts'
import type { FindMentions } from './ui/mention-source.ts'
import type { Person } from './ui/presence.ts'

/** Who the others see here. */
export interface User {
  /** Tells a person in two tabs from two people. */
  readonly id?: string
  readonly name: string
  /** `#rrggbb`; default: one picked by id or client. */
  readonly color?: string
}

export interface EditorOptions {
  /** The server to sync with; without one the editor edits `ydoc` and leaves syncing to you. */
  readonly server?: string
  /** The document's name on the server. */
  readonly document?: string
  readonly ydoc?: Y.Doc
  readonly awareness?: Awareness
  readonly token?: string | (() => string | Promise<string>)
  readonly user?: User
  /** Default true. */
  readonly toolbar?: boolean
  /** What an empty document shows; default "Start writing…". */
  readonly placeholder?: string
  /** Default true; a server that grants reading only overrides it. */
  readonly editable?: boolean
  /** Focuses the text once it is there; default false. */
  readonly autofocus?: boolean
  /**
   * Keeps a copy of the document in this browser, so that it can be opened and edited while the server is away; default
   * false. Whoever uses this browser can read it. `key` tells people apart who share one; `true` takes `user.id`.
   */
  readonly offline?: boolean | { readonly key: string }
  /** Nodes, marks and plugins of your own. */
  readonly extensions?: readonly EditorExtension[]
  /** Who can be mentioned with `@`, for what was typed after it; default: the people present. */
  readonly mentions?: FindMentions
  /** Default: our own client, `connect` of `editor/sync`. */
  readonly connect?: (options: ConnectOptions) => Sync
  /** Takes the files people add; default: the server's. Without either, none are. Shows `UploadError`s. */
  readonly upload?: Upload
}

/** How content is written that comes from outside. */
export interface ContentOptions {
  readonly format: ContentFormat
}

/** What an editor tells about. */
export interface EditorEvents {
  status: Status
  /** The text changed; `isLocal` when it was changed here. */
  change: { readonly isLocal: boolean }
  people: readonly Person[]
  /** The page goes along with this person's caret from now on; null: with nobody's. */
  follow: Person | null
  /** Somebody's change removed text that nobody puts back by themselves; `restore` does. */
  rescue: Rescue
  /** The text of a rescue is back: there is nothing to offer any more. */
  rescued: Rescue
}

type Listener<Name extends keyof EditorEvents> = (event: EditorEvents[Name]) => void

/** An editor on a page. */
export interface Editor {
  /** Null until the document is here. */
  readonly view: EditorView | null
  readonly ydoc: Y.Doc
  readonly awareness: Awareness
  /** Without a server, `offline` and not kept: whoever syncs `ydoc` knows better. */
  readonly status: Status
  /** Something written here is not known to be on the server or this device, or a file is on its way. */
  readonly hasUnsaved: boolean
  /** Something was written here that the server is not known to hold, whether or not this browser does. */
  readonly isLastPlace: boolean
  /** The text of the document's title, or its first text when it has none; empty when there is neither. */
  readonly title: string
  readonly people: readonly Person[]
  /** Whose caret the page goes along with. */
  readonly followed: Person | null
  /** Resolves when the document can be read and edited; never when the editor is destroyed before. */
  readonly ready: Promise<void>
  /** The titles and headings as they are now; empty before the document is here. */
  outline(): readonly Heading[]
  /** Calls back from the next event on; returns what stops it. */
  on<Name extends keyof EditorEvents>(event: Name, listener: Listener<Name>): () => void
  /** What people do by keys and buttons, by name. */
  readonly commands: EditorCommands
  /** Runs a ProseMirror command; false when it doesn't apply here and now. */
  run(command: Command): boolean
  focus(): void
  /** The whole document as plain text; empty before it is here. */
  getText(): string
  /** The whole document as HTML that other programs understand; empty before it is here. */
  getHTML(): string
  /** The whole document as ProseMirror's JSON; without content before it is here. */
  getJSON(): unknown
  /** The whole document as Markdown, as it is when asked; empty before it is here. */
  getMarkdown(): Promise<string>
  /**
   * Makes the document equal to this one, as one change that can be undone and leaves alone what is the same in both: a
   * string, or for JSON what `getJSON` gives. Rejects for what is not of the format, before the document is here, and
   * where it can only be read.
   */
  setContent(content: unknown, options: ContentOptions): Promise<void>
  /** Puts blocks behind the one with the caret, or in place of an empty line; otherwise as `setContent`. */
  insertContent(content: unknown, options: ContentOptions): Promise<void>
  /**
   * Forgets this browser's copy, with everything in it that the server does not have. From then on nothing is kept;
   * open the document again to have the server's version. Rejects when the browser refuses.
   */
  discard(): Promise<void>
  setUser(user: User): void
  /** Lets people write here, or keeps them from it; a server that grants reading only has the last word. */
  setEditable(editable: boolean): void
  /** Leaves nothing behind: no element, listener, timer, presence or connection of its own. */
  destroy(): void
}
