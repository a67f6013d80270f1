import { expect, test } from 'vitest'
import type { Opened } from './store-under-test.ts'
import { bytes, compaction, entry, hostileIds, random, readLog, text } from './inputs.ts'

export function describeAppendAndLoad(opened: Opened): void {
  test('[ST2] records come back in the order they were appended, numbered from 1', async () => {
    const { storage } = opened()
    await storage.append([entry('a', ['one', 'two'], 5)])
    await storage.append([entry('a', ['three'], 7)])
    const { state, records, damage } = await storage.load('a')
    expect({ state, damage }).toEqual({ state: null, damage: null })
    expect(records.map((record) => [record.seq, record.at, text(record)])).toEqual([
      [1, 5, 'one'],
      [2, 5, 'two'],
      [3, 7, 'three'],
    ])
  })

  test('[ST2] an unknown document loads as empty and stays unknown', async () => {
    const { storage } = opened()
    expect(await storage.load('nobody')).toEqual({ state: null, records: [], damage: null })
    expect(await storage.history('nobody')).toEqual({ segments: [], records: [], damage: null })
    expect(await storage.meta('nobody')).toBeNull()
    expect(await storage.standing('nobody')).toBe('unknown')
  })

  test('[ST2] a batch may name many documents, and one of them twice', async () => {
    const { storage } = opened()
    await storage.append([entry('a', ['a1']), entry('b', ['b1']), entry('a', ['a2', 'a3']), entry('c', [])])
    expect(await readLog(storage, 'a')).toEqual(['a1', 'a2', 'a3'])
    expect(await readLog(storage, 'b')).toEqual(['b1'])
    expect(await readLog(storage, 'c')).toEqual([])
    expect(await storage.standing('c')).toBe('present')
  })

  test('[ST2] an empty batch and an empty record are legal', async () => {
    const { storage } = opened()
    await storage.append([])
    await storage.append([entry('a', ['', 'x', ''])])
    expect(await readLog(storage, 'a')).toEqual(['', 'x', ''])
  })

  test('[ST2] concurrent appends to one document keep the order of the calls', async () => {
    const { storage } = opened()
    const names = Array.from({ length: 300 }, (_, index) => `record ${index}`)
    await Promise.all(names.map((name) => storage.append([entry('a', [name])])))
    expect(await readLog(storage, 'a')).toEqual(names)
  })

  test('[ST2] concurrent appends to many documents stay apart', async () => {
    const { storage } = opened()
    const documents = Array.from({ length: 40 }, (_, index) => `doc${index}`)
    const rounds = ['x', 'y', 'z']
    await Promise.all(
      rounds.flatMap((round) => documents.map((id) => storage.append([entry(id, [`${id} ${round}`])]))),
    )
    for (const id of documents)
      expect(await readLog(storage, id)).toEqual(rounds.map((round) => `${id} ${round}`))
  })

  test('[ST2] values of 1 MB and batches of thousands of tiny records come back whole', async () => {
    const { storage } = opened()
    const next = random(1)
    const big = Uint8Array.from({ length: 1_000_000 }, () => next(256))
    const tiny = Array.from({ length: 5_000 }, (_, index) => bytes(`${index}`))
    await storage.append([{ document: 'a', records: [big, ...tiny, big], at: 1 }])
    const { records } = await storage.load('a')
    expect(records).toHaveLength(5_002)
    expect(Buffer.compare(records[0]!.bytes, big)).toBe(0)
    expect(Buffer.compare(records[5_001]!.bytes, big)).toBe(0)
    expect(records.slice(1, -1).map(text)).toEqual(tiny.map((_, index) => `${index}`))
  })

  test('[ST2] what is stored and what was handed out or in share no memory', async () => {
    const { storage } = opened()
    const pool = Buffer.from('xxMINExx')
    const appended = storage.append([{ document: 'a', records: [pool.subarray(2, 6)], at: 1 }])
    pool.fill(0)
    await appended
    const first = await storage.load('a')
    expect(first.records.map(text)).toEqual(['MINE'])
    first.records[0]!.bytes.fill(0)
    expect(await readLog(storage, 'a')).toEqual(['MINE'])
    expect(pool.byteLength).toBe(8)
  })
}

