import type { EditorView } from 'prosemirror-view'

/*
 * Where the editor's own controls stand, and how they tell what happens in them.
 *
 * `createEditor` makes one tree: a frame, in it a page, in that the text with the controls beside it. A
 * `<coscribe-editor>` has frame and page in its shadow root, and the text outside, shown in a slot of the page. Beyond
 * that boundary an event or the focus is the whole element's, so that neither `event.target` nor
 * `document.activeElement` tells where it is.
 */

/** The box of a text, which everything that is placed over it is put into. */
export function chromeOf({ dom }: EditorView): HTMLElement {
  const page = slotOf(dom)?.closest<HTMLElement>('.coscribe-page')
  return page ?? dom.parentElement ?? dom
}

/** The outermost element of the editor that an element is part of; null in somebody's own ProseMirror. */
export function frameOf(element: Element): HTMLElement | null {
  return (slotOf(element) ?? element).closest<HTMLElement>('.coscribe')
}

/** Whether the focus is in an element, whatever tree it stands in. */
export function hasFocus(element: Element): boolean {
  const root = element.getRootNode()
  const focused = 'activeElement' in root ? root.activeElement : null
  return focused instanceof Element && element.contains(focused)
}

/** Whether an event that is being told happened in an element, whoever listens. */
export function isWithin(event: Event, element: Element): boolean {
  return event.composedPath().includes(element)
}

function slotOf(element: Element): HTMLSlotElement | null {
  return element.closest('.coscribe-text')?.assignedSlot ?? null
}
