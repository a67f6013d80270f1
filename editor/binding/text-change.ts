/** Replaces `length` letters at `index` by `text`, which starts at `start` in the new text. */
export interface TextChange {
  readonly index: number
  readonly start: number
  readonly length: number
  readonly text: string
}

/**
 * The one replacement that makes `after` of `before`; null when they are equal.
 *
 * Text alone doesn't say which of several equal letters was typed or deleted; the caret does: whatever was typed ends
 * there. No surrogate pair is cut.
 */
export function findTextChange(before: string, after: string, caret: number | null): TextChange | null {
  if (before === after) return null
  const shorter = Math.min(before.length, after.length)
  let end = 0
  const mostEnd = caret === null ? shorter : Math.min(shorter, after.length - caret)
  while (end < mostEnd && before.at(-end - 1) === after.at(-end - 1)) end++
  // What follows the caret differs: the caret is not where the change was.
  if (end < mostEnd) end = 0
  const mostStart = shorter - end
  let start = 0
  while (start < mostStart && before[start] === after[start]) start++
  while (start + end < shorter && before.at(-end - 1) === after.at(-end - 1)) end++
  if (isInsidePair(before, start) || isInsidePair(after, start)) start--
  if (isInsidePair(before, before.length - end) || isInsidePair(after, after.length - end)) end--
  return {
    index: start,
    start,
    length: before.length - end - start,
    text: after.slice(start, after.length - end),
  }
}

/** Whether a place in a text is between the two halves of a letter. */
export function isInsidePair(text: string, index: number): boolean {
  return /[\ud800-\udbff]/.test(text.charAt(index - 1)) && /[\udc00-\udfff]/.test(text.charAt(index))
}
