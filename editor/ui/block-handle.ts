import { html, render } from 'lit'
import type { Command, EditorState } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { findBlock, findDropPlace, moveBlocksTo, startBlockAfter } from '../commands/move-blocks.ts'
import { askForCompletion } from '../plugins/autocomplete.ts'
import { findTarget, setTarget } from '../plugins/block-target.ts'
import { openBlockMenu } from './block-menu.ts'
import { chromeOf } from './chrome.ts'
import { laterIcon } from './later-icons.ts'
import { laterText } from './later-text.ts'

/*
 * A grip and a `+` beside the block under the mouse, in a layer of their own.
 *
 * Which block that is is plugin state, so it stays the same block while others write above it. Fingers get no handle:
 * their long press is the system's.
 */

const width = 50
const gap = 6

const heldBlock = (view: EditorView): number | null => findTarget(view.state).held

/** Opens the menu of the block the caret is in. */
export const openMenuOfBlock: Command = (state, dispatch, view) => {
  const block = findBlock(state, state.selection.from)
  if (block === null || view?.editable !== true) return false
  if (!dispatch) return true
  const { left, top, bottom } = view.coordsAtPos(state.selection.from)
  const anchor = {
    contextElement: view.dom,
    getBoundingClientRect: () => new DOMRect(left, top, 0, bottom - top),
  }
  hold(view, block, anchor)
  return true
}

function hold(view: EditorView, block: number, anchor: Parameters<typeof openBlockMenu>[1]): void {
  const menu = openBlockMenu(view, anchor, {
    start: block,
    block: () => heldBlock(view),
    onClose: () => setTarget(view, { held: null }),
  })
  if (menu !== null) setTarget(view, { held: block })
}

/** The handle beside the block under the mouse, or beside the empty line that the caret is in. */
export class HandleLayer {
  readonly #view: EditorView
  readonly #dom: HTMLElement
  readonly #grip: HTMLElement
  readonly #ended = new AbortController()
  #frame: number | undefined
  #pointer: { readonly x: number; readonly y: number } | null = null
  #isDragging = false

