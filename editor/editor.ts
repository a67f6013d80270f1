import { EditorState, Selection, type Command, type Plugin, type Transaction } from 'prosemirror-state'
import { EditorView } from 'prosemirror-view'
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { fragmentName } from '../server/protocol/document.ts'
import { bindFragment, isFromYjs, undoneApart } from './binding/binding.ts'
import { toPlainText } from './html/plain-text.ts'
import { createSerializer } from './html/serializer.ts'
import { editorCommands } from './editor-commands.ts'
import { extendSchema } from './extensions.ts'
import type { CoscribeSchema } from './schema/index.ts'
import { outlineOf, titleOf, type Heading } from './reading/outline.ts'
import { connect as connectToServer, type ConnectOptions, type Sync } from './sync/connect.ts'
import type { Status } from './sync/status.ts'
import { filesOf, type DocumentFiles } from './sync/upload.ts'
import { pickColor } from './ui/color.ts'
import type { ContentOptions, Editor, EditorEvents, EditorOptions, User } from './options.ts'
import { editingPlugins } from './editing-plugins.ts'
import { pendingUploads } from './plugins/uploads.ts'
import { editLink } from './plugins/link-editing.ts'
import { followedIn } from './ui/following.ts'
import { createFrame, findTarget, stuck, type Frame } from './ui/frame.ts'
import { KnownNames } from './ui/known-names.ts'
import { listPeople, type Person } from './ui/presence.ts'
import { Steady } from './ui/steady.ts'
import { text } from './ui/text.ts'
import { createToolbar, type Toolbar } from './ui/toolbar.ts'

type Listener<Name extends keyof EditorEvents> = (event: EditorEvents[Name]) => void
type Listeners = { readonly [Name in keyof EditorEvents]: Set<Listener<Name>> }

/**
 * Makes an editor inside an element; throws when there is none, or neither `server` and `document` nor `ydoc`. In an open
 * shadow root stand its controls, which need the style sheet there, too, and the text in the host.
 */
export function createEditor(target: string | HTMLElement | ShadowRoot, options: EditorOptions = {}): Editor {
  return new PageEditor(findTarget(target), options)
}

class PageEditor implements Editor {
  readonly ydoc: Y.Doc
  readonly awareness: Awareness
  readonly ready: Promise<void>
  readonly commands = editorCommands((command) => this.#isEditable() && this.run(command))
  readonly #options: EditorOptions
  readonly #schema: CoscribeSchema
  readonly #frame: Frame
  readonly #sync: Sync | null
  readonly #files: DocumentFiles
  readonly #listeners: Listeners = {
    status: new Set(),
    change: new Set(),
    people: new Set(),
    follow: new Set(),
    rescue: new Set(),
    rescued: new Set(),
  }
  readonly #cleanups: (() => void)[] = []
  #view: EditorView | null = null
  #toolbar: Toolbar | null = null
  #isFocusWanted: boolean
  #mayEdit: boolean
  #hasSetUser = false
  #isDestroyed = false

  constructor(target: HTMLElement | ShadowRoot, options: EditorOptions) {
    this.#options = options
    this.#schema = extendSchema(options.extensions ?? [])
    this.#isFocusWanted = options.autofocus === true
    this.#mayEdit = options.editable !== false
    this.ydoc = options.ydoc ?? new Y.Doc()
    this.awareness = options.awareness ?? new Awareness(this.ydoc)
    this.#sync = this.#connect()
    this.#files = filesOf(options)
    this.#cleanups.push(() => this.#files.pictures.destroy())
    this.#frame = createFrame(target)
    this.#cleanups.push(() => this.#frame.remove())
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
    return this.#view === null ? '' : titleOf(this.#view.state.doc)
  }

  get people(): readonly Person[] {
    return listPeople(this.awareness.getStates(), this.awareness.clientID)
  }

  get followed(): Person | null {
    const key = this.#view === null ? null : followedIn(this.#view.state)
    return this.people.find((person) => person.key === key) ?? null
  }

