import type { Node } from 'prosemirror-model'
import type { EditorView, NodeView, ViewMutationRecord } from 'prosemirror-view'
import { parseCallout } from '../schema/index.ts'
import type { OpenMenu } from './menu.ts'
import { text } from './text.ts'

/** A callout as the editor shows it: the sign of its kind is a button that changes the kind. */
export class CalloutView implements NodeView {
  readonly dom: HTMLElement
  readonly contentDOM: HTMLElement
  readonly #view: EditorView
  readonly #getPosition: () => number | undefined
  readonly #button: HTMLButtonElement
  #menu: OpenMenu | null = null
  #node: Node

  constructor(node: Node, view: EditorView, getPosition: () => number | undefined) {
    const { ownerDocument } = view.dom
    this.#node = node
    this.#view = view
    this.#getPosition = getPosition
    this.dom = ownerDocument.createElement('aside')
    this.dom.setAttribute('role', 'note')
    this.#button = ownerDocument.createElement('button')
    this.#button.type = 'button'
    this.#button.className = 'coscribe-callout-kind'
    this.#button.contentEditable = 'false'
    this.#button.dataset['blockControl'] = ''
    this.#button.setAttribute('aria-haspopup', 'menu')
    this.#button.setAttribute('aria-expanded', 'false')
    this.#button.addEventListener('mousedown', (event) => event.preventDefault())
    this.#button.addEventListener('click', this.#toggle)
    this.contentDOM = ownerDocument.createElement('div')
    this.contentDOM.className = 'coscribe-callout-text'
    this.dom.append(this.#button, this.contentDOM)
    this.#draw()
  }

  update(node: Node): boolean {
    if (node.type !== this.#node.type) return false
    this.#node = node
    this.#draw()
    return true
  }

  stopEvent({ target }: Event): boolean {
    return target instanceof globalThis.Node && this.#button.contains(target)
  }

  ignoreMutation({ target }: ViewMutationRecord): boolean {
    return !this.contentDOM.contains(target)
  }

  destroy(): void {
    this.#menu?.close()
  }

  #draw(): void {
    const kind = parseCallout(this.#node.attrs['kind'])
    this.dom.dataset['callout'] = kind
    this.dom.setAttribute('aria-label', text.callouts[kind])
    const label = `${text.calloutKind}: ${text.callouts[kind]}`
    this.#button.setAttribute('aria-label', label)
    this.#button.title = label
    if (this.#button.dataset['kind'] === kind) return
    this.#button.dataset['kind'] = kind
    void import('./later-icons.ts').then(({ laterIcon }) => {
      if (this.#button.dataset['kind'] === kind) this.#button.replaceChildren(laterIcon(kind))
    }, ignore)
  }

  readonly #toggle = (event: Event): void => {
    event.preventDefault()
    if (!this.#view.editable) return
    const options = {
      view: this.#view,
      anchor: this.#button,
      kind: parseCallout(this.#node.attrs['kind']),
      getPosition: this.#getPosition,
      onClose: () => {
        this.#menu = null
      },
    }
    void import('./callout-menu.ts').then(({ openCalloutMenu }) => {
      if (this.dom.isConnected) this.#menu = openCalloutMenu(options)
    }, ignore)
  }
}

/** What could not be fetched is asked for again by the next press. */
function ignore(): void {
  return
}
