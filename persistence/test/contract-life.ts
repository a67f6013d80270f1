import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Backend, Opened } from './store-under-test.ts'
import { bytes, compaction, entry, hostileIds, random, readLog, text } from './inputs.ts'

export function describeList(opened: Opened): void {
  test('[ST2] the list has the latest change first, with titles, times and bytes', async () => {
    const { storage } = opened()
    await storage.append([{ ...entry('a', ['12345'], 10), title: 'A' }, entry('b', ['1'], 20)])
    await storage.append([{ ...entry('a', [], 30), title: 'A, renamed' }])
    expect((await storage.list(10)).documents).toEqual([
      { document: 'a', title: 'A, renamed', createdAt: 10, changedAt: 30, bytes: 5 },
      { document: 'b', title: '', createdAt: 20, changedAt: 20, bytes: 1 },
    ])
    expect(await storage.meta('b')).toEqual((await storage.list(10)).documents[1])
  })

  test('[ST2] the time of the last change never goes back with the clock of a caller', async () => {
    const { storage } = opened()
    await storage.append([entry('a', ['1'], 50)])
    await storage.append([entry('a', ['2'], 40)])
    expect(await storage.meta('a')).toMatchObject({ createdAt: 50, changedAt: 50 })
  })

  test('[ST3] bytes count state, log and history through compactions', async () => {
    const { storage } = opened()
    await storage.append([entry('a', ['12345', '123', '12'])])
    await storage.compact('a', compaction(2, '1234', ['123456', '1']))
    expect(await storage.meta('a')).toMatchObject({ bytes: 4 + 2 + 6 + 1 })
    await storage.compact('a', compaction(3, '1', ['12']))
    expect(await storage.meta('a')).toMatchObject({ bytes: 1 + 6 + 1 + 2 })
  })

  test('[ST2] pages hold every document once, also those changed at the same time', async () => {
    const { storage } = opened()
    const ids = Array.from({ length: 25 }, (_, index) => `doc${index}`)
    await storage.append(ids.map((id, index) => entry(id, [], index % 3)))
    const seen: string[] = []
    let pages = 0
    for (let cursor: string | null | undefined; cursor !== null; pages++) {
      const page = await storage.list(5, cursor)
      seen.push(...page.documents.map(({ document }) => document))
      cursor = page.next
    }
    expect(pages).toBe(5)
    expect(seen.sort()).toEqual(ids.sort())
    expect(await storage.list(25)).toMatchObject({ next: null })
  })

  test('[ST2] while documents change, paging shows no document twice and misses none that does not', async () => {
    const { storage } = opened()
    const ids = Array.from({ length: 20 }, (_, index) => `doc${index}`)
    await storage.append(ids.map((id, index) => entry(id, [], 100 + index)))
    const seen: string[] = []
    let now = 1_000
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await storage.list(3, cursor)
      seen.push(...page.documents.map(({ document }) => document))
      cursor = page.next
      await storage.append([
        entry('doc3', ['x'], now++),
        entry(`new${now}`, ['x'], now),
        entry('doc19', [], now),
      ])
      await storage.remove('doc0')
    }
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen).toEqual(expect.arrayContaining(ids.filter((id) => id !== 'doc0' && id !== 'doc3')))
  })
}

