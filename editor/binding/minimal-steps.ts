import type { Node } from 'prosemirror-model'
import type { Transaction } from 'prosemirror-state'
import { longestIncreasing, type Match } from './match-children.ts'

/*
 * Turns one document into another with the smallest steps we can find cheaply, so that decorations, selections and
 * open menus outside the changed text survive somebody else's edit.
 *
 * 1. A changed attribute is an attribute step: nothing inside the node moves.
 * 2. Changed text in a textblock is one replace of the range between first and last difference.
 * 3. Changed children of a container are matched by identity (y-prosemirror reuses the nodes of unchanged Yjs types);
 *    what lies between two matches is paired off from both ends, and replaced where it has no partner.
 * 4. Everything works from the end backwards, so earlier positions stay true without mapping.
 */

/** Adds steps to `tr` that make its document equal to `target`; the caller checks that they did. */
export function addMinimalSteps(tr: Transaction, target: Node): Transaction {
  changeContent(tr, tr.doc, target, 0)
  return tr
}

function changeContent(tr: Transaction, before: Node, after: Node, start: number): void {
  if (before.content.eq(after.content)) return
  if (before.inlineContent || after.inlineContent) changeRange(tr, before, after, start)
  else changeChildren(tr, before, after, start)
}

function changeRange(tr: Transaction, before: Node, after: Node, start: number): void {
  const from = before.content.findDiffStart(after.content)
  const end = before.content.findDiffEnd(after.content)
  if (from === null || end === null) return
  // The two searches may overlap, as in "aa" -> "aaa": move the ends right until neither range is negative.
  const overlap = Math.max(0, from - Math.min(end.a, end.b))
  tr.replace(start + from, start + end.a + overlap, after.slice(from, end.b + overlap))
}

function changeChildren(tr: Transaction, before: Node, after: Node, start: number): void {
  const middle = trimSame(before.children, after.children)
  let position = start
  for (let index = 0; index < middle.start; index++) position += before.child(index).nodeSize
  const matches = [...matchSame(middle), { before: middle.before.length, after: middle.after.length }]
  const starts = childStarts(middle.before, position)
  for (let index = matches.length - 1; index >= 0; index--) {
    const match = matches[index]
    const previous = matches[index - 1] ?? { before: -1, after: -1 }
    if (match === undefined) continue
    const gap = {
      before: middle.before.slice(previous.before + 1, match.before),
      after: middle.after.slice(previous.after + 1, match.after),
    }
    changeGap(tr, gap, starts[previous.before + 1] ?? position)
  }
}

interface Middle extends Gap {
  /** How many children come before it. */
  readonly start: number
}

/** What is left of two lists without the children that are the same at their starts and ends. */
function trimSame(before: readonly Node[], after: readonly Node[]): Middle {
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && before[start] === after[start]) start++
  let end = 0
  while (start + end < shorter && before[before.length - end - 1] === after[after.length - end - 1]) end++
  return {
    start,
    before: before.slice(start, before.length - end),
    after: after.slice(start, after.length - end),
  }
}

function childStarts(children: readonly Node[], start: number): number[] {
  const starts = [start]
  let position = start
  for (const child of children) {
    position += child.nodeSize
    starts.push(position)
  }
  return starts
}

interface Gap {
  readonly before: readonly Node[]
  readonly after: readonly Node[]
}

/** Pairs the gap's nodes from the left, then from the right, and replaces what has no partner. */
function changeGap(tr: Transaction, gap: Gap, start: number): void {
  const shorter = Math.min(gap.before.length, gap.after.length)
  const isAligned = gap.before.length === gap.after.length
  const isPair = isAligned ? isSameType : isLikeness
  let left = 0
  while (left < shorter && isPair(gap.before[left], gap.after[left])) left++
  let right = 0
  while (left + right < shorter && isPair(gap.before.at(-right - 1), gap.after.at(-right - 1))) right++
  let position = start + sizeOf(gap.before)
  for (let index = 1; index <= right; index++) {
    position = changePair(tr, gap.before.at(-index), gap.after.at(-index), position)
  }
  const surplus = gap.before.slice(left, gap.before.length - right)
  const missing = gap.after.slice(left, gap.after.length - right)
  position -= sizeOf(surplus)
  if (surplus.length > 0 || missing.length > 0) {
    tr.replaceWith(position, position + sizeOf(surplus), missing)
  }
  for (let index = left - 1; index >= 0; index--) {
    position = changePair(tr, gap.before[index], gap.after[index], position)
  }
}

function sizeOf(nodes: readonly Node[]): number {
  return nodes.reduce((size, node) => size + node.nodeSize, 0)
}

function isSameType(before: Node | undefined, after: Node | undefined): boolean {
  return before !== undefined && before.type === after?.type
}

/** Whether one node is likely the other one edited, rather than a different one. */
function isLikeness(before: Node | undefined, after: Node | undefined): boolean {
  if (before === undefined || after === undefined || before.type !== after.type) return false
  if (!before.isTextblock || before.eq(after)) return true
  if (before.content.size === 0 || after.content.size === 0) return before.content.size === after.content.size
  const from = before.content.findDiffStart(after.content)
  const end = before.content.findDiffEnd(after.content)
  if (from === null || end === null) return true
  return from > 0 || end.a < before.content.size
}

/** Changes one node in place, given where it ends; returns where it starts. */
function changePair(tr: Transaction, before: Node | undefined, after: Node | undefined, end: number): number {
  if (before === undefined || after === undefined) return end
  const start = end - before.nodeSize
  if (before === after) return start
  changeContent(tr, before, after, start + 1)
  for (const [name, value] of Object.entries(after.attrs)) {
    if (before.attrs[name] !== value) tr.setNodeAttribute(start, name, value)
  }
  return start
}

/** The longest run of children that are the same object on both sides, in the same order. */
function matchSame({ before, after }: Gap): Match[] {
  const positions = new Map(before.map((child, index) => [child, index]))
  const shared = after.flatMap((child, index) => {
    const position = positions.get(child)
    // Equal copies, such as two empty paragraphs, are still two objects.
    return position === undefined ? [] : [{ before: position, after: index }]
  })
  return longestIncreasing(shared)
}
