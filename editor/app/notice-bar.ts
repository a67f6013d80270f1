import { html, LitElement, nothing } from 'lit'
import type { Editor } from '../index.ts'
import type { Action, Notice } from './notice.ts'
import { copyDocument, downloadDocument } from './take-away.ts'
import { text } from './text.ts'

/** A trouble in words, and what can be done about it. */
export class NoticeBar extends LitElement {
  static override properties = {
    notice: { attribute: false },
    editor: { attribute: false },
    outcome: { state: true },
    isAsking: { state: true },
  }
  declare notice: Notice | null
  declare editor: Editor | null
  /** How copying went, for a moment. */
  declare outcome: string
  declare isAsking: boolean

  constructor() {
    super()
    this.notice = null
    this.editor = null
    this.outcome = ''
    this.isAsking = false
  }

  protected override createRenderRoot(): HTMLElement {
    return this
  }

  protected override render() {
    // The alert is there before its words are: screen readers tell what is put into it, not what comes with it.
    return html`<div role="alert" class="notice-place">
        ${this.notice === null ? nothing : this.#renderNotice(this.notice)}
      </div>
      ${this.isAsking ? this.#renderQuestion() : nothing}`
  }

  protected override updated(): void {
    const dialog = this.querySelector('dialog')
    if (dialog !== null && !dialog.open) dialog.showModal()
  }

  #renderNotice({ tone, heading, hint, actions }: Notice) {
    return html`<div class="notice" data-tone=${tone}>
      <div class="notice-words"><strong>${heading}</strong><span>${hint}</span></div>
      <div class="notice-actions">${actions.map((action) => this.#renderAction(action))}</div>
    </div>`
  }

  #renderAction(action: Action) {
    const label = action === 'copy' && this.outcome !== '' ? this.outcome : labels[action]
    return html`<button class="button" @click=${() => this.#act(action)}>${label}</button>`
  }

  #renderQuestion() {
    const close = () => (this.isAsking = false)
    return html`<dialog class="dialog" aria-labelledby="discard-question" @close=${close}>
      <h2 id="discard-question">${text.banner.discardQuestion}</h2>
      <p>${text.banner.discardHint}</p>
      <div class="dialog-buttons">
        <button class="button" autofocus @click=${close}>${text.home.cancel}</button>
        <button class="button danger" @click=${this.#discard}>${text.banner.discardConfirm}</button>
      </div>
    </dialog>`
  }

  #act(action: Action): void {
    switch (action) {
      case 'copy':
        void this.#copy()
        return
      case 'download':
        if (this.editor !== null) downloadDocument(this.editor, this.editor.title || text.untitled)
        return
      case 'discard':
      case 'forget':
        this.isAsking = true
        return
      case 'reload':
      case 'sign-in':
        location.reload()
        return
      case 'restore':
      case 'dismiss':
        this.dispatchEvent(new CustomEvent<Action>('answer', { detail: action }))
        return
      case 'home':
        location.assign('/')
        return
    }
  }

  async #copy(): Promise<void> {
    if (this.editor === null) return
    this.outcome = (await copyDocument(this.editor)) ? text.banner.copied : text.banner.copyFailed
    setTimeout(() => (this.outcome = ''), 2500)
  }

  readonly #discard = async (): Promise<void> => {
    this.isAsking = false
    // Without a copy there is nothing to forget but this page.
    await this.editor?.discard().catch(() => undefined)
    location.reload()
  }
}

const labels: Readonly<Record<Action, string>> = {
  copy: text.banner.copy,
  download: text.banner.download,
  discard: text.banner.discard,
  forget: text.banner.forget,
  reload: text.banner.reload,
  'sign-in': text.banner.signIn,
  home: text.banner.home,
  restore: text.banner.restore,
  dismiss: text.banner.dismiss,
}

customElements.define('notice-bar', NoticeBar)
