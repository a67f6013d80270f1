// @vitest-environment jsdom
import { readFileSync, writeFileSync, writeSync } from 'node:fs'
import { test } from 'vitest'
import { ours } from './concurrent-kits.ts'
import { makeStory, play, type Outcome, type Story } from './concurrent-story.ts'
import { describeStory, shrink } from './shrink-story.ts'

const kind = (process.env['KIND'] ?? 'lost') as 'lost'
const run = (story: Story): Outcome | null => {
  try {
    return play(ours, story)
  } catch {
    return null
  }
}
test('debug', () => {
  for (const seed of (process.env['REPLAY'] ? '' : (process.env['SEEDS'] ?? '5'))
    .split(',')
    .filter(Boolean)
    .map(Number)) {
    const story = makeStory(seed, 8)
    const bad = (s: Story) => {
      const o = run(s)
      return o !== null && o[kind].length > 0
    }
    if (!bad(story)) {
      process.stdout.write(`seed ${seed} fine\n`)
      continue
    }
    const off = process.env['NOTRACE_FD']
    const small = shrink(story, bad)
    void off
    writeFileSync(`/tmp/w/i6-small-${seed}.json`, JSON.stringify(small))
    const trace: string[] = []
    play(ours, small, (line) => trace.push(line))
    process.stdout.write(
      `\nSEED ${seed}: ${JSON.stringify(run(small)?.[kind])}\n${describeStory(small)}\n${process.env['TRACE'] ? trace.join('\n') : ''}\n`,
    )
  }
})

test('replay', () => {
  const seed = process.env['REPLAY']
  if (seed === undefined) return
  const story = JSON.parse(readFileSync(`/tmp/w/i6-small-${seed}.json`, 'utf8')) as Story
  const outcome = play(ours, story, (line) => writeSync(2, line + '\n'))
  writeSync(2, JSON.stringify(outcome) + '\n')
})
