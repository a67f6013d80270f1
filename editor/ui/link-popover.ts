import { html, nothing, render } from 'lit'
import {
  Plugin,
  PluginKey,
  TextSelection,
  type Command,
  type EditorState,
  type Transaction,
} from 'prosemirror-state'
import { Decoration, DecorationSet, type EditorView } from 'prosemirror-view'
import { completeAddress } from '../address.ts'
import { canLink, findLink, removeLink, setLink } from '../commands/marks.ts'
import { icon } from './icons.ts'
import { text } from './text.ts'

/** Shown under a clicked link, or (`edit`) under what is about to be linked. Positions follow the document. */
interface Popover {
  readonly mode: 'view' | 'edit'
  readonly from: number
  readonly to: number
  readonly href: string
}

const popoverKey = new PluginKey<Popover | null>('coscribe-link')

/** Opens the link editor for the selection, the link around the caret, or a new address. */
export const editLink: Command = (state, dispatch) => {
  if (!canLink(state)) return false
  const { empty, from, to, $from } = state.selection
  const existing = findLink($from)
  const range = empty ? (existing ?? { from, to }) : { from, to }
  const popover: Popover = { mode: 'edit', from: range.from, to: range.to, href: existing?.href ?? '' }
  dispatch?.(state.tr.setMeta(popoverKey, popover))
  return true
}

function close(view: EditorView): void {
  if (popoverKey.getState(view.state)) view.dispatch(view.state.tr.setMeta(popoverKey, null))
}

function nextPopover(tr: Transaction, current: Popover | null, state: EditorState): Popover | null {
  const change: unknown = tr.getMeta(popoverKey)
  if (isPopover(change) || change === null) return change
  if (current === null) return null
  const from = tr.mapping.map(current.from, 1)
  const to = Math.max(from, tr.mapping.map(current.to, -1))
  if (current.mode === 'edit') return { ...current, from, to }
  const link = from < to ? findLink(state.doc.resolve(from + 1)) : undefined
  const { empty, head } = state.selection
  const isInside = link !== undefined && empty && link.from <= head && head <= link.to
  return isInside ? { mode: 'view', ...link } : null
}

function isPopover(value: unknown): value is Popover {
  return typeof value === 'object' && value !== null && 'mode' in value && 'href' in value
}

/** The bubble about a link and the field that edits it; a change by somebody else doesn't close either. */
export function linkPopover(): Plugin<Popover | null> {
  return new Plugin<Popover | null>({
    key: popoverKey,
    state: { init: () => null, apply: (tr, popover, _before, after) => nextPopover(tr, popover, after) },
    props: {
      decorations: (state) => {
        const popover = popoverKey.getState(state)
        if (!popover || popover.mode === 'view' || popover.from === popover.to) return DecorationSet.empty
        const pending = Decoration.inline(popover.from, popover.to, { class: 'coscribe-pending' })
        return DecorationSet.create(state.doc, [pending])
      },
      handleClick: (view, position, event) => {
        const link = findLink(view.state.doc.resolve(position))
        const isOnLink = event.target instanceof Element && event.target.closest('a') !== null
        if (link === undefined || !isOnLink || !view.editable || event.metaKey || event.ctrlKey) return false
        const tr = view.state.tr.setSelection(TextSelection.create(view.state.doc, position))
        view.dispatch(tr.setMeta(popoverKey, { mode: 'view', ...link } satisfies Popover))
        return true
      },
      handleKeyDown: (view, event) => {
        if (event.key !== 'Escape' || !popoverKey.getState(view.state)) return false
        close(view)
        return true
      },
    },
    view: (view) => new PopoverView(view),
  })
}

class PopoverView {
  readonly #view: EditorView
  readonly #dom: HTMLElement
  readonly #stop = new AbortController()
  #mode: Popover['mode'] | null = null
  #isInvalid = false

