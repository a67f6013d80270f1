import type { Definition, PhrasingContent } from 'mdast'
import type {} from 'mdast-util-math'
import type { Mark, Node } from 'prosemirror-model'
import { parseAddress } from '../address.ts'
import { parseImage, parseMention, schema } from '../schema/index.ts'
import { readTag } from './inline-tags.ts'

/** What a text's tree is read with. */
export interface Source {
  readonly text: string
  /** Where links that name another place lead, by name. */
  readonly definitions: ReadonlyMap<string, Definition>
}

type Marks = readonly Mark[]

const { link, strong, em, strike, code, math } = schema.marks
const { hard_break, mention, image } = schema.nodes

/** A line of Markdown as inline nodes, and pictures, which are blocks here. */
export function readPhrasing(source: Source, children: readonly PhrasingContent[]): Node[] {
  return new LineReader(source).read(children, [])
}

interface OpenTag {
  readonly name: string
  readonly mark: Mark
}

class LineReader {
  readonly #source: Source

  constructor(source: Source) {
    this.#source = source
  }

  read(children: readonly PhrasingContent[], outer: Marks): Node[] {
    const open: OpenTag[] = []
    const result: Node[] = []
    for (let index = 0; index < children.length; index++) {
      const child = children[index]
      if (child === undefined) break
      const marks = open.reduce<Marks>((set, { mark }) => mark.addToSet(set), outer)
      if (child.type !== 'html') {
        result.push(...this.#readOne(child, marks))
        continue
      }
      const tag = readTag(child.value)
      if (tag?.kind === 'mention') {
        const [label, end] = mentionAt(children, index)
        result.push(mention.create(parseMention({ id: tag.id, label })))
        index = end
      } else if (tag?.kind === 'break') result.push(hard_break.create())
      else if (tag?.kind === 'open') open.push(tag)
      else if (tag?.kind === 'close') close(open, tag.name)
      else if (tag === null) result.push(...text(child.value, marks))
    }
    return result
  }

  #readOne(node: Exclude<PhrasingContent, { type: 'html' }>, marks: Marks): Node[] {
    const { definitions } = this.#source
    switch (node.type) {
      case 'text':
        return text(node.value, marks)
      case 'strong':
        return this.read(node.children, strong.create().addToSet(marks))
      case 'emphasis':
        return this.read(node.children, em.create().addToSet(marks))
      case 'delete':
        return this.read(node.children, strike.create().addToSet(marks))
      case 'inlineCode':
        return text(node.value, code.create().addToSet(marks))
      case 'inlineMath':
        return this.#readMath(node, marks)
      case 'break':
        return [hard_break.create()]
      case 'link':
        return this.read(node.children, linked(node.url, marks))
      case 'linkReference':
        return this.read(node.children, linked(definitions.get(node.identifier)?.url, marks))
      case 'image':
        return picture(node, marks)
      case 'imageReference': {
        const definition = definitions.get(node.identifier)
        return picture({ url: definition?.url ?? '', title: definition?.title, alt: node.alt }, marks)
      }
      case 'footnoteReference':
        return text(`[^${node.label ?? node.identifier}]`, marks)
    }
  }

  /** One dollar is money rather than a formula where a space stands inside, or a digit after. */
  #readMath(node: Extract<PhrasingContent, { type: 'inlineMath' }>, marks: Marks): Node[] {
    const [start, end] = [node.position?.start.offset ?? 0, node.position?.end.offset ?? 0]
    const written = this.#source.text.slice(start, end)
    const isMoney =
      /^\$[^$]/.test(written) && (/^\$\s|\s\$$/.test(written) || /^\d/.test(this.#source.text.slice(end)))
    return isMoney ? text(written, marks) : text(node.value, math.create().addToSet(marks))
  }
}

function text(value: string, marks: Marks): Node[] {
  const line = value.replace(/\s*[\r\n]+\s*/g, ' ')
  return line === '' ? [] : [schema.text(line, marks)]
}

function linked(url: string | undefined, marks: Marks): Marks {
  const href = parseAddress(url)
  return href === null ? marks : link.create({ href }).addToSet(marks)
}

function close(open: OpenTag[], name: string): void {
  const index = open.findLastIndex((tag) => tag.name === name)
  if (index !== -1) open.splice(index, 1)
}

interface Picture {
  readonly url: string
  readonly alt?: string | null | undefined
  readonly title?: string | null | undefined
}

/** A picture whose address may not be shown leaves the words that stand for it. */
function picture({ url, alt, title }: Picture, marks: Marks): Node[] {
  const attrs = parseImage({ src: url, alt, title })
  return attrs.src === null ? text(alt ?? '', marks) : [image.create(attrs)]
}

/** The words of a mention, and where its tag is closed. */
function mentionAt(children: readonly PhrasingContent[], start: number): [label: string, end: number] {
  let label = ''
  for (let index = start + 1; index < children.length; index++) {
    const child = children[index]
    if (child?.type === 'html' && child.value === '</span>') return [label.replace(/^@/, ''), index]
    if (child?.type === 'text') label += child.value
  }
  return [label.replace(/^@/, ''), children.length]
}
