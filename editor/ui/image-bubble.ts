import { html, nothing, render, type TemplateResult } from 'lit'
import { deleteSelection } from 'prosemirror-commands'
import type { EditorView } from 'prosemirror-view'
import { completeAddress, parseImageSource } from '../address.ts'
import { insertImage, selectedImage, setImage, type FoundImage } from '../commands/images.ts'
import { addFiles, replacePicture } from '../plugins/uploads.ts'
import { parseImage, type ImageAlignment } from '../schema/index.ts'
import type { Pictures } from '../sync/upload.ts'
import { addressField } from './address-field.ts'
import { chromeOf, hasFocus, isWithin } from './chrome.ts'
import { float, type Floating } from './float.ts'
import { iconButton } from './icon-button.ts'
import type { IconName } from './icons.ts'
import { laterIcon as icon } from './later-icons.ts'
import { text } from './text.ts'

export interface ImageToolsOptions {
  readonly pictures: Pictures
  /** Whether files can be uploaded from here. */
  readonly canUpload: boolean
}

/** `new` asks for a picture; a picture has its tools shown; null shows nothing. */
export type Wanted = 'new' | FoundImage | null

interface Options extends ImageToolsOptions {
  /** What is to be shown now. */
  readonly wanted: () => Wanted
  /** Ends asking for a new picture. */
  readonly close: (view: EditorView) => void
}

/** The bubble beside a picture, or where a new one will stand. What others change meanwhile leaves it open. */
export class ImageBubble {
  readonly #view: EditorView
  readonly #options: Options
  readonly #dom: HTMLElement
  readonly #stop = new AbortController()
  #wanted: Wanted = null
  /** What the picture shows is being described. */
  #isDescribing = false
  /** What the field for that said at first. */
  #said = ''
  #isInvalid = false
  #floating: Floating | null = null
  /** The picture it stands beside; null for the caret. */
  #picture: Element | null = null

