/** Buckets per doubling: a quantile is exact to 2 %. */
const perOctave = 32
const buckets = 26 * perOctave

/** How long things took, in buckets, so that millions of them cost no memory and can be added up. */
export class Latencies {
  readonly counts: Uint32Array

  constructor(counts: Uint32Array = new Uint32Array(buckets)) {
    this.counts = counts
  }

  add(us: number): void {
    const bucket = us <= 1 ? 0 : Math.min(buckets - 1, Math.floor(Math.log2(us) * perOctave))
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1
  }

  addAll({ counts }: Latencies): void {
    counts.forEach((count, bucket) => (this.counts[bucket] = (this.counts[bucket] ?? 0) + count))
  }

  get size(): number {
    return this.counts.reduce((total, count) => total + count, 0)
  }

  /** Milliseconds within which the share `q` of them was done; NaN when there were none. */
  quantileMs(q: number): number {
    const wanted = this.size * q
    let seen = 0
    for (const [bucket, count] of this.counts.entries()) {
      seen += count
      if (count > 0 && seen >= wanted) return 2 ** ((bucket + 0.5) / perOctave) / 1000
    }
    return Number.NaN
  }

  clear(): void {
    this.counts.fill(0)
  }
}
