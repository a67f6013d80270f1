import { DOMSerializer, Fragment, type DOMOutputSpec, type Node, type Schema } from 'prosemirror-model'
import { imageElement, parseImage, parseParagraph, tagOfStyle, type ListKind } from '../schema/index.ts'

type Target = HTMLElement | DocumentFragment
type Options = Parameters<DOMSerializer['serializeFragment']>[1]

/**
 * Writes the document as the HTML other programs expect: real nested lists, quotes as one blockquote, no editing
 * attributes. What `DocumentParser` reads back is the same document.
 */
export class DocumentSerializer extends DOMSerializer {
  override serializeFragment(fragment: Fragment, given: Options = {}, target?: Target): Target {
    if (fragment.firstChild?.isInline === true) return super.serializeFragment(fragment, given, target)
    const document = given.document ?? globalThis.document
    const options = { ...given, document }
    const result = target ?? document.createDocumentFragment()
    const lists: HTMLElement[] = []
    let quote: HTMLElement | null = null
    for (const node of fragment.content) {
      const { list, level, style, start } = parseParagraph(node.type.name === 'paragraph' ? node.attrs : {})
      const isQuote = style === 'quote'
      if (list === null || isQuote !== (quote !== null)) lists.length = 0
      if (isQuote) quote ??= result.appendChild(document.createElement('blockquote'))
      else quote = null
      const place = quote ?? result
      if (list === null) {
        super.serializeFragment(Fragment.from(node), options, place)
        continue
      }
      const parent = openLists(lists, { list, depth: (level ?? 0) + 1, start, result: place, document })
      parent.append(this.serializeNode(node, options))
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
    const last = outer?.lastElementChild
    // Where a level has no item of its own, its list stands in the outer list itself.
    const parent = last?.nodeName === 'LI' ? last : (outer ?? result)
    parent.append(inner)
    lists.push(inner)
  }
  const innermost = lists[depth - 1] ?? document.createElement(tag)
  if (tag === 'OL' && start !== null) innermost.setAttribute('start', String(start))
  return innermost
}

/** What HTML would make other spaces of. */
const fragileSpace = /^\s|\s$|\s\s|[\t\r]/

function isFragile(node: Node): boolean {
  const leaf = (inner: Node) => (inner.type.name === 'hard_break' ? '\n' : '@')
  return fragileSpace.test(node.textBetween(0, node.content.size, '', leaf))
}

function blockAttributes(node: Node): Record<string, string> {
  const { align } = parseParagraph(node.attrs)
  const styles = [
    ...(align === null ? [] : [`text-align: ${align}`]),
    ...(isFragile(node) ? ['white-space: pre-wrap'] : []),
  ]
  return {
    ...(styles.length === 0 ? {} : { style: styles.join('; ') }),
    ...(node.childCount === 0 ? { 'data-empty': '' } : {}),
  }
}

function paragraphToHTML(node: Node): DOMOutputSpec {
  const { style, list, level, checked } = parseParagraph(node.attrs)
  const attrs = blockAttributes(node)
  if (list === null && level !== null) attrs['data-level'] = String(level)
  if (style === 'title') attrs['data-style'] = style
  const tag = style === 'quote' ? 'p' : tagOfStyle(style)
  if (list === null) return [tag, attrs, 0]
  const input = { type: 'checkbox', disabled: '', ...(checked === true ? { checked: '' } : {}) }
  const box: DOMOutputSpec[] = list === 'task' ? [['input', input]] : []
  if (tag !== 'p') return ['li', {}, ...box, [tag, attrs, 0]]
  return list === 'task' ? ['li', attrs, ...box, ['span', 0]] : ['li', attrs, 0]
}

/** A picture with nothing to say around it is just that to other programs. */
function imageToHTML(node: Node): DOMOutputSpec {
  const { align } = parseImage(node.attrs)
  const picture = imageElement(node.attrs)
  if (node.childCount === 0 && align === null) return picture
  const attrs = {
    ...(align === null ? {} : { 'data-align': align }),
    ...(isFragile(node) ? { style: 'white-space: pre-wrap' } : {}),
  }
  return ['figure', attrs, picture, ['figcaption', 0]]
}

/** The serializer for a schema whose paragraphs are ours. */
export function createSerializer(schema: Schema): DocumentSerializer {
  const nodes = { ...DOMSerializer.nodesFromSchema(schema), paragraph: paragraphToHTML, image: imageToHTML }
  return new DocumentSerializer(nodes, DOMSerializer.marksFromSchema(schema))
}
