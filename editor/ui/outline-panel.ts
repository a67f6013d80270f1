import { html, nothing, render } from 'lit'
import { TextSelection, type Command, type EditorState } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { countDocument, type Count } from '../reading/count.ts'
import { depthsOf, outlineOf, type Heading } from '../reading/outline.ts'
import { chromeOf } from './chrome.ts'
import { iconButton } from './icon-button.ts'
import { laterIcon as icon } from './later-icons.ts'
import { scrollToPosition } from './scroll-to.ts'
import { laterText } from './later-text.ts'

/** Headings and counts are read again after so long without a change. */
const settleMs = 250
/** A section is the one that is read from where its heading is this near to the top. */
const topPx = 160

interface Entry {
  readonly heading: Heading
  readonly depth: number
  readonly hasChildren: boolean
  readonly isOpen: boolean
}

interface OutlineOptions {
  readonly isOpen: (state: EditorState) => boolean
  readonly toggle: Command
}

/** The document's headings as a tree, and below them how long it is. */
export class OutlinePanel {
  readonly #view: EditorView
  readonly #options: OutlineOptions
  readonly #dom: HTMLElement
  readonly #stop = new AbortController()
  readonly #folded = new Set<string>()
  #headings: readonly Heading[] = []
  #count: Count = { words: 0, characters: 0 }
  #selected: Count | null = null
  #isOpen = false
  #focused = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #frame: number | undefined

  constructor(view: EditorView, options: OutlineOptions) {
    this.#view = view
    this.#options = options
    const document = view.dom.ownerDocument
    this.#dom = document.createElement('div')
    this.#dom.className = 'coscribe-side'
    this.#dom.addEventListener('keydown', this.#onKey)
    chromeOf(view).before(this.#dom)
    const listening = { signal: this.#stop.signal, passive: true, capture: true }
    document.addEventListener('scroll', this.#onScroll, listening)
    if (options.isOpen(view.state)) this.#setOpen(true)
  }

  #setOpen(isOpen: boolean): void {
    this.#isOpen = isOpen
    if (isOpen) this.#read()
    else this.#draw()
    if (isOpen) this.#dom.querySelector<HTMLElement>('[role="treeitem"][tabindex="0"], button')?.focus()
    else this.#view.focus()
  }

  /** To be called after every change of the view's state. */
  update(): void {
    clearTimeout(this.#timer)
    const isOpen = this.#options.isOpen(this.#view.state)
    if (isOpen !== this.#isOpen) this.#setOpen(isOpen)
    else if (isOpen) this.#timer = setTimeout(() => this.#read(), settleMs)
  }

  destroy(): void {
    this.#stop.abort()
    clearTimeout(this.#timer)
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame)
    this.#dom.remove()
  }

  #read(): void {
    if (this.#view.isDestroyed) return
    const { doc, selection } = this.#view.state
    this.#headings = outlineOf(doc)
    this.#count = countDocument(doc)
    this.#selected = selection.empty ? null : countDocument(doc, selection.from, selection.to)
    this.#draw()
  }

  readonly #onScroll = (): void => {
    if (!this.#isOpen) return
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined
      if (!this.#view.isDestroyed) this.#draw()
    })
  }

  /** The section at the top of the page. */
  #current(): Heading | null {
    let low = 0
    let high = this.#headings.length
    while (low < high) {
      const middle = (low + high) >> 1
      const dom = this.#view.nodeDOM(this.#headings[middle]?.position ?? 0)
      const isAbove = dom instanceof Element && dom.getBoundingClientRect().top < topPx
      if (isAbove) low = middle + 1
      else high = middle
    }
    return this.#headings[Math.max(0, low - 1)] ?? null
  }

  #entries(): Entry[] {
    const depths = depthsOf(this.#headings)
    let foldedAt = Infinity
    return this.#headings.flatMap((heading, index) => {
      const depth = depths[index] ?? 1
      if (depth > foldedAt) return []
      const isOpen = !this.#folded.has(keyOf(heading))
      foldedAt = isOpen ? Infinity : depth
      return [{ heading, depth, isOpen, hasChildren: (depths[index + 1] ?? 0) > depth }]
    })
  }

