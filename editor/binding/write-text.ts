import type { Node } from 'prosemirror-model'
import * as Y from 'yjs'
import { livingLetters, type Marks } from './items.ts'
import { longestIncreasing } from './match-children.ts'
import { keyOf, type Id } from './spans.ts'
import { findTextChange, type TextChange } from './text-change.ts'
import { storedMark } from './unknown.ts'

/** Text with its marks as Yjs keeps them. */
interface Part {
  readonly text: string
  readonly marks: Marks
}

/** The attributes that Yjs keeps a node's marks in. */
export function marksOf(node: Node): Marks {
  return Object.fromEntries(node.marks.map(storedMark))
}

/** A new text type with the content of text nodes. */
export function createText(nodes: readonly Node[]): Y.XmlText {
  const text = new Y.XmlText()
  const delta = nodes.map((node) => ({ insert: node.text ?? '', attributes: marksOf(node) }))
  text.applyDelta(delta)
  return text
}

export function textOf(nodes: readonly Node[]): string {
  return nodes.map((node) => node.text ?? '').join('')
}

/** The text wanted, and which letter of Yjs each of its letters is: null for those that are new or not known. */
export interface Wanted {
  readonly nodes: readonly Node[]
  readonly origins: readonly (Id | null)[] | null
  /** Where the caret is in it; null when it isn't. */
  readonly caret: number | null
}

/**
 * Makes texts that stand side by side say what the nodes say. Letters known to be there stay; where nothing is known,
 * one replacement is made where the caret is. Then only marks that differ are written.
 */
export function writeText(texts: readonly Y.XmlText[], { nodes, origins, caret }: Wanted): void {
  const after = textOf(nodes)
  if (origins !== null) changeText(texts, nodes, changesByOrigin(texts, after, origins))
  else {
    const change = findTextChange(texts.map(plainText).join(''), after, caret)
    changeText(texts, nodes, change === null ? [] : [change])
  }
}

/** Makes changes, the last in the text first, and then writes the marks that differ from the nodes'. */
export function changeText(
  texts: readonly Y.XmlText[],
  nodes: readonly Node[],
  changes: readonly TextChange[],
): void {
  for (const change of changes) {
    // Before the deletion: Yjs inserts behind what is deleted, beyond what somebody else writes there.
    insertAt(texts, change.index, sliceParts(nodes, change.start, change.start + change.text.length))
    deleteRange(texts, change.index + change.text.length, change.length)
  }
  let index = 0
  for (const text of texts) {
    writeMarks(text, sliceParts(nodes, index, index + text.length))
    index += text.length
  }
}

/** From the end of the text to its start, so that earlier places stay true. */
function changesByOrigin(
  texts: readonly Y.XmlText[],
  after: string,
  origins: readonly (Id | null)[],
): TextChange[] {
  const letters = texts.flatMap(livingLetters)
  const places = new Map(letters.map((id, index) => [keyOf(id), index]))
  const shared = origins.flatMap((id, index) => {
    const before = id === null ? undefined : places.get(keyOf(id))
    return before === undefined ? [] : [{ before, after: index }]
  })
  const kept = longestIncreasing(shared)
  const changes: TextChange[] = []
  let end = { before: letters.length, after: after.length }
  for (let at = kept.length - 1; at >= -1; at--) {
    const match = kept[at] ?? { before: -1, after: -1 }
    const length = end.before - match.before - 1
    const text = after.slice(match.after + 1, end.after)
    if (length > 0 || text !== '')
      changes.push({ index: match.before + 1, start: match.after + 1, length, text })
    end = match
  }
  return changes
}

function plainText(text: Y.XmlText): string {
  return readParts(text)
    .map((part) => part.text)
    .join('')
}

function readParts(text: Y.XmlText): Part[] {
  const delta: unknown = text.toDelta()
  const parts: readonly unknown[] = Array.isArray(delta) ? delta : []
  return parts.map((part) => {
    const piece: { insert?: unknown; attributes?: unknown } =
      typeof part === 'object' && part !== null ? part : {}
    const { insert, attributes } = piece
    // Something embedded, which no editor of ours writes, counts for one letter.
    return { text: isText(insert) ? insert : '\ufffc', marks: isMarks(attributes) ? attributes : {} }
  })
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isMarks(value: unknown): value is Marks {
  return typeof value === 'object' && value !== null
}

function sliceParts(nodes: readonly Node[], from: number, to: number): Part[] {
  const parts: Part[] = []
  let start = 0
  for (const node of nodes) {
    const text = node.text ?? ''
    const part = text.slice(Math.max(0, from - start), Math.max(0, to - start))
    if (part !== '') parts.push({ text: part, marks: marksOf(node) })
    start += text.length
  }
  return parts
}

function deleteRange(texts: readonly Y.XmlText[], index: number, length: number): void {
  let start = 0
  for (const text of texts) {
    const size = text.length
    const from = Math.max(0, index - start)
    const to = Math.min(size, index + length - start)
    if (from < to) text.delete(from, to - from)
    start += size
    // What was deleted no longer counts, but the places are those from before.
  }
}

function insertAt(texts: readonly Y.XmlText[], index: number, parts: readonly Part[]): void {
  let rest = index
  for (const [number, text] of texts.entries()) {
    if (rest > text.length && number < texts.length - 1) {
      rest -= text.length
      continue
    }
    for (const { text: letters, marks } of parts) {
      text.insert(rest, letters, marks)
      rest += letters.length
    }
    return
  }
}

function writeMarks(text: Y.XmlText, wanted: readonly Part[]): void {
  let index = 0
  const changes: { index: number; length: number; marks: Marks }[] = []
  const parts = readParts(text)
  for (const [from, to] of overlaps(parts, wanted)) {
    const difference = differenceOf(from.marks, to.marks)
    const length = from.text.length
    if (difference !== null) changes.push({ index, length, marks: difference })
    index += length
  }
  for (const change of changes) text.format(change.index, change.length, change.marks)
}

/** Both lists cut at the places where either is. */
function overlaps(one: readonly Part[], other: readonly Part[]): [Part, Part][] {
  const pairs: [Part, Part][] = []
  const rest = [...other]
  for (const part of one) {
    let { text } = part
    while (text !== '') {
      const next = rest.shift()
      if (next === undefined) return pairs
      const length = Math.min(text.length, next.text.length)
      pairs.push([{ ...part, text: text.slice(0, length) }, next])
      if (length < next.text.length) rest.unshift({ ...next, text: next.text.slice(length) })
      text = text.slice(length)
    }
  }
  return pairs
}

function differenceOf(from: Marks, to: Marks): Marks | null {
  const names = new Set([...Object.keys(from), ...Object.keys(to)])
  const changed = [...names].filter((name) => !isKept(from[name], to[name]))
  return changed.length === 0 ? null : Object.fromEntries(changed.map((name) => [name, to[name] ?? null]))
}

/** Whether a stored mark is the wanted one; it may have attributes that this editor doesn't know. */
function isKept(stored: unknown, wanted: unknown): boolean {
  if (typeof stored !== 'object' || typeof wanted !== 'object' || stored === null || wanted === null)
    return isEqual(stored, wanted)
  const values = new Map(Object.entries(stored))
  return Object.entries(wanted).every(([key, value]) => isEqual(values.get(key) ?? null, value))
}

/** Whether two attribute values are the same, as JSON. */
export function isEqual(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  const [entries, others] = [Object.entries(one), new Map(Object.entries(other))]
  return (
    entries.length === others.size &&
    entries.every(([key, value]) => others.has(key) && isEqual(value, others.get(key)))
  )
}
