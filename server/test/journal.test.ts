import { expect, test } from 'vitest'
import { type Append, StorageError } from '../../persistence/index.ts'
import { Journal } from '../journal.ts'
import { CollectingLog } from './collecting-log.ts'
import { FakeClock } from './fake-clock.ts'
import { diskFailure, MoodyStorage } from './moody-storage.ts'

/** A journal on a storage that waits for the test, and what was said about each append, in order. */
class Scene {
  readonly storage = new MoodyStorage()
  readonly clock = new FakeClock()
  readonly log = new CollectingLog()
  readonly journal: Journal
  readonly outcomes: string[] = []

  constructor(commitPauseMs = 0) {
    const { storage, clock, log } = this
    this.journal = new Journal({ storage, clock, log, commitPauseMs })
  }

  write(document: string, byte: number): void {
    const append: Append = { document, records: [new Uint8Array([byte])], at: this.clock.now() }
    this.journal.append(
      () => append,
      (result) => this.outcomes.push(`${document}${byte} ${result}`),
    )
  }

  async end(answer: 'commit' | Error = 'commit'): Promise<void> {
    this.storage.end(answer)
    await this.clock.turn()
  }

  /** What the storage was asked to write, batch by batch. */
  get batches(): string[] {
    return this.storage.batches.map((batch) =>
      batch.map((a) => `${a.document}${a.records[0]?.[0]}`).join(' '),
    )
  }

  async stored(document: string): Promise<number[]> {
    return (await this.storage.load(document)).records.map((record) => record.bytes[0] ?? -1)
  }
}

function scene(commitPauseMs?: number): Scene {
  const made = new Scene(commitPauseMs)
  made.storage.holdCommits()
  return made
}

test('[J1] nothing is acknowledged before the commit that covers it has ended', async () => {
  const s = scene()
  s.write('a', 1)
  await s.clock.advance(60_000)
  expect(s.outcomes).toEqual([])
  await s.end()
  expect(s.outcomes).toEqual(['a1 durable'])
})

test('[J1] an acknowledgement says only what is on the disk at that moment', async () => {
  const s = scene()
  s.write('a', 1)
  const storedWhenTold: Promise<number[]>[] = []
  s.journal.append(
    () => ({ document: 'a', records: [new Uint8Array([2])], at: 0 }),
    () => {
      storedWhenTold.push(s.stored('a'))
    },
  )
  await s.end()
  expect(storedWhenTold).toEqual([])
  await s.end()
  expect(await Promise.all(storedWhenTold)).toEqual([[1, 2]])
})

test('[J3] with a pause, the first commit starts at once and the next together, so much later', async () => {
  const s = scene(20)
  s.write('a', 1)
  s.write('b', 2)
  expect(s.batches).toEqual(['a1'])
  await s.end()
  s.write('a', 3)
  await s.clock.advance(19)
  expect([s.batches, s.outcomes]).toEqual([['a1'], ['a1 durable']])
  await s.clock.advance(1)
  expect(s.batches).toEqual(['a1', 'b2 a3'])
  await s.end()
  await s.clock.advance(1000)
  s.write('a', 4)
  expect(s.batches.at(-1)).toBe('a4')
})

test('[J3] the pause grows with the documents of a commit, to four times its length', async () => {
  const s = scene(20)
  const commitOf = async (appends: number) => {
    for (let i = 0; i < appends; i++) s.write('a', i)
    await s.clock.advance(1000)
    await s.end()
    s.write('b', 1)
  }
  s.write('a', 1)
  await s.end()
  for (const [appends, pauseMs] of [
    [50, 20],
    [75, 30],
    [1000, 80],
  ] as const) {
    await commitOf(appends)
    const before = s.batches.length
    await s.clock.advance(pauseMs - 1)
    expect(s.batches).toHaveLength(before)
    await s.clock.advance(1)
    expect(s.batches).toHaveLength(before + 1)
    await s.end()
  }
})

test('[J3] whoever waits until everything is durable does not wait for the pause', async () => {
  const s = scene(20)
  s.write('a', 1)
  await s.end()
  s.write('a', 2)
  const idle = s.journal.whenIdle()
  await s.end()
  await idle
  expect(s.outcomes).toEqual(['a1 durable', 'a2 durable'])
})

test('[J3] one commit is in flight, and what arrives meanwhile forms the next one together', async () => {
  const s = scene()
  s.write('a', 1)
  s.write('b', 2)
  s.write('a', 3)
  s.write('c', 4)
  expect(s.batches).toEqual(['a1'])
  expect(s.storage.waitingCommits).toBe(1)
  await s.end()
  expect(s.batches).toEqual(['a1', 'b2 a3 c4'])
  expect(s.storage.waitingCommits).toBe(1)
  expect(s.outcomes).toEqual(['a1 durable'])
  await s.end()
  expect(s.outcomes).toEqual(['a1 durable', 'b2 durable', 'a3 durable', 'c4 durable'])
})