export function describeBadArguments(opened: Opened): void {
  const invalid = { code: 'invalid', name: 'StorageError' }

  test('[ST5] ids that could not be told apart are refused everywhere', async () => {
    const { storage } = opened()
    for (const id of ['', '\ud800', 'a\udc00b', 'x'.repeat(513), 'é'.repeat(257)]) {
      await expect(storage.append([entry('fine', ['1']), entry(id, ['1'])])).rejects.toMatchObject(invalid)
      await expect(storage.load(id)).rejects.toMatchObject(invalid)
      await expect(storage.compact(id, compaction(1, 'x'))).rejects.toMatchObject(invalid)
      await expect(storage.history(id)).rejects.toMatchObject(invalid)
      await expect(storage.meta(id)).rejects.toMatchObject(invalid)
      await expect(storage.standing(id)).rejects.toMatchObject(invalid)
      await expect(storage.remove(id)).rejects.toMatchObject(invalid)
    }
    expect(await storage.standing('fine')).toBe('unknown')
  })

  test('[ST6] impossible numbers are refused and store nothing', async () => {
    const { storage } = opened()
    for (const bad of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
      await expect(storage.append([entry('a', ['1'], bad)])).rejects.toMatchObject(invalid)
      await expect(storage.compact('a', compaction(bad, 'x'))).rejects.toMatchObject(invalid)
      await expect(storage.list(bad)).rejects.toMatchObject(invalid)
    }
    await expect(storage.list(0)).rejects.toMatchObject(invalid)
    for (const cursor of ['', 'x', '1', '1.2.3', "1.1' OR 1=1 --"]) {
      await expect(storage.list(1, cursor)).rejects.toMatchObject(invalid)
    }
    expect(await storage.standing('a')).toBe('unknown')
  })

  test('[ST6] a segment that ends before it begins or has a broken client id is refused', async () => {
    const { storage } = opened()
    await storage.append([entry('a', ['1'])])
    for (const broken of [{ from: 2, to: 1 }, { clients: [1.5] }, { clients: [-1] }]) {
      const segment = { from: 1, to: 1, clients: [], bytes: bytes('x'), ...broken }
      const impossible = { through: 1, state: bytes('x'), segments: [segment] }
      await expect(storage.compact('a', impossible)).rejects.toMatchObject(invalid)
    }
    expect((await storage.load('a')).state).toBeNull()
  })

  test('[ST5] a title is any text, and comes back as well-formed text', async () => {
    const { storage } = opened()
    const titles = ['', "Robert'); DROP TABLE documents;--", 'a\0b', '🧑‍🚀', '<b>', 'x'.repeat(10_000)]
    for (const title of titles) {
      await storage.append([{ ...entry('a', []), title }])
      expect(await storage.meta('a')).toMatchObject({ title })
    }
    await storage.append([{ ...entry('a', []), title: 'half \ud83e emoji' }])
    expect(await storage.meta('a')).toMatchObject({ title: 'half \ufffd emoji' })
    expect((await storage.verify()).damaged).toEqual([])
  })
}

export function describeClose(opened: Opened): void {
  test('[ST7] close waits for what is under way, and can be called again', async () => {
    const { storage } = opened()
    await storage.append(Array.from({ length: 200 }, (_, index) => entry(`doc${index}`, ['1'])))
    const appends = Array.from({ length: 20 }, (_, index) => storage.append([entry('a', [`${index}`])]))
    const verified = storage.verify()
    let settled = 0
    for (const call of [...appends, verified]) void call.finally(() => settled++)
    await Promise.all([storage.close(), storage.close()])
    expect(settled).toBe(21)
    await Promise.all([...appends, verified])
    await storage.close()
  })

  test('[ST7] everything after close rejects with closed', async () => {
    const { storage } = opened()
    await storage.append([entry('a', ['1'])])
    const closing = storage.close()
    const calls: readonly (() => Promise<unknown>)[] = [
      () => storage.append([entry('a', ['2'])]),
      () => storage.append([]),
      () => storage.load('a'),
      () => storage.compact('a', compaction(1, 'x')),
      () => storage.history('a'),
      () => storage.meta('a'),
      () => storage.standing('a'),
      () => storage.list(1),
      () => storage.remove('a'),
      () => storage.verify(),
      () => storage.backup('/nowhere'),
    ]
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'closed' })
    await closing
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'closed' })
  })
}

export function describeVerifyAndBackup(opened: Opened, supports: Backend['supports']): void {
  test('[ST4] verify counts what is there and finds nothing wrong with it', async () => {
    const { storage } = opened()
    expect(await storage.verify()).toEqual({ documents: 0, records: 0, files: 0, damaged: [] })
    const ids = Array.from({ length: 100 }, (_, index) => `doc${index}`)
    await storage.append(ids.map((id) => entry(id, ['1', '2'])))
    await storage.compact('doc7', compaction(2, 'state', ['segment']))
    await storage.remove('doc8')
    expect(await storage.verify()).toEqual({ documents: 99, records: 196, files: 0, damaged: [] })
  })

  test.runIf(!supports.backup)('[ST1] a back-end without backups says so', async () => {
    await expect(opened().storage.backup('/nowhere')).rejects.toMatchObject({ code: 'invalid' })
  })

  test.runIf(supports.backup)(
    '[ST1] a backup made while others write is whole and holds all that was there',
    async () => {
      const { storage, openBackup } = opened()
      const directory = await mkdtemp(join(tmpdir(), 'coscribe-backup-'))
      try {
        await storage.append([entry('a', ['1', '2', '3']), entry('b', ['x'.repeat(2_000_000)])])
        await storage.compact('a', compaction(2, 'state', ['segment']))
        const backedUp = storage.backup(directory)
        const writes = Array.from({ length: 200 }, (_, index) => storage.append([entry('a', [`w${index}`])]))
        await Promise.all([backedUp, ...writes])
        const copy = await openBackup(directory)
        expect((await copy.verify()).damaged).toEqual([])
        expect((await copy.load('a')).state).toEqual({ through: 2, bytes: bytes('state') })
        const log = await readLog(copy, 'a')
        expect(log).toEqual((await readLog(storage, 'a')).slice(0, log.length))
        expect((await copy.history('a')).segments.map(text)).toEqual(['segment'])
        await copy.close()
        await expect(storage.backup(directory)).rejects.toMatchObject({ code: 'invalid' })
      } finally {
        await rm(directory, { recursive: true })
      }
    },
  )
}

