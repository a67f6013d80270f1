// @vitest-environment jsdom
import { expect, test } from 'vitest'
import { ours, stock, type Kit } from './concurrent-kits.ts'
import { makeStory, play, type Outcome } from './concurrent-story.ts'

const roundsPerStory = 8
const stories = Number(process.env['FUZZ_STORIES'] ?? (process.env['COSCRIBE_LONG'] ? 1250 : 100))
const firstSeed = Number(process.env['FUZZ_SEED'] ?? 1)
const verbose = process.env['FUZZ_VERBOSE'] !== undefined

function runAll(kit: Kit, count: number) {
  const total = { lost: 0, doubled: 0, misplaced: 0, unequal: 0, invalid: 0, thrown: 0, mostRepairs: 0, words: 0, rounds: 0 }
  const bad: string[] = []
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    let outcome: Outcome | null = null
    total.rounds += roundsPerStory
    try {
      outcome = play(kit, makeStory(seed, roundsPerStory))
    } catch (error) {
      total.thrown++
      bad.push(`${seed}: threw ${String(error instanceof Error ? error.stack?.slice(0, 600) : error)}`)
      continue
    }
    total.mostRepairs = Math.max(total.mostRepairs, outcome.mostRepairs)
    total.words += outcome.words
    for (const kind of ['lost', 'doubled', 'misplaced', 'unequal', 'invalid'] as const) {
      total[kind] += outcome[kind].length
      if (outcome[kind].length > 0) bad.push(`${seed}: ${kind} ${outcome[kind].slice(0, 4).join(', ')}`)
    }
  }
  return { total, bad }
}

test('fuzz ours', () => {
  const start = Date.now()
  const { total, bad } = runAll(ours, stories)
  process.stdout.write(`ours ${JSON.stringify(total)} ${Date.now() - start} ms\n${bad.slice(0, verbose ? 400 : 25).join('\n')}\n`)
  expect(total.lost).toBe(0)
})

test('fuzz stock', () => {
  const { total, bad } = runAll(stock, Math.min(stories, 60))
  process.stdout.write(`stock ${JSON.stringify(total)}\n${bad.filter((line) => line.includes('threw')).slice(0, 3).join('\n')}\n`)
})
