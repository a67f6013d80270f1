import type { Emphasis, PhrasingContent, Strong, Delete } from 'mdast'
import type { Mark, MarkType, Node } from 'prosemirror-model'
import { parseAddress } from '../address.ts'
import { parseMention, schema } from '../schema/index.ts'
import { mentionTag, tagsOf } from './inline-tags.ts'
import { isVerbatim, trimLines } from './trim-lines.ts'

/*
 * Flat text with marks becomes nested Markdown: at each place the mark that goes on for longest is the outermost.
 *
 * Markdown can't say a space at the edge of a line or of bold text; it is left out there, or left plain.
 */

/** A piece of a line, with the marks that nothing around it has said yet. */
interface Piece {
  readonly node: Node
  readonly text: string
  readonly marks: readonly Mark[]
}

const { link, strong, em, strike, code, math } = schema.marks
const { hard_break, mention } = schema.nodes

/** Outermost first, of marks that go on for the same length. */
const order: readonly MarkType[] = [link, strong, em, strike]

/** The inline content of a block. `isLine`: where Markdown has no line breaks, in headings and tables. */
export function writePhrasing(nodes: readonly Node[], isLine: boolean): PhrasingContent[] {
  return nest(trimLines(nodes).flatMap(toPiece), isLine)
}

function toPiece(node: Node): Piece[] {
  if (node.isText) {
    const marks = node.marks.filter((mark) => isSaid(mark))
    return [{ node, text: (node.text ?? '').replace(/[\r\n]+/g, ' '), marks }]
  }
  return node.type === hard_break || node.type === mention ? [{ node, text: '', marks: [] }] : []
}

function isSaid(mark: Mark): boolean {
  if (mark.type === link) return parseAddress(mark.attrs['href']) !== null
  return order.includes(mark.type) || tagsOf(mark) !== null
}

function nest(pieces: readonly Piece[], isLine: boolean): PhrasingContent[] {
  const result: PhrasingContent[] = []
  for (let index = 0; index < pieces.length;) {
    const piece = pieces[index]
    if (piece === undefined) break
    const [mark, end] = longestMark(pieces, index)
    if (mark === null) result.push(...writePiece(piece, isLine))
    else {
      const inner = pieces.slice(index, end).map((each) => ({
        ...each,
        marks: each.marks.filter((other) => !other.eq(mark)),
      }))
      result.push(...wrap(mark, inner, isLine))
    }
    index = end
  }
  return result
}

function longestMark(pieces: readonly Piece[], start: number): [mark: Mark | null, end: number] {
  let best: Mark | null = null
  let bestEnd = start + 1
  for (const mark of pieces[start]?.marks ?? []) {
    const end = endOf(mark, pieces, start)
    const isOuter = best === null || order.indexOf(mark.type) < order.indexOf(best.type)
    if (end > bestEnd || (end === bestEnd && isOuter)) [best, bestEnd] = [mark, end]
  }
  return [best, bestEnd]
}

/** Breaks and mentions have no marks in a document, and belong to what stands around them. */
function endOf(mark: Mark, pieces: readonly Piece[], start: number): number {
  let end = start + 1
  for (let index = end; index < pieces.length; index++) {
    const piece = pieces[index]
    if (piece === undefined || (piece.node.isText && !piece.marks.some((other) => other.eq(mark)))) break
    if (piece.node.isText) end = index + 1
  }
  return end
}

function wrap(mark: Mark, pieces: readonly Piece[], isLine: boolean): PhrasingContent[] {
  const tags = tagsOf(mark)
  if (tags !== null)
    return [{ type: 'html', value: tags[0] }, ...nest(pieces, isLine), { type: 'html', value: tags[1] }]
  if (mark.type === link) {
    const children = nest(pieces, isLine).flatMap((node) => (node.type === 'link' ? node.children : [node]))
    return [{ type: 'link', url: String(mark.attrs['href']), children }]
  }
  const [before, middle, after] = withoutEdges(pieces)
  if (middle.length === 0) return nest([...before, ...after], isLine)
  const children = nest(middle, isLine)
  return [...nest(before, isLine), emphasize(mark, children), ...nest(after, isLine)]
}

function emphasize({ type }: Mark, children: PhrasingContent[]): Strong | Emphasis | Delete {
  if (type === strong) return { type: 'strong', children }
  return type === em ? { type: 'emphasis', children } : { type: 'delete', children }
}

/** The spaces before and after it, apart. */
function withoutEdges(pieces: readonly Piece[]): [Piece[], Piece[], Piece[]] {
  const middle = [...pieces]
  const before: Piece[] = []
  const after: Piece[] = []
  for (let first = middle.shift(); first !== undefined; first = middle.shift()) {
    const space = isVerbatim(first.node) || !first.node.isText ? '' : (/^\s*/.exec(first.text)?.[0] ?? '')
    if (space !== '') before.push({ ...first, text: space })
    if (space.length < first.text.length || !first.node.isText) {
      middle.unshift({ ...first, text: first.text.slice(space.length) })
      break
    }
  }
  for (let last = middle.pop(); last !== undefined; last = middle.pop()) {
    const space = isVerbatim(last.node) || !last.node.isText ? '' : (/\s*$/.exec(last.text)?.[0] ?? '')
    if (space !== '') after.unshift({ ...last, text: space })
    if (space.length < last.text.length || !last.node.isText) {
      middle.push({ ...last, text: last.text.slice(0, last.text.length - space.length) })
      break
    }
  }
  return [before, middle, after]
}

function writePiece({ node, text }: Piece, isLine: boolean): PhrasingContent[] {
  if (node.type === hard_break) return [isLine ? { type: 'html', value: '<br>' } : { type: 'break' }]
  if (node.type === mention) {
    const label = `@${parseMention(node.attrs).label.replace(/\s+/g, ' ')}`
    return [
      { type: 'html', value: mentionTag(node) },
      { type: 'text', value: label },
      { type: 'html', value: '</span>' },
    ]
  }
  const types = node.marks.map((mark) => mark.type)
  if (types.includes(math)) return [{ type: 'inlineMath', value: text }]
  return [types.includes(code) ? { type: 'inlineCode', value: text } : { type: 'text', value: text }]
}
