import type { EditorView } from 'prosemirror-view'

/** Free of the page's edges, and of what sticks to them, so far. */
const marginPx = 120

/** What scrolls an element up and down: the nearest scrolling one around it, else the window. */
export function scrollerOf(element: HTMLElement): Element | Window {
  for (let parent = parentOf(element); parent !== null; parent = parentOf(parent)) {
    const { overflowY } = getComputedStyle(parent)
    const scrolls = overflowY === 'auto' || overflowY === 'scroll'
    if (scrolls && parent.scrollHeight > parent.clientHeight) return parent
  }
  return window
}

/** What an element is shown in: of a text in a slot, the slot. */
function parentOf(element: Element): Element | null {
  const parent = element.assignedSlot ?? element.parentNode
  if (parent instanceof ShadowRoot) return parent.host
  return parent instanceof Element ? parent : null
}

/**
 * Scrolls until a position of the document is well on the screen; does nothing where it is. `toTop` brings it near the
 * top in any case.
 */
export function scrollToPosition(view: EditorView, position: number, toTop = false): void {
  const { top, bottom } = view.coordsAtPos(Math.min(position, view.state.doc.content.size))
  const scroller = scrollerOf(view.dom)
  const frame =
    scroller instanceof Element ? scroller.getBoundingClientRect() : { top: 0, bottom: heightOf(view) }
  const margin = Math.min(marginPx, (frame.bottom - frame.top) / 4)
  if (!toTop && top >= frame.top + margin && bottom <= frame.bottom - margin) return
  const to = toTop ? frame.top + margin : frame.top + (frame.bottom - frame.top) / 3
  const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches
  const isFar = Math.abs(top - to) > 3 * (frame.bottom - frame.top)
  scroller.scrollBy({ top: top - to, behavior: isCalm || isFar ? 'instant' : 'smooth' })
}

function heightOf(view: EditorView): number {
  return view.dom.ownerDocument.documentElement.clientHeight
}
