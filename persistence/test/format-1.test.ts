import { readFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import Sqlite from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { openSqliteStorage, readSqliteStorage } from '../index.ts'
import { FORMAT_VERSION } from '../sqlite/schema.ts'
import { entry, readLog, text } from './inputs.ts'

// format-1.sqlite.gz was written by the first version: three documents, one of them compacted, and a removed one.
function unpack(): string {
  const directory = mkdtempSync(join(tmpdir(), 'coscribe-format-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const packed = readFileSync(new URL('./format-1.sqlite.gz', import.meta.url))
  writeFileSync(join(directory, 'coscribe.sqlite'), gunzipSync(packed))
  return directory
}

const formatOf = (directory: string) => {
  const db = new Sqlite(join(directory, 'coscribe.sqlite'), { readonly: true })
  try {
    return db.pragma('user_version', { simple: true })
  } finally {
    db.close()
  }
}

test('[ST8] a store that format 1 wrote is upgraded when it is opened, whole and ready for use', async () => {
  const directory = unpack()
  expect(formatOf(directory)).toBe(1)
  const storage = await openSqliteStorage(directory)
  expect(await readLog(storage, 'log')).toEqual(['first', 'second'])
  const { state, records } = await storage.load('compacted')
  expect([state && text(state), records.map(text)]).toEqual(['the state', ['after it']])
  expect((await storage.history('compacted')).segments.map(text)).toEqual(['the past'])
  expect(await storage.meta('titled')).toMatchObject({ title: 'A title', createdAt: 5 })
  expect(await storage.standing('gone')).toBe('removed')
  await storage.append([entry('log', ['third'])])
  expect(await readLog(storage, 'log')).toEqual(['first', 'second', 'third'])
  expect(await storage.verify()).toMatchObject({ documents: 3, damaged: [] })
  await storage.close()
  expect(formatOf(directory)).toBe(FORMAT_VERSION)
})

test('[ST8] a store of an older format is read without being changed', async () => {
  const directory = unpack()
  const storage = await readSqliteStorage(directory)
  expect(await storage.verify()).toMatchObject({ documents: 3, damaged: [] })
  await storage.close()
  expect(formatOf(directory)).toBe(1)
})
