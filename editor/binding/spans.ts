/** What Yjs calls one letter, or one element: who made it, and the how-manieth thing of theirs it was. */
export interface Id {
  readonly client: number
  readonly clock: number
}

/** Consecutive ids of one client. */
export interface Span extends Id {
  readonly length: number
}

/** An id as a key for sets and maps. */
export function keyOf({ client, clock }: Id): string {
  return `${client}:${clock}`
}

/** The id that is `offset` after another one. */
export function plus({ client, clock }: Id, offset: number): Id {
  return { client, clock: clock + offset }
}

/** The same ids in as few spans as can be, by client and clock. */
export function mergeSpans(spans: Iterable<Span>): Span[] {
  const sorted = [...spans].sort((a, b) => a.client - b.client || a.clock - b.clock)
  const merged: Span[] = []
  for (const span of sorted) {
    const last = merged.at(-1)
    if (last === undefined || last.client !== span.client || last.clock + last.length < span.clock) {
      merged.push(span)
      continue
    }
    const end = Math.max(last.clock + last.length, span.clock + span.length)
    merged[merged.length - 1] = { client: last.client, clock: last.clock, length: end - last.clock }
  }
  return merged
}

/** Ids in a row to put into one bucket: a look-up reads one bucket, a long span fills few. */
const bucketSize = 64

/** Values by the ids they are about; spans may overlap. */
export class SpanIndex<Value> {
  readonly #clients = new Map<number, Map<number, { readonly span: Span; readonly value: Value }[]>>()

  add(span: Span, value: Value): void {
    let buckets = this.#clients.get(span.client)
    if (buckets === undefined) {
      buckets = new Map<number, { readonly span: Span; readonly value: Value }[]>()
      this.#clients.set(span.client, buckets)
    }
    const last = Math.floor((span.clock + span.length - 1) / bucketSize)
    for (let number = Math.floor(span.clock / bucketSize); number <= last; number++) {
      const bucket = buckets.get(number)
      if (bucket === undefined) buckets.set(number, [{ span, value }])
      else bucket.push({ span, value })
    }
  }

  /** The values of all spans that hold an id, with the id's place in the span. */
  find({ client, clock }: Id): { readonly value: Value; readonly offset: number }[] {
    const bucket = this.#clients.get(client)?.get(Math.floor(clock / bucketSize))
    if (bucket === undefined) return []
    return bucket
      .filter(({ span }) => span.clock <= clock && clock < span.clock + span.length)
      .map(({ span, value }) => ({ value, offset: clock - span.clock }))
  }

  has({ client, clock }: Id): boolean {
    const bucket = this.#clients.get(client)?.get(Math.floor(clock / bucketSize))
    return bucket?.some(({ span }) => span.clock <= clock && clock < span.clock + span.length) ?? false
  }
}
