import { availableParallelism } from 'node:os'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Random } from '../test/random.ts'
import { files, type Injury, makeCrashedStore } from './flip-store.ts'
import { isLong, run, say, seed, temporaryFolder } from './server-process.ts'

const [database, log, note] = files

/** Opens the store with each of the injuries, in child processes. Returns the outcome of each. */
async function injure(
  folder: string,
  known: object,
  injuries: readonly Injury[],
): Promise<Map<string, string>> {
  const outcomes = new Map<string, string>()
  const hands = Math.max(2, availableParallelism())
  const workshop = temporaryFolder()
  const child = async (hand: number) => {
    const list = join(workshop, String(hand))
    const own = injuries.filter((_, index) => index % hands === hand)
    writeFileSync(list, JSON.stringify({ known, injuries: own }))
    const script = join(import.meta.dirname, 'flip-child.ts')
    const { ended } = run([process.execPath, '--import', 'tsx', script, folder, list], {})
    const { code, signal, stdout, stderr } = await ended
    const lines = stdout.split('\n').filter(Boolean)
    for (const line of lines) {
      const [injury = '', outcome = ''] = line.split('\t')
      outcomes.set(injury, outcome)
    }
    // The child ends early where the injury that came next crashed it.
    const next = own[lines.length]
    if (next !== undefined) outcomes.set(JSON.stringify(next), `crashed: ${code} ${signal} ${stderr}`)
  }
  await Promise.all(Array.from({ length: hands }, (_, hand) => child(hand)))
  return outcomes
}

/** Every place of the file in the long run, a random part of them in the short one. */
function flips(random: Random, folder: string, file: string, most: number): Injury[] {
  const { size } = statSync(join(folder, file))
  const isEvery = isLong || size <= most
  const places = Array.from({ length: isEvery ? size : most }, (_, at) => (isEvery ? at : random.below(size)))
  return [...new Set(places)].map((at) => ({ file, at, bit: random.below(8) }))
}

function cuts(folder: string, file: string, step: number): Injury[] {
  const { size } = statSync(join(folder, file))
  return Array.from({ length: Math.ceil(size / step) }, (_, index) => ({ file, at: index * step, bit: null }))
}

test(
  '[ST4] wherever a bit flips or a file is cut, nothing crashes, nothing is wrong, and what is lost is reported',
  { timeout: 3_600_000 },
  async () => {
    const random = new Random(seed)
    const folder = temporaryFolder()
    const known = makeCrashedStore(temporaryFolder(), folder)
    const injuries = [
      ...flips(random, folder, database, 300),
      ...flips(random, folder, log, 300),
      ...flips(random, folder, note, 100),
      ...cuts(folder, database, isLong ? 256 : 2048),
      ...cuts(folder, log, isLong ? 128 : 1030),
      ...cuts(folder, note, 1),
    ]
    const outcomes = await injure(folder, known, injuries)
    const count = (outcome: string) => [...outcomes.values()].filter((each) => each === outcome).length
    const good = ['same', 'reported', 'refused']
    const wrong = [...outcomes].filter(([, outcome]) => !good.includes(outcome))
    say(
      `${wrong.length} of ${outcomes.size} flipped bits and cuts went unnoticed or crashed: ${count('reported')} reported, ` +
        `${count('refused')} refused, ${count('same')} in unused space (seed ${seed})`,
    )
    expect(wrong.slice(0, 20)).toEqual([])
    expect(outcomes.size).toBe(injuries.length)
    expect(Math.min(count('reported'), count('same'))).toBeGreaterThan(0)
  },
)
