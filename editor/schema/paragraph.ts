import type { Attrs, DOMOutputSpec, Node, NodeSpec } from 'prosemirror-model'
import { titleStyle } from '../../server/protocol/document.ts'
import { isElement } from './element.ts'

/** What a paragraph can be, apart from plain text. */
export const textStyles = [
  titleStyle,
  'heading1',
  'heading2',
  'heading3',
  'heading4',
  'heading5',
  'heading6',
  'quote',
] as const
export type TextStyle = (typeof textStyles)[number]

/** Kinds of list a paragraph can be an item of. */
export const listKinds = ['bullet', 'ordered', 'task'] as const
export type ListKind = (typeof listKinds)[number]

/** Alignments other than the natural one. */
export const alignments = ['center', 'right', 'justify'] as const
export type Alignment = (typeof alignments)[number]

/** Deepest nesting of a list item or indented paragraph; the outermost is 0. */
export const maxLevel = 8

/** A paragraph's attributes after parsing; null is the default of each. */
export interface ParagraphAttrs {
  readonly style: TextStyle | null
  readonly list: ListKind | null
  readonly level: number | null
  readonly checked: true | null
  readonly align: Alignment | null
  /** The number of a numbered item that doesn't go on from the one before. */
  readonly start: number | null
}

/** The attributes of plain text. */
export const plainParagraph: ParagraphAttrs = {
  style: null,
  list: null,
  level: null,
  checked: null,
  align: null,
  start: null,
}

/** The largest number a list can be made to start from. */
const maxStart = 1_000_000

function parseStart(value: unknown): number | null {
  const start = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof start === 'number' && Number.isInteger(start) && start >= 0 && start <= maxStart
    ? start
    : null
}

function parseLevel(value: unknown): number | null {
  const level = typeof value === 'string' && value !== '' ? Number(value) : value
  if (typeof level !== 'number' || !Number.isInteger(level) || level < 1) return null
  return Math.min(level, maxLevel)
}

/** A text style by its name; null for text and for names that are none. */
export function parseStyle(value: unknown): TextStyle | null {
  return textStyles.find((known) => known === value) ?? null
}

/** Reads paragraph attributes, whoever wrote them: an unknown value counts as the default. */
export function parseParagraph(attrs: Attrs): ParagraphAttrs {
  const { list, align }: Attrs = attrs
  return {
    style: parseStyle(attrs['style']),
    list: listKinds.find((known) => known === list) ?? null,
    level: parseLevel(attrs['level']),
    checked: attrs['checked'] === true || attrs['checked'] === 'true' ? true : null,
    align: alignments.find((known) => known === align) ?? null,
    start: parseStart(attrs['start']),
  }
}

/** The element name a text style is best told with: `h1` for a title, `blockquote` for a quote, `p` for plain text. */
export function tagOfStyle(style: TextStyle | null): string {
  if (style === null) return 'p'
  if (style === titleStyle) return 'h1'
  return style === 'quote' ? 'blockquote' : `h${style.slice('heading'.length)}`
}

/** Reads paragraph attributes from an element, ours (`data-*`) or anybody's (`h2`, `align`, `text-align`). */
export function paragraphFromElement(element: HTMLElement): ParagraphAttrs {
  const tag = element.nodeName.toLowerCase()
  const style = /^h[1-6]$/.test(tag) ? `heading${tag.slice(1)}` : tag === 'blockquote' ? 'quote' : null
  const align = element.style.textAlign || element.getAttribute('align')
  return parseParagraph({
    style: element.dataset['style'] ?? style,
    list: element.dataset['list'] ?? (tag === 'li' ? 'bullet' : null),
    level: element.dataset['level'],
    checked: element.dataset['checked'],
    align: element.dataset['align'] ?? align,
    start: element.dataset['start'],
  })
}

function checkbox(checked: boolean): DOMOutputSpec {
  const input = { type: 'checkbox', 'aria-label': 'Done', ...(checked ? { checked: '' } : {}) }
  return ['label', { class: 'coscribe-check', contenteditable: 'false' }, ['input', input]]
}

function paragraphToDOM(node: Node): DOMOutputSpec {
  const { style, list, level, checked, align, start } = parseParagraph(node.attrs)
  const attrs: Record<string, string> = { dir: 'auto' }
  if (style !== null) attrs['data-style'] = style
  if (level !== null) attrs['data-level'] = String(level)
  if (align !== null) attrs['data-align'] = align
  if (list === null) return [tagOfStyle(style), attrs, 0]
  // No list item's role: that has to stand in a list, and these stand beside each other. Screen readers read the marker.
  const item: Record<string, string> = { ...attrs, 'data-list': list }
  if (list === 'ordered' && start !== null) {
    item['data-start'] = String(start)
    item['style'] = `--coscribe-start: ${start}`
  }
  if (list !== 'task') return ['div', item, 0]
  const done = checked === true
  return [
    'div',
    { ...item, 'data-checked': String(done) },
    checkbox(done),
    ['div', { class: 'coscribe-item' }, 0],
  ]
}

function itemContent(dom: globalThis.Node): HTMLElement {
  const element = isElement(dom) ? dom : null
  const inner = element?.querySelector<HTMLElement>(':scope > .coscribe-item')
  if (inner) return inner
  if (element) return element
  throw new TypeError(`A list item is an element, not ${dom.nodeName}`)
}

/** Every ordinary block of text. */
export const paragraph: NodeSpec = {
  group: 'block',
  content: 'inline*',
  attrs: {
    style: { default: null },
    list: { default: null },
    level: { default: null },
    checked: { default: null },
    align: { default: null },
    start: { default: null },
  },
  parseDOM: [
    { tag: 'div[data-list]', getAttrs: paragraphFromElement, contentElement: itemContent },
    ...['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'li'].map((tag) => ({
      tag,
      getAttrs: paragraphFromElement,
    })),
  ],
  toDOM: paragraphToDOM,
}
