import type { Node, ResolvedPos, Schema } from 'prosemirror-model'
import * as Y from 'yjs'
import {
  childrenOf,
  contentOf,
  groupTexts,
  isShown,
  sizeOf,
  widthOf,
  type Child,
  type Content,
} from './block-children.ts'
import { findGap, type Gap, type Target } from './find-gap.ts'
import { followBlock } from './follow-block.ts'
import { elementOf, livingLetters } from './items.ts'
import { mappingOf, type Passage } from './letter-origins.ts'
import { alignByLikeness, longestIncreasing, type Match } from './match-children.ts'
import { keyOf, type Id } from './spans.ts'
import type { Mapping } from './sync-binding.ts'
import { unknownOf, type Unknown } from './unknown.ts'
import { isStored, setAttribute, writeAttributes } from './write-attributes.ts'
import { createText, textOf, writeText } from './write-text.ts'
import { writeTyping } from './write-typing.ts'

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
  readonly passage: Passage
}

/** A text that was written, and which letter each of its letters was before; null for letters that are new. */
export interface WrittenText {
  readonly texts: readonly Y.XmlText[]
  readonly origins: readonly (Id | null)[]
}

interface Writing extends Page {
  /** Of letters in blocks that change: which one is at which position of the new document. */
  origins: ReadonlyMap<number, Id> | null
  readonly written: WrittenText[]
}

/** Makes a fragment show a document; returns what text it wrote. */
export function writeDocument(page: Page, fragment: Y.XmlFragment, doc: Node): readonly WrittenText[] {
  // As after every change of nothing but the selection.
  if (page.mapping.get(fragment) === doc) return []
  if (writeTyping({ ...page, doc }, fragment)) return []
  const writing: Writing = { ...page, origins: null, written: [] }
  page.mapping.set(fragment, doc)
  writeChildren(writing, { type: fragment, node: doc, start: 0 })
  return writing.written
}

function writeBlock(page: Writing, target: Target): void {
  const { type, node } = target
  const element = type._item === null ? null : elementOf(type._item)
  if (element !== null) writeAttributes(element, node, page.mapping.get(type))
  page.mapping.set(type, node)
  writeChildren(page, target)
}

function writeChildren(page: Writing, target: Target): void {
  const gap = findGap({ mapping: page.mapping, base: page.passage.base }, target)
  if (gap.children.length === 0 && gap.content.length === 0) return
  const shared = findShared(page.mapping, gap)
  page.origins ??= findOrigins(page, gap, shared)
  changeGap(page, target, { ...gap, shared, matches: matchGap(page, gap, shared) })
}

/** Children that are shown by the same object before and now, wherever they stand. */
function findShared(mapping: Mapping, { children, content }: Gap): Match[] {
  const places = new Map<Node, number>()
  children.forEach((child, index) => {
    const shown = Array.isArray(child) ? undefined : mapping.get(child)
    if (shown !== undefined && !Array.isArray(shown)) places.set(shown, index)
  })
  return content.flatMap((item, after) => {
    const before = Array.isArray(item) ? undefined : places.get(item)
    if (before === undefined || Array.isArray(item)) return []
    // An object that is shown twice is one child; the first place that comes along has it.
    places.delete(item)
    return [{ before, after }]
  })
}

/**
 * Follows the letters of all blocks that change from the document that Yjs has into the new one; `gap` is the outermost,
 * so what comes before it is the same in both.
 */
function findOrigins(page: Writing, gap: Gap, shared: readonly Match[]): ReadonlyMap<number, Id> {
  const origins = new Map<number, Id>()
  const { base, maps } = page.passage
  if (base === null || maps.length === 0) return origins
  const mapping = mappingOf(page.passage)
  const unchanged = new Set(shared.map(({ before }) => before))
  let position = gap.start
  gap.children.forEach((child, index) => {
    const node = base.maybeChild(gap.index + index)
    if (node === null) return
    const isKnown = child instanceof Y.XmlElement && page.mapping.get(child) === node
    if (isKnown && !unchanged.has(index))
      followBlock({ mapping, origins }, { element: child, node, position })
    position += node.nodeSize
  })
  return origins
}