export function describeCompaction(opened: Opened): void {
  test('[ST3] a state replaces the log it reaches, and its segments become the history', async () => {
    const { storage } = opened()
    await storage.append([entry('a', ['1', '2', '3'])])
    await storage.compact('a', compaction(2, 'state of 2', ['early', 'late']))
    const loaded = await storage.load('a')
    expect(loaded.state).toEqual({ through: 2, bytes: bytes('state of 2') })
    expect(await readLog(storage, 'a')).toEqual(['3'])
    const history = await storage.history('a')
    expect(history.damage).toBeNull()
    expect(history.segments).toEqual(compaction(2, '', ['early', 'late']).segments)
    expect(history.records.map(text)).toEqual(['3'])
  })

  test('[ST3] records appended during compaction survive it', async () => {
    const { storage } = opened()
    await storage.append([entry('a', ['1', '2', '3', '4'])])
    await Promise.all([
      storage.append([entry('a', ['5'])]),
      storage.compact('a', compaction(4, 'state of 4')),
      storage.append([entry('a', ['6'])]),
      storage.append([entry('a', ['7'])]),
    ])
    expect((await storage.load('a')).state?.through).toBe(4)
    expect(await readLog(storage, 'a')).toEqual(['5', '6', '7'])
  })

  test('[ST3] compacting to where the state is already, or back, changes nothing', async () => {
    const { storage } = opened()
    await storage.append([entry('a', ['1', '2', '3'])])
    await storage.compact('a', compaction(2, 'good', ['kept']))
    await storage.compact('a', compaction(2, 'again', ['again']))
    await storage.compact('a', compaction(1, 'backwards', ['backwards']))
    await storage.compact('a', compaction(0, 'nothing', ['nothing']))
    expect((await storage.load('a')).state).toEqual({ through: 2, bytes: bytes('good') })
    expect((await storage.history('a')).segments.map(text)).toEqual(['kept'])
    expect(await readLog(storage, 'a')).toEqual(['3'])
  })

  test('[ST3] a compaction beyond the log is refused and changes nothing', async () => {
    const { storage } = opened()
    await storage.append([entry('a', ['1'])])
    await expect(storage.compact('a', compaction(2, 'x', ['x']))).rejects.toMatchObject({ code: 'invalid' })
    await expect(storage.compact('new', compaction(1, 'x'))).rejects.toMatchObject({ code: 'invalid' })
    expect((await storage.load('a')).state).toBeNull()
    expect((await storage.history('a')).segments).toEqual([])
    expect(await storage.standing('new')).toBe('unknown')
  })

  test('[ST3] numbers go on after a compaction of everything, and histories join up', async () => {
    const { storage } = opened()
    await storage.append([entry('a', ['1', '2'])])
    await storage.compact('a', compaction(2, 'state of 2', ['first']))
    await storage.append([entry('a', ['3'])])
    expect((await storage.load('a')).records.map((record) => record.seq)).toEqual([3])
    await storage.compact('a', compaction(3, 'state of 3', ['second', '']))
    const { state, records } = await storage.load('a')
    expect([state?.through, records.length]).toEqual([3, 0])
    expect((await storage.history('a')).segments.map(text)).toEqual(['first', 'second', ''])
  })

  test('[ST3] states and segments of 1 MB come back whole, and an empty state too', async () => {
    const { storage } = opened()
    const next = random(2)
    const big = Uint8Array.from({ length: 1_000_000 }, () => next(256))
    await storage.append([entry('a', ['1', '2'])])
    await storage.compact('a', {
      through: 1,
      state: big,
      segments: [{ from: 1, to: 1, clients: [], bytes: big }],
    })
    expect(Buffer.compare((await storage.load('a')).state!.bytes, big)).toBe(0)
    expect(Buffer.compare((await storage.history('a')).segments[0]!.bytes, big)).toBe(0)
    await storage.compact('a', compaction(2, ''))
    expect((await storage.load('a')).state).toEqual({ through: 2, bytes: new Uint8Array() })
  })
}

export function describeSettingAside(opened: Opened): void {
  test('[ST4] setting a document aside changes nothing and tells the last number given out', async () => {
    const { storage } = opened()
    await storage.append([entry('a', ['1', '2', '3']), entry('b', [])])
    await storage.compact('a', compaction(2, 'state of 2', ['early']))
    const before = [await storage.load('a'), await storage.history('a'), await storage.meta('a')]
    expect(await storage.setAside('a')).toBe(3)
    expect(await storage.setAside('a')).toBe(3)
    expect(await storage.setAside('b')).toBe(0)
    expect([await storage.load('a'), await storage.history('a'), await storage.meta('a')]).toEqual(before)
    await expect(storage.setAside('new')).rejects.toMatchObject({ code: 'invalid' })
    expect(await storage.standing('new')).toBe('unknown')
    await storage.remove('a')
    await expect(storage.setAside('a')).rejects.toMatchObject({ code: 'removed' })
  })

  test('[ST3] a compaction that replaces the history leaves nothing of what was there, also where the state reaches already', async () => {
    const { storage } = opened()
    await storage.append([entry('a', ['1', '2', '3'])])
    await storage.compact('a', compaction(2, 'state of 2', ['one', 'two', 'three']))
    await storage.compact('a', { ...compaction(2, 'other', ['only']), replacesHistory: true })
    expect(await storage.load('a')).toMatchObject({
      state: { through: 2, bytes: bytes('other') },
      damage: null,
    })
    expect(await readLog(storage, 'a')).toEqual(['3'])
    expect((await storage.history('a')).segments.map(text)).toEqual(['only'])
    await storage.compact('a', { ...compaction(1, 'backwards', []), replacesHistory: true })
    expect((await storage.history('a')).segments.map(text)).toEqual(['only'])
    await storage.compact('a', { ...compaction(3, 'last', ['x', 'y']), replacesHistory: true })
    await storage.append([entry('a', ['4'])])
    await storage.compact('a', compaction(4, 'more', ['z']))
    expect((await storage.history('a')).segments.map(text)).toEqual(['x', 'y', 'z'])
    const kept = ['more', 'x', 'y', 'z'].reduce((sum, part) => sum + part.length, 0)
    expect((await storage.meta('a'))?.bytes).toBe(kept)
    expect((await storage.verify()).damaged).toEqual([])
  })
}

