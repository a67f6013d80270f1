/** A run of letters with an identity each; `text.length === ids.length`. */
export interface Run<Identity> {
  readonly text: string
  readonly ids: readonly Identity[]
}

export interface Pair<Identity> {
  readonly from: Identity
  readonly to: Identity
}

/** Shorter stretches of text are too common to be told from a coincidence, unless they are the whole of a run. */
const gramLength = 4

/** Places tried for one stretch of text: bounds the work on text that repeats itself. */
const mostPlaces = 24

/**
 * Which inserted letters are which deleted ones: the longest stretches of equal text, each deleted letter once. Both
 * lists are in document order. Parts of runs are `least` letters or longer.
 */
export function matchRuns<Identity>(
  deleted: readonly Run<Identity>[],
  inserted: readonly Run<Identity>[],
  least = gramLength,
): Pair<Identity>[] {
  const source = new Source(deleted)
  const rest: Run<Identity>[] = []
  const pairs: Pair<Identity>[] = []
  // Whole runs first, longest first: they are the most certain.
  for (const run of [...inserted].sort((a, b) => b.text.length - a.text.length)) {
    const start = source.findWhole(run.text, least)
    if (start === null) rest.push(run)
    else pairs.push(...source.take(start, run.ids))
  }
  for (const run of rest) pairs.push(...matchParts(source, run, least))
  return pairs
}

function matchParts<Identity>(source: Source<Identity>, run: Run<Identity>, least: number): Pair<Identity>[] {
  const pairs: Pair<Identity>[] = []
  let index = 0
  while (index + gramLength <= run.text.length) {
    const match = source.findLongest(run.text, index)
    if (match === null || match.length < least) {
      index++
      continue
    }
    pairs.push(...source.take(match.start, run.ids.slice(index, index + match.length)))
    index += match.length
  }
  return pairs
}

/** The deleted letters, and which of them have been found again. */
class Source<Identity> {
  readonly #text: string
  readonly #ids: (Identity | null)[] = []
  /** Where each run starts, by its text. */
  readonly #wholes = new Map<string, number[]>()
  readonly #edges: { readonly start: number; readonly text: string }[] = []
  #grams: Map<string, number[]> | null = null

  constructor(runs: readonly Run<Identity>[]) {
    let text = ''
    for (const run of runs) {
      this.#wholes.set(run.text, [...(this.#wholes.get(run.text) ?? []), text.length])
      this.#edges.push({ start: text.length, text: run.text })
      text += `${run.text}\u0000`
      this.#ids.push(...run.ids, null)
    }
    this.#text = text
  }

  /** A free run of exactly this text, or a run that starts or ends with it. */
  findWhole(text: string, least: number): number | null {
    const start = this.#wholes.get(text)?.find((at) => this.#isFree(at, text.length))
    if (start !== undefined) return start
    // That it is the end of one makes it less of a coincidence.
    if (text.length < least / 4) return null
    for (const edge of this.#edges) {
      const end = edge.start + edge.text.length - text.length
      if (edge.text.endsWith(text) && this.#isFree(end, text.length)) return end
      if (edge.text.startsWith(text) && this.#isFree(edge.start, text.length)) return edge.start
    }
    return null
  }

  findLongest(text: string, from: number): { start: number; length: number } | null {
    let best: { start: number; length: number } | null = null
    for (const start of this.#places(text.slice(from, from + gramLength))) {
      let length = 0
      while (
        from + length < text.length &&
        this.#text[start + length] === text[from + length] &&
        this.#ids[start + length] !== null
      )
        length++
      if (length >= gramLength && length > (best?.length ?? 0)) best = { start, length }
    }
    return best
  }

  take(start: number, ids: readonly Identity[]): Pair<Identity>[] {
    return ids.flatMap((to, offset) => {
      const from = this.#ids[start + offset] ?? null
      this.#ids[start + offset] = null
      return from === null ? [] : [{ from, to }]
    })
  }

  #isFree(start: number, length: number): boolean {
    for (let index = start; index < start + length; index++) if (this.#ids[index] === null) return false
    return true
  }

  #places(gram: string): readonly number[] {
    this.#grams ??= this.#indexGrams()
    return this.#grams.get(gram) ?? []
  }

  #indexGrams(): Map<string, number[]> {
    const grams = new Map<string, number[]>()
    for (let index = 0; index + gramLength <= this.#text.length; index++) {
      const gram = this.#text.slice(index, index + gramLength)
      const places = grams.get(gram)
      if (places === undefined) grams.set(gram, [index])
      else if (places.length < mostPlaces) places.push(index)
    }
    return grams
  }
}
