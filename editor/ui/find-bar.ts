import { html, nothing, render } from 'lit'
import { live } from 'lit/directives/live.js'
import { TextSelection } from 'prosemirror-state'
import { DecorationSet, type EditorView } from 'prosemirror-view'
import { undoneApart } from '../binding/binding.ts'
import { replaceRanges } from '../commands/replace.ts'
import { maxQueryLength, type Query } from '../reading/pattern.ts'
import { chromeOf } from './chrome.ts'
import { Finder, maxMatches } from './finder.ts'
import { foundKey, highlight, matchesOf, type FindRequest, type Match } from './found.ts'
import { MatchError } from './match-thread.ts'
import { iconButton } from './icon-button.ts'
import { laterIcon as icon, type LaterIconName } from './later-icons.ts'
import { scrollToPosition } from './scroll-to.ts'
import { text } from './text.ts'

/** While somebody types, what was found is followed; it is searched anew after so long without a change. */
const settleMs = 200
/** Of the selected text, so long a piece is taken for what to look for. */
const longestSelected = 100
/** Replaced at once. */
const maxReplaced = 100_000

type Toggle = 'isCaseSensitive' | 'isWholeWord' | 'isRegExp'

/** The bar in which somebody types what to look for, and what to put in its place. */
export class FindBar {
  readonly #view: EditorView
  readonly #dom: HTMLElement
  readonly #finder = new Finder()
  #query: Query = { search: '', isCaseSensitive: false, isWholeWord: false, isRegExp: false }
  #replacement = ''
  #isOpen = false
  #isReplacing = false
  #problem: 'invalid' | MatchError['code'] | null = null
  /** Where the search began: typing on finds the first match from here. */
  #origin = 0
  #searched: EditorView['state']['doc'] | null = null
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(view: EditorView) {
    this.#view = view
    this.#dom = view.dom.ownerDocument.createElement('div')
    this.#dom.className = 'coscribe-corner'
    this.#dom.addEventListener('keydown', this.#onKey)
    chromeOf(view).before(this.#dom)
  }

  /** Shows the bar, or goes to a match when it is shown; with text selected, that is looked for, or what was typed already. */
  open(wish: FindRequest['wish'], typed = ''): void {
    const isStep = wish === 'next' || wish === 'previous'
    const wasOpen = this.#isOpen
    this.#isOpen = true
    if (wish === 'replace') this.#isReplacing = !wasOpen || !this.#isReplacing || this.#isInText()
    if (!isStep || !wasOpen) this.#takeSelection()
    if (typed !== '') this.#query = { ...this.#query, search: typed }
    this.#searched = null
    this.#draw()
    if (isStep) {
      void this.#search().then(() => this.#go(wish === 'next' ? 1 : -1))
      if (!wasOpen) this.#focusField()
      return
    }
    this.#focusField(typed === '')
    void this.#search().then(() => this.#goFromOrigin())
  }

  /** To be called after every change of the view's state. */
  update(): void {
    if (!this.#isOpen) return
    this.#draw()
    if (this.#view.state.doc === this.#searched) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#search(), settleMs)
  }

  destroy(): void {
    clearTimeout(this.#timer)
    this.#finder.close()
    this.#dom.remove()
  }

  #isInText(): boolean {
    return this.#view.hasFocus()
  }

  #takeSelection(): void {
    const { from, to, $from, empty } = this.#view.state.selection
    this.#origin = from
    const isOneLine = !empty && $from.parent.isTextblock && to <= $from.end() && to - from <= longestSelected
    if (!isOneLine) return
    const selected = $from.parent.textBetween(from - $from.start(), to - $from.start(), '', '')
    if (selected !== '') this.#query = { ...this.#query, search: selected, isRegExp: false }
  }

  #focusField(isSelected = true): void {
    const field = this.#dom.querySelector('input')
    field?.focus({ preventScroll: true })
    if (isSelected) field?.select()
    else field?.setSelectionRange(field.value.length, field.value.length)
  }

  /** Finds all matches and highlights them. */
  async #search(): Promise<void> {
    const { search } = this.#query
    if (this.#searched === null) this.#finder.setQuery(this.#query)
    this.#problem = search !== '' && this.#finder.pattern === null ? 'invalid' : null
    const { state } = this.#view
    this.#searched = state.doc
    try {
      const matches = await this.#finder.find(state)
      if (matches === null || !this.#isOpen || this.#view.isDestroyed) return
      // Somebody wrote while an expression was tried; what hasn't changed is known now.
      if (this.#view.state.doc !== state.doc) await this.#search()
      else if (!isSame(matches, matchesOf(this.#view.state))) this.#show(highlight(this.#view.state, matches))
    } catch (error) {
      if (!(error instanceof MatchError)) throw error
      if (this.#view.isDestroyed) return
      this.#problem = error.code
      this.#show(DecorationSet.empty)
    }
    this.#draw()
  }

  #show(found: DecorationSet): void {
    this.#view.dispatch(this.#view.state.tr.setMeta(foundKey, found))
  }

  #setQuery(change: Partial<Query>): void {
    this.#query = { ...this.#query, ...change }
    this.#searched = null
    void this.#search().then(() => this.#goFromOrigin())
  }

  #goFromOrigin(): void {
    const matches = matchesOf(this.#view.state)
    this.#select(matches.find(({ from }) => from >= this.#origin) ?? matches[0])
  }

  #go(direction: 1 | -1): void {
    const matches = matchesOf(this.#view.state)
    const { from, to } = this.#view.state.selection
    const match =
      direction === 1
        ? (matches.find((other) => other.from >= to || (other.from >= from && other.to > to)) ?? matches[0])
        : (matches.findLast((other) => other.to <= from) ?? matches.at(-1))
    this.#select(match)
    this.#origin = this.#view.state.selection.from
  }

  #select(match: Match | undefined): void {
    if (match === undefined || !this.#isOpen || this.#view.composing) return
    const { state } = this.#view
    this.#view.dispatch(state.tr.setSelection(TextSelection.create(state.doc, match.from, match.to)))
    scrollToPosition(this.#view, match.from)
  }

  async #replace(which: 'this' | 'all'): Promise<void> {
    const state = this.#view.state
    const found = await this.#finder.find(state, which === 'all' ? maxReplaced : maxMatches).catch(() => null)
    if (found === null || this.#view.state.doc !== state.doc || !this.#view.editable) return
    const { from, to } = this.#view.state.selection
    const chosen = which === 'all' ? found : found.filter((match) => match.from === from && match.to === to)
    const tr = replaceRanges(this.#view.state.tr, chosen, {
      text: this.#replacement,
      isTemplate: this.#query.isRegExp,
    })
    if (tr.docChanged) this.#view.dispatch(undoneApart(tr))
    const after = tr.docChanged ? tr.mapping.map(to) : from
    await this.#search()
    if (which === 'all') return
    const matches = matchesOf(this.#view.state)
    this.#select(matches.find((match) => match.from >= after) ?? matches[0])
  }

  #close(): void {
    this.#isOpen = false
    clearTimeout(this.#timer)
    this.#searched = null
    this.#finder.close()
    this.#draw()
    this.#show(DecorationSet.empty)
    this.#view.focus()
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.isComposing) return
    const isReplacement = event.target instanceof Element && event.target.matches('.coscribe-replacement')
    if (event.key === 'Escape') this.#close()
    else if (event.key === 'Enter' && isReplacement)
      void this.#replace(event.altKey || event.ctrlKey ? 'all' : 'this')
    else if (event.key === 'Enter' && event.target instanceof HTMLInputElement)
      this.#go(event.shiftKey ? -1 : 1)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  #draw(): void {
    render(this.#isOpen ? this.#bar() : nothing, this.#dom)
  }

  #bar() {
    const type = (event: Event): void => {
      if (event.target instanceof HTMLInputElement) this.#setQuery({ search: event.target.value })
    }
    return html`<div class="coscribe-find" part="find" role="search" aria-label=${text.find.name}>
      <div class="coscribe-find-row">
        ${this.#view.editable ? this.#fold() : nothing}
        <input
          type="text"
          part="input"
          maxlength=${maxQueryLength}
          spellcheck="false"
          autocomplete="off"
          autocapitalize="off"
          aria-label=${text.find.search}
          placeholder=${text.find.search}
          aria-invalid=${String(this.#problem === 'invalid')}
          .value=${live(this.#query.search)}
          @input=${type}
        />
        ${this.#toggle('isCaseSensitive', 'findCase')}${this.#toggle('isWholeWord', 'findWord')}
        ${this.#toggle('isRegExp', 'findRegExp')}
        <span class="coscribe-find-count" role="status">${this.#tell()}</span>
        ${this.#button('findPrevious', () => this.#go(-1))} ${this.#button('findNext', () => this.#go(1))}
        ${this.#button('findClose', () => this.#close())}
      </div>
      ${this.#isReplacing && this.#view.editable ? this.#replaceRow() : nothing}
    </div>`
  }

  #tell(): string {
    if (this.#problem !== null) return text.find[this.#problem]
    if (this.#query.search === '') return ''
    const matches = matchesOf(this.#view.state)
    const { from, to } = this.#view.state.selection
    const index = matches.findIndex((match) => match.from === from && match.to === to)
    return text.find.count(index + 1, matches.length, matches.length >= maxMatches)
  }

  #fold() {
    const fold = (): void => {
      this.#isReplacing = !this.#isReplacing
      this.#draw()
    }
    return html`<button
      type="button"
      class="coscribe-tool coscribe-fold"
      part="tool"
      title=${text.findReplace}
      aria-label=${text.findReplace}
      aria-expanded=${String(this.#isReplacing)}
      @click=${fold}
    >
      ${icon('findReplace')}
    </button>`
  }

  #toggle(name: Toggle, label: 'findCase' | 'findWord' | 'findRegExp') {
    const press = (): void => this.#setQuery({ [name]: !this.#query[name] })
    return this.#button(label, press, this.#query[name])
  }

  #button(name: Extract<LaterIconName, `find${string}`>, press: () => void, isOn?: boolean) {
    return iconButton({ icon: name, label: text[name], press, ...(isOn === undefined ? {} : { isOn }) })
  }

  #replaceRow() {
    const type = (event: Event): void => {
      if (event.target instanceof HTMLInputElement) this.#replacement = event.target.value
    }
    const button = (label: string, which: 'this' | 'all') =>
      html`<button type="button" class="coscribe-button" part="button" @click=${() => this.#replace(which)}>
        ${label}
      </button>`
    return html`<div class="coscribe-find-row">
      <input
        class="coscribe-replacement"
        type="text"
        part="input"
        maxlength=${maxQueryLength}
        autocomplete="off"
        aria-label=${text.find.replacement}
        placeholder=${text.find.replacement}
        .value=${live(this.#replacement)}
        @input=${type}
      />
      ${button(text.find.replace, 'this')} ${button(text.find.replaceAll, 'all')}
    </div>`
  }
}

function isSame(a: readonly Match[], b: readonly Match[]): boolean {
  const isThere = ({ from, to }: Match, other: Match | undefined): boolean =>
    other !== undefined && from === other.from && to === other.to
  return a.length === b.length && a.every((match, index) => isThere(match, b[index]))
}