export function describeDurability(opened: Opened): void {
  test('[ST1] everything is there again after a restart, and goes on from there', async () => {
    const { storage, reopen } = opened()
    await storage.append([{ ...entry('a', ['1', '2', '3'], 5), title: 'A' }, entry('gone', ['1'])])
    await storage.compact('a', compaction(2, 'state', ['segment']))
    await storage.remove('gone')
    const before = [await storage.load('a'), await storage.history('a'), await storage.list(9)]
    const again = await reopen()
    expect([await again.load('a'), await again.history('a'), await again.list(9)]).toEqual(before)
    expect(await again.standing('gone')).toBe('removed')
    await again.append([entry('a', ['4'])])
    expect(await readLog(again, 'a')).toEqual(['3', '4'])
  })

  test('[ST7] what was under way at close is there after a restart', async () => {
    const { storage, reopen } = opened()
    const appends = Array.from({ length: 50 }, (_, index) => storage.append([entry('a', [`${index}`])]))
    const again = await reopen()
    await Promise.all(appends)
    expect(await readLog(again, 'a')).toHaveLength(50)
  })
}

export function describeRandomLife(opened: Opened, supports: Backend['supports']): void {
  test('[ST2] a random life of many documents ends as a list of arrays would', async () => {
    const seed = Number(process.env['SEED'] ?? 20_261)
    const next = random(seed)
    const store = opened()
    let { storage } = store
    const model = new Map<string, { through: number; log: string[] } | 'removed'>()
    const counts = { appended: 0, compacted: 0, removed: 0, reopened: 0, refused: 0 }
    for (let step = 0; step < 400; step++) {
      const id = hostileIds[next(8)]!
      const known = model.get(id) ?? { through: 0, log: [] }
      const chance = next(100)
      if (known === 'removed') {
        await expect(storage.append([entry(id, ['x'])]), `seed ${seed}`).rejects.toThrow('removed')
        counts.refused++
      } else if (chance < 75) {
        const records = Array.from({ length: next(5) }, () => `${step} ${next(1_000)}`)
        await storage.append([entry(id, records, step)])
        model.set(id, { ...known, log: [...known.log, ...records] })
        counts.appended++
      } else if (chance < 94) {
        const through = next(known.log.length + 1)
        await storage.compact(id, compaction(through, `to ${through}`))
        if (through > known.through) model.set(id, { ...known, through })
        counts.compacted++
      } else if (chance === 99) {
        await storage.remove(id)
        model.set(id, 'removed')
        counts.removed++
      } else if (chance < 96 && supports.durability) {
        storage = await store.reopen()
        counts.reopened++
      }
    }
    for (const [id, known] of model) {
      if (known === 'removed') continue
      expect(await readLog(storage, id), `seed ${seed}`).toEqual(known.log.slice(known.through))
      const state =
        known.through === 0 ? null : { through: known.through, bytes: bytes(`to ${known.through}`) }
      expect((await storage.load(id)).state, `seed ${seed}`).toEqual(state)
    }
    expect((await storage.verify()).damaged, `seed ${seed}`).toEqual([])
    const happened = supports.durability ? counts : { ...counts, reopened: 1 }
    for (const [what, count] of Object.entries(happened))
      expect(count, `${what}, seed ${seed}`).toBeGreaterThan(0)
  })
}
