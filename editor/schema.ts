import {
  Schema,
  type Attrs,
  type DOMOutputSpec,
  type MarkSpec,
  type Node,
  type NodeSpec,
} from 'prosemirror-model'
import { tableNodes } from 'prosemirror-tables'
import { paragraphName, titleStyle } from '../server/protocol/document.ts'
import { parseAddress, parseImageSource } from './address.ts'
import { unknownBlock, unknownInline, unknownMark } from './unknown-names.ts'

/*
 * A schema for merging.
 *
 * 1. There is one node for ordinary text. What it looks like (heading, quote, list item) are attributes, so changing
 *    that is an attribute write, which Yjs merges with typing; changing a node's type would replace its text.
 * 2. Every default is null, which Yjs doesn't store: plain text costs nothing.
 * 3. Content expressions are `*`: no state two people can merge into is invalid, so nothing is ever "repaired" away.
 * 4. Every mark has the constant attribute `v`: y-prosemirror compares attributes only, and would take a mark without
 *    any for whichever mark it replaces (https://github.com/yjs/y-prosemirror/pull/198).
 * 5. Attribute values come from other people: whatever renders or decides reads them with a parser.
 */

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
}

/** The attributes of plain text. */
export const plainParagraph: ParagraphAttrs = {
  style: null,
  list: null,
  level: null,
  checked: null,
  align: null,
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
  })
}

function checkbox(checked: boolean): DOMOutputSpec {
  const input = { type: 'checkbox', 'aria-label': 'Done', ...(checked ? { checked: '' } : {}) }
  return ['label', { class: 'coscribe-check', contenteditable: 'false' }, ['input', input]]
}

function paragraphToDOM(node: Node): DOMOutputSpec {
  const { style, list, level, checked, align } = parseParagraph(node.attrs)
  const attrs: Record<string, string> = { dir: 'auto' }
  if (style !== null) attrs['data-style'] = style
  if (level !== null) attrs['data-level'] = String(level)
  if (align !== null) attrs['data-align'] = align
  if (list === null) return [tagOfStyle(style), attrs, 0]
  const item = { ...attrs, role: 'listitem', 'data-list': list, 'aria-level': String((level ?? 0) + 1) }
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
  const element = dom instanceof HTMLElement ? dom : null
  const inner = element?.querySelector<HTMLElement>(':scope > .coscribe-item')
  if (inner) return inner
  if (element) return element
  throw new TypeError(`A list item is an element, not ${dom.nodeName}`)
}

