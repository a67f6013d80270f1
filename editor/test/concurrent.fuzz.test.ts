// @vitest-environment jsdom
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { ours, stock, type Kit } from './concurrent-kits.ts'
import { makeStory, play } from './concurrent-story.ts'

/*
 * Writers who edit one document unseen by each other, round after round, and a count of what became of every word.
 * As many stories as the time allows: `FUZZ_SECONDS` tells how long, `FUZZ_SEED` starts at another seed.
 */

const roundsPerStory = 8
const seconds = Number(process.env['FUZZ_SECONDS'] ?? 60)
const firstSeed = Number(process.env['FUZZ_SEED'] ?? 1)

interface Span {
  readonly seconds: number
  /** Also where they take longer. */
  readonly leastStories: number
}
const span: Span = { seconds, leastStories: 30 }
const stockSpan: Span = { seconds: Math.min(seconds, 10), leastStories: 10 }
/** A machine that does much else takes a few seconds for a story. */
const timeoutMs = ({ seconds, leastStories }: Span): number => (seconds + 4 * leastStories) * 1000

const faults = ['lost', 'doubled', 'misplaced', 'unequal', 'invalid'] as const
type Fault = (typeof faults)[number]

interface Total {
  readonly counts: Record<Fault, number>
  stories: number
  rounds: number
  words: number
  mostRepairs: number
  /** What went wrong, by seed. */
  readonly seeds: string[]
}

async function playAll(kit: Kit, { seconds, leastStories }: Span): Promise<Total> {
  const counts = { lost: 0, doubled: 0, misplaced: 0, unequal: 0, invalid: 0 }
  const total: Total = { counts, stories: 0, rounds: 0, words: 0, mostRepairs: 0, seeds: [] }
  const end = performance.now() + seconds * 1000
  while (total.stories < leastStories || performance.now() < end) {
    const seed = firstSeed + total.stories++
    const outcome = play(kit, makeStory(seed, roundsPerStory))
    total.rounds += roundsPerStory
    total.words += outcome.words
    total.mostRepairs = Math.max(total.mostRepairs, outcome.mostRepairs)
    for (const fault of faults) {
      counts[fault] += outcome[fault].length
      if (outcome[fault].length > 0) total.seeds.push(`seed ${seed}: ${fault} ${outcome[fault].join(', ')}`)
    }
    // The runner waits for a sign of life.
    await setImmediate()
  }
  return total
}

function tell(name: string, { counts, stories, rounds, words, mostRepairs }: Total): void {
  const rates = (['lost', 'doubled', 'misplaced'] as const).map(
    (fault) => `${fault} ${((counts[fault] / rounds) * 1000).toFixed(1)}`,
  )
  process.stdout.write(
    `${name}: per 1,000 rounds ${rates.join(', ')} (${stories} stories, ${rounds} rounds from seed ${firstSeed}, ${words} words typed, at most ${mostRepairs} repairs a meeting)\n`,
  )
}

test(
  '[E37][E38][E39][E40] every word that nobody deleted stands once, beside its neighbours, and all documents are equal',
  { timeout: timeoutMs(span) },
  async () => {
    const total = await playAll(ours, span)
    tell('ours', total)
    if (total.seeds.length > 0) process.stdout.write(`${total.seeds.slice(0, 40).join('\n')}\n`)
    const { counts, rounds, words } = total
    expect({ ...counts, misplaced: 0 }).toEqual({ lost: 0, doubled: 0, misplaced: 0, unequal: 0, invalid: 0 })
    // Of few rounds, one or two say nothing.
    expect(counts.misplaced).toBeLessThan(3 + 0.004 * rounds)
    expect(total.mostRepairs).toBeLessThan(60)
    expect(words).toBeGreaterThan(rounds)
  },
)

test(
  'what stock y-prosemirror makes of the same stories, for comparison',
  { timeout: timeoutMs(stockSpan) },
  async () => {
    const total = await playAll(stock, stockSpan)
    tell('stock', total)
    expect(total.counts.lost + total.counts.doubled).toBeGreaterThan(total.rounds)
  },
)
