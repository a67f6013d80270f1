import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openSqliteStorage } from '../index.ts'
import { connect, createDatabase } from '../sqlite/file.ts'
import { FORMAT_VERSION } from '../sqlite/schema.ts'
import { Store } from '../sqlite/store.ts'
import { entry, random, readLog, text } from './inputs.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'coscribe-process-'))
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(directory, { recursive: true })
})

const file = () => join(directory, 'coscribe.sqlite')

function startAppender(): ChildProcessByStdio<null, Readable, null> {
  const script = fileURLToPath(new URL('./appender.ts', import.meta.url))
  return spawn(process.execPath, ['--import', 'tsx', script, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

// Kills the process once it has acknowledged `count` records. Returns all it had acknowledged by then.
async function killAfter(child: ReturnType<typeof startAppender>, count: number): Promise<string[]> {
  const acknowledged: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(line)
    if (acknowledged.length === count) child.kill('SIGKILL')
  }
  return acknowledged
}

test('[ST1] nothing that was acknowledged is missing after kill -9', { timeout: 60_000 }, async () => {
  const seed = Number(process.env['SEED'] ?? 20_263)
  const next = random(seed)
  const acknowledged: string[] = []
  for (let round = 0; round < 4; round++)
    acknowledged.push(...(await killAfter(startAppender(), 1 + next(300))))
  const storage = await openSqliteStorage(directory)
  const log = await readLog(storage, 'log')
  expect(new Set(log).size).toBe(log.length)
  const places = new Map(log.map((record, index) => [record, index]))
  const order = acknowledged.map((record) => places.get(record) ?? -1)
  expect(order, `seed ${seed}`).not.toContain(-1)
  expect(order, `seed ${seed}`).toEqual([...order].sort((a, b) => a - b))
  expect((await storage.verify()).damaged).toEqual([])
  await storage.close()
})

test('[ST7] a folder in use is refused with advice, in this process and from another', async () => {
  const storage = await openSqliteStorage(directory)
  await expect(openSqliteStorage(directory)).rejects.toMatchObject({ code: 'unavailable' })
  await expect(openSqliteStorage(directory)).rejects.toThrow(/in use by another server: stop that one/)
  await storage.append([entry('a', ['1'])])
  await storage.close()
  const again = await openSqliteStorage(directory)
  expect(await readLog(again, 'a')).toEqual(['1'])
  await again.close()
})

test(
  '[ST7] a server in another process holds the folder, and killing it sets it free',
  { timeout: 30_000 },
  async () => {
    const child = startAppender()
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    await lines.next()
    await expect(openSqliteStorage(directory)).rejects.toMatchObject({ code: 'unavailable' })
    const exited = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await exited
    const storage = await openSqliteStorage(directory)
    expect((await readLog(storage, 'log')).length).toBeGreaterThan(0)
    await storage.close()
  },
)

test('[ST2] another program may read the database while it is in use', async () => {
  const storage = await openSqliteStorage(directory)
  await storage.append([entry('a', ['1'])])
  const reader = new Sqlite(file(), { readonly: true })
  const count = reader.prepare<[], number>('SELECT count(*) FROM log').pluck()
  expect(count.get()).toBe(1)
  await storage.append([entry('a', ['2'])])
  expect(count.get()).toBe(2)
  reader.close()
  await storage.close()
})

test('[ST5] the data folder is made for its owner alone', async () => {
  const nested = join(directory, 'data', 'folder')
  const storage = await openSqliteStorage(nested)
  expect(statSync(nested).mode & 0o777).toBe(0o700)
  await storage.close()
})

test('[ST8] a store of a newer format is refused and left alone', async () => {
  createDatabase(file())
  const db = new Sqlite(file())
  db.pragma(`user_version = ${FORMAT_VERSION + 1}`)
  db.close()
  await expect(openSqliteStorage(directory)).rejects.toMatchObject({ code: 'format' })
  await expect(openSqliteStorage(directory)).rejects.toThrow(`format ${FORMAT_VERSION + 1}`)
})

test('[ST8] the database of another program is refused and left alone', async () => {
  const db = new Sqlite(file())
  db.exec("CREATE TABLE notes (text); INSERT INTO notes VALUES ('mine')")
  db.close()
  await expect(openSqliteStorage(directory)).rejects.toMatchObject({ code: 'format' })
  const again = new Sqlite(file())
  expect(again.prepare('SELECT text FROM notes').pluck().get()).toBe('mine')
  again.close()
})

test('[ST8] a store of an older format is upgraded when it is opened', async () => {
  createDatabase(file())
  const db = new Sqlite(file())
  db.exec(
    'DROP TABLE documents; DROP TABLE log; DROP TABLE state; DROP TABLE history; PRAGMA user_version = 0',
  )
  db.close()
  const storage = await openSqliteStorage(directory)
  await storage.append([entry('a', ['1'])])
  expect(await readLog(storage, 'a')).toEqual(['1'])
  await storage.close()
})

test('[ST6] a dead worker fails what is under way as unavailable, and the next call starts another', async () => {
  const post = vi.spyOn(Worker.prototype, 'postMessage')
  const storage = await openSqliteStorage(directory)
  await storage.append([entry('a', ['1'])])
  const worker = post.mock.contexts[0]
  if (!(worker instanceof Worker)) throw new Error('no worker was started')
  const underWay = Array.from({ length: 5 }, () => storage.append([entry('a', ['perhaps'])]))
  const outcomes = Promise.allSettled(underWay)
  await worker.terminate()
  for (const outcome of await outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'unavailable' })
  }
  await storage.append([entry('a', ['2'])])
  const log = await readLog(storage, 'a')
  expect([log[0], log.at(-1)]).toEqual(['1', '2'])
  await storage.close()
})

