import type { Blockquote, Definition, FootnoteDefinition, ListItem, Root, RootContent, Table } from 'mdast'
import type { Node } from 'prosemirror-model'
import { Numbering } from '../html/numbering.ts'
import {
  calloutKinds,
  mathLanguage,
  maxLevel,
  parseLanguage,
  parseParagraph,
  schema,
  type CalloutKind,
  type ParagraphAttrs,
  type TextStyle,
} from '../schema/index.ts'
import { ConversionError } from './conversion-error.ts'
import { readPhrasing, type Source } from './read-phrasing.ts'
import { trimLines } from './trim-lines.ts'

/* The way back from `write-mdast.ts`, and from what everybody else writes. */

const { doc, paragraph, code_block, image, callout, horizontal_rule, table, hard_break } = schema.nodes

/** Quotes and lists inside of each other; what is deeper was not written by a person. */
const maxDepth = 100

/** The document that a tree says; `text` is what the tree was read from, `header` what stood before it as YAML. */
export function readRoot(root: Root, text: string, header?: string): Node {
  const definitions = new Map<string, Definition>()
  collect(root.children, definitions)
  const reader = new BlockReader({ text, definitions })
  reader.readAll(root.children, outside)
  const [first] = root.children
  const start = first?.position?.start.offset
  const isTitle = first?.type === 'heading' && first.depth === 1 && start !== undefined && text[start] === '#'
  const blocks = isTitle ? asTitle(reader.blocks) : reader.blocks
  return doc.create(null, header === undefined ? blocks : [codeBlock('yaml', header), ...blocks])
}

function collect(nodes: readonly RootContent[], into: Map<string, Definition>): void {
  const rest: RootContent[] = [...nodes]
  for (let node = rest.pop(); node !== undefined; node = rest.pop()) {
    if (node.type === 'definition') into.set(node.identifier, node)
    else if (node.type === 'blockquote' || node.type === 'list' || node.type === 'listItem')
      rest.push(...node.children)
  }
}

function asTitle([first, ...rest]: readonly Node[]): Node[] {
  if (first?.type !== paragraph) return first === undefined ? rest : [first, ...rest]
  if (first.childCount === 0) return rest
  return [paragraph.create({ ...first.attrs, style: 'title' }, first.content), ...rest]
}

/** What a block stands in. */
interface Place {
  readonly isQuote: boolean
  /** How many lists it is in. */
  readonly lists: number
  /** The item it begins; null once that has its paragraph. */
  readonly item: Item | null
  readonly depth: number
}

/** A list item whose paragraph has not come yet. */
interface Item {
  readonly attrs: Partial<ParagraphAttrs>
  readonly number: number | null
  isBegun: boolean
}

const outside: Place = { isQuote: false, lists: 0, item: null, depth: 0 }

class BlockReader {
  readonly blocks: Node[] = []
  readonly #source: Source
  readonly #numbering = new Numbering()

  constructor(source: Source) {
    this.#source = source
  }

  readAll(nodes: readonly RootContent[], place: Place): void {
    if (place.depth > maxDepth) throw new ConversionError('too-deep', 'quotes and lists are nested too deep')
    for (const node of nodes) this.#read(node, place)
  }

