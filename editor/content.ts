import { Fragment, type Node } from 'prosemirror-model'
import { Selection, TextSelection, type EditorState, type Transaction } from 'prosemirror-state'
import { addMinimalSteps } from './binding/minimal-steps.ts'
import { schema as ownSchema, type CoscribeSchema } from './schema/index.ts'

/* Documents in other formats, for one editor. Everything of `convert` is loaded when it is first needed. */

export type ContentFormat = 'markdown' | 'html' | 'json' | 'text'

/**
 * A document of this schema. Rejects with a TypeError for what is not of the format: text for JSON, anything else for the
 * others, an object that is no document; and with a `ConversionError` for what is nested too deep.
 */
export async function readContent(
  schema: CoscribeSchema,
  content: unknown,
  format: ContentFormat,
): Promise<Node> {
  if (format === 'json') return readJson(schema, content)
  if (typeof content !== 'string') throw new TypeError(`Content in the format ${format} must be a string`)
  switch (format) {
    case 'markdown': {
      const { fromMarkdown } = await import('./convert/markdown.ts')
      return inSchema(fromMarkdown(content), schema)
    }
    case 'html': {
      const { fromHtml } = await import('./convert/html.ts')
      return fromHtml(content, undefined, schema)
    }
    case 'text': {
      const { fromText } = await import('./convert/text.ts')
      return inSchema(fromText(content), schema)
    }
    default:
      throw new TypeError(`There is no format ${String(format)}`)
  }
}

async function readJson(schema: CoscribeSchema, content: unknown): Promise<Node> {
  const isDocument =
    typeof content === 'object' && content !== null && 'type' in content && content.type === 'doc'
  if (!isDocument) throw new TypeError('Content in the format json must be an object of the type doc')
  if (schema === ownSchema) {
    const { fromJson } = await import('./convert/json.ts')
    return fromJson(content)
  }
  // Only the schema knows what a host's nodes may be.
  const doc = schema.nodeFromJSON(content)
  doc.check()
  return doc
}

/** The document as Markdown; a host's nodes give way to what is in them. */
export async function writeMarkdown(doc: Node): Promise<string> {
  const { toMarkdown } = await import('./convert/markdown.ts')
  if (doc.type.schema === ownSchema) return toMarkdown(doc)
  const { fromJson } = await import('./convert/json.ts')
  return toMarkdown(fromJson(doc.toJSON()))
}

/** A document of our own schema as one of an extended schema. */
export function inSchema(doc: Node, schema: CoscribeSchema): Node {
  return schema === ownSchema ? doc : schema.nodeFromJSON(doc.toJSON())
}

/** Makes the document equal to another one by changing no more than differs. */
export function replaceContent(state: EditorState, target: Node): Transaction {
  return changeTo(state, reuse(state.doc, target))
}

/** Makes the document equal to one that shares its unchanged blocks with it. */
export function changeTo(state: EditorState, target: Node): Transaction {
  const tr = addMinimalSteps(state.tr, target)
  return tr.doc.eq(target) ? tr : state.tr.replaceWith(0, state.doc.content.size, target.content)
}

/**
 * The target with the blocks of the document in place of equal ones, since steps are found by identity. What is empty or
 * occurs more or less often than before says nothing about which is which.
 */
function reuse(before: Node, target: Node): Node {
  const wanted = blocksByContent(target)
  const kept = [...blocksByContent(before)].filter(([key, nodes]) => wanted.get(key)?.length === nodes.length)
  const unused = new Map(kept)
  const adopt = (node: Node): Node => {
    const same = unused.get(keyOf(node))?.shift()
    if (same !== undefined) return same
    return node.inlineContent ? node : node.copy(Fragment.from(node.children.map(adopt)))
  }
  return target.copy(Fragment.from(target.children.map(adopt)))
}

function blocksByContent(doc: Node): Map<string, Node[]> {
  const blocks = new Map<string, Node[]>()
  doc.descendants((node) => {
    if (node.isInline) return false
    const key = keyOf(node)
    if (node.content.size > 0) blocks.set(key, [...(blocks.get(key) ?? []), node])
    return !node.isTextblock
  })
  return blocks
}

const keyOf = (node: Node): string => JSON.stringify(node.toJSON())

/** Puts the blocks of a document behind the block with the caret, or in its place when it is an empty line. */
export function insertContent(state: EditorState, inserted: Node): Transaction {
  const { $to } = state.selection
  const isEmptyLine = $to.depth === 1 && $to.parent.isTextblock && $to.parent.content.size === 0
  const to = $to.depth === 0 ? $to.pos : $to.after(1)
  const from = isEmptyLine ? $to.before(1) : to
  const isStart = from === 0
  const blocks = inserted.children.map((node) =>
    !isStart && node.attrs['style'] === 'title'
      ? node.type.create({ ...node.attrs, style: 'heading1' }, node.content)
      : node,
  )
  if (blocks.length === 0) return state.tr
  const tr = state.tr.replaceWith(from, to, blocks)
  const end = tr.doc.resolve(tr.mapping.map(to))
  return tr.setSelection(Selection.findFrom(end, -1) ?? TextSelection.near(end)).scrollIntoView()
}
