import type { Node } from 'prosemirror-model'
import { schema } from '../schema/index.ts'

const { hard_break } = schema.nodes
const { code, math } = schema.marks

/** Whether its letters stand in Markdown exactly as they are. */
export function isVerbatim({ marks }: Node): boolean {
  return marks.some(({ type }) => type === code || type === math)
}

/** Inline content without spaces at the start and end of its lines, which Markdown can't say. */
export function trimLines(nodes: readonly Node[]): Node[] {
  const trimmed: Node[] = []
  let isStart = true
  for (const node of nodes) {
    const text = isStart && node.isText && !isVerbatim(node) ? node.text?.trimStart() : node.text
    if (node.isText && text === '') continue
    if (node.type === hard_break) trimEnd(trimmed)
    trimmed.push(withText(node, text))
    isStart = node.type === hard_break
  }
  trimEnd(trimmed)
  return trimmed
}

function trimEnd(nodes: Node[]): void {
  for (let last = nodes.pop(); last !== undefined; last = nodes.pop()) {
    const text = last.isText && !isVerbatim(last) ? last.text?.trimEnd() : last.text
    if (last.isText && text === '') continue
    nodes.push(withText(last, text))
    return
  }
}

function withText(node: Node, text: string | undefined): Node {
  return text === undefined || text === node.text ? node : schema.text(text, node.marks)
}