  #go({ position }: Heading): void {
    const { doc, tr } = this.#view.state
    const node = doc.nodeAt(position)
    if (node === null) return
    this.#view.dispatch(
      tr.setSelection(TextSelection.near(doc.resolve(position + 1 + node.content.size), -1)),
    )
    if (matchMedia('(max-width: 640px)').matches) this.#close()
    this.#view.focus()
    scrollToPosition(this.#view, position + 1, true)
  }

  #close(): void {
    this.#options.toggle(this.#view.state, this.#view.dispatch, this.#view)
  }

  #fold(heading: Heading): void {
    const key = keyOf(heading)
    if (!this.#folded.delete(key)) this.#folded.add(key)
    this.#draw()
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    const entries = this.#entries()
    const entry = entries[this.#focused]
    const isInTree = event.target instanceof Element && event.target.closest('[role="treeitem"]') !== null
    if (event.key === 'Escape') this.#close()
    else if (!isInTree || entry === undefined) return
    else if (event.key === 'Enter' || event.key === ' ') this.#go(entry.heading)
    else if (event.key === 'ArrowDown') this.#rove(this.#focused + 1)
    else if (event.key === 'ArrowUp') this.#rove(this.#focused - 1)
    else if (event.key === 'Home') this.#rove(0)
    else if (event.key === 'End') this.#rove(entries.length - 1)
    else if (event.key === 'ArrowLeft') this.#out(entries, entry)
    else if (event.key === 'ArrowRight') this.#in(entry)
    else return
    event.preventDefault()
  }

  #out(entries: readonly Entry[], entry: Entry): void {
    if (entry.hasChildren && entry.isOpen) this.#fold(entry.heading)
    else this.#rove(entries.findLastIndex(({ depth }, index) => index < this.#focused && depth < entry.depth))
  }

  #in(entry: Entry): void {
    if (entry.hasChildren && !entry.isOpen) this.#fold(entry.heading)
    else if (entry.hasChildren) this.#rove(this.#focused + 1)
  }

  #rove(index: number): void {
    const items = this.#dom.querySelectorAll<HTMLElement>('[role="treeitem"]')
    if (index < 0 || index >= items.length) return
    this.#focused = index
    this.#draw()
    items[index]?.focus()
  }

  #draw(): void {
    render(this.#isOpen ? this.#panel() : nothing, this.#dom)
  }

  #panel() {
    const entries = this.#entries()
    const current = this.#current()
    this.#focused = Math.min(this.#focused, Math.max(0, entries.length - 1))
    return html`<section class="coscribe-outline" part="outline" aria-label=${laterText.outline.name}>
      <header>
        <h2>${laterText.outline.name}</h2>
        ${iconButton({ icon: 'close', label: laterText.outline.close, press: () => this.#close() })}
      </header>
      ${
        entries.length === 0
          ? html`<p>${laterText.outline.empty}</p>`
          : html`<div class="coscribe-tree" role="tree" aria-label=${laterText.outline.name}>
              ${entries.map((entry, index) => this.#item(entry, { index, isCurrent: entry.heading === current }))}
            </div>`
      }
      ${this.#counts()}
    </section>`
  }

  #item({ heading, depth, hasChildren, isOpen }: Entry, at: { index: number; isCurrent: boolean }) {
    const fold = (event: Event): void => {
      event.stopPropagation()
      this.#fold(heading)
    }
    const choose = (): void => {
      this.#focused = at.index
      this.#go(heading)
    }
    return html`<div
      class="coscribe-heading"
      role="treeitem"
      tabindex=${at.index === this.#focused ? 0 : -1}
      aria-level=${depth}
      aria-expanded=${hasChildren ? String(isOpen) : nothing}
      aria-current=${at.isCurrent ? 'location' : nothing}
      data-depth=${depth}
      @focusin=${() => (this.#focused = at.index)}
      @click=${choose}
    >
      ${hasChildren ? html`<span class="coscribe-twist" @click=${fold}>${icon('findReplace')}</span>` : nothing}
      <span class="coscribe-heading-text" dir="auto">${heading.text}</span>
    </div>`
  }

  #counts() {
    const say = ({ words, characters }: Count): string => laterText.outline.counts(words, characters)
    return html`<footer class="coscribe-counts">
      <span>${say(this.#count)}</span>
      ${this.#selected === null ? nothing : html`<span>${laterText.outline.selected} ${say(this.#selected)}</span>`}
    </footer>`
  }
}

const keyOf = ({ level, text: words }: Heading): string => `${level} ${words}`