  constructor(view: EditorView, options: Options) {
    this.#view = view
    this.#options = options
    const { ownerDocument } = view.dom
    this.#dom = ownerDocument.createElement('div')
    this.#dom.className = 'coscribe-popover coscribe-image-bubble'
    this.#dom.setAttribute('part', 'popover')
    this.#dom.hidden = true
    chromeOf(view).append(this.#dom)
    const listening = { signal: this.#stop.signal }
    this.#dom.addEventListener('keydown', this.#onKey, listening)
    ownerDocument.addEventListener('pointerdown', this.#onPress, listening)
    this.update()
  }

  update(): void {
    const wanted = this.#options.wanted()
    const isKind = kindOf(wanted) === kindOf(this.#wanted)
    const isSame = isKind && this.#findPicture(wanted) === this.#picture
    const before = this.#wanted
    this.#wanted = wanted
    if (!isSame) {
      const hadFocus = hasFocus(this.#dom)
      this.#isDescribing = false
      this.#isInvalid = false
      if (wanted === null && hadFocus) this.#view.focus()
    }
    this.#draw()
    this.#follow(isSame)
    if (wanted === 'new' && before !== 'new') this.#focusField()
  }

  destroy(): void {
    this.#floating?.stop()
    this.#stop.abort()
    this.#dom.remove()
  }

  #draw(): void {
    const wanted = this.#wanted
    this.#dom.hidden = wanted === null
    if (wanted === null) {
      render(nothing, this.#dom)
      return
    }
    const isForm = wanted === 'new' || this.#isDescribing
    this.#dom.setAttribute('role', isForm ? 'dialog' : 'toolbar')
    this.#dom.setAttribute('aria-label', wanted === 'new' ? text.imageDialog : text.imageTools)
    if (wanted === 'new') render(this.#addressForm(), this.#dom)
    else render(this.#isDescribing ? this.#altForm(wanted) : this.#tools(wanted), this.#dom)
    if (!isForm) this.#rove(0)
  }

  #tools({ node }: FoundImage): TemplateResult {
    const { src, align } = parseImage(node.attrs)
    const shown = src === null ? null : this.#options.pictures.show(src)
    const alignment = (name: IconName & keyof typeof text, value: ImageAlignment | null) =>
      this.#button(name, () => this.#change({ align: value }), { isOn: align === value })
    const open =
      typeof shown !== 'string'
        ? nothing
        : html`<a
            class="coscribe-tool"
            part="tool"
            href=${shown}
            target="_blank"
            rel="noopener noreferrer"
            title=${text.imageOpen}
            aria-label=${text.imageOpen}
            >${icon('linkOpen')}</a
          >`
    return html`<span class="coscribe-tools" role="group" aria-label=${text.imageAlign}>
        ${alignment('imageLeft', 'left')}${alignment('imageCenter', null)}${alignment('imageRight', 'right')}
      </span>
      <span class="coscribe-tools">
        <button type="button" class="coscribe-tool coscribe-tool-words" part="tool" @click=${this.#describe}>
          ${text.imageAltShort}
        </button>
        ${this.#options.canUpload ? this.#button('imageReplace', this.#replace) : nothing}${open}${this.#button(
          'imageDelete',
          this.#delete,
        )}
      </span>`
  }

  #button(name: IconName & keyof typeof text, press: () => void, state: { readonly isOn?: boolean } = {}) {
    return iconButton({ icon: name, label: text[name], press, leavesFocus: true, ...state })
  }

  #altForm({ node }: FoundImage): TemplateResult {
    return html`<form novalidate @submit=${this.#applyAlt}>
      <input
        type="text"
        part="input"
        autocomplete="off"
        maxlength="1000"
        aria-label=${text.imageAlt}
        placeholder=${text.imageAltPlaceholder}
        .defaultValue=${parseImage(node.attrs).alt ?? ''}
      />
      ${submitButton()}
    </form>`
  }

  #addressForm(): TemplateResult {
    const choose = html`<button type="button" class="coscribe-button" part="button" @click=${this.#choose}>
      ${icon('upload')}${text.imageChoose}
    </button>`
    return html`<form novalidate @submit=${this.#applyAddress}>
      ${addressField({
        label: text.imageAddress,
        placeholder: text.imageAddressPlaceholder,
        isInvalid: this.#isInvalid,
      })}
      ${submitButton()} ${this.#isInvalid ? html`<p role="alert">${text.imageInvalid}</p>` : nothing}
      ${this.#options.canUpload ? choose : nothing}
    </form>`
  }

  #change(change: Parameters<typeof setImage>[1]): void {
    const image = selectedImage(this.#view.state)
    if (image !== null) setImage(image.position, change)(this.#view.state, this.#view.dispatch)
  }

  readonly #describe = (): void => {
    this.#isDescribing = true
    this.#draw()
    this.#said = this.#dom.querySelector('input')?.value.trim() ?? ''
    this.#focusField()
  }

  readonly #delete = (): void => {
    if (selectedImage(this.#view.state) !== null)
      deleteSelection(this.#view.state, (tr) => this.#view.dispatch(tr.scrollIntoView()))
    this.#view.focus()
  }

  readonly #replace = (): void => {
    this.#pickFiles({ accept: pictureTypes, multiple: false }, ([file]) => {
      const image = selectedImage(this.#view.state)
      if (file !== undefined && image !== null) replacePicture(this.#view, image.position, file)
    })
  }

  readonly #choose = (): void => {
    this.#pickFiles({ accept: '', multiple: true }, (files) => {
      this.#options.close(this.#view)
      addFiles(this.#view, files)
      this.#view.focus()
    })
  }

  #pickFiles(
    { accept, multiple }: Pick<HTMLInputElement, 'accept' | 'multiple'>,
    take: (files: readonly File[]) => void,
  ): void {
    const input = this.#dom.ownerDocument.createElement('input')
    Object.assign(input, { type: 'file', accept, multiple })
    input.addEventListener('change', () => take([...(input.files ?? [])]), { signal: this.#stop.signal })
    input.click()
  }

  readonly #applyAlt = (event: Event): void => {
    event.preventDefault()
    const typed = this.#dom.querySelector('input')?.value.trim() ?? ''
    this.#isDescribing = false
    // What was left as it was stays as others have it by now.
    if (typed !== this.#said) this.#change({ alt: typed === '' ? null : typed })
    this.#draw()
    this.#view.focus()
  }

  readonly #applyAddress = (event: Event): void => {
    event.preventDefault()
    const typed = this.#dom.querySelector('input')?.value ?? ''
    const src = parseImageSource(completeAddress(typed))
    if (src === null) {
      this.#isInvalid = true
      this.#draw()
      return
    }
    this.#options.close(this.#view)
    insertImage({ src })(this.#view.state, this.#view.dispatch)
    this.#view.focus()
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') {
      event.preventDefault()
      const wasDescribing = this.#isDescribing
      this.#isDescribing = false
      if (this.#wanted === 'new') this.#options.close(this.#view)
      else if (wasDescribing) this.#draw()
      this.#view.focus()
      return
    }
    const controls = this.#controls
    const at = controls.findIndex((control) => control === event.target)
    if (at === -1 || this.#wanted === 'new' || this.#isDescribing) return
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: controls.length - 1 }[event.key]
    if (next === undefined) return
    event.preventDefault()
    this.#rove((next + controls.length) % controls.length)?.focus()
  }

  readonly #onPress = (event: Event): void => {
    if (this.#wanted === 'new' && !isWithin(event, this.#dom)) this.#options.close(this.#view)
  }

  get #controls(): HTMLElement[] {
    return [...this.#dom.querySelectorAll<HTMLElement>('button, a')]
  }

  /** One stop for Tab. The control that has the focus keeps it. */
  #rove(index: number): HTMLElement | undefined {
    const controls = this.#controls
    const focused = controls.findIndex(hasFocus)
    const current = index === 0 && focused !== -1 ? focused : index
    controls.forEach((control, at) => (control.tabIndex = at === current ? 0 : -1))
    return controls[index]
  }

  #focusField(): void {
    const input = this.#dom.querySelector('input')
    input?.focus({ preventScroll: true })
    input?.select()
  }

  #follow(isSame: boolean): void {
    const wanted = this.#wanted
    const picture = this.#findPicture(wanted)
    if (this.#floating !== null && isSame && picture === this.#picture) {
      this.#floating.update()
      return
    }
    this.#floating?.stop()
    this.#picture = picture
    const placement = wanted === 'new' ? 'bottom-start' : 'top'
    const atCaret = { getBoundingClientRect: () => this.#caretRect(), contextElement: this.#view.dom }
    this.#floating = wanted === null ? null : float(this.#dom, picture ?? atCaret, { placement, gap: 8 })
  }

  #findPicture(wanted: Wanted): Element | null {
    if (wanted === null || wanted === 'new') return null
    const dom = this.#view.nodeDOM(wanted.position)
    return dom instanceof Element ? dom.querySelector('.coscribe-picture') : null
  }

  #caretRect(): DOMRect {
    const { left, top, bottom } = this.#view.coordsAtPos(this.#view.state.selection.head)
    return new DOMRect(left, top, 0, bottom - top)
  }
}

const pictureTypes = 'image/png,image/jpeg,image/gif,image/webp,image/avif'

const kindOf = (wanted: Wanted) => (wanted === null || wanted === 'new' ? wanted : 'tools')

const submitButton = () => iconButton({ icon: 'linkApply', label: text.linkApply })
