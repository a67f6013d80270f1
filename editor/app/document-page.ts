import { html, LitElement } from 'lit'
import { createRef, ref } from 'lit/directives/ref.js'
import { createEditor, type Editor, type Rescue, showAvatars, type Status } from '../index.ts'
import type { EarlyTyping } from './early-typing.ts'
import { colors, type Identity, readIdentity, writeIdentity } from './identity.ts'
import { type Action, noticeFor, noticeOfRescue } from './notice.ts'
import './notice-bar.ts'
import { icons } from './icons.ts'
import { readingButtons } from './reading-buttons.ts'
import { SpokenStatus } from './spoken-status.ts'
import { describeStatus } from './status-text.ts'
import { text } from './text.ts'

declare const __SERVER__: string

/**
 * Nobody signs in as somebody here: a browser is a person. The made-up id of the identity would be a bad key, since
 * what localStorage was told in the last seconds is gone when the browser is killed, and the copy with it.
 */
const copyKey = 'this browser'

/** One document: the editor, and above it what a person wants to know and do around it. */
export class DocumentPage extends LitElement {
  static override properties = {
    name: { attribute: false },
    linkPart: { attribute: false },
    status: { state: true },
    isHere: { state: true },
    documentTitle: { state: true },
    identity: { state: true },
    copied: { state: true },
    rescues: { state: true },
    spoken: { state: true },
  }
  declare name: string
  declare linkPart: string
  /** What was typed before the editor was there. */
  early: EarlyTyping | null = null
  declare status: Status
  /** The document has been opened, from the server or from this device. */
  declare isHere: boolean
  declare documentTitle: string
  declare identity: Identity
  declare copied: string
  /** Text that was removed and is offered back, the oldest first. */
  declare rescues: readonly Rescue[]
  /** What of the status is told to people who don't see it. */
  declare spoken: string
  readonly #speaker = new SpokenStatus((words) => (this.spoken = words))
  #editor: Editor | null = null
  readonly #people = createRef<HTMLElement>()
  #hideAvatars = () => {}

  constructor() {
    super()
    this.name = ''
    this.linkPart = ''
    this.status = { state: 'connecting' }
    this.isHere = false
    this.documentTitle = ''
    this.identity = readIdentity()
    this.copied = ''
    this.rescues = []
    this.spoken = ''
  }

  protected override createRenderRoot(): HTMLElement {
    return this
  }

  override connectedCallback(): void {
    super.connectedCallback()
    addEventListener('beforeunload', this.#askBeforeLeaving)
  }

  override disconnectedCallback(): void {
    removeEventListener('beforeunload', this.#askBeforeLeaving)
    this.#speaker.stop()
    this.#hideAvatars()
    this.#editor?.destroy()
    this.#editor = null
    super.disconnectedCallback()
  }

  protected override render() {
    return html`
      <div class="document-page">
        <header class="document-header">
          <a class="icon-button back" href="/" aria-label=${text.document.back} title=${text.document.back}
            >${icons.back}</a
          >
          <span class="header-title" dir="auto"
            >${this.isHere ? this.documentTitle || text.untitled : ''}</span
          >
          ${this.#renderStatus()}
          <span class="header-space"></span>
          ${readingButtons(() => this.#editor)}
          <span class="people" ${ref(this.#people)}></span>
          ${this.#renderYou()}
          <button class="button" aria-label=${this.copied || text.document.copyLink} @click=${this.#copyLink}>
            ${icons.link}<span class="label">${this.copied || text.document.copyLink}</span>
          </button>
          <button
            class="icon-button more"
            aria-label=${text.document.more}
            title=${text.document.more}
            aria-haspopup="menu"
            aria-expanded="false"
            @click=${this.#openMenu}
          >
            ${icons.dots}
          </button>
        </header>
        ${this.#renderNotice()}
        <div class="document-editor" ${ref(this.#mountEditor)}></div>
      </div>
    `
  }

  #renderStatus() {
    const { words, tone, icon } = describeStatus(this.status, this.isHere)
    return html`<span class="status" data-tone=${tone} data-state=${this.status.state} title=${words}>
        ${icon}<span>${words}</span>
      </span>
      <span class="coscribe-unseen" role="status">${this.spoken}</span>`
  }

  #renderNotice() {
    const { hasUnsaved = false, isLastPlace = false } = this.#editor ?? {}
    const trouble = noticeFor(this.status, { isHere: this.isHere, hasUnsaved, isLastPlace })
    const [rescue] = this.rescues
    const notice = trouble ?? (rescue === undefined ? null : noticeOfRescue(rescue))
    const answer = (event: CustomEvent<Action>) => {
      if (event.detail === 'restore') rescue?.restore()
      this.rescues = this.rescues.filter((each) => each !== rescue)
    }
    return html`<notice-bar .notice=${notice} .editor=${this.#editor} @answer=${answer}></notice-bar>`
  }

