import {
  Schema,
  type Attrs,
  type Mark,
  type MarkType,
  type Node,
  type NodeSpec,
  type NodeType,
} from 'prosemirror-model'
import { unknownBlock, unknownInline, unknownMark } from '../unknown-names.ts'
import { keyOfMark, type MarkKeys } from './mark-keys.ts'

/*
 * What an older editor does with what it doesn't know: it shows a placeholder, and keeps it.
 *
 * y-prosemirror makes nodes through the schema and deletes from Yjs whatever the schema refuses. It is given a schema
 * that refuses nothing: an unknown node or mark, or one in a place the schema doesn't allow, becomes a placeholder that
 * holds its name, attributes and content. The writer makes the same of a placeholder again.
 */

/** What a placeholder stands for. */
export interface Unknown {
  readonly name: string
  readonly attrs: Attrs
  /** Its nodes, as JSON. */
  readonly content: readonly unknown[]
}

/** What a node stands for; null when it is no placeholder. */
export function unknownOf(node: Node): Unknown | null {
  if (node.type.name !== unknownBlock && node.type.name !== unknownInline) return null
  const { name, attrs, content }: Readonly<Record<string, unknown>> = node.attrs
  return {
    name: typeof name === 'string' ? name : '',
    attrs: typeof attrs === 'object' && attrs !== null ? { ...attrs } : {},
    content: isList(content) ? content : [],
  }
}

/** The schema as y-prosemirror is to see it when it reads the document of these keys. Unchanged when it has no placeholders. */
export function forgive(schema: Schema, keys: MarkKeys): Schema {
  const { [unknownBlock]: block, [unknownInline]: inline } = schema.nodes
  const mark = schema.marks[unknownMark]
  if (block === undefined || inline === undefined || mark === undefined) return schema
  const places: Places = { schema, block, inline, mark, keys }
  const forgiving: unknown = Object.create(schema, {
    node: {
      value: (name: unknown, attrs: Attrs, children: unknown) => makeNode(places, { name, attrs, children }),
    },
    mark: { value: (name: string, value: unknown) => makeMark(places, name, value) },
    text: {
      // Something embedded in text counts for one letter in Yjs, and has to here.
      value: (text: unknown, marks?: readonly Mark[]) =>
        schema.text(typeof text === 'string' ? text : '\ufffc', marks),
    },
  })
  return forgiving instanceof Schema ? forgiving : schema
}

interface Places {
  readonly schema: Schema
  readonly block: NodeType
  readonly inline: NodeType
  readonly mark: MarkType
  readonly keys: MarkKeys
}

interface Wanted {
  readonly name: unknown
  readonly attrs: Attrs
  readonly children: unknown
}

function makeNode(places: Places, { name, attrs, children }: Wanted): Node {
  const { schema, block, inline } = places
  const known = typeof name === 'string' ? schema.nodes[name] : undefined
  const content = isNodes(children) ? children : []
  const isPlaceholder = known === block || known === inline
  if (known !== undefined && !isPlaceholder) {
    // A placeholder is made before it is known what it stands in.
    const fitting = known.inlineContent ? content.map((child) => toInline(places, child)) : content
    for (const nodes of [fitting, fitting.map((child) => withAllowedMarks(known, child))]) {
      const node = tryNode(known, attrs, nodes)
      if (node !== null) return node
    }
  }
  return block.create({
    name: String(name),
    attrs: { ...attrs },
    content: content.map((node) => toJSON(node)),
  })
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

function toJSON(node: Node): unknown {
  return node.toJSON()
}

function isNodes(value: unknown): value is readonly Node[] {
  return Array.isArray(value)
}

function toInline({ block, inline }: Places, node: Node): Node {
  return node.type === block ? inline.create(node.attrs) : node
}

function withAllowedMarks(parent: NodeType, node: Node): Node {
  return node.isInline ? node.mark(parent.allowedMarks(node.marks)) : node
}

/** What a node's spec may say about what others write, see schema/index.ts. */
interface Reading {
  readonly readAttrs?: (attrs: Attrs) => object
  readonly isSound?: (node: Node) => boolean
}

function tryNode(type: NodeType, attrs: Attrs, content: readonly Node[]): Node | null {
  const { readAttrs, isSound }: NodeSpec & Reading = type.spec
  try {
    const node = type.createChecked(readAttrs === undefined ? attrs : { ...readAttrs(attrs) }, content)
    return isSound === undefined || isSound(node) ? node : null
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

function makeMark({ schema, mark, keys }: Places, name: string, value: unknown): Mark {
  const known = schema.marks[name]
  if (known === undefined || known === mark) return mark.create({ name: keys.find(name, value), value })
  return known.create(typeof value === 'object' && value !== null ? { ...value } : null)
}

/** The key and value that Yjs keeps a mark as. */
export function storedMark(mark: Mark): [key: string, value: unknown] {
  const { name, value }: Attrs = mark.attrs
  const isUnknown = mark.type.name === unknownMark && typeof name === 'string'
  return isUnknown ? [name, value] : [keyOfMark(mark), mark.attrs]
}