export function describeIds(opened: Opened): void {
  test('[ST5] ids made to be mixed up stay apart in every operation', async () => {
    const { storage } = opened()
    await storage.append(hostileIds.map((id) => ({ ...entry(id, [`first ${id}`]), title: `title ${id}` })))
    for (const id of hostileIds) await storage.append([entry(id, [`second ${id}`])])
    for (const id of hostileIds) {
      await storage.compact(id, compaction(1, `state ${id}`, [`segment ${id}`]))
    }
    for (const id of hostileIds) {
      expect(text((await storage.load(id)).state!)).toBe(`state ${id}`)
      expect(await readLog(storage, id)).toEqual([`second ${id}`])
      expect((await storage.history(id)).segments.map(text)).toEqual([`segment ${id}`])
      expect(await storage.meta(id)).toMatchObject({ document: id, title: `title ${id}` })
    }
    const { documents } = await storage.list(1_000)
    expect(documents.map(({ document }) => document).sort()).toEqual([...hostileIds].sort())
  })

  test('[ST5] removing one of them leaves all others', async () => {
    const { storage } = opened()
    await storage.append(hostileIds.map((id) => entry(id, [id])))
    for (const [index, id] of hostileIds.entries()) {
      await storage.remove(id)
      const left = await storage.list(1_000)
      expect(left.documents).toHaveLength(hostileIds.length - index - 1)
      expect(await storage.standing(id)).toBe('removed')
    }
  })

  test('[ST5] a record of one document is never part of another that was never written', async () => {
    const { storage } = opened()
    await storage.append([entry('team/doc', ['secret'])])
    for (const id of [
      'team',
      'team/',
      'team/do',
      'team/doc/',
      'team/docs',
      'TEAM/DOC',
      '%',
      '*',
      'team/d_c',
    ]) {
      expect(await storage.load(id)).toEqual({ state: null, records: [], damage: null })
    }
  })
}

export function describeRemoval(opened: Opened): void {
  test('[ST9] a removed document is gone and its id is never used again', async () => {
    const { storage } = opened()
    await storage.append([entry('a', ['1', '2']), entry('b', ['b'])])
    await storage.compact('a', compaction(1, 'state', ['segment']))
    await storage.remove('a')
    await storage.remove('a')
    expect(await storage.standing('a')).toBe('removed')
    expect(await storage.meta('a')).toBeNull()
    await expect(storage.load('a')).rejects.toMatchObject({ code: 'removed' })
    await expect(storage.history('a')).rejects.toMatchObject({ code: 'removed' })
    await expect(storage.compact('a', compaction(2, 'x'))).rejects.toMatchObject({ code: 'removed' })
    await expect(storage.append([entry('a', ['3'])])).rejects.toMatchObject({ code: 'removed' })
    expect(await storage.verify()).toEqual({ documents: 1, records: 1, files: 0, damaged: [] })
    expect((await storage.list(10)).documents.map(({ document }) => document)).toEqual(['b'])
  })

  test('[ST9] an id that was never written can be taken out of use as well', async () => {
    const { storage } = opened()
    await storage.remove('never')
    expect(await storage.standing('never')).toBe('removed')
    await expect(storage.append([entry('never', ['1'])])).rejects.toMatchObject({ code: 'removed' })
  })

  test('[ST6] a batch that names a removed document stores nothing at all', async () => {
    const { storage } = opened()
    await storage.append([entry('a', ['a1'])])
    await storage.remove('gone')
    const batch = [entry('a', ['a2']), entry('new', ['n1']), entry('gone', ['g1']), entry('b', ['b1'])]
    await expect(storage.append(batch)).rejects.toMatchObject({ code: 'removed' })
    expect(await readLog(storage, 'a')).toEqual(['a1'])
    expect(await storage.standing('new')).toBe('unknown')
    expect(await storage.standing('b')).toBe('unknown')
  })

  test('[ST6] a refused batch takes none of the batches around it along', async () => {
    const { storage } = opened()
    await storage.remove('gone')
    const outcomes = await Promise.allSettled([
      storage.append([entry('a', ['1'])]),
      storage.append([entry('a', ['lost']), entry('gone', ['lost'])]),
      storage.append([entry('a', ['2'])]),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await readLog(storage, 'a')).toEqual(['1', '2'])
  })
}
