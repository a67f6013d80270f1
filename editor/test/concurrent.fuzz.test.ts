// @vitest-environment jsdom
import { expect, test } from 'vitest'
import { ours, stock, type Kit } from './concurrent-kits.ts'
import { makeStory, play } from './concurrent-story.ts'

/*
 * Writers who edit one document unseen by each other, round after round, and a count of what became of every word.
 * `FUZZ_SEED` starts at another seed, `FUZZ_STORIES` tells how many; `COSCRIBE_LONG=1` plays 10,000 rounds.
 */

const roundsPerStory = 8
const stories = Number(process.env['FUZZ_STORIES'] ?? (process.env['COSCRIBE_LONG'] ? 1250 : 250))
const firstSeed = Number(process.env['FUZZ_SEED'] ?? 1)

const faults = ['lost', 'doubled', 'misplaced', 'unequal', 'invalid'] as const
type Fault = (typeof faults)[number]

interface Total {
  readonly counts: Record<Fault, number>
  rounds: number
  words: number
  mostRepairs: number
  /** What went wrong, by seed. */
  readonly seeds: string[]
}

function playAll(kit: Kit, count: number): Total {
  const counts = { lost: 0, doubled: 0, misplaced: 0, unequal: 0, invalid: 0 }
  const total: Total = { counts, rounds: 0, words: 0, mostRepairs: 0, seeds: [] }
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const outcome = play(kit, makeStory(seed, roundsPerStory))
    total.rounds += roundsPerStory
    total.words += outcome.words
    total.mostRepairs = Math.max(total.mostRepairs, outcome.mostRepairs)
    for (const fault of faults) {
      counts[fault] += outcome[fault].length
      if (outcome[fault].length > 0) total.seeds.push(`seed ${seed}: ${fault} ${outcome[fault].join(', ')}`)
    }
  }
  return total
}

function tell(name: string, { counts, rounds, words, mostRepairs }: Total): void {
  const rates = (['lost', 'doubled', 'misplaced'] as const).map(
    (fault) => `${fault} ${((counts[fault] / rounds) * 1000).toFixed(1)}`,
  )
  process.stdout.write(
    `${name}: per 1,000 rounds ${rates.join(', ')} (${rounds} rounds from seed ${firstSeed}, ${words} words typed, at most ${mostRepairs} repairs a meeting)\n`,
  )
}

test('[E37][E38][E39][E40] every word that nobody deleted stands once, beside its neighbours, and all documents are equal', () => {
  const total = playAll(ours, stories)
  tell('ours', total)
  if (total.seeds.length > 0) process.stdout.write(`${total.seeds.slice(0, 40).join('\n')}\n`)
  const { counts, rounds, words } = total
  expect({ ...counts, misplaced: 0 }).toEqual({ lost: 0, doubled: 0, misplaced: 0, unequal: 0, invalid: 0 })
  expect(counts.misplaced / rounds).toBeLessThan(0.004)
  expect(total.mostRepairs).toBeLessThan(60)
  expect(words).toBeGreaterThan(rounds)
})

test('what stock y-prosemirror makes of the same stories, for comparison', () => {
  const total = playAll(stock, Math.min(stories, 60))
  tell('stock', total)
  expect(total.counts.lost + total.counts.doubled).toBeGreaterThan(total.rounds)
})
