import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { createMemoryStorage, type Segment, StorageError } from '../../persistence/index.ts'
import type { Failpoint } from '../compaction.ts'
import { findFlaw } from '../compaction-build.ts'
import { findDifference } from '../compaction-content.ts'
import { decodeSegment, encodeSegment } from '../compaction-segment.ts'
import { TaskThread } from '../compaction-thread.ts'
import { tasks } from '../compaction-work.ts'
import { replay } from '../history.ts'
import { defaultLimits } from '../limits.ts'
import { CompactionScene } from './compaction-scene.ts'
import { typeLikeAPerson } from './realistic-typing.ts'

const few = { compactAfterRecords: 10, compactAtUnloadRecords: 3 }

test('[J4] a log of more than so many records is replaced by a state with the same document', async () => {
  const s = new CompactionScene(few)
  await s.open()
  await s.type('0123456789')
  await s.compactor.whenIdle()
  expect((await s.stored()).records).toHaveLength(10)
  await s.type('!')
  await s.compactor.whenIdle()
  expect(await s.stored()).toEqual({ records: [], text: '0123456789!', hasState: true })
  expect(s.ran).toEqual(['build', 'verify'])
})

test('[J4] a log larger than the limit and than its state is replaced, whatever the number of records', async () => {
  const s = new CompactionScene({ compactAfterBytes: 1000, compactPauseMs: 1 })
  await s.open()
  await s.write(() => s.text.insert(0, 'x'.repeat(5000)))
  await s.compactor.whenIdle()
  expect((await s.stored()).hasState).toBe(true)
  await s.clock.advance(10)
  await s.write(() => s.text.insert(0, 'y'.repeat(4000)))
  await s.compactor.whenIdle()
  expect((await s.stored()).records).toHaveLength(1)
  await s.write(() => s.text.insert(0, 'z'.repeat(2000)))
  await s.compactor.whenIdle()
  expect((await s.stored()).records).toHaveLength(0)
})

test('[J4] what came many at a time is few records, and compacted once nobody uses the document', async () => {
  const s = new CompactionScene({ compactAtUnloadBytes: 1000 })
  await s.open()
  await s.write(() => s.text.insert(0, 'x'.repeat(900)))
  s.compactor.unloaded(s.name)
  await s.compactor.whenIdle()
  expect((await s.stored()).hasState).toBe(false)
  await s.open()
  await s.write(() => s.text.insert(0, 'y'.repeat(200)))
  s.compactor.unloaded(s.name)
  await s.compactor.whenIdle()
  expect((await s.stored()).hasState).toBe(true)
})

test('[J4] a big state is not written again for a few small records, however many', async () => {
  const s = new CompactionScene({ ...few, compactAfterBytes: 1000, compactPauseMs: 1 })
  await s.open()
  await s.write(() => s.text.insert(0, 'x'.repeat(5000)))
  await s.compactor.whenIdle()
  await s.clock.advance(10)
  await s.type('0123456789abcde')
  await s.compactor.whenIdle()
  expect((await s.stored()).records).toHaveLength(15)
})

test('[J4] a document is left alone for a while after a compaction, then compacted if it is due', async () => {
  const s = new CompactionScene({ ...few, compactPauseMs: 5000 })
  await s.open()
  await s.type('0123456789!')
  await s.compactor.whenIdle()
  await s.type('0123456789!')
  await s.clock.advance(4999)
  await s.compactor.whenIdle()
  expect((await s.stored()).records).toHaveLength(11)
  await s.clock.advance(1)
  await s.compactor.whenIdle()
  expect((await s.stored()).records).toHaveLength(0)
})

test('[J4] a document that nobody uses any more is compacted when its log is worth it', async () => {
  const s = new CompactionScene(few)
  await s.open()
  await s.type('ab')
  s.compactor.unloaded(s.name)
  await s.compactor.whenIdle()
  expect((await s.stored()).hasState).toBe(false)
  await s.open()
  await s.type('c')
  s.compactor.unloaded(s.name)
  await s.compactor.whenIdle()
  expect(await s.stored()).toEqual({ records: [], text: 'abc', hasState: true })
})

test('[J4][ST3] what is written while a compaction runs survives it, and no two of one document meet', async () => {
  let running = 0
  let most = 0
  const steps: (() => Promise<void>)[] = []
  const s: CompactionScene = new CompactionScene(
    { ...few, compactPauseMs: 1 },
    {
      failpoint: async (name) => {
        if (name === 'compaction:loaded') most = Math.max(most, ++running)
        await steps.shift()?.()
        if (name === 'compaction:after-store') running--
      },
    },
  )
  await s.open()
  for (const letter of 'abcd') {
    steps.push(async () => {
      await s.type(letter.repeat(12))
      s.compactor.unloaded(s.name)
      await s.open()
    })
  }
  await s.type('0123456789!')
  await s.compactor.whenIdle()
  expect(most).toBe(1)
  expect(s.ran.length).toBeGreaterThan(0)
  expect((await s.stored()).text).toBe(s.text.toJSON())
})

