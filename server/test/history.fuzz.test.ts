import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { Random } from '../../test/random.ts'
import { findDifference } from '../compaction-content.ts'
import { everWritten, HistoryScene, type Writer } from './history-scene.ts'

const seeds = process.env['COSCRIBE_LONG'] ? 2000 : 100
const firstSeed = Number(process.env['FUZZ_SEED'] ?? 1)

/** One random change of the kinds an editor makes; some make and delete in one go. */
function edit({ doc }: Writer, rng: Random): void {
  const fragment = doc.getXmlFragment('coscribe')
  const blocks = fragment.toArray().filter((block) => block instanceof Y.XmlElement)
  if (blocks.length === 0 || rng.chance(0.1)) {
    const block = new Y.XmlElement('paragraph')
    block.insert(0, [new Y.XmlText('new ')])
    fragment.insert(rng.below(fragment.length + 1), [block])
    return
  }
  const index = rng.below(blocks.length)
  if (rng.chance(0.06)) {
    fragment.delete(index, 1)
    return
  }
  const block = blocks[index]!
  if (rng.chance(0.1)) block.setAttribute('style', rng.pick(['title', 'quote']))
  const text = block.firstChild
  if (!(text instanceof Y.XmlText)) return
  const at = rng.below(text.length + 1)
  const length = Math.min(rng.below(5), text.length - at)
  const dice = rng.next()
  if (dice < 0.5 || length === 0) text.insert(at, rng.pick(['a', 'word ', 'é']))
  else if (dice < 0.75) text.delete(at, length)
  else if (dice < 0.9) text.format(at, length, { strong: rng.chance(0.5) ? { v: 1 } : null })
  else
    doc.transact(() => {
      text.insert(at, 'typo')
      text.delete(at, 3)
    })
}

interface Tally {
  compactions: number
  moments: number
  hidden: number
  forgotten: number
}

async function live(seed: number, tally: Tally): Promise<void> {
  const rng = new Random(seed)
  const isForgetful = rng.chance(0.2)
  const s = new HistoryScene({
    compactAfterRecords: 1 + rng.below(20),
    compactAtUnloadRecords: 1,
    compactPauseMs: 1 + rng.below(5000),
    historyWindowMs: rng.pick([1, 1000, 60_000]),
    historyDays: isForgetful ? 1 : 0,
  })
  await s.join(2 + rng.below(3))
  for (let step = 0; step < 150; step++) {
    const writer = rng.pick(s.writers)
    const dice = rng.next()
    if (dice < 0.55) edit(writer, rng)
    else if (dice < 0.7) writer.sends(1 + rng.below(4), rng.chance(0.5))
    else if (dice < 0.74) {
      writer.reads()
      writer.syncs()
    } else if (dice < 0.84) writer.reads()
    else if (dice < 0.99) await s.flush(1 + rng.below(rng.pick([10, 2000, 90_000])))
    else await s.restart()
    if (isForgetful && rng.chance(0.02)) await s.flush(20_000_000)
  }
  for (const each of s.writers) each.sends()
  await s.flush()
  await check(s, tally, isForgetful)
}

async function check(s: HistoryScene, tally: Tally, isForgetful: boolean): Promise<void> {
  expect(s.writers.flatMap(({ refused }) => refused)).toEqual([])
  expect(s.log.lines.filter((line) => line.startsWith('error'))).toEqual([])
  tally.compactions += s.log.lines.filter((line) => line.includes('compacted')).length
  const moments = await s.hub.moments(s.name)
  for (const { moment, to } of moments) {
    const [was, truth] = [await s.at(moment), s.truthAt(to)]
    expect(findDifference(was, truth)).toBeNull()
    if (!isForgetful) expect(everWritten(was)).toEqual(everWritten(truth))
  }
  tally.moments += moments.length
  const live = new Y.Doc()
  Y.applyUpdate(live, s.room.encodeState())
  const last = moments.at(-1)
  if (last === undefined) return
  expect(findDifference(live, await s.at(last.moment))).toBeNull()
  const isHidden = JSON.stringify(everWritten(live)) !== JSON.stringify(everWritten(s.truthAt(Infinity)))
  if (isHidden) tally.hidden++
  if (isForgetful && last.to - moments[0]!.from > 24 * 60 * 60 * 1000) tally.forgotten++
}

test(`[J4][J5][J6] every moment is the document that all updates so far made, not collected (${seeds} seeds)`, async () => {
  const tally: Tally = { compactions: 0, moments: 0, hidden: 0, forgotten: 0 }
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    await live(seed, tally).catch((error: unknown) => {
      throw new Error(`seed ${seed} (run it alone with FUZZ_SEED=${seed})`, { cause: error })
    })
  }
  expect(tally.compactions).toBeGreaterThan(seeds)
  expect(tally.moments).toBeGreaterThan(seeds * 3)
  expect(tally.hidden).toBeGreaterThan(seeds / 2)
})
