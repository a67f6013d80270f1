import { isElement, paragraphFromElement } from '../schema/index.ts'

/*
 * The document's lists and quotes are flat: attributes of paragraphs. Everybody else's are nested. This rewrites
 * nested `ul`, `ol`, `li` and `blockquote` into the paragraphs our schema parses.
 */

const blockTags = new Set(
  (
    'ADDRESS ARTICLE ASIDE BLOCKQUOTE CENTER DD DETAILS DIV DL DT FIELDSET FIGCAPTION FIGURE FOOTER FORM H1 H2 H3 H4 H5 ' +
    'H6 HEADER HR IMG LI MAIN NAV OL P PRE SECTION SUMMARY TABLE UL'
  ).split(' '),
)

interface Context {
  readonly list: 'bullet' | 'ordered' | 'task' | null
  readonly level: number
  readonly checked: boolean
  readonly isQuote: boolean
}

const outside: Context = { list: null, level: -1, checked: false, isQuote: false }
const nested = new Set(['UL', 'OL', 'BLOCKQUOTE'])

/** A copy of `root` in which every list item and quoted paragraph is one paragraph beside the others. */
export function flatten(root: Node): Node {
  const copy = root.cloneNode(true)
  flattenWithin(copy)
  return copy
}

function flattenWithin(parent: Node): void {
  for (const child of [...parent.childNodes]) {
    if (!isElement(child)) continue
    if (nested.has(child.nodeName)) child.replaceWith(...flattenElement(child, outside))
    else flattenWithin(child)
  }
}

function flattenElement(element: HTMLElement, context: Context): Node[] {
  switch (element.nodeName) {
    case 'UL':
    case 'OL': {
      const list = element.nodeName === 'OL' ? 'ordered' : 'bullet'
      const [first] = [...element.children].filter(({ nodeName }) => nodeName === 'LI')
      const start = element.getAttribute('start')
      if (start !== null && first?.hasAttribute('value') === false) first.setAttribute('value', start)
      return flattenChildren(element, { ...context, list, level: context.level + 1, checked: false })
    }
    case 'LI':
      return flattenItem(element, context)
    case 'BLOCKQUOTE':
      return flattenChildren(element, { ...context, list: null, isQuote: true })
    case 'P':
    case 'H1':
    case 'H2':
    case 'H3':
    case 'H4':
    case 'H5':
    case 'H6':
      return [toParagraph(element, [...element.childNodes], context)]
    case 'TABLE':
    case 'ASIDE':
      flattenWithin(element)
      return [element]
    case 'FIGURE':
      return element.querySelector('img') === null ? flattenChildren(element, context) : [element]
    case 'PRE':
    case 'HR':
    case 'IMG':
      return [element]
    default:
      return flattenChildren(element, context)
  }
}

/** The element's blocks one after the other; runs of inline content between them become paragraphs. */
function flattenChildren(element: HTMLElement, context: Context): Node[] {
  const result: Node[] = []
  let inline: Node[] = []
  const flush = (): void => {
    if (inline.some(hasContent)) result.push(toParagraph(element, inline, context))
    inline = []
  }
  for (const child of [...element.childNodes]) {
    if (isElement(child) && containsBlock(child)) {
      flush()
      result.push(...flattenElement(child, context))
    } else inline.push(child)
  }
  flush()
  return result
}

function flattenItem(item: HTMLElement, context: Context): Node[] {
  const checkbox = findCheckbox(item)
  const task = checkbox !== undefined || item.getAttribute('role') === 'checkbox'
  const checked = checkbox?.hasAttribute('checked') ?? item.getAttribute('aria-checked') === 'true'
  checkbox?.remove()
  const list = task ? 'task' : (context.list ?? 'bullet')
  const blocks = flattenChildren(item, {
    ...context,
    list,
    level: Math.max(context.level, 0),
    checked: task && checked,
  })
  const own = { ...context, list, checked: task && checked }
  // An item that has only a nested list is a wrapper, unless it says that it is empty; one with nothing at all is an
  // empty line of the list.
  if (blocks.length > 0 && !item.hasAttribute('data-empty')) return numbered(item, blocks)
  const empty = toParagraph(item, [], own)
  return numbered(item, [empty, ...blocks])
}

/** The number an item names for itself goes to its first paragraph. */
function numbered(item: HTMLElement, blocks: Node[]): Node[] {
  const value = item.getAttribute('value') ?? item.dataset['start']
  const [first] = blocks
  if (value !== undefined && first !== undefined && isElement(first) && first.dataset['list'] === 'ordered')
    set(first, 'start', value)
  return blocks
}

function findCheckbox(item: HTMLElement): HTMLInputElement | undefined {
  return [...item.querySelectorAll<HTMLInputElement>('input[type="checkbox"]')].find(
    (input) => input.closest('li') === item,
  )
}

function containsBlock(element: HTMLElement): boolean {
  return blockTags.has(element.nodeName) || [...element.children].some((child) => isBlockInside(child))
}

function isBlockInside(element: Element): boolean {
  return isElement(element) && element.nodeName !== 'IMG' && containsBlock(element)
}

function hasContent(node: Node): boolean {
  return (node.textContent ?? '').trim() !== '' || node.nodeName === 'BR'
}

function toParagraph(source: HTMLElement, content: Node[], context: Context): HTMLElement {
  const isWrapper = source.nodeName === 'LI' || source.nodeName === 'UL' || source.nodeName === 'OL'
  const attrs = paragraphFromElement(source)
  const style = isWrapper ? null : attrs.style
  const paragraph = source.ownerDocument.createElement('p')
  const list = context.list ?? attrs.list
  set(paragraph, 'style', context.isQuote ? 'quote' : style)
  set(paragraph, 'align', attrs.align)
  set(paragraph, 'list', isWrapper || context.list !== null ? list : attrs.list)
  const level = context.list === null ? (attrs.level ?? 0) : context.level
  set(paragraph, 'level', level > 0 ? String(level) : null)
  set(paragraph, 'checked', list === 'task' && context.checked ? 'true' : null)
  // A DOM on the server knows only the styles that are there.
  if (/^pre/.test(source.style.whiteSpace)) paragraph.style.whiteSpace = 'pre-wrap'
  const slice = source.getAttribute('data-pm-slice')
  if (slice !== null) paragraph.setAttribute('data-pm-slice', slice)
  paragraph.append(...content)
  return paragraph
}

function set(element: HTMLElement, name: string, value: string | null): void {
  if (value !== null) element.dataset[name] = value
}
