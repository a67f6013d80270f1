import type { Attrs, Mark, MarkType, Node, NodeType } from 'prosemirror-model'
import { parseAddress } from '../address.ts'
import {
  parseCallout,
  parseColor,
  parseImage,
  parseLanguage,
  parseMention,
  parseParagraph,
  schema,
} from '../schema/index.ts'
import { unknownBlock, unknownInline, unknownMark } from '../unknown-names.ts'

/** Nodes inside of nodes; what is deeper is left out, and no editor makes it. */
const maxDepth = 100

/** More columns or rows than a cell of any readable table spans. */
const maxSpan = 100

/** The document as ProseMirror's JSON. */
export function toJson(doc: Node): unknown {
  return doc.toJSON()
}

/**
 * A document from ProseMirror's JSON, whoever wrote it: attributes and addresses are checked, what isn't known gives
 * way to what is known inside it. Never throws; what is no document at all is an empty one.
 */
export function fromJson(json: unknown): Node {
  const content = isRecord(json) && json['type'] === 'doc' ? json['content'] : json
  return schema.nodes.doc.create(null, toBlocks(readAll(content, 0)))
}

type Json = Readonly<Record<string, unknown>>

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readAll(json: unknown, depth: number): Node[] {
  if (depth > maxDepth) return []
  if (Array.isArray(json)) return json.flatMap((each) => readAll(each, depth + 1))
  return isRecord(json) ? readNode(json, depth + 1) : []
}

function readNode(json: Json, depth: number): Node[] {
  const { type: name, text, content } = json
  if (name === 'text') {
    const marks = readMarks(json['marks'])
    return typeof text === 'string' && text !== '' ? [schema.text(text, marks)] : []
  }
  const type = typeof name === 'string' && Object.hasOwn(schema.nodes, name) ? schema.nodes[name] : undefined
  const children = readAll(content, depth)
  if (type === undefined || type === schema.topNodeType) return children
  return [
    type.create(readAttrs(type.name, isRecord(json['attrs']) ? json['attrs'] : {}), fit(type, children)),
  ]
}

function readAttrs(name: string, attrs: Attrs): Attrs | null {
  switch (name) {
    case 'paragraph':
      return parseParagraph(attrs)
    case 'image':
      return parseImage(attrs)
    case 'mention':
      return parseMention(attrs)
    case 'callout':
      return { kind: attrs['kind'] === null ? null : parseCallout(attrs['kind']) }
    case 'code_block':
      return { language: parseLanguage(attrs['language']) }
    case 'table_cell':
    case 'table_header':
      return readCell(attrs)
    case unknownBlock:
    case unknownInline:
      return readPlaceholder(attrs)
    default:
      return null
  }
}

function readCell(attrs: Attrs): Attrs {
  const span = (value: unknown) =>
    typeof value === 'number' && Number.isInteger(value) && value >= 1 ? Math.min(value, maxSpan) : 1
  const colspan = span(attrs['colspan'])
  const widths: unknown = attrs['colwidth']
  const isWidths =
    Array.isArray(widths) &&
    widths.length === colspan &&
    widths.every((width) => typeof width === 'number' && width >= 0 && width < 10_000)
  return { colspan, rowspan: span(attrs['rowspan']), colwidth: isWidths ? widths : null }
}

function readPlaceholder({ name, attrs, content }: Attrs): Attrs {
  return {
    name: typeof name === 'string' ? name : '',
    attrs: isRecord(attrs) ? attrs : null,
    content: Array.isArray(content) ? content : null,
  }
}

function readMarks(json: unknown): readonly Mark[] {
  if (!Array.isArray(json)) return []
  return json.reduce<readonly Mark[]>((set, each) => readMark(each)?.addToSet(set) ?? set, [])
}

function readMark(json: unknown): Mark | null {
  const { type: name, attrs: given }: Json = isRecord(json) ? json : {}
  const attrs = isRecord(given) ? given : {}
  const type = typeof name === 'string' && Object.hasOwn(schema.marks, name) ? markNamed(name) : undefined
  if (type === undefined) return null
  if (type.name === 'link') {
    const href = parseAddress(attrs['href'])
    return href === null ? null : type.create({ href })
  }
  if (type.name === 'highlight') return type.create({ color: parseColor(attrs['color']) ?? 'yellow' })
  if (type.name === 'text_color') {
    const color = parseColor(attrs['color'])
    return color === null ? null : type.create({ color })
  }
  if (type.name !== unknownMark) return type.create()
  return type.create({ name: attrs['name'], value: attrs['value'] ?? null })
}

const markNamed = (name: string): MarkType | undefined =>
  Object.values(schema.marks).find((type) => type.name === name)

/** What of the children the node may have, the rest as what comes nearest to it. */
function fit(type: NodeType, children: readonly Node[]): Node[] {
  if (type.isLeaf) return []
  if (type === schema.nodes.code_block) return children.flatMap((child) => plainText(child.textContent))
  if (type.inlineContent)
    return toInline(children).map((child) => child.mark(child.isText ? type.allowedMarks(child.marks) : []))
  if (type === schema.nodes.table) return children.filter((child) => child.type === schema.nodes.table_row)
  if (type === schema.nodes.table_row) return children.filter(isCell)
  return toBlocks(children)
}

const isCell = ({ type }: Node) => type === schema.nodes.table_cell || type === schema.nodes.table_header

function plainText(text: string): Node[] {
  return text === '' ? [] : [schema.text(text)]
}

function toInline(children: readonly Node[]): Node[] {
  return children.flatMap((child) => (child.isInline ? [child] : toInline(child.children)))
}

/** Blocks as they are, inline content in paragraphs, rows and cells without their table as what they hold. */
function toBlocks(children: readonly Node[]): Node[] {
  const blocks: Node[] = []
  let line: Node[] = []
  const endLine = () => {
    if (line.length > 0) blocks.push(schema.nodes.paragraph.create(null, fit(schema.nodes.paragraph, line)))
    line = []
  }
  for (const child of children) {
    if (child.isInline) {
      line.push(child)
      continue
    }
    endLine()
    if (child.type.isInGroup('block')) blocks.push(child)
    else blocks.push(...toBlocks(child.children))
  }
  endLine()
  return blocks
}
