/** What is looked for, as it was asked for. */
export interface Query {
  readonly search: string
  readonly isCaseSensitive: boolean
  readonly isWholeWord: boolean
  readonly isRegExp: boolean
}

/** Longer ones are cut. */
export const maxQueryLength = 1000
const flags = 'gud'

/** The regular expression for a query; null when there is nothing to look for, or what was typed is no such expression. */
export function patternOf({ search, isCaseSensitive, isWholeWord, isRegExp }: Query): RegExp | null {
  if (search === '') return null
  const source = isRegExp ? search : escape(search.slice(0, maxQueryLength))
  try {
    // Alone first: a stray bracket must not be mended by what is put around it.
    const pattern = new RegExp(source, flags)
    if (!isWholeWord && isCaseSensitive) return pattern
    const whole = isWholeWord
      ? String.raw`(?<![\p{L}\p{N}\p{M}_])(?:${source})(?![\p{L}\p{N}\p{M}_])`
      : source
    return new RegExp(whole, isCaseSensitive ? flags : `${flags}i`)
  } catch {
    return null
  }
}

function escape(text: string): string {
  return text.replace(/[\^$\\.*+?()[\]{}|/]/g, String.raw`\$&`)
}

/** Where the parts of a match are in its text: the whole first, then each group; null for a group that took no part. */
export type Groups = readonly (readonly [from: number, to: number] | null)[]

/** All matches in a text, at most `limit`; what matches nothing at all is no match. */
export function matchesIn(pattern: RegExp, text: string, limit: number): Groups[] {
  const found: Groups[] = []
  pattern.lastIndex = 0
  while (found.length < limit) {
    const match = pattern.exec(text)
    if (match === null) break
    if (match[0] === '') pattern.lastIndex += (text.codePointAt(pattern.lastIndex) ?? 0) > 0xffff ? 2 : 1
    else found.push((match.indices ?? []).map((range) => range ?? null))
  }
  return found
}
