/** Two lists of children, in places `before` of the first and `after` of the second. */
export interface Match {
  readonly before: number
  readonly after: number
}

/** The longest run of matches that is increasing on both sides; `matches` are sorted by `after`. */
export function longestIncreasing(matches: readonly Match[]): Match[] {
  const tails: number[] = []
  const previous = new Array<number>(matches.length).fill(-1)
  matches.forEach((match, index) => {
    let low = 0
    let high = tails.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((matches[tails[middle] ?? 0]?.before ?? 0) < match.before) low = middle + 1
      else high = middle
    }
    previous[index] = low === 0 ? -1 : (tails[low - 1] ?? -1)
    tails[low] = index
  })
  const result: Match[] = []
  for (let at = tails.at(-1) ?? -1; at >= 0; at = previous[at] ?? -1) {
    const match = matches[at]
    if (match !== undefined) result.push(match)
  }
  return result.reverse()
}

/** So many pairs are compared with each other; longer lists are paired off from their start. */
const mostComparisons = 2500

/**
 * Pairs the children of two lists, in order, so that their likenesses add up to the most; only what has a likeness
 * above 0 is paired.
 */
export function alignByLikeness(
  before: number,
  after: number,
  likeness: (before: number, after: number) => number,
): Match[] {
  if (before === 0 || after === 0) return []
  if (before * after > mostComparisons) return pairFromStart(before, after, likeness)
  const width = after + 1
  const best = new Float64Array((before + 1) * width)
  const scores = new Float64Array(before * after)
  for (let i = before - 1; i >= 0; i--) {
    for (let j = after - 1; j >= 0; j--) {
      const score = likeness(i, j)
      scores[i * after + j] = score
      const paired = score > 0 ? score + (best[(i + 1) * width + j + 1] ?? 0) : 0
      best[i * width + j] = Math.max(paired, best[(i + 1) * width + j] ?? 0, best[i * width + j + 1] ?? 0)
    }
  }
  const matches: Match[] = []
  for (let i = 0, j = 0; i < before && j < after;) {
    const score = scores[i * after + j] ?? 0
    const here = best[i * width + j] ?? 0
    if (score > 0 && here === score + (best[(i + 1) * width + j + 1] ?? 0)) {
      matches.push({ before: i++, after: j++ })
    } else if (here === (best[(i + 1) * width + j] ?? 0)) i++
    else j++
  }
  return matches
}

function pairFromStart(
  before: number,
  after: number,
  likeness: (before: number, after: number) => number,
): Match[] {
  const matches: Match[] = []
  for (let index = 0; index < Math.min(before, after); index++)
    if (likeness(index, index) > 0) matches.push({ before: index, after: index })
  return matches
}