  constructor(view: EditorView) {
    this.#view = view
    const document = view.dom.ownerDocument
    this.#dom = document.createElement('div')
    this.#dom.className = 'coscribe-popover'
    this.#dom.setAttribute('role', 'dialog')
    this.#dom.setAttribute('aria-label', text.linkDialog)
    this.#dom.hidden = true
    view.dom.parentElement?.append(this.#dom)
    const options = { signal: this.#stop.signal }
    this.#dom.addEventListener('keydown', this.#onKey, options)
    document.addEventListener('mousedown', this.#onPress, options)
    document.defaultView?.addEventListener('resize', this.#place, options)
  }

  update(): void {
    const popover = popoverKey.getState(this.#view.state) ?? null
    const wasMode = this.#mode
    this.#mode = popover?.mode ?? null
    if (this.#mode !== wasMode) this.#isInvalid = false
    this.#dom.hidden = popover === null
    if (popover === null) {
      if (wasMode !== null) render(nothing, this.#dom)
      return
    }
    this.#draw(popover)
    this.#place()
    if (popover.mode === 'edit' && wasMode !== 'edit') {
      const input = this.#dom.querySelector('input')
      if (input) {
        input.value = popover.href
        input.focus({ preventScroll: true })
        input.select()
      }
    }
  }

  destroy(): void {
    this.#stop.abort()
    this.#dom.remove()
  }

  #draw(popover: Popover): void {
    render(popover.mode === 'view' ? this.#bubble(popover) : this.#form(), this.#dom)
  }

  #bubble({ href }: Popover) {
    const button = (name: 'linkEdit' | 'linkRemove', run: () => void) =>
      html`<button
        type="button"
        class="coscribe-tool"
        title=${text[name]}
        aria-label=${text[name]}
        @click=${run}
      >
        ${icon(name)}
      </button>`
    return html`<a
        class="coscribe-address"
        href=${href}
        target="_blank"
        rel="noopener noreferrer"
        title=${text.linkOpen}
        ><span>${href.replace(/^(?:https?:\/\/|mailto:)/, '')}</span>${icon('linkOpen')}</a
      >${button('linkEdit', () => editLink(this.#view.state, this.#view.dispatch))}${button('linkRemove', this.#remove)}`
  }

  #form() {
    const error = this.#isInvalid ? html`<p role="alert">${text.linkInvalid}</p>` : nothing
    return html`<form novalidate @submit=${this.#apply}>
      <input
        type="text"
        inputmode="url"
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        aria-label=${text.linkAddress}
        aria-invalid=${String(this.#isInvalid)}
        placeholder=${text.linkPlaceholder}
      />
      <button type="submit" class="coscribe-tool" title=${text.linkApply} aria-label=${text.linkApply}>
        ${icon('linkApply')}
      </button>
      ${error}
    </form>`
  }

  readonly #apply = (event: Event): void => {
    event.preventDefault()
    const popover = popoverKey.getState(this.#view.state)
    const typed = this.#dom.querySelector('input')?.value ?? ''
    if (!popover) return
    if (typed.trim() !== '' && completeAddress(typed) === null) {
      this.#isInvalid = true
      this.#draw(popover)
      return
    }
    const { state } = this.#view
    const selected = TextSelection.create(state.doc, popover.from, popover.to)
    this.#view.dispatch(state.tr.setSelection(selected))
    const command = typed.trim() === '' ? removeLink : setLink(typed)
    command(this.#view.state, this.#view.dispatch)
    this.#leave()
  }

  readonly #remove = (): void => {
    removeLink(this.#view.state, this.#view.dispatch)
    this.#leave()
  }

  #leave(): void {
    const { state } = this.#view
    const end = state.selection.to
    this.#view.dispatch(state.tr.setSelection(TextSelection.create(state.doc, end)).setMeta(popoverKey, null))
    this.#view.focus()
  }

  readonly #place = (): void => {
    const popover = popoverKey.getState(this.#view.state)
    const page = this.#dom.offsetParent
    if (!popover || page === null) return
    const at = this.#view.coordsAtPos(popover.from)
    const end = this.#view.coordsAtPos(popover.to)
    const origin = page.getBoundingClientRect()
    const widest = Math.max(8, page.clientWidth - this.#dom.offsetWidth - 8)
    const left = Math.min(Math.max(8, at.left - origin.left), widest)
    const bottom = Math.max(at.bottom, popover.mode === 'view' ? at.bottom : end.bottom)
    const fitsBelow = bottom + 6 + this.#dom.offsetHeight < page.ownerDocument.documentElement.clientHeight
    const top = fitsBelow ? bottom + 6 : at.top - 6 - this.#dom.offsetHeight
    this.#dom.style.setProperty('left', `${Math.round(left)}px`)
    this.#dom.style.setProperty('top', `${Math.round(top - origin.top)}px`)
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return
    event.preventDefault()
    close(this.#view)
    this.#view.focus()
  }

  readonly #onPress = (event: MouseEvent): void => {
    const { target } = event
    const isInside = target instanceof Node && (this.#dom.contains(target) || this.#view.dom.contains(target))
    const isInText = target instanceof Node && this.#view.dom.contains(target)
    if (!isInside || (this.#mode === 'edit' && isInText)) close(this.#view)
  }
}
