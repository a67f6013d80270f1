import type { EditorView } from 'prosemirror-view'

/** A rectangle in pixels. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

const maxBlocks = 200
const emptyLineWidth = 6

/** Where a range of the document is on the screen: one box for each line of text, one for each picture or rule. */
export function selectionRects(view: EditorView, anchor: number, head: number): Box[] {
  const from = Math.min(anchor, head)
  const to = Math.max(anchor, head)
  const boxes: Box[] = []
  if (from === to) return boxes
  let blocks = 0
  view.state.doc.nodesBetween(from, to, (node, position) => {
    if (blocks >= maxBlocks) return false
    if (node.isTextblock) {
      blocks++
      const start = Math.max(from, position + 1)
      const end = Math.min(to, position + 1 + node.content.size)
      if (start < end) boxes.push(...textRects(view, start, end))
      else if (node.content.size === 0) boxes.push(lineStart(view, start))
      return false
    }
    if (node.isAtom && position >= from && position + node.nodeSize <= to) {
      blocks++
      const dom = view.nodeDOM(position)
      if (dom instanceof Element) boxes.push(toBox(dom.getBoundingClientRect()))
    }
    return true
  })
  return boxes
}

function lineStart(view: EditorView, position: number): Box {
  const { left, top, bottom } = view.coordsAtPos(position)
  return { left, top, width: emptyLineWidth, height: bottom - top }
}

function textRects(view: EditorView, from: number, to: number): Box[] {
  const range = view.dom.ownerDocument.createRange()
  const start = view.domAtPos(from, 1)
  const end = view.domAtPos(to, -1)
  range.setStart(start.node, start.offset)
  range.setEnd(end.node, end.offset)
  return mergeLines([...range.getClientRects()].filter((rect) => rect.width > 0).map(toBox))
}

function toBox({ left, top, width, height }: DOMRect): Box {
  return { left, top, width, height }
}

/** A marked word gives a rectangle for its element and one for its text: unite what lies on one line. */
function mergeLines(boxes: readonly Box[]): Box[] {
  const lines: Box[] = []
  for (const box of boxes) {
    const last = lines.at(-1)
    const middle = box.top + box.height / 2
    if (last === undefined || middle < last.top || middle > last.top + last.height) lines.push(box)
    else lines[lines.length - 1] = unite(last, box)
  }
  return lines
}

function unite(a: Box, b: Box): Box {
  const left = Math.min(a.left, b.left)
  const top = Math.min(a.top, b.top)
  const right = Math.max(a.left + a.width, b.left + b.width)
  const bottom = Math.max(a.top + a.height, b.top + b.height)
  return { left, top, width: right - left, height: bottom - top }
}
