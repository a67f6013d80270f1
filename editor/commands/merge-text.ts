import type { Transaction } from 'prosemirror-state'

/** What somebody made of a text. */
export interface TextChange {
  readonly before: string
  readonly after: string
}

/** Letters put in the place of others. */
interface Edit {
  readonly start: number
  readonly end: number
  readonly inserted: string
}

/**
 * Makes a change to the plain text between two positions, which others may have changed meanwhile: what they did to it
 * stays, and letters that are the same aren't touched. Gives where what it inserted begins and ends.
 */
export function mergeText(
  tr: Transaction,
  range: { readonly from: number; readonly to: number },
  { before, after }: TextChange,
): { from: number; to: number } {
  const now = tr.doc.textBetween(range.from, range.to)
  const mine = findEdit(before, after)
  const theirs = findEdit(before, now)
  const shift = now.length - before.length
  const replace = (start: number, end: number, text: string): void => {
    const [from, to] = [range.from + start, range.from + Math.max(start, end)]
    if (text !== '') tr.insertText(text, from, to)
    else if (from < to) tr.delete(from, to)
  }
  const behind = Math.max(mine.start, theirs.end) + shift
  const isBefore = mine.start < theirs.start
  const start = isBefore ? mine.start : behind
  // From the end backwards, so that earlier places stay true.
  replace(behind, mine.end + shift, isBefore ? '' : mine.inserted)
  if (isBefore) replace(mine.start, Math.min(mine.end, theirs.start), mine.inserted)
  return { from: range.from + start, to: range.from + start + mine.inserted.length }
}

/** The one edit that makes one text of another, no letter counted by half. */
function findEdit(before: string, after: string): Edit {
  const start = sharedStart(before, after)
  const end = sharedStart(reverse(before.slice(start)), reverse(after.slice(start)))
  return { start, end: before.length - end, inserted: after.slice(start, after.length - end) }
}

const reverse = (text: string): string => Array.from(text).reverse().join('')

/** How many UTF-16 units two texts have in common at the start. */
function sharedStart(one: string, other: string): number {
  const others = Array.from(other)
  let length = 0
  for (const [index, letter] of Array.from(one).entries()) {
    if (others[index] !== letter) break
    length += letter.length
  }
  return length
}