  constructor(view: EditorView) {
    this.#view = view
    const document = view.dom.ownerDocument
    this.#dom = document.createElement('div')
    this.#dom.className = 'coscribe-handle'
    this.#dom.setAttribute('part', 'handle')
    this.#dom.hidden = true
    render(this.#buttons(), this.#dom)
    this.#grip = this.#dom.querySelector<HTMLElement>('.coscribe-grip') ?? this.#dom
    chromeOf(view).append(this.#dom)
    const { signal } = this.#ended
    document.addEventListener('pointermove', this.#onMove, { signal, passive: true })
    document.defaultView?.addEventListener('resize', this.#schedule, { signal, passive: true })
    for (const name of ['focusin', 'focusout']) view.dom.addEventListener(name, this.#schedule, { signal })
  }

  update(view: EditorView, before: EditorState): void {
    if (view.state !== before) this.#schedule()
  }

  /** A key was pressed in the text: the mouse isn't what counts now. */
  forget(): void {
    setTarget(this.#view, { hovered: null })
  }

  destroy(): void {
    this.#ended.abort()
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame)
    this.#dom.remove()
  }

  /** Moves the dragged block as it now is: others may have written in it since the drag began. */
  drop(view: EditorView, event: DragEvent): boolean {
    if (!this.#isDragging) return false
    const block = heldBlock(view)
    const node = block === null ? null : view.state.doc.nodeAt(block)
    const at = view.posAtCoords({ left: event.clientX, top: event.clientY })
    const place = node === null || at === null ? null : findDropPlace(view.state, node, at.pos)
    if (block !== null && node !== null && place !== null)
      moveBlocksTo({ from: block, to: block + node.nodeSize }, place)(view.state, view.dispatch)
    this.#endDrag()
    view.focus()
    return true
  }

  #buttons() {
    return html`<button
        type="button"
        class="coscribe-tool coscribe-add"
        part="tool"
        tabindex="-1"
        title=${laterText.block.add}
        aria-label=${laterText.block.add}
        @mousedown=${(event: Event) => event.preventDefault()}
        @click=${this.#add}
      >
        ${laterIcon('add')}
      </button>
      <div
        role="button"
        class="coscribe-tool coscribe-grip"
        part="tool"
        tabindex="-1"
        draggable="true"
        title=${laterText.block.handle}
        aria-label=${laterText.block.handle}
        aria-haspopup="menu"
        @click=${this.#openMenu}
        @dragstart=${this.#startDrag}
        @dragend=${() => this.#endDrag()}
      >
        ${laterIcon('grip')}
      </div>`
  }

  readonly #schedule = (): void => {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined
      this.#follow()
      this.#place()
    })
  }

  readonly #onMove = (event: PointerEvent): void => {
    if (event.pointerType === 'touch') return
    this.#pointer = { x: event.clientX, y: event.clientY }
    this.#schedule()
  }

  /** Finds the block under the pointer, once for each move of it. */
  #follow(): void {
    const pointer = this.#pointer
    this.#pointer = null
    const view = this.#view
    if (pointer === null || !view.editable || heldBlock(view) !== null) return
    const box = view.dom.getBoundingClientRect()
    const isOver =
      pointer.x >= box.left && pointer.x <= box.right && pointer.y >= box.top && pointer.y <= box.bottom
    if (isOver) setTarget(view, { hovered: this.#blockAt(pointer) })
    else if (!this.#dom.matches(':hover')) setTarget(view, { hovered: null })
  }

  #blockAt({ x, y }: { readonly x: number; readonly y: number }): number | null {
    const view = this.#view
    const { left, right } = this.#column()
    const hovered = findTarget(view.state).hovered
    const isBeside = x < left
    // On the way to the handle of a block inside another one, it stays the one that is meant.
    if (isBeside && hovered !== null && this.#reaches(hovered, y)) return hovered
    const inside = view.posAtCoords({ left: Math.min(Math.max(x, left + 2), right - 2), top: y })
    if (inside === null) return null
    const position =
      inside.inside >= 0 && view.state.doc.nodeAt(inside.inside)?.isAtom === true ? inside.inside : inside.pos
    const block = findBlock(view.state, position)
    return block !== null && this.#reaches(block, y) ? block : hovered
  }

  #reaches(block: number, y: number): boolean {
    const dom = this.#view.nodeDOM(block)
    if (!(dom instanceof Element)) return false
    const { top, bottom } = dom.getBoundingClientRect()
    return y >= top - 8 && y <= bottom + 8
  }

  /** The edges of the text, without the padding around it. */
  #column(): { readonly left: number; readonly right: number } {
    const { left, right } = this.#view.dom.getBoundingClientRect()
    const style = getComputedStyle(this.#view.dom)
    return {
      left: left + Number.parseFloat(style.paddingLeft),
      right: right - Number.parseFloat(style.paddingRight),
    }
  }

  /** The block to stand beside: the held, the hovered, or the empty line with the caret. */
  #target(): number | null {
    const view = this.#view
    if (!view.editable) return null
    const { hovered, held } = findTarget(view.state)
    const { empty, $from } = view.state.selection
    const isEmptyLine = empty && $from.parent.type.name === 'paragraph' && $from.parent.content.size === 0
    const own = isEmptyLine && view.hasFocus() ? findBlock(view.state, $from.pos) : null
    return held ?? hovered ?? own
  }

  #place(): void {
    const block = this.#target()
    const dom = block === null ? null : this.#view.nodeDOM(block)
    this.#dom.hidden = !(dom instanceof HTMLElement)
    if (!(dom instanceof HTMLElement) || block === null) return
    const origin = chromeOf(this.#view).getBoundingClientRect()
    const { left } = this.#column()
    const line = this.#firstLine(block, dom)
    this.#dom.classList.toggle('is-narrow', left - origin.left < width + gap)
    const room = this.#dom.classList.contains('is-narrow') ? width / 2 : width
    this.#dom.style.setProperty('left', `${Math.round(Math.max(0, left - origin.left - room - gap))}px`)
    this.#dom.style.setProperty('top', `${Math.round(line - origin.top)}px`)
  }

  /** The middle of the block's first line, on the screen. */
  #firstLine(block: number, dom: HTMLElement): number {
    const { top } = dom.getBoundingClientRect()
    const node = this.#view.state.doc.nodeAt(block)
    if (node?.isTextblock !== true || node.type.name === 'image') return top + 14
    const line = this.#view.coordsAtPos(block + 1)
    return (line.top + line.bottom) / 2
  }

  readonly #add = (): void => {
    const block = this.#target()
    if (block === null) return
    startBlockAfter(block)(this.#view.state, this.#view.dispatch)
    askForCompletion('/')(this.#view.state, this.#view.dispatch)
    this.#view.focus()
  }

  readonly #openMenu = (): void => {
    const block = this.#target()
    if (block !== null) hold(this.#view, block, this.#grip)
  }

  readonly #startDrag = (event: DragEvent): void => {
    const view = this.#view
    const block = this.#target()
    const node = block === null ? null : view.state.doc.nodeAt(block)
    if (block === null || node === null || event.dataTransfer === null) return
    const slice = view.state.doc.slice(block, block + node.nodeSize)
    const { dom, text: plain } = view.serializeForClipboard(slice)
    event.dataTransfer.clearData()
    event.dataTransfer.setData('text/html', dom.innerHTML)
    event.dataTransfer.setData('text/plain', plain)
    event.dataTransfer.effectAllowed = 'copyMove'
    const drawn = view.nodeDOM(block)
    if (drawn instanceof Element) event.dataTransfer.setDragImage(drawn, 0, 0)
    // ProseMirror and its drop indicator take it for a drag of their own.
    view.dragging = { slice, move: true }
    this.#isDragging = true
    setTarget(view, { held: block })
  }

  #endDrag(): void {
    if (!this.#isDragging) return
    this.#isDragging = false
    this.#view.dragging = null
    setTarget(this.#view, { held: null, hovered: null })
  }
}