/** The children that stay: those that show the same node, and between them those most alike. */
function matchGap(page: Writing, gap: Gap, shared: readonly Match[]): Match[] {
  const { children, content } = gap
  if (shared.length === 0 && children.length === 1 && content.length === 1)
    return canBecome(children[0], content[0]) ? [{ before: 0, after: 0 }] : []
  const kept = longestIncreasing(shared)
  const elsewhere = {
    before: new Set(shared.map((m) => m.before)),
    after: new Set(shared.map((m) => m.after)),
  }
  const starts = [gap.start]
  for (const item of content) starts.push((starts.at(-1) ?? 0) + sizeOf(item))
  const matches: Match[] = []
  let last: Match = { before: -1, after: -1 }
  for (const match of [...kept, { before: children.length, after: content.length }]) {
    const from = { before: last.before + 1, after: last.after + 1 }
    const inner = alignByLikeness(match.before - from.before, match.after - from.after, (i, j) => {
      const [before, after] = [from.before + i, from.after + j]
      if (elsewhere.before.has(before) || elsewhere.after.has(after)) return 0
      return likeness(page, children[before], { content: content[after], start: starts[after] ?? 0 })
    })
    for (const { before, after } of inner)
      matches.push({ before: from.before + before, after: from.after + after })
    if (match.before < children.length) matches.push(match)
    last = match
  }
  return matches
}

interface Placed {
  readonly content: Content | undefined
  readonly start: number
}

/** 0 for what can't become the other; more, the more letters stay. */
function likeness(page: Writing, child: Child | undefined, { content, start }: Placed): number {
  if (child === undefined || content === undefined || !canBecome(child, content)) return 0
  const letters = new Set(lettersIn(child).map(keyOf))
  let stay = 0
  for (let position = start; position < start + sizeOf(content); position++) {
    const origin = page.origins?.get(position)
    if (origin !== undefined && letters.has(keyOf(origin))) stay++
  }
  if (stay > 0) return 2 + stay
  const shown = Array.isArray(child) ? null : page.mapping.get(child)
  if (shown === undefined || shown === null || Array.isArray(shown) || Array.isArray(content)) return 1
  // Without letters to go by: a block that is only wrapped, or whose content is all elements.
  return letters.size === 0 || (page.origins?.size ?? 0) > 0
    ? 1
    : 1 + sharedLetters(shown.textContent, content.textContent)
}

/** Whether a child can be changed to show this at all. */
function canBecome(child: Child | undefined, content: Content | undefined): boolean {
  if (child === undefined || content === undefined) return false
  if (Array.isArray(child) || Array.isArray(content)) return Array.isArray(child) && Array.isArray(content)
  return canShow(child, content)
}

/** Nothing is ever written into what this editor doesn't know. */
function canShow(element: Y.XmlElement, node: Node): boolean {
  return element.nodeName === node.type.name && unknownOf(node) === null
}

function lettersIn(child: Child): Id[] {
  if (Array.isArray(child)) return child.flatMap(livingLetters)
  return childrenOf(child).flatMap(lettersIn)
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
  readonly shared: readonly Match[]
}

/** Copies of the children that move, with all that this editor doesn't know of them, by their new place. */
function copyMoved({ children, matches, shared }: GapChange): Map<number, Y.XmlElement> {
  const kept = new Set(matches.map(({ after }) => after))
  const copies = new Map<number, Y.XmlElement>()
  for (const { before, after } of shared) {
    const child = children[before]
    if (!kept.has(after) && child instanceof Y.XmlElement) copies.set(after, child.clone())
  }
  return copies
}

/** Makes the mapping know what a new copy shows. */
function showCopy(mapping: Mapping, element: Y.XmlElement, node: Node): void {
  mapping.set(element, node)
  if (unknownOf(node) !== null) return
  const content = contentOf(node)
  childrenOf(element).forEach((child, index) => {
    const item = content[index]
    if (!Array.isArray(child) && item !== undefined && !Array.isArray(item)) showCopy(mapping, child, item)
  })
}

