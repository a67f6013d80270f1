import type { Node } from 'prosemirror-model'
import { EditorState, Selection, type Command, type Plugin } from 'prosemirror-state'
import { EditorView } from 'prosemirror-view'
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { fragmentName, titleStyle } from '../server/protocol/document.ts'
import { bindFragment, isFromYjs, type Rescue } from './binding/binding.ts'
import { toPlainText } from './html/plain-text.ts'
import { createSerializer } from './html/serializer.ts'
import { extendSchema, type EditorExtension } from './extensions.ts'
import type { CoscribeSchema } from './schema/index.ts'
import { connect as connectToServer, type ConnectOptions, type Sync } from './sync/connect.ts'
import type { Status } from './sync/status.ts'
import { filesOf, type DocumentFiles, type Upload } from './sync/upload.ts'
import { pickColor } from './ui/color.ts'
import { editingPlugins } from './editing-plugins.ts'
import { pendingUploads } from './plugins/uploads.ts'
import { editLink } from './plugins/link-editing.ts'
import type { FindMentions } from './ui/mention-source.ts'
import { listPeople, type Person } from './ui/presence.ts'
import { text } from './ui/text.ts'
import { createToolbar, type Toolbar } from './ui/toolbar.ts'

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

/** What an editor tells about. */
export interface EditorEvents {
  status: Status
  /** The text changed; `isLocal` when it was changed here. */
  change: { readonly isLocal: boolean }
  people: readonly Person[]
  /** Somebody's change removed text that nobody puts back by themselves; `restore` does. */
  rescue: Rescue
}

type Listener<Name extends keyof EditorEvents> = (event: EditorEvents[Name]) => void
type Listeners = { readonly [Name in keyof EditorEvents]: Set<Listener<Name>> }

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
  /** Resolves when the document can be read and edited; never when the editor is destroyed before. */
  readonly ready: Promise<void>
  /** Calls back from the next event on; returns what stops it. */
  on<Name extends keyof EditorEvents>(event: Name, listener: Listener<Name>): () => void
  /** Runs a ProseMirror command; false when it doesn't apply here and now. */
  run(command: Command): boolean
  focus(): void
  /** The whole document as plain text; empty before it is here. */
  toText(): string
  /** The whole document as HTML that other programs understand; empty before it is here. */
  toHtml(): string
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

/** Makes an editor inside an element; throws when there is none, or neither `server` and `document` nor `ydoc`. */
export function createEditor(target: string | HTMLElement, options: EditorOptions = {}): Editor {
  return new PageEditor(findTarget(target), options)
}

function findTarget(target: string | HTMLElement): HTMLElement {
  if (typeof target !== 'string') return target
  const element = document.querySelector<HTMLElement>(target)
  if (element === null) throw new RangeError(`No element matches ${target}`)
  return element
}

