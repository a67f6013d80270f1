import type { Node } from 'prosemirror-model'
import { TextSelection } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { setLanguage } from '../commands/code.ts'
import { mathLanguage, parseLanguage } from '../schema/index.ts'
import { laterIcon } from './later-icons.ts'
import { drawFormula } from './formula.ts'
import { languageChoices } from './languages.ts'
import { text } from './text.ts'

/** How long a copy button says that it copied, in milliseconds. */
const copiedForMs = 1_500

interface CodeBarOptions {
  /** The block's element, and the one in it with the code. */
  readonly dom: HTMLElement
  readonly pre: HTMLElement
  readonly view: EditorView
  readonly getPosition: () => number | undefined
}

/** A code block's language and copy button; of a formula, what it means, and while it is edited its source above that. */
export class CodeBar {
  readonly #dom: HTMLElement
  readonly #view: EditorView
  readonly #getPosition: () => number | undefined
  readonly #language: HTMLSelectElement
  readonly #copy: HTMLButtonElement
  readonly #formula: HTMLElement
  readonly #error: HTMLElement
  #node: Node | null = null
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor({ dom, pre, view, getPosition }: CodeBarOptions) {
    const create = <Name extends keyof HTMLElementTagNameMap>(name: Name, className: string) => {
      const element = view.dom.ownerDocument.createElement(name)
      element.className = className
      return element
    }
    this.#dom = dom
    this.#view = view
    this.#getPosition = getPosition
    const bar = create('div', 'coscribe-code-bar')
    bar.contentEditable = 'false'
    this.#language = create('select', 'coscribe-language')
    this.#language.setAttribute('aria-label', text.codeLanguage)
    this.#language.dataset['blockControl'] = ''
    this.#copy = create('button', 'coscribe-tool')
    this.#copy.type = 'button'
    bar.append(this.#language, this.#copy)
    this.#formula = create('div', 'coscribe-formula')
    this.#formula.contentEditable = 'false'
    this.#error = create('p', 'coscribe-formula-message')
    this.#error.contentEditable = 'false'
    pre.before(bar)
    pre.after(this.#formula, this.#error)
    this.#listen()
    this.#showCopied(false)
  }

  destroy(): void {
    clearTimeout(this.#timer)
  }

  #listen(): void {
    this.#language.addEventListener('pointerdown', this.#fillLanguages)
    this.#language.addEventListener('focus', this.#fillLanguages)
    this.#language.addEventListener('change', this.#chooseLanguage)
    this.#language.addEventListener('keydown', this.#leave)
    this.#copy.addEventListener('keydown', this.#leave)
    this.#copy.addEventListener('mousedown', (event) => event.preventDefault())
    this.#copy.addEventListener('click', this.#copyText)
    this.#formula.addEventListener('mousedown', this.#editFormula)
  }

  /** Shows what the block is now. */
  draw(node: Node): void {
    this.#node = node
    const language = parseLanguage(node.attrs['language'])
    const isFormula = language === mathLanguage
    this.#language.disabled = !this.#view.editable
    const { chosen } = languageChoices(language)
    if (this.#language.value !== chosen || this.#language.options.length === 0) {
      // Of the many languages only the chosen one stands there, until somebody looks for another.
      this.#language.replaceChildren(this.#option(chosen, language))
    }
    if (isFormula) this.#drawFormula()
    else this.#showError(null)
  }

  #drawFormula(): void {
    const tex = (this.#node?.textContent ?? '').trim()
    this.#formula.classList.toggle('coscribe-formula-empty', tex === '')
    drawFormula(
      this.#formula,
      { tex: tex === '' ? `\\text{${text.formulaEmpty}}` : tex, isBlock: true },
      this.#showError,
    )
  }

  readonly #showError = (error: string | null): void => {
    this.#error.textContent = error
    this.#dom.classList.toggle('coscribe-has-error', error !== null)
  }

  #option(value: string, language: string | null): HTMLOptionElement {
    const option = this.#dom.ownerDocument.createElement('option')
    option.value = value
    option.textContent = languageChoices(language).names.get(value) ?? value
    return option
  }

  readonly #fillLanguages = (): void => {
    if (this.#language.options.length > 1) return
    const language = parseLanguage(this.#node?.attrs['language'])
    const { names, chosen } = languageChoices(language)
    this.#language.replaceChildren(...[...names.keys()].map((value) => this.#option(value, language)))
    this.#language.value = chosen
  }

  readonly #chooseLanguage = (): void => {
    const position = this.#getPosition()
    if (position === undefined) return
    setLanguage(position, this.#language.value || null)(this.#view.state, this.#view.dispatch)
    this.#view.focus()
  }

  readonly #leave = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return
    event.preventDefault()
    this.#view.focus()
  }

  readonly #copyText = (event: Event): void => {
    event.preventDefault()
    void navigator.clipboard.writeText(this.#node?.textContent ?? '').then(
      () => this.#showCopied(true),
      () => this.#showCopied(false),
    )
  }

  readonly #showCopied = (isCopied: boolean): void => {
    clearTimeout(this.#timer)
    const name = isCopied ? 'copied' : 'copyCode'
    this.#copy.replaceChildren(laterIcon(name))
    this.#copy.title = text[name]
    this.#copy.setAttribute('aria-label', text[name])
    if (isCopied) this.#timer = setTimeout(() => this.#showCopied(false), copiedForMs)
  }

  readonly #editFormula = (event: Event): void => {
    const position = this.#getPosition()
    if (position === undefined || this.#node === null || !this.#view.editable) return
    event.preventDefault()
    const { state } = this.#view
    const end = position + this.#node.nodeSize - 1
    this.#view.dispatch(state.tr.setSelection(TextSelection.create(state.doc, end)))
    this.#view.focus()
  }
}