test('[J4] a state that is not the document never replaces it, and compaction is tried again later', async () => {
  let isWrong = true
  const s = new CompactionScene(few, {
    run: (name, work) => {
      const result = (tasks[name] as (value: typeof work) => never)(work)
      if (name !== 'build' || !isWrong) return Promise.resolve(result)
      return Promise.resolve({ ...(result as object), state: Y.encodeStateAsUpdate(new Y.Doc()) } as never)
    },
  })
  await s.open()
  await s.type('0123456789!')
  await s.compactor.whenIdle()
  expect(s.log.text).toContain('not what is stored')
  expect((await s.stored()).records).toHaveLength(11)
  isWrong = false
  await s.clock.advance(60_000)
  await s.compactor.whenIdle()
  expect(await s.stored()).toEqual({ records: [], text: '0123456789!', hasState: true })
})

const rewritten = (change: (doc: Y.Doc) => void, update: Uint8Array): Uint8Array => {
  const doc = new Y.Doc()
  doc.clientID = 99
  Y.applyUpdate(doc, update)
  change(doc)
  return Y.encodeStateAsUpdate(doc)
}

test('[J4] the check finds another text, another deletion, another clock and another history', async () => {
  const s = new CompactionScene()
  await s.type('abc')
  await s.write(() => s.text.delete(1, 1))
  const { records } = await s.stored()
  const input = { state: null, records, segments: [], windowMs: 60_000, forgetBefore: 0 }
  const output = tasks.build(input)
  expect(findFlaw(input, output)).toBeNull()
  const state = (change: (doc: Y.Doc) => void) => ({ ...output, state: rewritten(change, output.state) })
  expect(
    findFlaw(
      input,
      state((doc) => doc.getText('text').insert(0, 'x')),
    ),
  ).toContain('the new state')
  expect(
    findFlaw(
      input,
      state((doc) => doc.getText('text').delete(0, 1)),
    ),
  ).toContain('the new state')
  const other = new Y.Doc()
  other.clientID = 7
  for (const letter of 'abX') other.getText('text').insert(other.getText('text').length, letter)
  other.getText('text').delete(1, 1)
  const sameClocks = { ...output, state: Y.encodeStateAsUpdate(other) }
  expect(findFlaw(input, sameClocks)).toBe('the new state: the content differs')
  expect(findFlaw(input, { ...output, segments: [] })).toContain('the history')
})

test('[J4] a compaction that fails leaves everything as it was and is tried again', async () => {
  const storage = createMemoryStorage()
  let failures = 2
  const compact = storage.compact.bind(storage)
  const s = new CompactionScene(few, {
    storage: Object.assign(storage, {
      compact: (...args: Parameters<typeof compact>) =>
        failures-- > 0
          ? Promise.reject(new StorageError('unavailable', 'the disk said no'))
          : compact(...args),
    }),
  })
  Object.assign(s, { storage })
  await s.open()
  await s.type('0123456789!')
  for (let attempt = 0; attempt < 2; attempt++) {
    await s.compactor.whenIdle()
    expect((await s.stored()).records).toHaveLength(11)
    await s.clock.advance(60_000)
  }
  await s.compactor.whenIdle()
  expect(s.log.text.match(/compaction failed/g)).toHaveLength(2)
  expect((await s.stored()).records).toHaveLength(0)
})

const failpoints: readonly Failpoint[] = [
  'compaction:loaded',
  'compaction:built',
  'compaction:verified',
  'compaction:before-store',
  'compaction:after-store',
]

test.each(failpoints)('[J4] a process that ends at %s leaves the document whole', async (end) => {
  const passed: string[] = []
  const s = new CompactionScene(few, {
    failpoint: (name) => {
      passed.push(name)
      // The process is gone: nothing after this runs.
      return name === end ? new Promise(() => {}) : undefined
    },
  })
  await s.open()
  await s.type('0123456789!')
  await s.clock.turn()
  expect(passed).toEqual(failpoints.slice(0, failpoints.indexOf(end) + 1))
  const isStored = end === 'compaction:after-store'
  expect(await s.stored()).toMatchObject({ text: '0123456789!', hasState: isStored })
  const { segments, records } = await s.storage.history(s.name)
  const past = replay({
    segments: segments.map(({ bytes }) => bytes),
    updates: records.map(({ bytes }) => bytes),
  })
  expect(past.getText('text').toJSON()).toBe('0123456789!')
})

