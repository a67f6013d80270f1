import { Plugin, PluginKey, type EditorState } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import type { Awareness } from 'y-protocols/awareness'
import { lasting } from '../lasting-view.ts'
import { chromeOf } from './chrome.ts'
import { textColorOn } from './color.ts'
import { remoteCursors, type RemoteCursor } from './remote-cursors.ts'
import { selectionRects, type Box } from './selection-rects.ts'

/*
 * The others' carets and selections, drawn in a layer beside the editable element.
 *
 * 1. Nothing is put into the text: no line moves, no composition breaks, no screen reader reads a name in a sentence.
 * 2. Everything is measured first and written after, once per frame at most.
 * 3. The layer takes no pointer events; hovering is found out by comparing coordinates.
 */

const flagMs = 2000
const hoverPx = 8

interface Raised {
  readonly client: number
}

const raisedKey = new PluginKey<Raised | null>('coscribe-carets')

/** Shows where the others are. */
export function carets(awareness: Awareness): Plugin {
  return new Plugin<Raised | null>({
    key: raisedKey,
    state: { init: () => null, apply: (tr, raised) => parseRaised(tr.getMeta(raisedKey)) ?? raised },
    view: lasting((view) => new CaretLayer(view, awareness)),
  })
}

/** Shows the name at a client's caret for a moment, larger than usual. */
export function raiseFlag(view: EditorView, client: number): void {
  view.dispatch(view.state.tr.setMeta(raisedKey, { client } satisfies Raised))
}

function parseRaised(value: unknown): Raised | null {
  const isRaised = (some: unknown): some is Raised =>
    typeof some === 'object' && some !== null && 'client' in some
  return isRaised(value) ? value : null
}

interface Drawn {
  readonly caret: HTMLElement
  readonly flag: HTMLElement
  readonly boxes: HTMLElement[]
  token: string
  box: Box | undefined
  timer: ReturnType<typeof setTimeout> | undefined
}

interface Measured {
  readonly cursor: RemoteCursor
  readonly caret: Box
  readonly selection: readonly Box[]
}

class CaretLayer {
  readonly #view: EditorView
  readonly #awareness: Awareness
  readonly #layer: HTMLElement
  readonly #drawn = new Map<number, Drawn>()
  readonly #stop = new AbortController()
  readonly #resize: ResizeObserver | undefined
  #frame: number | undefined

