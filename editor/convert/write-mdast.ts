import type {
  Blockquote,
  Heading,
  List,
  ListItem,
  Paragraph,
  PhrasingContent,
  Root,
  RootContent,
} from 'mdast'
import type {} from 'mdast-util-math'
import type { Node } from 'prosemirror-model'
import { Numbering } from '../html/numbering.ts'
import {
  mathLanguage,
  parseCallout,
  parseLanguage,
  parseParagraph,
  schema,
  type ParagraphAttrs,
} from '../schema/index.ts'
import { writePhrasing } from './write-phrasing.ts'
import { writeImage, writeTable } from './write-table.ts'

/*
 * A document as a tree of Markdown.
 *
 * 1. The title is the `#` heading at the very start. A first block in the style "heading 1" is underlined instead
 *    (`===`), so that the two stay apart; everywhere else heading 1 is `#`.
 * 2. Flat items become nested lists; a plain paragraph indented as deep as an item is another paragraph of the item.
 * 3. A callout is one of GitHub's alerts, a formula `$` or `$$`, a caption the line after its picture.
 * 4. Alignment outside of tables, widths of pictures and empty paragraphs are what Markdown can't say.
 */

declare module 'mdast' {
  interface HeadingData {
    /** Written with a line of `=` under it. */
    isUnderlined?: boolean
  }
}

type Block = Exclude<RootContent, ListItem>

const { paragraph, code_block, image, callout, horizontal_rule, table } = schema.nodes

/** The tree of a document. */
export function writeRoot(doc: Node): Root {
  const [first, ...rest] = writeBlocks(doc.children)
  if (first === undefined) return { type: 'root', children: [] }
  const isTitle = isWritten(doc.firstChild) && parseParagraph(doc.firstChild?.attrs ?? {}).style === 'title'
  if (first.type !== 'heading' || first.depth !== 1 || isTitle)
    return { type: 'root', children: [first, ...rest] }
  // A line under nothing is no heading.
  if (first.children.length === 0) return { type: 'root', children: rest }
  return { type: 'root', children: [{ ...first, data: { isUnderlined: true } }, ...rest] }
}

function attrsOf(node: Node): ParagraphAttrs {
  return parseParagraph(node.type === paragraph ? node.attrs : {})
}

/** Empty lines of text, titles and quotes are nothing in Markdown. */
function isWritten(node: Node | null): boolean {
  if (node?.type !== paragraph || node.childCount > 0) return node !== null
  const { style, list } = attrsOf(node)
  return list !== null || (style !== null && style !== 'title' && style !== 'quote')
}

function writeBlocks(blocks: readonly Node[]): Block[] {
  const result: Block[] = []
  const numbering = new Numbering()
  let writer = new RunWriter(false, numbering)
  for (const node of blocks) {
    if (!isWritten(node)) continue
    const isQuote = attrsOf(node).style === 'quote'
    if (writer.isQuote !== isQuote) {
      writer = new RunWriter(isQuote, numbering)
      if (isQuote) result.push(writer.quote)
    }
    const into: Block[] = isQuote ? writer.quote.children : result
    writer.add(node, into)
  }
  return result
}

/** Writes blocks that are all quoted, or all not; keeps the lists that are open. */
class RunWriter {
  readonly isQuote: boolean
  readonly quote: Blockquote & { children: Block[] } = { type: 'blockquote', children: [] }
  readonly #open: List[] = []
  readonly #numbering: Numbering

  constructor(isQuote: boolean, numbering: Numbering) {
    this.isQuote = isQuote
    this.#numbering = numbering
  }

  add(node: Node, into: Block[]): void {
    const attrs = attrsOf(node)
    const number = this.#numbering.next(attrs)
    if (attrs.list !== null) {
      this.#addItem(node, number, into)
      return
    }
    const item = this.#itemAround(node, attrs)
    if (item !== undefined) {
      item.spread = true
      item.children.push(...writeParagraph(node))
      return
    }
    this.#open.length = 0
    into.push(...writeBlock(node))
  }