function changeGap(page: Writing, { type, node }: Target, change: GapChange): void {
  const { children, content, matches } = change
  const starts = [change.position]
  for (const child of children) starts.push((starts.at(-1) ?? 0) + widthOf(child))
  const positions = [change.start]
  for (const item of content) positions.push((positions.at(-1) ?? 0) + sizeOf(item))
  const bounds = [...matches, { before: children.length, after: content.length }]
  const copies = copyMoved(change)
  // From the end, so that earlier positions stay true.
  for (let index = bounds.length - 1; index >= 0; index--) {
    const match = bounds[index]
    const previous = bounds[index - 1] ?? { before: -1, after: -1 }
    if (match === undefined) continue
    const child = children[match.before]
    const item = content[match.after]
    if (child !== undefined && item !== undefined)
      writeChild(page, { child, content: item, parent: node, start: positions[match.after] ?? 0 })
    const from = starts[previous.before + 1] ?? 0
    const length = (starts[match.before] ?? from) - from
    const made = content.slice(previous.after + 1, match.after).map((inner, at) => {
      const place = previous.after + 1 + at
      return copies.get(place) ?? create(page, inner, positions[place] ?? 0)
    })
    if (length > 0)
      removeChildren(page.mapping, type, { from, length, isOnlyText: isLastText(change, made.length) })
    if (made.length > 0) type.insert(from, made)
  }
  for (const [place, copy] of copies) {
    const item = content[place]
    if (item !== undefined && !Array.isArray(item)) showCopy(page.mapping, copy, item)
  }
}

/** A text block that is emptied keeps its text type, for whoever else writes into it. */
function isLastText({ children, content }: Gap, made: number): boolean {
  return content.length === 0 && made === 0 && children.length === 1 && Array.isArray(children[0])
}

interface Removal {
  readonly from: number
  readonly length: number
  readonly isOnlyText: boolean
}

function removeChildren(mapping: Mapping, type: Y.XmlFragment, { from, length, isOnlyText }: Removal): void {
  if (!isOnlyText) {
    type.delete(from, length)
    return
  }
  for (const text of type.slice(from, from + length))
    if (text instanceof Y.XmlText) {
      text.delete(0, text.length)
      // The very nodes it showed may be pasted back.
      mapping.delete(text)
    }
}

interface ChildChange {
  readonly child: Child
  readonly content: Content
  readonly parent: Node
  readonly start: number
}

function writeChild(page: Writing, { child, content, parent, start }: ChildChange): void {
  if (isShown(page.mapping, child, content)) return
  if (!Array.isArray(child)) {
    if (!Array.isArray(content)) writeBlock(page, { type: child, node: content, start: start + 1 })
    return
  }
  if (!Array.isArray(content)) return
  const origins = originsOf(page, content, start)
  writeText(child, { nodes: content, origins, caret: caretIn(page.$caret, parent, content) })
  const [text] = child
  if (text !== undefined && child.length === 1) page.mapping.set(text, content)
  if (origins !== null) page.written.push({ texts: child, origins })
}

/** Null when none of the letters is known. */
function originsOf(page: Writing, content: readonly Node[], start: number): (Id | null)[] | null {
  if (page.origins === null || page.passage.maps.length === 0) return null
  const { origins } = page
  const length = textOf(content).length
  return Array.from({ length }, (_, offset) => origins.get(start + offset) ?? null)
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

function create(page: Writing, content: Content, start: number): Y.XmlElement | Y.XmlText {
  if (Array.isArray(content)) {
    const text = createText(content)
    page.mapping.set(text, content)
    const origins = originsOf(page, content, start)
    if (origins !== null) page.written.push({ texts: [text], origins })
    return text
  }
  const unknown = unknownOf(content)
  if (unknown !== null) {
    const made = createUnknown(page, content.type.schema, unknown)
    page.mapping.set(made, content)
    return made
  }
  const element = new Y.XmlElement(content.type.name)
  for (const [name, value] of Object.entries(content.attrs))
    if (isStored(value)) setAttribute(element, name, value)
  let position = start + 1
  const made = contentOf(content).map((inner) => {
    const child = create(page, inner, position)
    position += sizeOf(inner)
    return child
  })
  element.insert(0, made)
  page.mapping.set(element, content)
  return element
}

/** The same again of what this editor doesn't know. */
function createUnknown(page: Writing, schema: Schema, { name, attrs, content }: Unknown): Y.XmlElement {
  const element = new Y.XmlElement(name)
  for (const [key, value] of Object.entries(attrs)) if (isStored(value)) setAttribute(element, key, value)
  const nodes = content.map((json) => schema.nodeFromJSON(json))
  element.insert(
    0,
    groupTexts(nodes).map((inner) => create({ ...page, origins: null }, inner, 0)),
  )
  return element
}
