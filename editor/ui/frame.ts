import { text } from './text.ts'

/** What may stick to the edges of the page, so far: the caret is kept clear of it. */
export const stuck = { top: 112, right: 0, bottom: 64, left: 0 }

/** The editor's own elements. */
export interface Frame {
  /** The outermost one, around bars and page. */
  readonly root: HTMLElement
  /** What the text is put into. */
  readonly place: HTMLElement
  /** Lines where the text will be, until the document is here. */
  readonly skeleton: HTMLElement
  remove(): void
}

/**
 * Makes an editor's elements in `target`. In a shadow root stands all but the text and what the text refers to by its id
 * (that doesn't reach into a shadow root): these are shown by a slot, and stand in the host, in an element of their own.
 */
export function createFrame(target: HTMLElement | ShadowRoot): Frame {
  const create = (className: string): HTMLElement => {
    const element = target.ownerDocument.createElement('div')
    element.className = className
    return element
  }
  const root = create('coscribe')
  root.setAttribute('part', 'frame')
  root.setAttribute('aria-busy', 'true')
  const page = create('coscribe-page')
  page.setAttribute('part', 'page')
  const skeleton = create('coscribe-skeleton')
  skeleton.setAttribute('role', 'status')
  skeleton.setAttribute('aria-label', text.loading)
  skeleton.append(...Array.from({ length: 6 }, () => create('coscribe-skeleton-line')))
  page.append(skeleton)
  root.append(page)
  target.append(root)
  if (!(target instanceof ShadowRoot)) return { root, place: page, skeleton, remove: () => root.remove() }
  const place = create('coscribe coscribe-text')
  place.slot = 'text'
  const slot = target.ownerDocument.createElement('slot')
  slot.name = place.slot
  page.append(slot)
  target.host.append(place)
  const remove = (): void => {
    root.remove()
    place.remove()
  }
  return { root, place, skeleton, remove }
}

/** An element, or the one that a selector finds; throws where it finds none. */
export function findTarget(target: string | HTMLElement | ShadowRoot): HTMLElement | ShadowRoot {
  if (typeof target !== 'string') return target
  const element = document.querySelector<HTMLElement>(target)
  if (element === null) throw new RangeError(`No element matches ${target}`)
  return element
}
