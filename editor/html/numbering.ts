import type { ParagraphAttrs } from '../schema/index.ts'

/** Counts the items of numbered lists as the page shows them: whatever stands between two items begins anew. */
export class Numbering {
  readonly #counts: number[] = []

  /** The number of a numbered item that comes next and names none. */
  expected(level: number): number {
    return (this.#counts[level] ?? 0) + 1
  }

  /** Goes on by one block, a plain one when it is no paragraph; the number it shows, null when it shows none. */
  next({ list, level, start }: ParagraphAttrs): number | null {
    const depth = level ?? 0
    if (list === null) this.#counts.length = 0
    if (list === null) return null
    const number = start ?? this.expected(depth)
    this.#counts.length = depth
    if (list !== 'ordered') return null
    this.#counts[depth] = number
    return number
  }
}
