import type { Node as DocumentNode } from 'prosemirror-model'
import { NodeSelection, TextSelection } from 'prosemirror-state'
import type { EditorView, NodeView, NodeViewConstructor } from 'prosemirror-view'
import { clampImageWidth, setImage } from '../commands/images.ts'
import { imageWidths, parseImage, type ImageAttrs } from '../schema/index.ts'
import type { Pictures } from '../sync/upload.ts'
import { icon } from './icons.ts'
import { text } from './text.ts'

/** How far an arrow key moves the edge of a picture, in pixels; with Shift. */
const step = 10
const bigStep = 50

/** Draws pictures: a figure with handles to resize it, and its caption. */
export function imageView(pictures: Pictures): NodeViewConstructor {
  return (node, view, getPos) => new ImageView(node, { view, getPos, pictures })
}

interface Surroundings {
  readonly view: EditorView
  readonly getPos: () => number | undefined
  readonly pictures: Pictures
}

class ImageView implements NodeView {
  readonly dom: HTMLElement
  readonly contentDOM: HTMLElement
  readonly #surroundings: Surroundings
  readonly #picture: HTMLElement
  readonly #img: HTMLImageElement
  readonly #missing: HTMLElement
  readonly #handle: HTMLElement
  readonly #stop = new AbortController()
  #attrs: ImageAttrs
  /** Undefined before the first is loaded. */
  #src: string | null | undefined = undefined
  /** Width while it is being dragged to, which nobody else sees. */
  #dragged: number | null = null

  constructor(node: DocumentNode, surroundings: Surroundings) {
    const { view } = surroundings
    const create = (tag: string, className: string) => {
      const element = view.dom.ownerDocument.createElement(tag)
      element.className = className
      return element
    }
    this.#surroundings = surroundings
    this.dom = create('figure', 'coscribe-figure')
    this.#picture = create('div', 'coscribe-picture')
    this.#picture.contentEditable = 'false'
    this.#img = view.dom.ownerDocument.createElement('img')
    this.#img.referrerPolicy = 'no-referrer'
    this.#missing = create('div', 'coscribe-picture-missing')
    this.#missing.setAttribute('role', 'img')
    this.#handle = this.#createHandle(create('div', 'coscribe-resize coscribe-resize-end'), 1)
    const start = this.#createHandle(create('div', 'coscribe-resize coscribe-resize-start'), -1)
    this.#picture.append(this.#img, this.#missing, start, this.#handle)
    this.contentDOM = create('figcaption', 'coscribe-caption')
    this.contentDOM.dataset['placeholder'] = text.imageCaption
    this.dom.append(this.#picture, this.contentDOM)
    this.#attrs = parseImage(node.attrs)
    this.#describeHandle()
    this.#listen()
    this.#draw(node)
  }

  update(node: DocumentNode): boolean {
    if (node.type.name !== 'image') return false
    this.#draw(node)
    return true
  }

  selectNode(): void {
    this.dom.classList.add('ProseMirror-selectednode')
    this.#handle.tabIndex = this.#surroundings.view.editable ? 0 : -1
    this.#tellWidth()
  }

  deselectNode(): void {
    this.dom.classList.remove('ProseMirror-selectednode')
    this.#handle.tabIndex = -1
  }

  /** Selecting text in the caption with the mouse is the browser's; so is all that happens on the handles. */
  stopEvent(event: Event): boolean {
    const { target } = event
    if (!(target instanceof Element)) return false
    if (target.classList.contains('coscribe-resize')) return true
    return (event.type === 'mousedown' || event.type === 'dragstart') && this.contentDOM.contains(target)
  }

  ignoreMutation(mutation: { readonly target: Node; readonly type: string }): boolean {
    return mutation.type !== 'selection' && !this.contentDOM.contains(mutation.target)
  }

  destroy(): void {
    this.#stop.abort()
  }

  #draw(node: DocumentNode): void {
    this.#attrs = parseImage(node.attrs)
    const { src, alt, title, width, align } = this.#attrs
    if (src !== this.#src) this.#load(src)
    this.#img.alt = alt ?? ''
    this.#img.title = title ?? ''
    this.#missing.setAttribute('aria-label', alt ?? text.imageMissing)
    this.#missing.replaceChildren(icon('imageMissing'), alt ?? text.imageMissing)
    this.#setWidth(this.#dragged ?? width)
    this.dom.dataset['align'] = align ?? 'center'
    this.dom.classList.toggle('coscribe-figure-plain', node.content.size === 0)
  }

  #load(src: string | null): void {
    this.#src = src
    const show = (address: string | null) => {
      if (this.#src !== src) return
      this.#picture.dataset['state'] = address === null ? 'missing' : 'loading'
      if (address === null) this.#img.removeAttribute('src')
      else this.#img.src = address
    }
    const shown = src === null ? null : this.#surroundings.pictures.show(src)
    if (shown === null || typeof shown === 'string') show(shown)
    else
      shown.then(show, () => {
        show(null)
      })
  }

  #listen(): void {
    const options = { signal: this.#stop.signal }
    this.#img.addEventListener('load', () => (this.#picture.dataset['state'] = 'shown'), options)
    this.#img.addEventListener('error', () => (this.#picture.dataset['state'] = 'missing'), options)
    this.#handle.addEventListener('keydown', this.#onKey, options)
    this.#handle.addEventListener('focus', () => this.#tellWidth(), options)
    this.contentDOM.addEventListener('mousedown', this.#enterCaption, options)
  }

  /** Browsers leave the selection as it is when a finger taps what is selected: here, the picture with its caption. */
  readonly #enterCaption = ({ clientX, clientY }: MouseEvent): void => {
    const { view } = this.#surroundings
    if (!this.dom.classList.contains('ProseMirror-selectednode')) return
    const place = view.posAtCoords({ left: clientX, top: clientY })
    if (place === null) return
    const $place = view.state.doc.resolve(place.pos)
    if ($place.parent.inlineContent) view.dispatch(view.state.tr.setSelection(new TextSelection($place)))
  }

  #setWidth(width: number | null): void {
    if (width === null) this.#picture.style.removeProperty('width')
    else this.#picture.style.setProperty('width', `${width}px`)
    this.#tellWidth()
  }

