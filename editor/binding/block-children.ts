import type { Node } from 'prosemirror-model'
import * as Y from 'yjs'
import type { Mapping } from './sync-binding.ts'
import { unknownOf } from './unknown.ts'

export interface Adopted {
  readonly node: Node
  /** So many of its children, at its start and at its end, are known already. */
  readonly start: number
  readonly end: number
}

/**
 * Makes the mapping know the very nodes of a document that shows what it maps: smallest steps make equal nodes, not the
 * same, and blocks are told by their nodes.
 */
export function adoptNodes(mapping: Mapping, type: Y.XmlFragment, { node, start, end }: Adopted): void {
  const children = node.inlineContent ? childrenOf(type) : type.toArray()
  const content = node.inlineContent ? contentOf(node) : node.children
  for (let index = start; index < children.length - end; index++) {
    const child = children[index]
    const item = content[index]
    if (!(child instanceof Y.XmlElement) || item === undefined || Array.isArray(item)) continue
    const shown = mapping.get(child)
    if (shown === item || shown === undefined || Array.isArray(shown)) continue
    const isPlaceholder = unknownOf(item)?.name === child.nodeName
    if (!isPlaceholder && !shown.eq(item)) continue
    mapping.set(child, item)
    if (!isPlaceholder) adoptNodes(mapping, child, { node: item, start: 0, end: 0 })
  }
}

/** A child of a Yjs element; texts side by side count as one. */
export type Child = Y.XmlElement | Y.XmlText[]
/** A child of a node; text nodes side by side count as one. */
export type Content = Node | Node[]

/** What Yjs has as a child. */
export type RawChild = Y.XmlElement | Y.XmlText | Y.XmlHook

export function childrenOf(type: Y.XmlFragment): Child[] {
  return toChildren(type.toArray())
}

export function toChildren(raw: readonly (Child | RawChild)[]): Child[] {
  const children: Child[] = []
  for (const child of raw) {
    const last = children.at(-1)
    if (child instanceof Y.XmlText) {
      if (Array.isArray(last)) last.push(child)
      else children.push([child])
    } else if (Array.isArray(child) || child instanceof Y.XmlElement) children.push(child)
  }
  return children
}

export function contentOf(node: Node): Content[] {
  return node.inlineContent ? groupTexts(node.children) : [...node.children]
}

export function groupTexts(nodes: readonly Node[]): Content[] {
  const content: Content[] = []
  for (const child of nodes) {
    const last = content.at(-1)
    if (!child.isText) content.push(child)
    else if (Array.isArray(last)) last.push(child)
    else content.push([child])
  }
  return content
}

export function isShown(
  mapping: Mapping,
  child: Child | RawChild | undefined,
  content: Content | undefined,
): boolean {
  if (child === undefined || content === undefined) return false
  if (!Array.isArray(child)) return mapping.get(child) === content
  const [text, ...more] = child
  if (text === undefined || more.length > 0 || !Array.isArray(content)) return false
  const shown = mapping.get(text)
  return (
    Array.isArray(shown) &&
    shown.length === content.length &&
    shown.every((node, index) => node === content[index])
  )
}

export function sizeOf(content: Content | undefined): number {
  if (content === undefined) return 0
  return Array.isArray(content) ? content.reduce((sum, node) => sum + node.nodeSize, 0) : content.nodeSize
}

export function widthOf(child: Child | RawChild | undefined): number {
  return Array.isArray(child) ? child.length : 1
}
