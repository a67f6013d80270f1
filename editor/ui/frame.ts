import { text } from './text.ts'

/** What may stick to the edges of the page, so far: the caret is kept clear of it. */
export const stuck = { top: 112, right: 0, bottom: 64, left: 0 }

/** The editor's own elements; until the document is here, lines stand where its text will be. */
export function createFrame(target: HTMLElement): [root: HTMLElement, page: HTMLElement] {
  const create = (className: string): HTMLElement => {
    const element = target.ownerDocument.createElement('div')
    element.className = className
    return element
  }
  const root = create('coscribe')
  const page = create('coscribe-page')
  const skeleton = create('coscribe-skeleton')
  skeleton.setAttribute('role', 'status')
  skeleton.setAttribute('aria-label', text.loading)
  skeleton.append(...Array.from({ length: 6 }, () => create('coscribe-skeleton-line')))
  root.setAttribute('aria-busy', 'true')
  page.append(skeleton)
  root.append(page)
  target.append(root)
  return [root, page]
}

/** An element, or the one that a selector finds; throws where it finds none. */
export function findTarget(target: string | HTMLElement): HTMLElement {
  if (typeof target !== 'string') return target
  const element = document.querySelector<HTMLElement>(target)
  if (element === null) throw new RangeError(`No element matches ${target}`)
  return element
}
