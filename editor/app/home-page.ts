import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import * as api from './api.ts'
import { EarlyTyping } from './early-typing.ts'
import { ApiError } from './request.ts'
import { text } from './text.ts'
import { whenChanged } from './time.ts'

/** How often a page that could not load the list asks again. */
const retryMs = 5000

/** The list of documents, and what can be done with each. */
export class HomePage extends LitElement {
  static override properties = {
    documents: { state: true },
    next: { state: true },
    problem: { state: true },
    listProblem: { state: true },
    importing: { state: true },
    isOffline: { state: true },
    renaming: { state: true },
    removing: { state: true },
    isDropping: { state: true },
  }
  declare documents: readonly api.DocumentEntry[] | null
  declare next: string | null
  /** What went wrong with the last thing that was asked for here. */
  declare problem: string
  /** Why the list could not be loaded. */
  declare listProblem: string
  /** What is being done about files, in words; empty when nothing is. */
  declare importing: string
  /** The server did not answer the last time. */
  declare isOffline: boolean
  declare renaming: string | null
  declare removing: api.DocumentEntry | null
  /** Files are held over the page. */
  declare isDropping: boolean
  #retry: ReturnType<typeof setTimeout> | undefined

  constructor() {
    super()
    this.documents = null
    this.next = null
    this.problem = ''
    this.listProblem = ''
    this.importing = ''
    this.isOffline = false
    this.renaming = null
    this.removing = null
    this.isDropping = false
  }

  protected override createRenderRoot(): HTMLElement {
    return this
  }