  /** The item that an indented plain paragraph goes on with. */
  #itemAround(node: Node, { style, level }: ParagraphAttrs): ListItem | undefined {
    if (node.type !== paragraph || level === null || (style !== null && style !== 'quote')) return undefined
    const item = this.#open[level - 1]?.children.at(-1)
    if (item !== undefined && item.children.length > 0) this.#open.length = level
    return item?.children.length === 0 ? undefined : item
  }

  #addItem(node: Node, number: number | null, into: Block[]): void {
    const { level, list, checked } = attrsOf(node)
    const depth = level ?? 0
    const items = this.#listAt(depth, number, into)
    const item: ListItem = {
      type: 'listItem',
      spread: false,
      checked: list === 'task' ? checked === true : null,
      children: writeParagraph(node),
    }
    // Only a list that starts with 1 and something in it can begin right under a line of text.
    const isEager = items.children.length > 0 || (node.childCount > 0 && (number ?? 1) === 1)
    for (const outer of isEager ? [] : this.#open.slice(0, depth)) {
      const around = outer.children.at(-1)
      if (around !== undefined) around.spread = true
    }
    items.children.push(item)
  }

  #listAt(depth: number, number: number | null, into: Block[]): List {
    const ordered = number !== null
    this.#open.length = Math.min(this.#open.length, depth + 1)
    const last = this.#open[depth]
    const goesOn =
      last?.ordered === ordered && (!ordered || (last.start ?? 1) + last.children.length === number)
    if (last !== undefined && goesOn) return last
    this.#open.length = Math.min(this.#open.length, depth)
    while (this.#open.length <= depth) {
      const isInner = this.#open.length === depth
      const list: List = { type: 'list', ordered: isInner && ordered, spread: false, children: [] }
      if (isInner && ordered) list.start = number
      this.#place(into).push(list)
      this.#open.push(list)
    }
    return this.#open[depth] ?? { type: 'list', children: [] }
  }

  /** Where a new list goes: into the last item of the innermost, of which there may be none. */
  #place(into: Block[]): Block[] {
    const outer = this.#open.at(-1)
    if (outer === undefined) return into
    const last = outer.children.at(-1)
    const item: ListItem = last ?? { type: 'listItem', spread: false, checked: null, children: [] }
    if (last === undefined) outer.children.push(item)
    // An item of which nothing but a list can be seen would be a level without an item.
    else if (last.children.length === 0) last.children.push({ type: 'paragraph', children: [nothing] })
    return item.children
  }
}

const nothing: PhrasingContent = { type: 'html', value: '<!-- -->' }

function writeParagraph(node: Node): (Paragraph | Heading)[] {
  const { style } = attrsOf(node)
  if (style === null || style === 'quote') {
    const children = writePhrasing(node.children, false)
    return children.length === 0 ? [] : [{ type: 'paragraph', children }]
  }
  const depth = style === 'title' ? 1 : ([1, 2, 3, 4, 5, 6] as const)[Number(style.slice(-1)) - 1]
  return [{ type: 'heading', depth: depth ?? 1, children: writePhrasing(node.children, true) }]
}

function writeBlock(node: Node): Block[] {
  switch (node.type) {
    case paragraph:
      return writeParagraph(node)
    case code_block: {
      const lang = parseLanguage(node.attrs['language'])
      const value = node.textContent
      return [lang === mathLanguage ? { type: 'math', value } : { type: 'code', lang, value }]
    }
    case horizontal_rule:
      return [{ type: 'thematicBreak' }]
    case image:
      return writeFigure(node)
    case callout:
      return [writeAlert(node)]
    case table: {
      const written = writeTable(node)
      return written === null ? [] : [written]
    }
    default:
      return []
  }
}

function writeFigure(node: Node): Block[] {
  const picture = writeImage(node)
  const caption = writePhrasing(node.children, false)
  const isBoth = picture.length > 0 && caption.length > 0
  const children: PhrasingContent[] = [
    ...picture,
    ...(isBoth ? [{ type: 'break' } as const] : []),
    ...caption,
  ]
  return children.length === 0 ? [] : [{ type: 'paragraph', children }]
}

function writeAlert(node: Node): Blockquote {
  const sign: PhrasingContent = {
    type: 'html',
    value: `[!${parseCallout(node.attrs['kind']).toUpperCase()}]`,
  }
  const [first, ...rest] = writeBlocks(node.children)
  const children: Block[] =
    first?.type === 'paragraph'
      ? [{ type: 'paragraph', children: [sign, { type: 'text', value: '\n' }, ...first.children] }, ...rest]
      : [{ type: 'paragraph', children: [sign] }, ...(first === undefined ? [] : [first]), ...rest]
  const alert: Blockquote & { children: Block[] } = { type: 'blockquote', children: [] }
  alert.children.push(...children)
  return alert
}