test('[J3] the next commit is under way before anybody hears of the last one', async () => {
  const s = scene()
  let waiting = -1
  s.journal.append(
    () => ({ document: 'a', records: [], at: 0 }),
    () => (waiting = s.storage.waitingCommits),
  )
  s.write('b', 2)
  await s.end()
  expect(waiting).toBe(1)
})

test('[J2] a failed commit is not reported as done, and is written again, later and later, for ever', async () => {
  const s = scene()
  s.write('a', 1)
  await s.end(diskFailure())
  expect(s.batches).toHaveLength(1)
  for (const [attempt, wait] of [100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000].entries()) {
    await s.clock.advance(wait - 1)
    expect(s.storage.waitingCommits).toBe(0)
    await s.clock.advance(1)
    expect(s.storage.waitingCommits).toBe(1)
    expect(s.batches).toEqual(Array(attempt + 2).fill('a1'))
    await s.end(diskFailure())
    expect(s.outcomes).toEqual([])
  }
  await s.clock.advance(5000)
  await s.end()
  expect(s.outcomes).toEqual(['a1 durable'])
  expect(await s.stored('a')).toEqual([1])
})

test('[J2] what arrives while the disk fails waits behind what failed, in order', async () => {
  const s = scene()
  s.write('a', 1)
  await s.end(diskFailure())
  s.write('a', 2)
  s.write('a', 3)
  expect(s.storage.waitingCommits).toBe(0)
  await s.clock.advance(100)
  await s.end()
  await s.end()
  expect(await s.stored('a')).toEqual([1, 2, 3])
  expect(s.outcomes).toEqual(['a1 durable', 'a2 durable', 'a3 durable'])
})

test('[J2] while commits fail the journal says since when and why, and stops saying so with the first success', async () => {
  const s = scene()
  expect(s.journal.failure).toBeNull()
  const since = s.clock.now()
  s.write('a', 1)
  await s.end(diskFailure())
  await s.clock.advance(100)
  await s.end(diskFailure())
  expect(s.journal.failure).toEqual({ reason: 'the disk said no', since })
  expect(s.log.text).toContain('commit failed')
  await s.clock.advance(200)
  await s.end()
  expect(s.journal.failure).toBeNull()
})

test('[J2] errors that are no StorageError are tried again, too', async () => {
  const s = scene()
  s.write('a', 1)
  await s.end(new TypeError('a bug in a back-end'))
  await s.clock.advance(100)
  await s.end()
  expect(s.outcomes).toEqual(['a1 durable'])
})

test('[J2] a document removed under the last edits of it does not hold up the others', async () => {
  const s = scene()
  await s.storage.remove('gone')
  s.write('a', 0)
  s.write('a', 1)
  s.write('gone', 2)
  s.write('b', 3)
  await s.end()
  await s.end(new StorageError('removed', 'gone was removed'))
  expect(s.outcomes).toEqual(['a0 durable', 'gone2 removed'])
  await s.end()
  expect(s.batches.at(-1)).toBe('a1 b3')
  expect(s.outcomes).toEqual(['a0 durable', 'gone2 removed', 'a1 durable', 'b3 durable'])
})

test('[J2] a commit of removed documents only ends, and the next ones go on', async () => {
  const s = scene()
  await s.storage.remove('gone')
  s.write('gone', 1)
  await s.end(new StorageError('removed', 'gone was removed'))
  while (s.storage.waitingCommits > 0) await s.end()
  s.write('a', 2)
  await s.end()
  expect(s.outcomes).toEqual(['gone1 removed', 'a2 durable'])
})

test('[J2] whoever hears that a document was removed hears it once, also when the disk fails in between', async () => {
  const s = scene()
  await s.storage.remove('gone')
  s.write('x', 0)
  s.write('gone', 1)
  s.write('a', 2)
  await s.end()
  // Asking how `gone` stands works, asking about `a` fails.
  const standing = s.storage.standing.bind(s.storage)
  let asked = 0
  s.storage.standing = (document) => (++asked === 2 ? Promise.reject(diskFailure()) : standing(document))
  await s.end(new StorageError('removed', 'gone was removed'))
  await s.clock.advance(5000)
  await s.end(new StorageError('removed', 'gone was removed'))
  await s.end()
  expect(s.outcomes).toEqual(['x0 durable', 'gone1 removed', 'a2 durable'])
})

test('[J2] whenIdle waits for everything, what was appended while it waited included', async () => {
  const s = scene()
  await s.journal.whenIdle()
  let isIdle = false
  s.write('a', 1)
  void s.journal.whenIdle().then(() => (isIdle = true))
  s.write('a', 2)
  await s.end()
  expect(isIdle).toBe(false)
  await s.end(diskFailure())
  expect(isIdle).toBe(false)
  await s.clock.advance(100)
  await s.end()
  expect(isIdle).toBe(true)
})