  override connectedCallback(): void {
    super.connectedCallback()
    document.title = text.product
    // Coming back from a document with the browser's Back button must show its new title.
    addEventListener('pageshow', this.#reload)
    addEventListener('focus', this.#reload)
    addEventListener('online', this.#reload)
    // On the whole window: beside the page, the browser would leave it and show the file.
    addEventListener('dragover', this.#hold)
    addEventListener('dragleave', this.#hold)
    addEventListener('drop', this.#drop)
    this.#reload()
  }

  override disconnectedCallback(): void {
    removeEventListener('pageshow', this.#reload)
    removeEventListener('focus', this.#reload)
    removeEventListener('online', this.#reload)
    removeEventListener('dragover', this.#hold)
    removeEventListener('dragleave', this.#hold)
    removeEventListener('drop', this.#drop)
    clearTimeout(this.#retry)
    super.disconnectedCallback()
  }

  protected override render() {
    return html`
      <header class="home-header">
        <span class="wordmark"><img src="/favicon.svg" alt="" width="28" height="28" />${text.product}</span>
        <span class="home-buttons">
          <button
            class="button"
            aria-disabled=${this.importing === '' ? nothing : 'true'}
            @click=${this.#choose}
          >
            ${text.home.import}
          </button>
          <button class="button primary" @click=${this.#create}>${text.home.create}</button>
        </span>
      </header>
      <main class="home" ?data-dropping=${this.isDropping}>
        <h1>${text.home.heading}</h1>
        <p class="problem" role="alert">${this.problem || this.listProblem}</p>
        <p class="progress" role="status">${this.importing}</p>
        <div role="status">${this.isOffline ? this.#renderOffline() : nothing}</div>
        ${this.#renderList()}
        ${this.next === null ? nothing : html`<button class="button" @click=${this.#more}>${text.home.more}</button>`}
      </main>
      ${this.removing === null ? nothing : this.#renderRemoval(this.removing)}
    `
  }

  protected override updated(changed: PropertyValues<this>): void {
    const dialog = this.querySelector('dialog')
    if (dialog !== null && !dialog.open) dialog.showModal()
    // Only now is the field on the page, where it can be focused.
    if (changed.has('renaming')) this.querySelector<HTMLInputElement>('.rename input')?.select()
  }

  #renderOffline() {
    return html`<div class="notice" data-tone="warn">
      <div class="notice-words">
        <strong>${text.home.offline}</strong><span>${text.home.offlineHint}</span>
      </div>
      <div class="notice-actions">
        <button class="button" @click=${this.#reload}>${text.home.retry}</button>
      </div>
    </div>`
  }

  #renderList() {
    if (this.documents === null) return nothing
    if (this.documents.length === 0) {
      return html`<div class="empty">
        <p>${text.home.empty}</p>
        <p>${text.home.emptyHint}</p>
        <button class="button primary" @click=${this.#create}>${text.home.create}</button>
      </div>`
    }
    return html`<ul class="documents">
      ${repeat(
        this.documents,
        (entry) => entry.name,
        (entry) =>
          html`<li>
            ${this.renaming === entry.name ? this.#renderRename(entry) : this.#renderEntry(entry)}
          </li>`,
      )}
    </ul>`
  }

  #renderEntry(entry: api.DocumentEntry): TemplateResult {
    const title = titleOf(entry)
    const id = `actions-${entry.name}`
    return html`
      <a class="document" href=${`/d/${encodeURIComponent(entry.name)}`}>
        <span class="document-title" dir="auto">${title}</span>
        <time datetime=${new Date(entry.changedAt).toISOString()}
          >${text.home.changed(whenChanged(entry.changedAt))}</time
        >
      </a>
      <button class="actions-button" popovertarget=${id} aria-label=${text.home.actions(title)}>
        <span aria-hidden="true">⋯</span>
      </button>
      <div class="actions" id=${id} popover @click=${closeMenu} @toggle=${placeMenu}>
        <button @click=${() => (this.renaming = entry.name)}>${text.home.rename}</button>
        <button @click=${() => this.#do(() => api.duplicateDocument(entry.name))}>
          ${text.home.duplicate}
        </button>
        <button class="danger" @click=${() => (this.removing = entry)}>${text.home.remove}</button>
      </div>
    `
  }

  #renderRename(entry: api.DocumentEntry): TemplateResult {
    const rename = (event: SubmitEvent) => {
      event.preventDefault()
      if (!(event.target instanceof HTMLFormElement)) return
      const title = new FormData(event.target).get('title')
      this.renaming = null
      if (typeof title === 'string') this.#do(() => api.renameDocument(entry.name, title.trim()))
    }
    const cancelOnEscape = (event: KeyboardEvent) => {
      if (event.key === 'Escape') this.renaming = null
    }
    return html`<form class="rename" @submit=${rename} @keydown=${cancelOnEscape}>
      <input name="title" aria-label=${text.home.renameLabel} .value=${entry.title} maxlength="120" />
      <button class="button primary" type="submit">${text.home.save}</button>
      <button class="button" type="button" @click=${() => (this.renaming = null)}>${text.home.cancel}</button>
    </form>`
  }

  #renderRemoval(entry: api.DocumentEntry): TemplateResult {
    const close = () => (this.removing = null)
    const remove = () => {
      close()
      this.#do(() => api.deleteDocument(entry.name))
    }
    return html`<dialog class="dialog" aria-labelledby="removal-question" @close=${close}>
      <h2 id="removal-question">${text.home.removeQuestion(titleOf(entry))}</h2>
      <p>${text.home.removeHint}</p>
      <div class="dialog-buttons">
        <button class="button" autofocus @click=${close}>${text.home.cancel}</button>
        <button class="button danger" @click=${remove}>${text.home.removeConfirm}</button>
      </div>
    </dialog>`
  }

  readonly #create = (): void => {
    const pressed = document.activeElement
    const typing = EarlyTyping.begin()
    void this.#try(async () => {
      try {
        const { name } = await api.createDocument()
        typing.goTo(name)
        location.assign(`/d/${name}`)
      } catch (error) {
        typing.stop()
        if (pressed instanceof HTMLElement) pressed.focus()
        throw error
      }
    })
  }

  readonly #choose = (): void => {
    if (this.importing !== '') return
    void this.#try(async () => {
      const { chooseFile } = await import('./import-file.ts')
      const file = await chooseFile()
      if (file !== null) await this.#import([file])
    })
  }

  readonly #hold = (event: DragEvent): void => {
    if (event.dataTransfer?.types.includes('Files') !== true) return
    event.preventDefault()
    this.isDropping = event.type === 'dragover' || event.relatedTarget !== null
  }

  readonly #drop = (event: DragEvent): void => {
    this.isDropping = false
    const files = [...(event.dataTransfer?.files ?? [])]
    if (files.length === 0) return
    event.preventDefault()
    void this.#try(() => this.#import(files))
  }

  /** Makes a document of each file; the one of a single file is opened. What can't be imported is told by its name. */
  async #import(files: readonly File[]): Promise<void> {
    if (this.importing !== '') return
    const made: api.DocumentEntry[] = []
    const failed: string[] = []
    try {
      for (const [index, file] of files.entries()) {
        this.importing = text.home.importing(file.name, index + 1, files.length)
        const entry = await api.importDocument(file).catch((error: unknown) => {
          if (!(error instanceof ApiError) || error.code === 'unauthenticated') throw error
          failed.push(text.home.importFailed(file.name, error.message))
        })
        if (entry !== undefined) made.push(entry)
      }
    } finally {
      this.importing = ''
    }
    const [only] = made
    if (only !== undefined && files.length === 1) location.assign(`/d/${encodeURIComponent(only.name)}`)
    else if (made.length > 0) this.#reload()
    this.problem = failed.join('\n')
  }

  readonly #more = (): void => {
    void this.#try(async () => {
      const page = await api.listDocuments(this.next)
      this.documents = [...(this.documents ?? []), ...page.documents]
      this.next = page.next
    })
  }

  readonly #reload = (): void => {
    clearTimeout(this.#retry)
    void this.#try(async () => {
      const page = await api.listDocuments(null).catch((error: unknown) => {
        if (!(error instanceof ApiError) || error.code !== 'offline') throw error
        return null
      })
      this.isOffline = page === null
      if (page === null) {
        this.#retry = setTimeout(this.#reload, retryMs)
        return
      }
      this.listProblem = ''
      this.documents = page.documents
      this.next = page.next
    }, 'listProblem')
  }

  #do(action: () => Promise<unknown>): void {
    void this.#try(async () => {
      await action()
      this.#reload()
    })
  }

  async #try(action: () => Promise<void>, told: 'problem' | 'listProblem' = 'problem'): Promise<void> {
    if (told === 'problem') this.problem = ''
    try {
      await action()
    } catch (error) {
      if (error instanceof ApiError && error.code === 'unauthenticated') location.reload()
      this[told] = error instanceof Error ? error.message : String(error)
    }
  }
}

const titleOf = (entry: api.DocumentEntry) => entry.title || text.untitled

function closeMenu(event: Event): void {
  if (event.currentTarget instanceof HTMLElement) event.currentTarget.hidePopover()
}

/** Under its button, or above it where the window ends. */
function placeMenu(event: Event): void {
  const menu = event.currentTarget
  if (!(menu instanceof HTMLElement) || !menu.matches(':popover-open')) return
  const button = menu.parentElement?.querySelector('.actions-button')?.getBoundingClientRect()
  if (button === undefined) return
  const fits = button.bottom + menu.offsetHeight + 8 < innerHeight
  menu.style.top = `${fits ? button.bottom + 4 : button.top - menu.offsetHeight - 4}px`
  menu.style.left = `${Math.max(8, button.right - menu.offsetWidth)}px`
}

customElements.define('home-page', HomePage)