  #read(node: RootContent, place: Place): void {
    switch (node.type) {
      case 'paragraph':
        this.#addLine(readPhrasing(this.#source, node.children), place, null)
        return
      case 'heading':
        this.#addLine(readPhrasing(this.#source, node.children), place, headings[node.depth - 1] ?? null)
        return
      case 'blockquote':
        this.#readQuote(node, place)
        return
      case 'list':
        node.children.forEach((item, index) => {
          const number = node.ordered === true ? (node.start ?? 1) + index : null
          this.#readItem(item, number, place)
        })
        return
      case 'code':
        this.#addBlock(codeBlock(parseLanguage(node.lang), node.value), place)
        return
      case 'math':
        this.#addBlock(codeBlock(mathLanguage, node.value), place)
        return
      case 'thematicBreak':
        this.#addBlock(horizontal_rule.create(), place)
        return
      case 'table':
        this.#addBlock(this.#readTable(node), place)
        return
      case 'html':
        this.#addLine(readPhrasing(this.#source, [node]), place, null)
        return
      case 'footnoteDefinition':
        this.#readNote(node, place)
        return
      // Read before; and what never stands beside blocks.
      case 'definition':
      case 'yaml':
      case 'listItem':
      case 'tableRow':
      case 'tableCell':
      case 'text':
      case 'emphasis':
      case 'strong':
      case 'delete':
      case 'inlineCode':
      case 'inlineMath':
      case 'break':
      case 'link':
      case 'linkReference':
      case 'image':
      case 'imageReference':
      case 'footnoteReference':
        return
    }
  }

  #readNote({ label, identifier, children }: FootnoteDefinition, place: Place): void {
    const [first, ...rest] = children
    const line = first?.type === 'paragraph' ? readPhrasing(this.#source, first.children) : []
    this.#addLine([schema.text(`[^${label ?? identifier}]: `), ...line], place, null)
    this.readAll(line.length > 0 ? rest : children, place)
  }

  #readItem(node: ListItem, number: number | null, place: Place): void {
    const level = Math.min(place.lists, maxLevel)
    const [first] = node.children
    const isTask = typeof node.checked === 'boolean'
    const item: Item = {
      attrs: {
        list: isTask ? 'task' : number === null ? 'bullet' : 'ordered',
        level: level === 0 ? null : level,
        checked: node.checked === true ? true : null,
      },
      number,
      isBegun: false,
    }
    const inner = { ...place, lists: place.lists + 1, item, depth: place.depth + 1 }
    if (first === undefined) {
      this.#addLine([], inner, null)
      return
    }
    this.readAll(node.children, inner)
  }

  #readQuote(node: Blockquote, place: Place): void {
    const depth = place.depth + 1
    const kind = this.#kindOf(node)
    if (kind === null) {
      this.readAll(node.children, { ...place, isQuote: true, depth })
      return
    }
    const inner = new BlockReader(this.#source)
    const [sign, ...rest] = node.children
    const line = sign?.type === 'paragraph' ? withoutSign(readPhrasing(this.#source, sign.children)) : []
    if (line.length > 0) inner.#addLine(line, { ...outside, depth }, null)
    inner.readAll(rest, { ...outside, depth })
    this.#addBlock(
      callout.create({ kind }, inner.blocks.length > 0 ? inner.blocks : [paragraph.create()]),
      place,
    )
  }

  /** Which of GitHub's alerts a quote is; null for one that only quotes such a sign. */
  #kindOf({ children: [first] }: Blockquote): CalloutKind | null {
    const start = first?.type === 'paragraph' ? first.position?.start.offset : undefined
    if (start === undefined) return null
    const name = /^\[!([a-z]+)\][ \t]*(?:\r?\n|\r|$)/i.exec(this.#source.text.slice(start, start + 40))?.[1]
    return calloutKinds.find((kind) => kind === name?.toLowerCase()) ?? null
  }

  /** A line of text becomes a paragraph; pictures in it stand by themselves, with what follows a break as caption. */
  #addLine(line: readonly Node[], place: Place, style: TextStyle | null): void {
    let text: Node[] = []
    let picture: Node | null = null
    const end = () => {
      if (picture !== null)
        this.#addBlock(picture.copy(schema.nodes.image.create(null, trimLines(text)).content), place)
      else if (text.some(({ isText, text: words }) => !isText || words?.trim() !== ''))
        this.#addText(trimLines(text), place, style)
      text = []
      picture = null
    }
    line.forEach((node, index) => {
      if (node.type === image) {
        while (text.at(-1)?.type === hard_break) text.pop()
        end()
        picture = node
        if (line[index + 1]?.type !== hard_break) end()
      } else if (node.type !== hard_break || text.length > 0 || picture === null) text.push(node)
    })
    end()
    if (line.length === 0) this.#addText([], place, style)
  }

  #addText(content: readonly Node[], place: Place, style: TextStyle | null): void {
    const { isQuote, item, lists } = place
    const isFirst = item !== null && !item.isBegun
    if (item !== null) item.isBegun = true
    const level = Math.min(lists, maxLevel)
    const attrs = parseParagraph({
      style: style ?? (isQuote ? 'quote' : null),
      ...(isFirst ? item.attrs : { level: level === 0 ? null : level }),
    })
    const isExpected =
      !isFirst || item.number === null || item.number === this.#numbering.expected(attrs.level ?? 0)
    const numbered = isExpected ? attrs : parseParagraph({ ...attrs, start: item.number })
    this.#numbering.next(numbered)
    this.blocks.push(paragraph.create(numbered, content))
  }

  #addBlock(block: Node, place: Place): void {
    // The item's own line comes first, if only an empty one.
    if (place.item?.isBegun === false) this.#addText([], place, null)
    this.#numbering.next(parseParagraph({}))
    this.blocks.push(block)
  }

  #readTable({ children, align }: Table): Node {
    const width = Math.max(...children.map((row) => row.children.length))
    const [first, ...body] = children
    // A row of empty headings is how a table without headings is written.
    const hasHeadings = first?.children.some((cell) => cell.children.length > 0) === true || body.length === 0
    const rows = hasHeadings ? children : body
    return table.create(
      null,
      rows.map((row, index) => {
        const type = hasHeadings && index === 0 ? schema.nodes.table_header : schema.nodes.table_cell
        const cells = Array.from({ length: width }, (_, column) => {
          const inner = new BlockReader(this.#source)
          const line = readPhrasing(this.#source, row.children[column]?.children ?? [])
          inner.#addLine(line, outside, null)
          const blocks = inner.blocks.length > 0 ? inner.blocks : [paragraph.create()]
          return type.create(
            null,
            blocks.map((block) => aligned(block, align?.[column])),
          )
        })
        return schema.nodes.table_row.create(null, cells)
      }),
    )
  }
}

const headings: readonly TextStyle[] = [
  'heading1',
  'heading2',
  'heading3',
  'heading4',
  'heading5',
  'heading6',
]

function codeBlock(language: string | null, text: string): Node {
  return code_block.create({ language }, text === '' ? [] : schema.text(text))
}

function aligned(block: Node, align: string | null | undefined): Node {
  if (block.type !== paragraph || (align !== 'center' && align !== 'right')) return block
  return paragraph.create({ ...block.attrs, align }, block.content)
}

/** Text of an alert without its first line. */
function withoutSign(line: readonly Node[]): Node[] {
  const [first, ...rest] = line
  const words = (first?.text ?? '').replace(/^\[![a-z]+\]\s*/i, '')
  if (first === undefined || !first.isText) return [...line]
  const left = words === '' ? rest : [schema.text(words, first.marks), ...rest]
  return left[0]?.type === hard_break ? left.slice(1) : left
}