test('[ST7] a store whose worker has died can be closed', async () => {
  const post = vi.spyOn(Worker.prototype, 'postMessage')
  const storage = await openSqliteStorage(directory)
  const worker = post.mock.contexts[0]
  if (!(worker instanceof Worker)) throw new Error('no worker was started')
  await worker.terminate()
  await storage.close()
  await expect(storage.load('a')).rejects.toMatchObject({ code: 'closed' })
})

test('[ST6] on a full disk nothing of the batch is stored, and with space again it works', () => {
  createDatabase(file())
  const db = connect(file())
  const store = new Store(db)
  store.append([[entry('a', ['1'])]])
  db.pragma('max_page_count = 40')
  const batch = [entry('a', ['2']), entry('b', ['x'.repeat(500_000)])]
  expect(() => store.append([[entry('c', ['c'])], batch])).toThrow('full')
  expect(store.load('a').records.map(text)).toEqual(['1'])
  expect([store.standing('b'), store.standing('c')]).toEqual(['unknown', 'unknown'])
  db.pragma('max_page_count = 10000')
  expect(store.append([batch])).toEqual([null])
  expect(store.load('a').records.map(text)).toEqual(['1', '2'])
  store.close()
})

test('[ST1] every commit is synced: the store does not run with the defaults of better-sqlite3', () => {
  createDatabase(file())
  const db = connect(file())
  expect(db.pragma('synchronous', { simple: true })).toBe(2)
  expect(db.pragma('journal_mode', { simple: true })).toBe('wal')
  db.close()
})

test('[ST3] a compacted store gives the space of its log back', async () => {
  const storage = await openSqliteStorage(directory)
  await storage.append([
    entry(
      'a',
      Array.from({ length: 5_000 }, (_, index) => `${index}`.repeat(40)),
    ),
  ])
  await storage.compact('a', { through: 5_000, state: new Uint8Array(10_000), segments: [] })
  await storage.close()
  expect(statSync(file()).size).toBeLessThan(100_000)
})
