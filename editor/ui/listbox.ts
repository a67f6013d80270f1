import type { ReferenceElement } from '@floating-ui/dom'
import { html, nothing, render } from 'lit'
import type { EditorView } from 'prosemirror-view'
import { float, type Floating } from './float.ts'
import { text } from './text.ts'

/** Something to choose from a listbox. */
export interface Choice {
  /** Tells it from the others in the list. */
  readonly id: string
  readonly label: string
  /** Drawn before the label; hidden from screen readers. */
  readonly picture?: Node | string
  /** Drawn after the label, in small. */
  readonly detail?: string
  readonly keys?: string
  readonly choose: () => void
}

/** Choices under a heading. */
export interface ChoiceGroup {
  readonly label: string
  readonly choices: readonly Choice[]
}

const maxHeight = 344
let created = 0

/**
 * A list to choose from that leaves the focus in the text: the text says by `aria-activedescendant` which choice is the
 * active one. The choice stays active by its id when others come and go.
 */
export class Listbox {
  readonly #view: EditorView
  readonly #dom: HTMLElement
  readonly #id = `coscribe-list-${++created}`
  #label = ''
  #groups: readonly ChoiceGroup[] = []
  #active: string | null = null
  #floating: Floating | null = null

  constructor(view: EditorView) {
    this.#view = view
    this.#dom = view.dom.ownerDocument.createElement('div')
    this.#dom.className = 'coscribe-list'
    this.#dom.hidden = true
    // It scrolls, so it has to be reachable.
    this.#dom.tabIndex = 0
    // The press must not take the focus from the text.
    this.#dom.addEventListener('mousedown', (event) => event.preventDefault())
    // Beside the text in any case: an id of one tree means nothing in another.
    view.dom.parentElement?.append(this.#dom)
  }

  get isOpen(): boolean {
    return !this.#dom.hidden
  }

  get #choices(): Choice[] {
    return this.#groups.flatMap(({ choices }) => choices)
  }

  /** Draws the choices; `reference` is where to stand, taken when the list opens. */
  show(label: string, groups: readonly ChoiceGroup[], reference: ReferenceElement): void {
    this.#groups = groups
    if (!this.#choices.some(({ id }) => id === this.#active)) this.#active = this.#choices[0]?.id ?? null
    this.#dom.hidden = false
    this.#label = label
    this.#draw()
    this.#floating ??= float(this.#dom, reference, { placement: 'bottom-start', maxHeight })
    this.#floating.update()
    this.#describe()
  }

  hide(): void {
    if (!this.isOpen) return
    this.#dom.hidden = true
    this.#floating?.stop()
    this.#floating = null
    this.#groups = []
    this.#active = null
    render(nothing, this.#dom)
    for (const name of ['aria-activedescendant', 'aria-controls', 'aria-autocomplete'])
      this.#view.dom.removeAttribute(name)
  }

  /** Places the list again, because what it stands beside has moved. */
  moved(): void {
    this.#floating?.update()
  }

  /** Forgets which choice is the active one, for a list about something else. */
  reset(): void {
    this.#active = null
  }

  /** Takes a key that was pressed in the text; false when it means nothing here. */
  press(key: string): boolean {
    const choices = this.#choices
    if (!this.isOpen || choices.length === 0) return false
    const at = choices.findIndex(({ id }) => id === this.#active)
    switch (key) {
      case 'ArrowDown':
        this.#activate(choices[(at + 1) % choices.length])
        return true
      case 'ArrowUp':
        this.#activate(choices.at(at - 1))
        return true
      case 'Home':
        this.#activate(choices[0])
        return true
      case 'End':
        this.#activate(choices.at(-1))
        return true
      case 'Enter':
      case 'Tab':
        choices[at]?.choose()
        return true
      default:
        return false
    }
  }

  destroy(): void {
    this.hide()
    this.#dom.remove()
  }

  #activate(choice: Choice | undefined): void {
    this.#active = choice?.id ?? null
    this.#draw()
    this.#describe()
    this.#scrollToActive()
  }

  /** Scrolls the list and nothing else. */
  #scrollToActive(): void {
    const option = this.#dom.querySelector<HTMLElement>('[aria-selected=true]')
    if (option === null) return
    const isFirst = option === this.#dom.querySelector('[role=option]')
    const list = this.#dom.getBoundingClientRect()
    const box = option.getBoundingClientRect()
    const above = list.top + 34 - box.top
    const below = box.bottom - list.bottom + 6
    if (isFirst) this.#dom.scrollTop = 0
    else if (above > 0) this.#dom.scrollTop -= above
    else if (below > 0) this.#dom.scrollTop += below
  }

  #optionId(id: string | null): string {
    return `${this.#id}-${this.#choices.findIndex((choice) => choice.id === id)}`
  }

  #describe(): void {
    const { dom } = this.#view
    dom.setAttribute('aria-autocomplete', 'list')
    dom.setAttribute('aria-controls', this.#id)
    if (this.#active === null) dom.removeAttribute('aria-activedescendant')
    else dom.setAttribute('aria-activedescendant', this.#optionId(this.#active))
  }

  #draw(): void {
    const group = ({ label: heading, choices }: ChoiceGroup, at: number) =>
      html`<div role="group" aria-labelledby="${this.#id}-group-${at}">
        <div class="coscribe-list-heading" role="presentation" id="${this.#id}-group-${at}">${heading}</div>
        ${choices.map((choice) => this.#option(choice))}
      </div>`
    const empty = html`<p class="coscribe-list-empty" role="status">${text.noMatches}</p>`
    const isEmpty = this.#choices.length === 0
    render(
      html`<div role="listbox" id=${this.#id} aria-label=${this.#label}>${this.#groups.map(group)}</div>
        ${isEmpty ? empty : nothing}`,
      this.#dom,
    )
  }

  #option(choice: Choice) {
    const { id, label, picture, detail, keys } = choice
    const activate = (): void => {
      if (this.#active !== id) this.#activate(choice)
    }
    return html`<div
      role="option"
      class="coscribe-option"
      id=${this.#optionId(id)}
      aria-selected=${String(id === this.#active)}
      @mousemove=${activate}
      @click=${choice.choose}
    >
      <span class="coscribe-option-picture" aria-hidden="true">${picture ?? nothing}</span>
      <span class="coscribe-option-label">${label}</span>
      ${detail === undefined ? nothing : html`<span class="coscribe-option-detail">${detail}</span>`}
      ${keys === undefined ? nothing : html`<kbd aria-hidden="true">${keys}</kbd>`}
    </div>`
  }
}