  get #mostWidth(): number {
    return this.dom.clientWidth || imageWidths.most
  }

  #describeHandle(): void {
    this.#handle.setAttribute('role', 'slider')
    this.#handle.setAttribute('aria-label', text.imageWidth)
    this.#handle.setAttribute('aria-orientation', 'horizontal')
    this.#handle.setAttribute('aria-valuemin', String(imageWidths.least))
    this.#handle.tabIndex = -1
  }

  #tellWidth(): void {
    if (this.#handle.tabIndex !== 0) return
    const now = this.#dragged ?? Math.round(this.#picture.offsetWidth)
    this.#handle.setAttribute('aria-valuemax', String(this.#mostWidth))
    this.#handle.setAttribute('aria-valuenow', String(now))
    this.#handle.setAttribute('aria-valuetext', text.pixels(now))
  }

  #write(width: number): void {
    const { view, getPos } = this.#surroundings
    const position = getPos()
    if (position === undefined || !view.editable) return
    setImage(position, { width: clampImageWidth(width, this.#mostWidth) })(view.state, view.dispatch)
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    const { view } = this.#surroundings
    if (event.key === 'Escape' || event.key === 'Enter') {
      event.preventDefault()
      view.focus()
      return
    }
    const by = event.shiftKey ? bigStep : step
    const now = this.#attrs.width ?? this.#picture.offsetWidth
    const widths: Readonly<Record<string, number>> = {
      ArrowRight: now + by,
      ArrowUp: now + by,
      ArrowLeft: now - by,
      ArrowDown: now - by,
      PageUp: now + bigStep,
      PageDown: now - bigStep,
      Home: imageWidths.least,
      End: this.#mostWidth,
    }
    const width = widths[event.key]
    if (width === undefined) return
    event.preventDefault()
    this.#write(Math.min(width, this.#mostWidth))
  }

  /** `side` is 1 for the handle at the right edge, -1 for the left. */
  #createHandle(handle: HTMLElement, side: 1 | -1): HTMLElement {
    const signal = this.#stop.signal
    let drag: { readonly x: number; readonly width: number } | null = null
    const end = (isKept: boolean) => {
      const width = this.#dragged
      drag = null
      this.#dragged = null
      this.#setWidth(this.#attrs.width)
      if (isKept && width !== null) this.#write(width)
    }
    const listen = (type: string, listener: (event: PointerEvent) => void) => {
      const heard = (event: Event) => {
        if (event instanceof PointerEvent) listener(event)
      }
      handle.addEventListener(type, heard, { signal })
    }
    listen('pointerdown', (event) => {
      const { view, getPos } = this.#surroundings
      const position = getPos()
      if (event.button !== 0 || position === undefined || !view.editable) return
      event.preventDefault()
      handle.setPointerCapture(event.pointerId)
      view.dispatch(view.state.tr.setSelection(NodeSelection.create(view.state.doc, position)))
      drag = { x: event.clientX, width: this.#picture.offsetWidth }
    })
    listen('pointermove', (event) => {
      if (drag === null) return
      // A picture in the middle grows at both edges.
      const times = this.#attrs.align === null ? 2 : 1
      const width = drag.width + (event.clientX - drag.x) * side * times
      this.#dragged = clampImageWidth(width, this.#mostWidth)
      this.#setWidth(this.#dragged)
    })
    listen('pointerup', () => end(true))
    listen('pointercancel', () => end(false))
    return handle
  }
}
