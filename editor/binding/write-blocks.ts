import type { Node, ResolvedPos } from 'prosemirror-model'
import * as Y from 'yjs'
import { alignByLikeness, longestIncreasing, type Match } from './match-children.ts'
import type { Mapping } from './sync-binding.ts'
import { createText, isEqual, textOf, writeText } from './write-text.ts'

/*
 * Writes a ProseMirror document into Yjs, touching as little as can be.
 *
 * 1. A child that shows the same node object as before is the same child, wherever it now stands: moving a block
 *    rewrites none of the blocks between.
 * 2. What lies between such children is paired by likeness; only what has no partner is deleted or made.
 * 3. Text is changed where the caret is; marks and attributes only where they differ. Attributes that the schema
 *    doesn't know stay as they are.
 */

export interface Page {
  readonly mapping: Mapping
  /** Where the caret is; null when it is nowhere. */
  readonly $caret: ResolvedPos | null
}

/** Makes a fragment or element show a node's attributes and content. */
export function writeBlock(page: Page, type: Y.XmlFragment, node: Node): void {
  if (type instanceof Y.XmlElement) writeAttributes(type, node, page.mapping.get(type))
  page.mapping.set(type, node)
  writeChildren(page, type, node)
}

function writeAttributes(element: Y.XmlElement, node: Node, shown: Node | Node[] | undefined): void {
  const before = shown === undefined || Array.isArray(shown) ? null : shown.attrs
  const stored: Readonly<Record<string, unknown>> = element.getAttributes()
  for (const [name, value] of Object.entries(node.attrs)) {
    if (before !== null && isEqual(before[name], value)) continue
    if (isEqual(stored[name] ?? null, value)) continue
    setAttribute(element, name, value)
  }
}

/** Yjs keeps any JSON as an attribute, whatever its default type says. */
type AnyElement = Y.XmlElement<Record<string, Stored>>
type Stored = string | number | boolean | object

function isStored(value: unknown): value is Stored {
  return ['string', 'number', 'boolean', 'object'].includes(typeof value) && value !== null
}

function setAttribute(element: Y.XmlElement, name: string, value: unknown): void {
  const any: AnyElement = element
  if (isStored(value)) any.setAttribute(name, value)
  else element.removeAttribute(name)
}

/** A child of a Yjs element; texts side by side count as one. */
type Child = Y.XmlElement | Y.XmlText[]
/** A child of a node; text nodes side by side count as one. */
type Content = Node | Node[]

function childrenOf(type: Y.XmlFragment): Child[] {
  const children: Child[] = []
  for (const child of type.toArray()) {
    const last = children.at(-1)
    if (child instanceof Y.XmlText) {
      if (Array.isArray(last)) last.push(child)
      else children.push([child])
    } else if (child instanceof Y.XmlElement) children.push(child)
  }
  return children
}

function contentOf(node: Node): Content[] {
  if (!node.inlineContent) return [...node.children]
  const content: Content[] = []
  for (const child of node.children) {
    const last = content.at(-1)
    if (!child.isText) content.push(child)
    else if (Array.isArray(last)) last.push(child)
    else content.push([child])
  }
  return content
}

