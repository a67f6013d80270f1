import { html, nothing, render } from 'lit'
import { Plugin } from 'prosemirror-state'
import { Decoration, DecorationSet, type EditorView } from 'prosemirror-view'
import { lasting } from '../lasting-view.ts'
import { finishPending, isPicture, pendingUploads, removePending, type Pending } from '../plugins/uploads.ts'
import { parseImageSource } from '../address.ts'
import { UploadError, type Upload } from '../sync/upload.ts'
import { icon } from './icons.ts'
import { text } from './text.ts'

/** Files that are sent at the same time; the others wait. */
const atOnce = 3

/** Sends what is pending, and shows where it will stand how far it is. */
export function uploadCards(upload: Upload): Plugin {
  const cards = new Map<number, Card>()
  const domOf = (view: EditorView, pending: Pending): HTMLElement => {
    const card = cards.get(pending.id) ?? new Card(view, pending, { upload, startNext: () => startNext() })
    cards.set(pending.id, card)
    return card.dom
  }
  const startNext = () => {
    const waiting = [...cards.values()].filter((card) => card.isWaiting)
    const free = atOnce - [...cards.values()].filter((card) => card.isSending).length
    for (const card of waiting.slice(0, Math.max(0, free))) card.start()
  }
  return new Plugin({
    props: {
      decorations: (state) => {
        const widgets = pendingUploads(state).map((pending) =>
          Decoration.widget(pending.position, (view) => domOf(view, pending), {
            key: `coscribe-upload-${pending.id}`,
            side: -1,
            ignoreSelection: true,
            stopEvent: () => true,
          }),
        )
        return DecorationSet.create(state.doc, widgets)
      },
    },
    view: lasting((view) => {
      const retryAll = () => {
        for (const card of cards.values()) card.retryWhenBack()
      }
      const { defaultView } = view.dom.ownerDocument
      defaultView?.addEventListener('online', retryAll)
      return {
        update: ({ state }) => {
          const ids = new Set(pendingUploads(state).map(({ id }) => id))
          for (const [id, card] of cards) {
            if (ids.has(id)) continue
            card.destroy()
            cards.delete(id)
          }
          startNext()
        },
        destroy: () => {
          defaultView?.removeEventListener('online', retryAll)
          for (const card of cards.values()) card.destroy()
          cards.clear()
        },
      }
    }),
  })
}

type State =
  | { readonly kind: 'waiting' | 'sending' | 'done' }
  | { readonly kind: 'failed'; readonly code: string; readonly why: string }

interface Work {
  readonly upload: Upload
  /** Called when another one may be sent. */
  readonly startNext: () => void
}

/** One file that is on its way. */
class Card {
  readonly dom: HTMLElement
  readonly #view: EditorView
  readonly #pending: Pending
  readonly #work: Work
  readonly #preview: string | null
  #state: State = { kind: 'waiting' }
  #done = 0
  #stop = new AbortController()

  constructor(view: EditorView, pending: Pending, work: Work) {
    this.#view = view
    this.#pending = pending
    this.#work = work
    this.#preview = isPicture(pending.file) ? URL.createObjectURL(pending.file) : null
    this.dom = view.dom.ownerDocument.createElement('div')
    this.dom.className = 'coscribe-upload'
    this.dom.contentEditable = 'false'
    this.dom.setAttribute('role', 'group')
    this.dom.setAttribute('aria-label', text.uploadOf(pending.file.name))
    this.#draw()
  }

  get isWaiting(): boolean {
    return this.#state.kind === 'waiting'
  }

  get isSending(): boolean {
    return this.#state.kind === 'sending'
  }

  start(): void {
    this.#become({ kind: 'sending' })
    void this.#send()
  }

  /** The network is there again. */
  retryWhenBack(): void {
    if (this.#state.kind === 'failed' && this.#state.code === 'offline') this.#retry()
  }

  destroy(): void {
    this.#stop.abort()
    this.#state = { kind: 'done' }
    if (this.#preview !== null) URL.revokeObjectURL(this.#preview)
  }

  async #send(): Promise<void> {
    this.#stop = new AbortController()
    const { signal } = this.#stop
    const onProgress = (done: number) => {
      this.#done = done
      if (!signal.aborted) this.#draw()
    }
    try {
      const uploaded = await this.#work.upload(this.#pending.file, { signal, onProgress })
      if (signal.aborted) return
      if (parseImageSource(uploaded.src) === null) throw new UploadError('address', '')
      finishPending(this.#view, this.#pending.id, uploaded)
    } catch (error) {
      if (!signal.aborted) this.#fail(error)
    }
    this.#work.startNext()
  }

  #fail(error: unknown): void {
    const { code, message } = error instanceof UploadError ? error : { code: 'internal', message: '' }
    const why = code === 'offline' ? text.uploadOffline : message || text.uploadFailed
    this.#become({ kind: 'failed', code, why })
  }

  #retry(): void {
    this.#done = 0
    this.#become({ kind: 'waiting' })
    this.#work.startNext()
  }

  #remove(): void {
    removePending(this.#view, this.#pending.id)
    this.#view.focus()
  }

  #become(state: State): void {
    this.#state = state
    this.dom.dataset['state'] = state.kind
    this.#draw()
  }

  #draw(): void {
    const { name } = this.#pending.file
    const percent = Math.round(this.#done * 100)
    const isFailed = this.#state.kind === 'failed'
    const preview =
      this.#preview === null ? icon('file') : html`<img src=${this.#preview} alt="" draggable="false" />`
    const button = (label: string, run: () => void, isPlain = false) =>
      html`<button
        type="button"
        class=${isPlain ? 'coscribe-tool' : 'coscribe-button'}
        title=${isPlain ? label : nothing}
        aria-label=${isPlain ? label : nothing}
        @click=${run}
      >
        ${isPlain ? icon('close') : label}
      </button>`
    const bar = html`<progress max="100" value=${percent} aria-label=${text.uploadOf(name)}></progress>`
    render(
      html`<span class="coscribe-upload-preview">${preview}</span>
        <span class="coscribe-upload-name" dir="auto">${name}</span>
        ${
          this.#state.kind === 'failed'
            ? html`<span class="coscribe-upload-error" role="alert">${this.#state.why}</span>
                <span class="coscribe-upload-choices">
                  ${button(text.uploadRetry, () => this.#retry())}
                  ${button(text.uploadRemove, () => this.#remove())}
                </span>`
            : bar
        }
        ${isFailed ? nothing : button(text.uploadCancel, () => this.#remove(), true)}`,
      this.dom,
    )
  }
}