class PageEditor implements Editor {
  readonly ydoc: Y.Doc
  readonly awareness: Awareness
  readonly ready: Promise<void>
  readonly #options: EditorOptions
  readonly #schema: CoscribeSchema
  readonly #root: HTMLElement
  readonly #page: HTMLElement
  readonly #sync: Sync | null
  readonly #files: DocumentFiles
  readonly #listeners: Listeners = {
    status: new Set(),
    change: new Set(),
    people: new Set(),
    rescue: new Set(),
  }
  readonly #cleanups: (() => void)[] = []
  #view: EditorView | null = null
  #toolbar: Toolbar | null = null
  #isFocusWanted: boolean
  #mayEdit: boolean
  #hasSetUser = false
  #isDestroyed = false

  constructor(target: HTMLElement, options: EditorOptions) {
    this.#options = options
    this.#schema = extendSchema(options.extensions ?? [])
    this.#isFocusWanted = options.autofocus === true
    this.#mayEdit = options.editable !== false
    this.ydoc = options.ydoc ?? new Y.Doc()
    this.awareness = options.awareness ?? new Awareness(this.ydoc)
    this.#sync = this.#connect()
    this.#files = filesOf(options)
    this.#cleanups.push(() => this.#files.pictures.destroy())
    ;[this.#root, this.#page] = createFrame(target)
    this.#cleanups.push(() => this.#root.remove())
    if (options.user !== undefined) this.setUser(options.user)
    this.#cleanups.push(() => this.#forgetUser())
    this.#listen()
    if (this.#sync === null) this.#mount()
    this.ready = this.#sync === null ? Promise.resolve() : this.#sync.ready.then(() => this.#mount())
  }

  get view(): EditorView | null {
    return this.#view
  }

  get status(): Status {
    return this.#sync?.status ?? { state: 'offline', kept: false }
  }

  get hasUnsaved(): boolean {
    return pendingUploads(this.#view?.state).length > 0 || (this.#sync?.hasUnsaved ?? false)
  }

  get isLastPlace(): boolean {
    return this.#sync?.isLastPlace ?? false
  }

  get title(): string {
    return this.#view === null ? '' : findTitle(this.#view.state.doc)
  }

  get people(): readonly Person[] {
    return listPeople(this.awareness.getStates(), this.awareness.clientID)
  }

  on<Name extends keyof EditorEvents>(event: Name, listener: Listener<Name>): () => void {
    const listeners: Set<Listener<Name>> = this.#listeners[event]
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  run(command: Command): boolean {
    return this.#view !== null && command(this.#view.state, this.#view.dispatch, this.#view)
  }

  focus(): void {
    this.#isFocusWanted = true
    this.#view?.focus()
  }

  toText(): string {
    return this.#view === null ? '' : toPlainText(this.#view.state.doc.slice(0))
  }

  toHtml(): string {
    if (this.#view === null) return ''
    const holder = this.#root.ownerDocument.implementation.createHTMLDocument().body
    holder.append(createSerializer(this.#schema).serializeFragment(this.#view.state.doc.content))
    return holder.innerHTML
  }

  async discard(): Promise<void> {
    await this.#sync?.discard()
  }

  setUser({ id, name, color }: User): void {
    this.#hasSetUser = true
    const shown = color ?? pickColor(id ?? this.ydoc.clientID)
    this.awareness.setLocalStateField('user', { ...(id === undefined ? {} : { id }), name, color: shown })
  }

  setEditable(editable: boolean): void {
    this.#mayEdit = editable
    this.#view?.setProps({ editable: this.#isEditable })
    this.#toolbar?.update()
  }

  destroy(): void {
    if (this.#isDestroyed) return
    this.#isDestroyed = true
    for (const cleanup of this.#cleanups.splice(0).reverse()) cleanup()
    for (const listeners of Object.values(this.#listeners)) listeners.clear()
    this.#view = null
  }

  #forgetUser(): void {
    if (this.#hasSetUser) this.awareness.setLocalStateField('user', null)
  }

  #connect(): Sync | null {
    const { server, document: name, ydoc, connect = connectToServer, token } = this.#options
    if (this.#options.awareness === undefined) this.#cleanups.push(() => this.awareness.destroy())
    if (ydoc === undefined) this.#cleanups.push(() => this.ydoc.destroy())
    if (server === undefined) {
      if (ydoc === undefined) throw new TypeError('An editor needs a server and a document, or a ydoc')
      return null
    }
    if (name === undefined) throw new TypeError('An editor with a server needs the name of a document')
    const sync = connect({
      server,
      document: name,
      doc: this.ydoc,
      awareness: this.awareness,
      ...(token === undefined ? {} : { token }),
      ...offlineOf(this.#options),
    })
    this.#cleanups.push(() => sync.destroy())
    return sync
  }

  #emit<Name extends keyof EditorEvents>(name: Name, event: EditorEvents[Name]): void {
    const listeners: Set<Listener<Name>> = this.#listeners[name]
    for (const listener of [...listeners]) listener(event)
  }

  #listen(): void {
    const tellPeople = (): void => this.#emit('people', this.people)
    this.awareness.on('change', tellPeople)
    this.#cleanups.push(() => this.awareness.off('change', tellPeople))
    if (this.#sync === null) return
    const show = (status: Status): void => {
      this.#root.dataset['status'] = status.state
      this.#view?.setProps({ editable: this.#isEditable })
      this.#toolbar?.update()
    }
    show(this.#sync.status)
    const stop = this.#sync.onStatus((status) => {
      show(status)
      this.#emit('status', status)
    })
    this.#cleanups.push(stop)
  }

  readonly #isEditable = (): boolean => {
    const { state } = this.status
    return this.#mayEdit && state !== 'read-only' && state !== 'closed'
  }

  #mount(): void {
    if (this.#isDestroyed) return
    const fragment = this.ydoc.getXmlFragment(fragmentName)
    const isPresent = (client: number): boolean => this.awareness.getStates().has(client)
    const { doc, plugins } = bindFragment({
      fragment,
      schema: this.#schema,
      startsFromDoc: true,
      mayRepair: this.#isEditable,
      // Another page of this browser may still be open; it looks after its text itself.
      isMine: (client) => this.#sync?.earlierClients.has(client) === true && !isPresent(client),
      isPresent,
      onRescue: (rescue) => this.#emit('rescue', rescue),
    })
    this.#page.replaceChildren()
    const view = new EditorView(this.#page, {
      state: EditorState.create({ doc, plugins: [...plugins, ...this.#ownPlugins(), ...this.#plugins()] }),
      editable: this.#isEditable,
      attributes: () => ({
        class: 'coscribe-content',
        role: 'textbox',
        'aria-multiline': 'true',
        'aria-label': text.editor,
        'aria-readonly': String(!this.#isEditable()),
      }),
      dispatchTransaction: (tr) => {
        view.updateState(view.state.apply(tr))
        this.#toolbar?.update()
        if (tr.docChanged) this.#emit('change', { isLocal: !isFromYjs(tr) })
      },
    })
    this.#view = view
    this.#cleanups.push(() => view.destroy())
    this.#root.removeAttribute('aria-busy')
    if (this.#options.toolbar !== false) this.#addToolbar(view)
    if (this.#isFocusWanted) this.#focusStart(view)
  }

  #focusStart(view: EditorView): void {
    view.dispatch(view.state.tr.setSelection(Selection.atStart(view.state.doc)))
    view.focus()
  }

  #addToolbar(view: EditorView): void {
    const toolbar = createToolbar({ view, editLink })
    this.#root.prepend(toolbar.dom)
    this.#toolbar = toolbar
    this.#cleanups.push(() => toolbar.destroy())
  }

  /** Those of the host come first, so that its keys do. */
  #ownPlugins(): Plugin[] {
    const { ydoc, awareness } = this
    return (this.#options.extensions ?? []).flatMap(
      ({ plugins }) => plugins?.({ schema: this.#schema, ydoc, awareness }) ?? [],
    )
  }

  #plugins(): Plugin[] {
    const focusToolbar: Command = () => {
      this.#toolbar?.focus()
      return this.#toolbar !== null
    }
    return editingPlugins({
      awareness: this.awareness,
      placeholder: this.#options.placeholder ?? text.placeholderText,
      focusToolbar,
      ...this.#files,
      mentions: this.#options.mentions,
      insertItems: this.#options.extensions?.flatMap(({ insertItems }) => insertItems ?? []),
    })
  }
}

function offlineOf({ offline, user }: EditorOptions): Pick<ConnectOptions, 'offline'> {
  if (offline === undefined || offline === false) return {}
  return { offline: offline === true ? { key: user?.id ?? '' } : offline }
}

/** The same rule as in the server's list of documents. */
function findTitle(doc: Node): string {
  const title = doc.children.find((block) => block.attrs['style'] === titleStyle)
  const block = title ?? doc.children.find(({ textContent }) => textContent.trim() !== '')
  return block?.textContent.trim() ?? ''
}

/** The editor's own elements; until the document is here, lines stand where its text will be. */
function createFrame(target: HTMLElement): [root: HTMLElement, page: HTMLElement] {
  const create = (className: string): HTMLElement => {
    const element = target.ownerDocument.createElement('div')
    element.className = className
    return element
  }
  const root = create('coscribe')
  const page = create('coscribe-page')
  const skeleton = create('coscribe-skeleton')
  skeleton.setAttribute('role', 'status')
  skeleton.setAttribute('aria-label', text.loading)
  skeleton.append(...Array.from({ length: 6 }, () => create('coscribe-skeleton-line')))
  root.setAttribute('aria-busy', 'true')
  page.append(skeleton)
  root.append(page)
  target.append(root)
  return [root, page]
}