function isShown(mapping: Mapping, child: Child, content: Content): boolean {
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

function writeChildren(page: Page, type: Y.XmlFragment, node: Node): void {
  const children = childrenOf(type)
  const content = contentOf(node)
  const shorter = Math.min(children.length, content.length)
  const isSame = (child: number, place: number): boolean => {
    const [one, other] = [children[child], content[place]]
    return one !== undefined && other !== undefined && isShown(page.mapping, one, other)
  }
  let start = 0
  while (start < shorter && isSame(start, start)) start++
  let end = 0
  while (start + end < shorter && isSame(children.length - end - 1, content.length - end - 1)) end++
  const gap = {
    children: children.slice(start, children.length - end),
    content: content.slice(start, content.length - end),
  }
  if (gap.children.length === 0 && gap.content.length === 0) return
  const matches = matchGap(page.mapping, gap)
  const position = children.slice(0, start).reduce((sum, child) => sum + widthOf(child), 0)
  changeGap(page, type, { ...gap, matches, position, node })
}

function widthOf(child: Child): number {
  return Array.isArray(child) ? child.length : 1
}

interface Gap {
  readonly children: readonly Child[]
  readonly content: readonly Content[]
}

/** The children that stay: those that show the same node, and between them those most alike. */
function matchGap(mapping: Mapping, { children, content }: Gap): Match[] {
  const places = new Map<Node, number>()
  children.forEach((child, index) => {
    const shown = Array.isArray(child) ? undefined : mapping.get(child)
    if (shown !== undefined && !Array.isArray(shown)) places.set(shown, index)
  })
  const shared = content.flatMap((item, after) => {
    const before = Array.isArray(item) ? undefined : places.get(item)
    return before === undefined ? [] : [{ before, after }]
  })
  // A child shown twice by the same object is one child; the first place that comes along has it.
  const once = shared.filter(
    ({ before }, index) => shared.findIndex((other) => other.before === before) === index,
  )
  const kept = longestIncreasing(shared.length > 500 ? shared : once)
  const isElsewhere = { before: new Set(shared.map((m) => m.before)), after: new Set(shared.map((m) => m.after)) }
  const matches: Match[] = []
  let last: Match = { before: -1, after: -1 }
  for (const match of [...kept, { before: children.length, after: content.length }]) {
    const from = { before: last.before + 1, after: last.after + 1 }
    const inner = alignByLikeness(match.before - from.before, match.after - from.after, (i, j) => {
      const [before, after] = [from.before + i, from.after + j]
      if (isElsewhere.before.has(before) || isElsewhere.after.has(after)) return 0
      return likeness(mapping, children[before], content[after])
    })
    for (const { before, after } of inner)
      matches.push({ before: from.before + before, after: from.after + after })
    if (match.before < children.length) matches.push(match)
    last = match
  }
  return matches
}

/** 0 for what can't become the other; more, the more letters stay. */
function likeness(mapping: Mapping, child: Child | undefined, content: Content | undefined): number {
  if (child === undefined || content === undefined) return 0
  if (Array.isArray(child)) return Array.isArray(content) ? 1 + sharedLetters(lettersIn(child), textOf(content)) : 0
  if (Array.isArray(content) || child.nodeName !== content.type.name) return 0
  const shown = mapping.get(child)
  if (shown === undefined || Array.isArray(shown)) return 1
  return 1 + sharedLetters(shown.textContent, content.textContent)
}

function lettersIn(texts: readonly Y.XmlText[]): string {
  // eslint-disable-next-line @typescript-eslint/no-base-to-string -- Yjs prints its text this way.
  return texts.map((text) => text.toString()).join('')
}

function sharedLetters(one: string, other: string): number {
  const shorter = Math.min(one.length, other.length)
  let start = 0
  while (start < shorter && one[start] === other[start]) start++
  let end = 0
  while (start + end < shorter && one.at(-end - 1) === other.at(-end - 1)) end++
  return start + end
}

interface GapChange extends Gap {
  readonly matches: readonly Match[]
  /** Of the gap's first child among its parent's. */
  readonly position: number
  readonly node: Node
}

function changeGap(page: Page, type: Y.XmlFragment, change: GapChange): void {
  const { children, content, matches, node } = change
  const starts = [change.position]
  for (const child of children) starts.push((starts.at(-1) ?? 0) + widthOf(child))
  const bounds = [...matches, { before: children.length, after: content.length }]
  // From the end, so that earlier positions stay true.
  for (let index = bounds.length - 1; index >= 0; index--) {
    const match = bounds[index]
    const previous = bounds[index - 1] ?? { before: -1, after: -1 }
    if (match === undefined) continue
    const child = children[match.before]
    const item = content[match.after]
    if (child !== undefined && item !== undefined) writeChild(page, { child, content: item, parent: node })
    const from = starts[previous.before + 1] ?? 0
    const length = (starts[match.before] ?? from) - from
    const made = content.slice(previous.after + 1, match.after).map((inner) => create(page, inner))
    if (length > 0) removeChildren(type, { from, length, isOnlyText: isLastText(change, made.length) })
    if (made.length > 0) type.insert(from, made)
  }
}

/** A text block that is emptied keeps its text type, for whoever else writes into it. */
function isLastText({ children, content }: Gap, made: number): boolean {
  return content.length === 0 && made === 0 && children.length === 1 && Array.isArray(children[0])
}

function removeChildren(
  type: Y.XmlFragment,
  { from, length, isOnlyText }: { from: number; length: number; isOnlyText: boolean },
): void {
  if (!isOnlyText) {
    type.delete(from, length)
    return
  }
  for (const text of type.slice(from, from + length))
    if (text instanceof Y.XmlText) text.delete(0, text.length)
}

interface ChildChange {
  readonly child: Child
  readonly content: Content
  readonly parent: Node
}

function writeChild(page: Page, { child, content, parent }: ChildChange): void {
  if (isShown(page.mapping, child, content)) return
  if (!Array.isArray(child)) {
    if (!Array.isArray(content)) writeBlock(page, child, content)
    return
  }
  if (!Array.isArray(content)) return
  writeText(child, content, caretIn(page.$caret, parent, content))
  const [text] = child
  if (text !== undefined && child.length === 1) page.mapping.set(text, content)
}

/** The caret's place in a run of text; null when it isn't there. */
function caretIn($caret: ResolvedPos | null, parent: Node, content: readonly Node[]): number | null {
  if ($caret === null || $caret.parent !== parent) return null
  let start = 0
  for (const child of parent.children) {
    if (child === content[0]) break
    start += child.nodeSize
  }
  const offset = $caret.parentOffset - start
  return offset >= 0 && offset <= textOf(content).length ? offset : null
}

function create(page: Page, content: Content): Y.XmlElement | Y.XmlText {
  if (Array.isArray(content)) {
    const text = createText(content)
    page.mapping.set(text, content)
    return text
  }
  const element = new Y.XmlElement(content.type.name)
  for (const [name, value] of Object.entries(content.attrs))
    if (isStored(value)) setAttribute(element, name, value)
  element.insert(
    0,
    contentOf(content).map((inner) => create(page, inner)),
  )
  page.mapping.set(element, content)
  return element
}