  outline(): readonly Heading[] {
    return this.#view === null ? [] : outlineOf(this.#view.state.doc)
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

  getText(): string {
    return this.#view === null ? '' : toPlainText(this.#view.state.doc.slice(0))
  }

  getHTML(): string {
    if (this.#view === null) return ''
    const holder = this.#frame.root.ownerDocument.implementation.createHTMLDocument().body
    holder.append(createSerializer(this.#schema).serializeFragment(this.#view.state.doc.content))
    return holder.innerHTML
  }

  getJSON(): unknown {
    return (this.#view?.state.doc ?? this.#schema.nodes.doc.create()).toJSON()
  }

  async getMarkdown(): Promise<string> {
    const doc = this.#view?.state.doc
    return doc === undefined ? '' : (await import('./content.ts')).writeMarkdown(doc)
  }

  async setContent(content: unknown, { format }: ContentOptions): Promise<void> {
    const { readContent, replaceContent } = await import('./content.ts')
    const doc = await readContent(this.#schema, content, format)
    this.#change((state) => replaceContent(state, doc))
  }

  async insertContent(content: unknown, { format }: ContentOptions): Promise<void> {
    const { readContent, insertContent } = await import('./content.ts')
    const doc = await readContent(this.#schema, content, format)
    this.#change((state) => insertContent(state, doc))
  }

  #change(make: (state: EditorState) => Transaction): void {
    if (this.#view === null) throw new Error('The document is not here')
    if (!this.#isEditable()) throw new Error('The document can only be read here')
    const tr = make(this.#view.state)
    if (tr.docChanged) this.#view.dispatch(undoneApart(tr))
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
    this.#showEditable()
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
      this.#frame.root.dataset['status'] = status.state
      this.#showEditable()
    }
    show(this.#sync.status)
    const stop = this.#sync.onStatus((status) => {
      show(status)
      this.#emit('status', status)
    })
    this.#cleanups.push(stop)
  }

  /** Everything is drawn anew for it, so only where it has changed: every key press changes the status. */
  #showEditable(): void {
    if (this.#view?.editable === this.#isEditable()) return
    this.#view?.setProps({ editable: this.#isEditable })
    this.#toolbar?.update()
  }

  readonly #isEditable = (): boolean => {
    const { state } = this.status
    return this.#mayEdit && state !== 'read-only' && state !== 'closed'
  }

  #mount(): void {
    if (this.#isDestroyed) return
    const fragment = this.ydoc.getXmlFragment(fragmentName)
    const isPresent = (client: number): boolean => this.awareness.getStates().has(client)
    const names = new KnownNames(this.awareness)
    this.#cleanups.push(() => names.destroy())
    const { doc, plugins } = bindFragment({
      fragment,
      schema: this.#schema,
      startsFromDoc: true,
      mayRepair: this.#isEditable,
      // Another page of this browser may still be open; it looks after its text itself.
      isMine: (client) => this.#sync?.earlierClients.has(client) === true && !isPresent(client),
      isPresent,
      offering: {
        offer: (rescue) => this.#emit('rescue', rescue),
        withdraw: (rescue) => this.#emit('rescued', rescue),
        nameOf: (client) => names.of(client),
      },
    })
    this.#frame.skeleton.remove()
    const view = new EditorView(this.#frame.place, {
      state: EditorState.create({ doc, plugins: [...plugins, ...this.#ownPlugins(), ...this.#plugins()] }),
      editable: this.#isEditable,
      scrollThreshold: stuck,
      scrollMargin: stuck,
      attributes: () => ({
        class: 'coscribe-content',
        role: 'textbox',
        'aria-multiline': 'true',
        'aria-label': text.editor,
        'aria-readonly': String(!this.#isEditable()),
      }),
      dispatchTransaction: (tr) => {
        if (isFromYjs(tr)) steady.hold()
        else steady.release()
        view.updateState(view.state.apply(tr))
        this.#toolbar?.update()
        if (tr.docChanged) this.#emit('change', { isLocal: !isFromYjs(tr) })
      },
    })
    const steady = new Steady(view)
    this.#view = view
    this.#cleanups.push(() => view.destroy())
    this.#frame.root.removeAttribute('aria-busy')
    if (this.#options.toolbar !== false) this.#addToolbar(view)
    if (this.#isFocusWanted) this.#focusStart(view)
  }

  #focusStart(view: EditorView): void {
    view.dispatch(view.state.tr.setSelection(Selection.atStart(view.state.doc)))
    view.focus()
  }

  #addToolbar(view: EditorView): void {
    const toolbar = createToolbar({ view, editLink })
    this.#frame.root.prepend(toolbar.dom)
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
      schema: this.#schema,
      awareness: this.awareness,
      placeholder: this.#options.placeholder ?? text.placeholderText,
      focusToolbar,
      ...this.#files,
      mentions: this.#options.mentions,
      insertItems: this.#options.extensions?.flatMap(({ insertItems }) => insertItems ?? []),
      onFollow: () => this.#emit('follow', this.followed),
    })
  }
}

function offlineOf({ offline, user }: EditorOptions): Pick<ConnectOptions, 'offline'> {
  if (offline === undefined || offline === false) return {}
  return { offline: offline === true ? { key: user?.id ?? '' } : offline }
}
