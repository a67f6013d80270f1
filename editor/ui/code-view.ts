import type { Node } from 'prosemirror-model'
import type { EditorView, NodeView, ViewMutationRecord } from 'prosemirror-view'
import { mathLanguage, parseLanguage } from '../schema/index.ts'
import type { CodeBar } from './code-bar.ts'

/** A code block, or a formula by itself; its controls and what it means are fetched when the first one is shown. */
export class CodeView implements NodeView {
  readonly dom: HTMLElement
  readonly contentDOM: HTMLElement
  readonly #pre: HTMLElement
  #bar: CodeBar | null = null
  #node: Node
  #isDestroyed = false

  constructor(node: Node, view: EditorView, getPosition: () => number | undefined) {
    const { ownerDocument } = view.dom
    this.#node = node
    this.dom = ownerDocument.createElement('div')
    this.dom.className = 'coscribe-code'
    this.#pre = ownerDocument.createElement('pre')
    this.#pre.dir = 'auto'
    this.#pre.spellcheck = false
    this.contentDOM = this.#pre.appendChild(ownerDocument.createElement('code'))
    this.dom.append(this.#pre)
    this.#draw()
    void import('./code-bar.ts').then(
      ({ CodeBar: Bar }) => {
        if (this.#isDestroyed) return
        this.#bar = new Bar({ dom: this.dom, pre: this.#pre, view, getPosition })
        this.#bar.draw(this.#node)
      },
      () => {
        // Without its controls it is still code that can be written in; the next one tries again.
        this.dom.classList.remove('coscribe-formula-block')
      },
    )
  }

  update(node: Node): boolean {
    if (node.type !== this.#node.type) return false
    this.#node = node
    this.#draw()
    return true
  }

  stopEvent({ target }: Event): boolean {
    return target instanceof globalThis.Node && !this.#pre.contains(target) && this.dom !== target
  }

  ignoreMutation({ type, target }: ViewMutationRecord): boolean {
    return type !== 'selection' && !this.contentDOM.contains(target)
  }

  destroy(): void {
    this.#isDestroyed = true
    this.#bar?.destroy()
  }

  #draw(): void {
    const language = parseLanguage(this.#node.attrs['language'])
    this.dom.classList.toggle('coscribe-formula-block', language === mathLanguage)
    this.contentDOM.className = language === null ? '' : `language-${language}`
    this.#bar?.draw(this.#node)
  }
}
