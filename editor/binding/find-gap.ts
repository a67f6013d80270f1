import type { Node } from 'prosemirror-model'
import type * as Y from 'yjs'
import {
  childrenOf,
  contentOf,
  isShown,
  sizeOf,
  toChildren,
  widthOf,
  type Child,
  type Content,
} from './block-children.ts'
import type { Mapping } from './sync-binding.ts'

/** A type, the node it is to show, and the position of the node's content. */
export interface Target {
  readonly type: Y.XmlFragment
  readonly node: Node
  readonly start: number
}

/** What is known of what Yjs has. */
export interface Known {
  readonly mapping: Mapping
  /** The document that it shows; null when that isn't known. */
  readonly base: Node | null
}

/** The children that may have to change, of a whole document or of one block. */
export function findGap(known: Known, target: Target): Gap {
  return findChanged(known, target) ?? findAmongAll(known.mapping, target)
}

/** Larger gaps are looked for among all children. */
const mostChanged = 8

/**
 * The same for the page as a whole, told by the document that Yjs has: without a look at the blocks that are as they
 * were. Null when they don't tell.
 */
function findChanged({ mapping, base }: Known, { type, node, start: position }: Target): Gap | null {
  if (base === null || type._item !== null || type.length !== base.childCount || node.inlineContent)
    return null
  const [shown, wanted] = [base.children, node.children]
  const shorter = Math.min(shown.length, wanted.length)
  let start = 0
  let size = position
  while (start < shorter && shown[start] === wanted[start]) size += wanted[start++]?.nodeSize ?? 0
  let end = 0
  while (start + end < shorter && shown[shown.length - end - 1] === wanted[wanted.length - end - 1]) end++
  const count = shown.length - end - start
  if (count > mostChanged) return null
  const children = Array.from({ length: count }, (_, offset) => type.get(start + offset))
  const isRight = children.every((child, offset) => isShown(mapping, child, shown[start + offset]))
  if (!isRight) return null
  return {
    children: toChildren(children),
    content: wanted.slice(start, wanted.length - end),
    position: start,
    start: size,
    index: start,
  }
}

/** The children that may have to change: all but those at the start and the end that show what they did. */
function findAmongAll(mapping: Mapping, { type, node, start: position }: Target): Gap {
  const children = node.inlineContent ? childrenOf(type) : type.toArray()
  const content = node.inlineContent ? contentOf(node) : node.children
  const shorter = Math.min(children.length, content.length)
  let start = 0
  while (start < shorter && isShown(mapping, children[start], content[start])) start++
  let end = 0
  while (
    start + end < shorter &&
    isShown(mapping, children[children.length - end - 1], content[content.length - end - 1])
  )
    end++
  const before = { width: start, size: position }
  for (let index = 0; index < start; index++) {
    before.size += node.inlineContent ? sizeOf(content[index]) : node.child(index).nodeSize
    if (node.inlineContent) before.width += widthOf(children[index]) - 1
  }
  return {
    children: toChildren(children.slice(start, children.length - end)),
    content: content.slice(start, content.length - end),
    position: before.width,
    start: before.size,
    index: start,
  }
}

export interface Gap {
  readonly children: readonly Child[]
  readonly content: readonly Content[]
  /** Of its first child among its parent's. */
  readonly position: number
  /** Of its first content in the new document. */
  readonly start: number
  /** How many children come before it. */
  readonly index: number
}
