import { createEditor } from './editor.ts'
import type { Editor, EditorOptions, User } from './options.ts'

/*
 * `<coscribe-editor server document user-name>`: the editor as one tag.
 *
 * 1. It connects once it is on a page and has a document; a move to another place of the page changes nothing.
 * 2. Changing `server` or `document` opens that document; changing the rest doesn't interrupt writing.
 * 3. A token is a property only: attributes end up in saved pages.
 * 4. The controls stand in its shadow root, where the page's styles reach them by `::part` and custom properties only.
 *    The text stands in the element itself: the page's styles, scripts and translations find it as they find any other.
 */

const script = import.meta.url
const serverOfScript = new URL('.', script).href
const sheet = new URL('editor.css', script).href

/** Everything that decides which document is open and how; a change of it opens anew. */
const opening = ['server', 'document', 'offline', 'toolbar', 'placeholder']

/** The options an element can have beyond its attributes. */
export type ElementOptions = Pick<EditorOptions, 'extensions' | 'mentions'>

/** An editor as an HTML element. Events: `coscribe-status` and `coscribe-change`, whose `detail` is the editor's own. */
export class CoscribeEditorElement extends HTMLElement {
  static readonly observedAttributes = [...opening, 'user-name', 'user-id', 'user-color', 'readonly']
  readonly #shadow = this.attachShadow({ mode: 'open' })
  #editor: Editor | null = null
  #options: ElementOptions = {}
  #token: EditorOptions['token']
  #isOpening = false

  constructor() {
    super()
    void addStyles(this.#shadow)
  }

  /** The editor inside; null until the element is on a page and knows its document. */
  get editor(): Editor | null {
    return this.#editor
  }

  /** What attributes can't say; set before the element is put on a page, or the document is opened anew. */
  get options(): ElementOptions {
    return this.#options
  }

  set options(options: ElementOptions) {
    this.#options = options
    this.#openSoon()
  }

  /** What proves to the server who this is. */
  get token(): EditorOptions['token'] {
    return this.#token
  }

  set token(token: EditorOptions['token']) {
    this.#token = token
    this.#openSoon()
  }

  connectedCallback(): void {
    if (this.#editor === null) this.#openSoon()
  }

  disconnectedCallback(): void {
    // Whoever moves an element takes it out and puts it back in one go.
    queueMicrotask(() => {
      if (!this.isConnected) this.#close()
    })
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after) return
    if (opening.includes(name)) this.#openSoon()
    else if (name === 'readonly') this.#editor?.setEditable(after === null)
    else {
      const user = this.#user
      if (user !== undefined) this.#editor?.setUser(user)
    }
  }

  get #user(): User | undefined {
    const [name, id, color] = ['user-name', 'user-id', 'user-color'].map((key) => this.getAttribute(key))
    if (name == null) return undefined
    return { name, ...(id == null ? {} : { id }), ...(color == null ? {} : { color }) }
  }

  /** Several attributes set one after the other open one document. */
  #openSoon(): void {
    if (this.#isOpening) return
    this.#isOpening = true
    queueMicrotask(() => {
      this.#isOpening = false
      if (!this.isConnected) return
      this.#close()
      this.#open()
    })
  }

  #open(): void {
    const document = this.getAttribute('document')
    if (document === null || document === '') return
    const user = this.#user
    const placeholder = this.getAttribute('placeholder')
    const editor = createEditor(this.#shadow, {
      ...this.#options,
      server: this.getAttribute('server') ?? serverOfScript,
      document,
      editable: !this.hasAttribute('readonly'),
      autofocus: this.hasAttribute('autofocus'),
      toolbar: this.getAttribute('toolbar') !== 'none',
      offline: this.hasAttribute('offline'),
      ...(placeholder === null ? {} : { placeholder }),
      ...(user === undefined ? {} : { user }),
      ...(this.#token === undefined ? {} : { token: this.#token }),
    })
    this.#editor = editor
    const tell = (name: string, detail: unknown) =>
      this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }))
    editor.on('status', (status) => tell('coscribe-status', status))
    editor.on('change', (change) => tell('coscribe-change', change))
  }

  #close(): void {
    this.#editor?.destroy()
    this.#editor = null
  }
}

/** Gives a page the style sheet of the text, which stands in it. */
export function styleText(page: Document): void {
  if ([...page.styleSheets].some(({ href }) => href === sheet)) return
  page.head.append(linkTo(sheet))
}

/** A link would be read anew, and draw nothing meanwhile, whenever the element is moved: only where it must be one. */
async function addStyles(shadow: ShadowRoot): Promise<void> {
  try {
    shadow.adoptedStyleSheets.push(await (rules ??= readRules()))
  } catch {
    rules = null
    shadow.prepend(linkTo(sheet))
  }
}

/** Of the controls of all elements on a page. */
let rules: Promise<CSSStyleSheet> | null = null

async function readRules(): Promise<CSSStyleSheet> {
  const response = await fetch(sheet)
  if (!response.ok) throw new Error(`The style sheet can't be read: ${response.status}`)
  return new CSSStyleSheet().replace(await response.text())
}

function linkTo(href: string): HTMLLinkElement {
  const link = document.createElement('link')
  link.rel = 'stylesheet'
  link.href = href
  return link
}

/** Makes `<coscribe-editor>` known to the page; does nothing where it is already. */
export function defineElement(name = 'coscribe-editor'): void {
  if (customElements.get(name) === undefined) customElements.define(name, CoscribeEditorElement)
}