  #renderYou() {
    const setName = (event: Event) => {
      if (!(event.target instanceof HTMLInputElement)) return
      this.#become({ ...this.identity, name: event.target.value.trim() || readIdentity().name })
    }
    return html`
      <button
        class="button you"
        popovertarget="you-panel"
        title=${this.identity.name}
        aria-label=${this.identity.name}
        ${tinted(this.identity.color)}
      >
        <span class="you-name">${this.identity.name}</span>
      </button>
      <div class="you-panel" id="you-panel" popover @toggle=${placePanel}>
        <label>
          ${text.document.nameLabel}
          <input .value=${this.identity.name} maxlength="40" autocomplete="name" @change=${setName} />
        </label>
        <fieldset>
          <legend>${text.document.colorLabel}</legend>
          ${colors.map((color, index) => this.#renderColor(color, index))}
        </fieldset>
      </div>
    `
  }

  #renderColor(color: string, index: number) {
    return html`<button
      class="color-choice"
      ${tinted(color)}
      aria-label=${text.document.colorChoice(index + 1)}
      aria-pressed=${color === this.identity.color}
      @click=${() => this.#become({ ...this.identity, color })}
    ></button>`
  }

  #become(identity: Identity): void {
    this.identity = identity
    writeIdentity(identity)
    this.#editor?.setUser(identity)
  }

  readonly #mountEditor = (element: Element | undefined): void => {
    if (!(element instanceof HTMLElement) || this.#editor !== null) return
    const server = __SERVER__ || location.origin
    const editor = createEditor(element, {
      server,
      document: this.name,
      user: this.identity,
      autofocus: true,
      offline: { key: copyKey },
    })
    this.#editor = editor
    editor.on('status', (status) => {
      this.status = status
      this.#speaker.show(describeStatus(status, this.isHere), status.state === 'saved')
    })
    editor.on('rescue', (rescue) => (this.rescues = [...this.rescues, rescue]))
    editor.on('rescued', (over) => (this.rescues = this.rescues.filter((rescue) => rescue !== over)))
    editor.on('change', () => {
      this.#showTitle()
      // Whether the page holds something that is nowhere else may have changed without the status.
      this.requestUpdate()
    })
    this.status = editor.status
    void editor.ready.then(() => {
      this.isHere = true
      if (editor.view !== null) this.early?.typeInto(editor.view)
      this.#showTitle()
    })
    if (this.#people.value !== undefined)
      this.#hideAvatars = showAvatars(this.#people.value, editor.awareness, editor)
  }

  #showTitle(): void {
    this.documentTitle = this.#editor?.title ?? ''
    document.title = `${this.documentTitle || text.untitled} · ${text.product}`
  }

  readonly #copyLink = async (): Promise<void> => {
    const link = `${location.origin}/d/${encodeURIComponent(this.name)}${this.linkPart}`
    const isCopied = await navigator.clipboard.writeText(link).then(
      () => true,
      () => false,
    )
    this.copied = isCopied ? text.document.copied : text.document.copyFailed
    setTimeout(() => (this.copied = ''), 2500)
  }

  readonly #openMenu = async ({ currentTarget: button }: Event): Promise<void> => {
    if (!(button instanceof HTMLButtonElement) || this.#editor === null) return
    const { openDocumentMenu } = await import('./document-menu.ts')
    if (button.popoverTargetElement === null) openDocumentMenu(button, this.#editor)
  }

  readonly #askBeforeLeaving = (event: BeforeUnloadEvent): void => {
    if (this.#editor?.hasUnsaved === true) event.preventDefault()
  }
}

/** Sets `--color` from script: a style attribute would break the Content-Security-Policy. */
function tinted(color: string) {
  return ref((element) => {
    if (element instanceof HTMLElement) element.style.setProperty('--color', color)
  })
}

function placePanel(event: Event): void {
  const panel = event.currentTarget
  if (!(panel instanceof HTMLElement) || !panel.matches(':popover-open')) return
  const button = panel.parentElement?.querySelector('.you')?.getBoundingClientRect()
  if (button === undefined) return
  panel.style.top = `${button.bottom + 6}px`
  panel.style.left = `${Math.max(8, button.right - panel.offsetWidth)}px`
}

customElements.define('document-page', DocumentPage)
