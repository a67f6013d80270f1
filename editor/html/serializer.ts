import { DOMSerializer, Fragment, type DOMOutputSpec, type Node, type Schema } from 'prosemirror-model'
import { parseParagraph, tagOfStyle, type ListKind } from '../schema/index.ts'

type Target = HTMLElement | DocumentFragment
type Options = Parameters<DOMSerializer['serializeFragment']>[1]

/**
 * Writes the document as the HTML other programs expect: real nested lists, quotes as one blockquote, no editing
 * attributes. What `DocumentParser` reads back is the same document.
 */
export class DocumentSerializer extends DOMSerializer {
  override serializeFragment(fragment: Fragment, options: Options = {}, target?: Target): Target {
    if (fragment.firstChild?.isInline === true) return super.serializeFragment(fragment, options, target)
    const document = options.document ?? globalThis.document
    const result = target ?? document.createDocumentFragment()
    const lists: HTMLElement[] = []
    let quote: HTMLElement | null = null
    for (const node of fragment.content) {
      const { list, level, style, start } = parseParagraph(node.type.name === 'paragraph' ? node.attrs : {})
      if (list === null) lists.length = 0
      if (list !== null) {
        quote = null
        const parent = openLists(lists, { list, depth: (level ?? 0) + 1, start, result, document })
        parent.append(this.serializeNode(node, { ...options, document }))
      } else if (style === 'quote') {
        quote ??= result.appendChild(document.createElement('blockquote'))
        quote.append(this.serializeNode(node, { ...options, document }))
      } else {
        quote = null
        super.serializeFragment(Fragment.from(node), { ...options, document }, result)
      }
    }
    return result
  }
}

interface Place {
  readonly list: ListKind
  readonly depth: number
  /** The number of its first item, when that begins anew. */
  readonly start: number | null
  readonly result: Target
  readonly document: Document
}

/** Closes and opens lists until the innermost is of this kind and depth; `lists` holds the open ones. */
function openLists(lists: HTMLElement[], { list, depth, start, result, document }: Place): HTMLElement {
  const tag = list === 'ordered' ? 'OL' : 'UL'
  lists.length = Math.min(lists.length, depth)
  const isNew = lists.at(-1)?.nodeName !== tag || (tag === 'OL' && start !== null)
  if (lists.length === depth && isNew) lists.length = depth - 1
  while (lists.length < depth) {
    const inner = document.createElement(lists.length === depth - 1 ? tag : 'ul')
    const outer = lists.at(-1)
    const parent = outer?.lastElementChild ?? outer ?? result
    parent.append(inner)
    lists.push(inner)
  }
  const innermost = lists[depth - 1] ?? document.createElement(tag)
  if (tag === 'OL' && start !== null) innermost.setAttribute('start', String(start))
  return innermost
}

function paragraphToHTML(node: Node): DOMOutputSpec {
  const { style, list, level, checked, align } = parseParagraph(node.attrs)
  const attrs: Record<string, string> = {}
  if (align !== null) attrs['style'] = `text-align: ${align}`
  if (list === 'task') {
    const input = { type: 'checkbox', disabled: '', ...(checked === true ? { checked: '' } : {}) }
    return ['li', attrs, ['input', input], ['span', 0]]
  }
  if (list !== null) return ['li', attrs, 0]
  if (level !== null) attrs['data-level'] = String(level)
  if (style === 'title') attrs['data-style'] = style
  return [style === 'quote' ? 'p' : tagOfStyle(style), attrs, 0]
}

/** The serializer for a schema whose paragraphs are ours. */
export function createSerializer(schema: Schema): DocumentSerializer {
  const nodes = { ...DOMSerializer.nodesFromSchema(schema), paragraph: paragraphToHTML }
  return new DocumentSerializer(nodes, DOMSerializer.marksFromSchema(schema))
}