test('[J4][D4] a document deleted while it is compacted stays deleted, and nothing complains', async () => {
  const s: CompactionScene = new CompactionScene(few, {
    failpoint: (name) => (name === 'compaction:before-store' ? s.storage.remove(s.name) : undefined),
  })
  await s.open()
  await s.type('0123456789!')
  await s.compactor.whenIdle()
  expect(await s.storage.standing(s.name)).toBe('removed')
  expect(s.log.text).not.toContain('error')
})

test('[J4] a server that stops compacts what is due first, as long as that takes no more than 2 s', async () => {
  const s = new CompactionScene({ ...few, compactPauseMs: 60_000 })
  await s.open()
  await s.type('0123456789!')
  await s.compactor.whenIdle()
  await s.type('0123456789!')
  await s.compactor.finish()
  expect((await s.stored()).records).toHaveLength(0)
  expect(s.clock.timers).toBe(0)
  const slow = new CompactionScene(few, { failpoint: () => new Promise(() => {}) })
  await slow.open()
  await slow.type('0123456789!')
  let isFinished = false
  void slow.compactor.finish().then(() => (isFinished = true))
  await slow.clock.advance(1999)
  expect(isFinished).toBe(false)
  await slow.clock.advance(1)
  expect(isFinished).toBe(true)
})

test('[J4] closing waits for what is under way and starts nothing more', async () => {
  let release = () => {}
  const s = new CompactionScene(few, {
    failpoint: (name) =>
      name === 'compaction:built' ? new Promise<void>((resolve) => (release = resolve)) : undefined,
  })
  await s.open()
  await s.type('0123456789!')
  await s.clock.turn()
  let isClosed = false
  void s.compactor.close().then(() => (isClosed = true))
  await s.clock.turn()
  expect(isClosed).toBe(false)
  release()
  await s.clock.turn()
  expect(isClosed).toBe(true)
  expect((await s.stored()).records).toHaveLength(11)
  expect(s.clock.timers).toBe(0)
})

test('[J4] a big document is compacted in a thread of its own, with the same result', async () => {
  const s = new CompactionScene()
  await s.write(() => s.text.insert(0, 'long '.repeat(20_000)))
  await s.type('typed')
  const { records } = await s.stored()
  const input = { state: null, records, segments: [], windowMs: 60_000, forgetBefore: 0 }
  const thread = new TaskThread()
  const output = await thread.run('build', input, 10_000_000)
  expect(output.state).toEqual(tasks.build(input).state)
  expect(await thread.run('verify', { input, output }, 10_000_000)).toBeNull()
  const broken = { segments: [new Uint8Array([77])], updates: [] }
  await expect(thread.run('replay', broken, 10_000_000)).rejects.toThrow('unknown format 77')
  const left = thread.run('build', input, 10_000_000)
  thread.close()
  await expect(left).rejects.toThrow('stopping')
  await expect(thread.run('build', input, 0)).rejects.toThrow('stopping')
})

test('[J4][J6] 40,000 keystrokes take at most three times their document, history included (seed 1)', () => {
  const { doc, typed } = typeLikeAPerson(40_000, 1)
  const records = typed.map(({ at, update }, index) => ({ seq: index + 1, at, bytes: update }))
  let state: Uint8Array | null = null
  let segments: readonly Segment[] = []
  // As often as a server does it, which is more often than is good for the size.
  for (let from = 0; from < records.length; from += defaultLimits.compactAfterRecords) {
    const part = records.slice(from, from + defaultLimits.compactAfterRecords)
    const output = tasks.build({ state, records: part, segments, windowMs: 60_000, forgetBefore: 0 })
    state = output.state
    segments = [...segments, ...output.segments]
  }
  const document = Y.encodeStateAsUpdate(doc).byteLength
  const stored = segments.reduce((sum, { bytes }) => sum + bytes.byteLength, state!.byteLength)
  expect(document).toBeGreaterThan(40_000)
  expect(stored / document).toBeLessThan(3)
  expect(segments.length).toBeGreaterThan(300)
  const past = replay({ segments: segments.map(({ bytes }) => bytes), updates: [] })
  const last = new Y.Doc()
  Y.applyUpdate(last, state!)
  expect(findDifference(past, last)).toBeNull()
  expect(findDifference(last, doc)).toBeNull()
})

test('[H3] a segment says how it is written, and one of an unknown format is refused', () => {
  for (const isWhole of [true, false])
    for (const update of [new Uint8Array([0, 0]), new Uint8Array(1000), new Uint8Array()])
      expect(decodeSegment(encodeSegment({ isWhole, update }))).toEqual({ isWhole, update })
  expect(encodeSegment({ isWhole: false, update: new Uint8Array(1000) }).byteLength).toBeLessThan(20)
  for (const bytes of [[], [4], [255, 0]])
    expect(() => decodeSegment(new Uint8Array(bytes))).toThrow('unknown format')
})