const paragraph: NodeSpec = {
  group: 'block',
  content: 'inline*',
  attrs: {
    style: { default: null },
    list: { default: null },
    level: { default: null },
    checked: { default: null },
    align: { default: null },
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

const codeBlock: NodeSpec = {
  group: 'block',
  content: 'text*',
  marks: '',
  code: true,
  defining: true,
  attrs: { language: { default: null } },
  parseDOM: [
    {
      tag: 'pre',
      preserveWhitespace: 'full',
      getAttrs: (element) => ({
        language:
          /(?:language|lang)-([\w+#-]+)/.exec(element.querySelector('code')?.className ?? '')?.[1] ?? null,
      }),
    },
  ],
  toDOM: (node) => {
    const language: unknown = node.attrs['language']
    const attrs = typeof language === 'string' ? { class: `language-${language}` } : {}
    return ['pre', { dir: 'auto', spellcheck: 'false' }, ['code', attrs, 0]]
  },
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function parseWidth(value: unknown): number | null {
  const width = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof width === 'number' && width >= 16 && width <= 10_000 ? Math.round(width) : null
}

const image: NodeSpec = {
  group: 'block',
  draggable: true,
  attrs: {
    src: { default: null },
    alt: { default: null },
    title: { default: null },
    width: { default: null },
  },
  parseDOM: [
    {
      tag: 'img[src]',
      getAttrs: (element) => {
        const src = parseImageSource(element.getAttribute('src'))
        if (src === null) return false
        const width = parseWidth(element.getAttribute('width'))
        return { src, alt: element.getAttribute('alt'), title: element.getAttribute('title'), width }
      },
    },
  ],
  toDOM: (node) => {
    const width = parseWidth(node.attrs['width'])
    return [
      'img',
      {
        src: parseImageSource(node.attrs['src']),
        alt: textOrNull(node.attrs['alt']) ?? '',
        title: textOrNull(node.attrs['title']),
        width: width === null ? null : String(width),
        loading: 'lazy',
        referrerpolicy: 'no-referrer',
      },
    ]
  },
}

const tables = tableNodes({ tableGroup: 'block', cellContent: 'block*', cellAttributes: {} })

/** A name or text that others wrote, short enough to be shown. */
function shortText(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 200) : ''
}

/** The text in a node's JSON, whoever wrote that. */
function textInJSON(json: unknown): string {
  if (Array.isArray(json)) return json.map(textInJSON).join(' ')
  if (typeof json !== 'object' || json === null) return ''
  if ('text' in json && typeof json.text === 'string') return json.text
  return 'content' in json ? textInJSON(json.content) : ''
}

/** Shows what this version doesn't know by its name, and its text if it has any; nothing else of it is believed. */
function placeholder(tag: 'div' | 'span'): NodeSpec {
  return {
    attrs: { name: { default: '' }, attrs: { default: null }, content: { default: null } },
    atom: true,
    toDOM: ({ attrs }) => {
      const text = textInJSON(attrs['content'])
      const label = [shortText(attrs['name']), shortText(text)].filter((part) => part !== '').join(': ')
      return [tag, { class: 'coscribe-unknown', contenteditable: 'false', title: unknownHint }, label]
    },
  }
}

const unknownHint = 'Made by a newer version of the editor. It is kept as it is.'

const nodes = {
  doc: { content: 'block*' },
  [paragraphName]: paragraph,
  code_block: codeBlock,
  image,
  horizontal_rule: { group: 'block', parseDOM: [{ tag: 'hr' }], toDOM: () => ['hr'] },
  table: { ...tables.table, content: 'table_row*' },
  table_row: { ...tables.table_row, content: '(table_cell | table_header)*' },
  table_cell: tables.table_cell,
  table_header: tables.table_header,
  hard_break: {
    inline: true,
    group: 'inline',
    selectable: false,
    linebreakReplacement: true,
    parseDOM: [{ tag: 'br' }],
    toDOM: () => ['br'],
    leafText: () => '\n',
  },
  text: { group: 'inline' },
  [unknownBlock]: { ...placeholder('div'), group: 'block', draggable: true },
  [unknownInline]: { ...placeholder('span'), group: 'inline', inline: true },
} satisfies Record<string, NodeSpec>

const version = { v: { default: 1 } }

const marks = {
  link: {
    attrs: { href: { default: null }, ...version },
    inclusive: false,
    parseDOM: [
      {
        tag: 'a[href]',
        getAttrs: (element) => {
          const href = parseAddress(element.getAttribute('href'))
          return href === null ? false : { href }
        },
      },
    ],
    toDOM: (mark) => {
      const href = parseAddress(mark.attrs['href'])
      return ['a', { href, target: '_blank', rel: 'noopener noreferrer nofollow' }, 0]
    },
  },
  strong: {
    attrs: version,
    parseDOM: [
      { tag: 'strong' },
      { tag: 'b', getAttrs: (element) => (element.style.fontWeight === 'normal' ? false : null) },
      { style: 'font-weight=400', clearMark: (mark) => mark.type.name === 'strong' },
      { style: 'font-weight=normal', clearMark: (mark) => mark.type.name === 'strong' },
      {
        style: 'font-weight',
        getAttrs: (value) => (/^(?:bold(?:er)?|[6-9]\d{2})$/.test(value) ? null : false),
      },
    ],
    toDOM: () => ['strong', 0],
  },
  em: {
    attrs: version,
    parseDOM: [
      { tag: 'em' },
      { tag: 'i', getAttrs: (element) => (element.style.fontStyle === 'normal' ? false : null) },
      { style: 'font-style=italic' },
      { style: 'font-style=normal', clearMark: (mark) => mark.type.name === 'em' },
    ],
    toDOM: () => ['em', 0],
  },
  underline: {
    attrs: version,
    parseDOM: [
      { tag: 'u' },
      {
        style: 'text-decoration',
        getAttrs: (value) => (value.includes('underline') ? null : false),
        consuming: false,
      },
      { style: 'text-decoration-line', getAttrs: (value) => (value.includes('underline') ? null : false) },
    ],
    toDOM: () => ['u', 0],
  },
  strike: {
    attrs: version,
    parseDOM: [
      { tag: 's' },
      { tag: 'del' },
      { tag: 'strike' },
      { style: 'text-decoration', getAttrs: (value) => (value.includes('line-through') ? null : false) },
      { style: 'text-decoration-line', getAttrs: (value) => (value.includes('line-through') ? null : false) },
    ],
    toDOM: () => ['s', 0],
  },
  code: {
    attrs: version,
    code: true,
    parseDOM: [{ tag: 'code' }, { tag: 'tt' }, { tag: 'kbd' }, { tag: 'samp' }],
    toDOM: () => ['code', { spellcheck: 'false' }, 0],
  },
  [unknownMark]: {
    attrs: { name: { default: '' }, value: { default: null }, ...version },
    excludes: '',
    toDOM: (mark) => ['span', { class: 'coscribe-unknown-mark', title: shortText(mark.attrs['name']) }, 0],
  },
} satisfies Record<string, MarkSpec>

/** The schema of version `schemaVersion`: what the editor reads and writes, and the server checks imports with. */
export const schema = new Schema({ nodes, marks })
export type CoscribeSchema = typeof schema
