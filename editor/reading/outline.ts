import type { Node } from 'prosemirror-model'
import { titleStyle } from '../../server/protocol/document.ts'
import { parseStyle } from '../schema/index.ts'

/** A title or heading of a document. */
export interface Heading {
  /** 0 for a title, 1 to 6 for headings. */
  readonly level: number
  /** At most 200 characters of it. */
  readonly text: string
  /** Where its block is in the document as it is now. */
  readonly position: number
}

const maxHeadings = 1000
const maxText = 200

/** The titles and headings of a document in their order, at most 1,000; empty ones are left out. */
export function outlineOf(doc: Node): Heading[] {
  const headings: Heading[] = []
  doc.forEach((node, position) => {
    if (headings.length >= maxHeadings) return
    const level = levelOf(node)
    if (level === null || node.content.size === 0) return
    const text = node.textContent.trim()
    if (text !== '') headings.push({ level, text: text.slice(0, maxText), position })
  })
  return headings
}

/** The heading whose section a position is in: the last one before it; null before the first. */
export function headingAt(headings: readonly Heading[], position: number): Heading | null {
  return headings.findLast((heading) => heading.position <= position) ?? null
}

/** How deep each heading stands in the tree: a heading is below the nearest one before it of a smaller level. */
export function depthsOf(headings: readonly Heading[]): number[] {
  const above: number[] = []
  return headings.map(({ level }) => {
    while ((above.at(-1) ?? -1) >= level) above.pop()
    above.push(level)
    return above.length
  })
}

function levelOf({ attrs }: Node): number | null {
  const style = parseStyle(attrs['style'])
  if (style === null || style === 'quote') return null
  return style === 'title' ? 0 : Number(style.slice('heading'.length))
}

/** The text of the title, or the first text when there is none: as in the server's list of documents. */
export function titleOf(doc: Node): string {
  const title = doc.children.find((block) => block.attrs['style'] === titleStyle)
  const block = title ?? doc.children.find(({ textContent }) => textContent.trim() !== '')
  return block?.textContent.trim() ?? ''
}