  constructor(view: EditorView, awareness: Awareness) {
    this.#view = view
    this.#awareness = awareness
    const document = view.dom.ownerDocument
    this.#layer = document.createElement('div')
    this.#layer.className = 'coscribe-carets'
    this.#layer.setAttribute('aria-hidden', 'true')
    chromeOf(view).append(this.#layer)
    const options = { signal: this.#stop.signal, passive: true }
    document.defaultView?.addEventListener('resize', this.#schedule, options)
    document.addEventListener('scroll', this.#schedule, { ...options, capture: true })
    document.addEventListener('pointermove', this.#onPointer, options)
    // jsdom has neither of these two.
    if ('fonts' in document) document.fonts.addEventListener('loadingdone', this.#schedule, options)
    this.#resize = typeof ResizeObserver === 'undefined' ? undefined : new ResizeObserver(this.#schedule)
    this.#resize?.observe(view.dom, { box: 'border-box' })
    awareness.on('change', this.#schedule)
    this.#schedule()
  }

  update(view: EditorView, previous: EditorState): void {
    if (view.state.doc !== previous.doc) this.#schedule()
    const raised = raisedKey.getState(view.state)
    if (raised && raised !== raisedKey.getState(previous)) this.#flash(raised)
  }

  destroy(): void {
    this.#stop.abort()
    this.#resize?.disconnect()
    this.#awareness.off('change', this.#schedule)
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame)
    for (const client of [...this.#drawn.keys()]) this.#erase(client)
    this.#layer.remove()
  }

  readonly #schedule = (): void => {
    this.#frame ??= requestAnimationFrame(this.#draw)
  }

  readonly #draw = (): void => {
    this.#frame = undefined
    if (this.#view.isDestroyed) return
    const measured = this.#measure()
    const present = new Set(measured.map(({ cursor }) => cursor.client))
    for (const client of [...this.#drawn.keys()]) if (!present.has(client)) this.#erase(client)
    for (const item of measured) this.#show(item)
  }

  #measure(): Measured[] {
    const origin = this.#layer.getBoundingClientRect()
    const relative = ({ left, top, width, height }: Box): Box => ({
      left: left - origin.left,
      top: top - origin.top,
      width,
      height,
    })
    return remoteCursors(this.#view.state, this.#awareness).map((cursor) => {
      const at = this.#view.coordsAtPos(cursor.head)
      const caret = relative({ left: at.left, top: at.top, width: 0, height: at.bottom - at.top })
      const selection = selectionRects(this.#view, cursor.anchor, cursor.head).map(relative)
      return { cursor, caret, selection }
    })
  }

  #show({ cursor, caret, selection }: Measured): void {
    const drawn = this.#drawn.get(cursor.client) ?? this.#create(cursor.client)
    const { style } = drawn.caret
    style.setProperty('transform', `translate(${Math.round(caret.left)}px, ${Math.round(caret.top)}px)`)
    style.setProperty('height', `${Math.round(caret.height)}px`)
    style.setProperty('--coscribe-person', cursor.color)
    style.setProperty('--coscribe-person-text', textColorOn(cursor.color))
    if (drawn.flag.textContent !== cursor.name) drawn.flag.textContent = cursor.name
    drawn.caret.classList.toggle('is-at-end', caret.left > this.#layer.clientWidth - 140)
    drawn.box = caret
    this.#showBoxes(drawn, selection, cursor.color)
    const token = `${cursor.token} ${this.#view.state.doc.resolve(cursor.head).parentOffset}`
    if (token !== drawn.token) this.#raiseFlag(drawn, token)
  }

  #showBoxes(drawn: Drawn, boxes: readonly Box[], color: string): void {
    while (drawn.boxes.length > boxes.length) drawn.boxes.pop()?.remove()
    boxes.forEach((box, index) => {
      const element = drawn.boxes[index] ?? this.#layer.ownerDocument.createElement('div')
      if (drawn.boxes[index] === undefined) {
        element.className = 'coscribe-selection'
        this.#layer.prepend(element)
        drawn.boxes.push(element)
      }
      element.style.setProperty('transform', `translate(${box.left}px, ${box.top}px)`)
      element.style.setProperty('width', `${box.width}px`)
      element.style.setProperty('height', `${box.height}px`)
      element.style.setProperty('--coscribe-person', color)
    })
  }

  #create(client: number): Drawn {
    const document = this.#layer.ownerDocument
    const caret = document.createElement('div')
    const flag = document.createElement('span')
    caret.className = 'coscribe-caret'
    caret.setAttribute('part', 'caret')
    flag.className = 'coscribe-flag'
    flag.setAttribute('part', 'flag')
    flag.dir = 'auto'
    caret.append(flag)
    this.#layer.append(caret)
    const drawn = { caret, flag, boxes: [], token: '', box: undefined, timer: undefined }
    this.#drawn.set(client, drawn)
    return drawn
  }

  #raiseFlag(drawn: Drawn, token: string): void {
    drawn.token = token
    drawn.caret.classList.add('is-fresh')
    clearTimeout(drawn.timer)
    drawn.timer = setTimeout(() => drawn.caret.classList.remove('is-fresh'), flagMs)
  }

  #flash({ client }: Raised): void {
    const drawn = this.#drawn.get(client)
    if (drawn === undefined) return
    this.#raiseFlag(drawn, drawn.token)
    drawn.caret.classList.remove('is-flashing')
    // Read between, so that the animation starts anew.
    drawn.caret.getBoundingClientRect()
    drawn.caret.classList.add('is-flashing')
  }

  #erase(client: number): void {
    const drawn = this.#drawn.get(client)
    if (drawn === undefined) return
    clearTimeout(drawn.timer)
    drawn.caret.remove()
    for (const box of drawn.boxes) box.remove()
    this.#drawn.delete(client)
  }

  readonly #onPointer = (event: PointerEvent): void => {
    if (this.#drawn.size === 0) return
    const origin = this.#layer.getBoundingClientRect()
    const x = event.clientX - origin.left
    const y = event.clientY - origin.top
    for (const { caret, box } of this.#drawn.values()) {
      const isNear =
        box !== undefined &&
        Math.abs(x - box.left) < hoverPx &&
        y > box.top - hoverPx &&
        y < box.top + box.height + hoverPx
      caret.classList.toggle('is-hovered', isNear)
    }
  }
}
