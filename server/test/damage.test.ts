import Sqlite from 'better-sqlite3'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import * as Y from 'yjs'
import { openSqliteStorage, type Storage } from '../../persistence/index.ts'
import { defaultGateLimits } from '../gate.ts'
import { Hub } from '../hub.ts'
import { defaultLimits } from '../limits.ts'
import { CollectingLog } from './collecting-log.ts'
import { FakeClock } from './fake-clock.ts'
import { nameOf } from './room-scene.ts'
import { tasks } from '../compaction-work.ts'

let directory = ''
let storage: Storage
let log: CollectingLog
const name = nameOf('doc')

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'coscribe-mend-'))
  storage = await openSqliteStorage(directory)
  log = new CollectingLog()
})
afterEach(async () => {
  await storage.close()
  rmSync(directory, { recursive: true })
})

const startHub = () =>
  new Hub({
    storage,
    clock: new FakeClock(),
    log,
    gateLimits: defaultGateLimits,
    unloadAfterMs: 1000,
    maxUnstoredBytes: defaultLimits.maxUnstoredBytes,
    compaction: defaultLimits,
  })

/** A document of one letter a record, from a to h; `compacted` of them are in the state. */
async function write(compacted: number): Promise<void> {
  const doc = new Y.Doc()
  const records: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => records.push(update))
  for (const letter of 'abcdefgh') doc.getText('text').insert(doc.getText('text').length, letter)
  await storage.append(
    records.map((record, index) => ({ document: name, records: [record], at: index * 100_000 })),
  )
  if (compacted === 0) return
  const loaded = await storage.load(name)
  const early = loaded.records.slice(0, compacted)
  const input = { state: null, records: early, segments: [], windowMs: 60_000, forgetBefore: 0 }
  await storage.compact(name, { through: compacted, ...tasks.build(input) })
}

/** Damages rows behind the back of the store. */
function tamper(sql: string): void {
  const db = new Sqlite(join(directory, 'coscribe.sqlite'))
  db.exec(sql)
  db.close()
}

async function textOf(hub: Hub): Promise<string> {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, (await hub.open(name)).encodeState())
  return doc.getText('text').toJSON()
}

const keptAside = () =>
  readdirSync(join(directory, 'damaged')).map((file) =>
    readFileSync(join(directory, 'damaged', file), 'utf8'),
  )

const cases: [string, number, string, string, number][] = [
  ['a record', 0, `UPDATE log SET bytes = x'0102' WHERE seq = 5`, 'abcd', 4],
  ['a missing record', 0, 'DELETE FROM log WHERE seq = 5', 'abcd', 4],
  ['the first record', 0, `UPDATE log SET bytes = x'0102' WHERE seq = 1`, '', 0],
  ['a record after the state', 3, `UPDATE log SET bytes = x'0102' WHERE seq = 5`, 'abcd', 4],
  ['the state, to which the history leads', 3, `UPDATE state SET bytes = x'0102'`, 'abcdefgh', 8],
  ['the state and a record', 3, `UPDATE state SET bytes = x'01'; DELETE FROM log WHERE seq = 6`, 'abcde', 5],
  [
    'the state and the history',
    3,
    `UPDATE state SET bytes = x'01'; DELETE FROM history WHERE position = 3`,
    'ab',
    2,
  ],
  ['the state, and there is no history', 3, `UPDATE state SET bytes = x'01'; DELETE FROM history`, '', 0],
  ['the entry of the document', 3, 'UPDATE documents SET head = 77', 'abcdefgh', 8],
]

test.each(cases)(
  '[J7] %s is damaged: what precedes it is served, and nothing written since is lost',
  async (_what, compacted, sql, text, moments) => {
    await write(compacted)
    tamper(sql)
    const hub = startHub()
    expect(await textOf(hub)).toBe(text)
    expect(log.text).toContain('the stored document is damaged')
    expect(hub.damagedDocuments).toBe(1)
    expect(keptAside()).toHaveLength(1)
    const room = await hub.open(name)
    await room.edit((doc) => doc.getText('text').insert(0, 'new '))
    const again = startHub()
    expect(await textOf(again)).toBe(`new ${text}`)
    expect(again.damagedDocuments).toBe(0)
    expect((await storage.verify()).damaged).toEqual([])
    const past = await again.moments(name)
    expect(past).toHaveLength(moments + 1)
    const last = new Y.Doc()
    Y.applyUpdate(last, await again.at(name, past.at(-1)!.moment))
    expect(last.getText('text').toJSON()).toBe(`new ${text}`)
  },
)

test('[J7] what is kept aside holds every row, damaged or not, until the document is deleted', async () => {
  await write(3)
  tamper(`UPDATE log SET bytes = x'c0ffee' WHERE seq = 5`)
  const hub = startHub()
  await hub.open(name)
  const kept = JSON.parse(keptAside()[0]!) as { log: { seq: number; bytes: string }[]; history: unknown[] }
  expect(kept.log.map(({ seq }) => seq)).toEqual([4, 5, 6, 7, 8])
  expect(kept.log[1]!.bytes).toBe(Buffer.from('c0ffee', 'hex').toString('base64'))
  expect(kept.history).toHaveLength(3)
  await hub.remove(name)
  expect(keptAside()).toEqual([])
})

test('[J7] a damaged segment is found by the next compaction, which begins the history anew after what precedes it', async () => {
  await write(3)
  tamper(`UPDATE history SET bytes = x'01' WHERE position = 2`)
  const clock = new FakeClock()
  const limits = { ...defaultLimits, compactAtUnloadRecords: 1 }
  const options = {
    storage,
    clock,
    log,
    gateLimits: defaultGateLimits,
    unloadAfterMs: 1000,
  }
  const hub = new Hub({ ...options, maxUnstoredBytes: limits.maxUnstoredBytes, compaction: limits })
  const room = await hub.open(name)
  await room.edit((doc) => doc.getText('text').insert(0, 'new '))
  await clock.advance(1000)
  await hub.whenCompacted()
  expect(hub.damagedDocuments).toBe(1)
  expect((await storage.verify()).damaged).toEqual([])
  const texts = []
  for (const { moment } of await hub.moments(name)) {
    const doc = new Y.Doc()
    Y.applyUpdate(doc, await hub.at(name, moment))
    texts.push(doc.getText('text').toJSON())
  }
  expect(texts).toEqual(['a', 'abc', 'abcd', 'abcde', 'abcdef', 'abcdefg', 'abcdefgh', 'new abcdefgh'])
  expect(keptAside()).toHaveLength(1)
})
