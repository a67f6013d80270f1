import type { VirtualElement } from '@floating-ui/dom'
import { html, nothing, render } from 'lit'
import { TextSelection, type EditorState } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { completeAddress } from '../address.ts'
import { removeLink, writeLink } from '../commands/marks.ts'
import { closeLinkEdit, editLink, findLinkEdit, type LinkEdit } from '../plugins/link-editing.ts'
import { addressField } from './address-field.ts'
import { chromeOf, isWithin } from './chrome.ts'
import { float, type Floating } from './float.ts'
import { iconButton } from './icon-button.ts'
import { laterIcon } from './later-icons.ts'
import { text } from './text.ts'

/** The bubble about a link and the form that edits it. */
export class LinkPopover {
  readonly #view: EditorView
  readonly #dom: HTMLElement
  readonly #stop = new AbortController()
  #floating: Floating | null = null
  #mode: LinkEdit['mode'] | null = null
  #isInvalid = false
  #isCopied = false
  /** What the field for the text said at first. */
  #said = ''

  constructor(view: EditorView) {
    this.#view = view
    const document = view.dom.ownerDocument
    this.#dom = document.createElement('div')
    this.#dom.className = 'coscribe-popover'
    this.#dom.setAttribute('part', 'popover')
    this.#dom.setAttribute('role', 'dialog')
    this.#dom.setAttribute('aria-label', text.linkDialog)
    this.#dom.hidden = true
    chromeOf(view).append(this.#dom)
    const options = { signal: this.#stop.signal }
    this.#dom.addEventListener('keydown', this.#onKey, options)
    document.addEventListener('mousedown', this.#onPress, options)
  }

  update(): void {
    const popover = findLinkEdit(this.#view.state)
    const wasMode = this.#mode
    this.#mode = popover?.mode ?? null
    if (this.#mode !== wasMode) {
      this.#isInvalid = false
      this.#isCopied = false
      this.#floating?.stop()
      this.#floating = null
    }
    this.#dom.hidden = popover === null
    if (popover === null) {
      if (wasMode !== null) render(nothing, this.#dom)
      return
    }
    this.#draw(popover)
    this.#floating ??= float(this.#dom, this.#reference(), { placement: 'bottom-start' })
    this.#floating.update()
    if (popover.mode === 'edit' && wasMode !== 'edit') this.#fill(popover)
  }

  destroy(): void {
    this.#stop.abort()
    this.#floating?.stop()
    this.#dom.remove()
  }

  #field(name: 'text' | 'address'): HTMLInputElement | null {
    return this.#dom.querySelector(`input[name=${name}]`)
  }

  #fill({ from, to, href }: LinkEdit): void {
    const field = this.#field('text')
    this.#said = this.#view.state.doc.textBetween(from, to, '\n', '\n')
    if (field !== null) field.value = this.#said
    const address = this.#field('address')
    if (address === null) return
    address.value = href
    address.focus({ preventScroll: true })
    address.select()
  }

  #draw(popover: LinkEdit): void {
    render(popover.mode === 'view' ? this.#bubble(popover) : this.#form(popover), this.#dom)
  }

  #button(name: 'linkCopy' | 'linkEdit' | 'linkRemove', run: () => void) {
    const icon = name === 'linkCopy' && this.#isCopied ? 'linkApply' : name
    return iconButton({ icon, label: text[name], press: run })
  }

  #bubble({ href }: LinkEdit) {
    const edit = (): boolean => editLink(this.#view.state, this.#view.dispatch)
    return html`<a
        class="coscribe-address"
        href=${href}
        target="_blank"
        rel="noopener noreferrer"
        title=${text.linkOpen}
        ><span>${href.replace(/^(?:https?:\/\/|mailto:)/, '')}</span>${laterIcon('linkOpen')}</a
      >${this.#button('linkCopy', () => this.#copy(href))}${this.#button('linkEdit', edit)}${this.#button(
        'linkRemove',
        this.#remove,
      )}<span class="coscribe-unseen" role="status">${this.#isCopied ? text.linkCopied : ''}</span>`
  }

  #form({ from, to, href }: LinkEdit) {
    const error = this.#isInvalid ? html`<p role="alert">${text.linkInvalid}</p>` : nothing
    return html`<form novalidate @submit=${this.#apply}>
      ${
        isPlainText(this.#view.state, from, to)
          ? html`<input
              type="text"
              part="input"
              name="text"
              autocomplete="off"
              aria-label=${text.linkText}
              placeholder=${text.linkText}
            />`
          : nothing
      }
      ${addressField({
        label: text.linkAddress,
        placeholder: text.linkPlaceholder,
        isInvalid: this.#isInvalid,
      })}
      ${iconButton({ icon: 'linkApply', label: text.linkApply })}
      ${href === '' ? nothing : this.#button('linkRemove', this.#remove)} ${error}
    </form>`
  }

  readonly #apply = (event: Event): void => {
    event.preventDefault()
    const popover = findLinkEdit(this.#view.state)
    if (!popover) return
    const typed = this.#field('address')?.value.trim() ?? ''
    // What was left as it was stays as others have it by now.
    const isSameAddress = typed === popover.href
    const href = isSameAddress ? null : completeAddress(typed)
    if (typed !== '' && !isSameAddress && href === null) {
      this.#isInvalid = true
      this.#draw(popover)
      this.#field('address')?.focus()
      return
    }
    if (href === null && !isSameAddress) {
      this.#remove()
      return
    }
    const { from, to } = popover
    const said = this.#field('text')?.value ?? ''
    const isKept = said === '' || said === this.#said
    const address = this.#said === '' && from === to ? { before: '', after: typed } : null
    const shown = isKept ? address : { before: this.#said, after: said }
    writeLink({ from, to, text: shown, href })(this.#view.state, this.#view.dispatch)
    this.#leave()
  }

  readonly #remove = (): void => {
    const popover = findLinkEdit(this.#view.state)
    if (!popover) return
    const { state } = this.#view
    const range = TextSelection.create(state.doc, popover.from, popover.to)
    this.#view.dispatch(state.tr.setSelection(range))
    removeLink(this.#view.state, this.#view.dispatch)
    this.#leave()
  }

  #copy(href: string): void {
    const shown = (isCopied: boolean) => (): void => {
      this.#isCopied = isCopied
      const popover = findLinkEdit(this.#view.state)
      if (popover) this.#draw(popover)
    }
    void navigator.clipboard.writeText(href).then(shown(true), shown(false))
  }

  #leave(): void {
    const { state } = this.#view
    const end = state.selection.to
    this.#view.dispatch(state.tr.setSelection(TextSelection.create(state.doc, end)))
    closeLinkEdit(this.#view)
    this.#view.focus()
  }

  #reference(): VirtualElement {
    const view = this.#view
    return {
      contextElement: view.dom,
      getBoundingClientRect: () => {
        const { from, to } = findLinkEdit(view.state) ?? view.state.selection
        const [start, end] = [view.coordsAtPos(from, 1), view.coordsAtPos(to, -1)]
        return new DOMRect(start.left, start.top, 0, Math.max(start.bottom, end.bottom) - start.top)
      },
    }
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return
    event.preventDefault()
    closeLinkEdit(this.#view)
    this.#view.focus()
  }

  readonly #onPress = (event: MouseEvent): void => {
    const isInText = isWithin(event, this.#view.dom)
    if (isInText ? this.#mode === 'edit' : !isWithin(event, this.#dom)) closeLinkEdit(this.#view)
  }
}

/** Nothing but letters, which a field can show. */
function isPlainText({ doc }: EditorState, from: number, to: number): boolean {
  return doc.textBetween(from, to, '\n', '\n').length === to - from
}
