import Sqlite from 'better-sqlite3'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openSqliteStorage } from '../persistence/index.ts'
import { Random } from '../test/random.ts'
import { faultsOf, Ledger } from './ledger.ts'
import { coscribe, seed, ServerProcess, temporaryFolder } from './server-process.ts'
import { freePort } from '../test/free-port.ts'
import { Writer } from './writer.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

/** A closed store with some documents of a few records. */
async function makeStore(folder: string): Promise<void> {
  const storage = await openSqliteStorage(folder)
  for (let round = 0; round < 5; round++) {
    const documents = ['one', 'two', 'three']
    const records = [bytes(`record ${round} ${'x'.repeat(500)}`)]
    await storage.append(documents.map((document) => ({ document, records, at: round + 1 })))
  }
  await storage.close()
}

/** Flips a bit of the text wherever it stands in the store's file: a page also holds leftovers that nobody reads. */
function damage(folder: string, text: string): void {
  const file = join(folder, 'coscribe.sqlite')
  const content = readFileSync(file)
  for (let at = content.indexOf(text); at !== -1; at = content.indexOf(text, at)) {
    content.writeUInt8(content.readUInt8(at) ^ 1, at)
  }
  writeFileSync(file, content)
}

test('[ST4] verify says that a store is good, with exit code 0, and leaves it as it is', async () => {
  const folder = temporaryFolder()
  await makeStore(folder)
  const before = readFileSync(join(folder, 'coscribe.sqlite'))
  const { code, stdout } = await coscribe('verify', '--data', folder)
  expect([code, stdout]).toEqual([0, '3 documents, 15 records in their logs, 0 files: all good\n'])
  expect(readFileSync(join(folder, 'coscribe.sqlite')).equals(before)).toBe(true)
})

test('[ST4] verify says what is damaged, with exit code 1', async () => {
  const folder = temporaryFolder()
  await makeStore(folder)
  damage(folder, 'record 3')
  const { code, stdout } = await coscribe('verify', '--data', folder)
  expect(code).toBe(1)
  expect(stdout).toMatch(/^document "(one|two|three)": record 4: the checksum does not match\n/)
  expect(stdout).toMatch(/; 3 damaged places\n$/)
})

test('[ST4] verify names a file that can not be read, leaves it as it is, and a server recovers it', async () => {
  const folder = temporaryFolder()
  await makeStore(folder)
  const file = join(folder, 'coscribe.sqlite')
  const broken = readFileSync(file).fill(0xff, 0, 4096)
  writeFileSync(file, broken)
  const verified = await coscribe('verify', '--data', folder)
  expect(verified.code).toBe(1)
  expect(verified.stdout).toContain("can't be read")
  expect(readFileSync(file).equals(broken)).toBe(true)

  const server = new ServerProcess(folder, await freePort())
  await server.start()
  const { stderr } = await server.end('SIGTERM')
  expect(stderr).toContain('the stored documents were damaged')
  const kept = readdirSync(folder).find((name) => name.startsWith('coscribe.damaged-')) ?? ''
  expect(readFileSync(join(folder, kept)).equals(broken)).toBe(true)
  expect(await coscribe('verify', '--data', folder)).toMatchObject({ code: 0 })
})

test('verify beside a running server sees what was acknowledged and does not disturb it', async () => {
  const server = new ServerProcess(temporaryFolder(), await freePort())
  await server.start()
  const ledger = new Ledger(new Random(seed))
  await ledger.write(server, 300, async () => {
    const outcomes = await Promise.all([1, 2, 3].map(() => coscribe('verify', '--data', server.data)))
    for (const outcome of outcomes) expect(outcome).toMatchObject({ code: 0, stderr: '' })
    await server.end('SIGTERM')
  })
  await server.start()
  expect(await ledger.check(server)).toEqual([])
})

test('a backup taken while people write restores to one moment, with all that was acknowledged before', async () => {
  const server = new ServerProcess(temporaryFolder(), await freePort())
  await server.start()
  const copy = join(temporaryFolder(), 'copy')
  const restored = join(temporaryFolder(), 'restored')
  const writer = new Writer(server.host, 'a/b')
  await writer.synced()
  let number = 0
  const more = () => {
    while (writer.closing === null && writer.unsaved < 8) writer.writes(`a-${++number}`)
  }
  writer.on('change', more)
  more()
  await writer.when(() => writer.saved.length > 100)
  const before = [...writer.saved]
  const backedUp = await coscribe('backup', '--data', server.data, '--to', copy)
  expect(backedUp).toMatchObject({ code: 0, stderr: '' })
  const written = number
  await writer.when(() => writer.saved.length > written)
  await server.end('SIGTERM')

  expect(await coscribe('restore', '--from', copy, '--data', restored)).toMatchObject({ code: 0, stderr: '' })
  const second = new ServerProcess(restored, await freePort())
  await second.start()
  const reader = await new Writer(second.host, 'a/b').synced()
  expect(faultsOf(reader.text, before)).toEqual([])
  const tokens = reader.text.split(' ').filter(Boolean)
  expect(tokens).toEqual(tokens.map((_, index) => `a-${index + 1}`))
  expect(tokens.length).toBeLessThanOrEqual(written)
})

test('restore refuses a folder that holds something, and a damaged backup, and writes nothing', async () => {
  const folder = temporaryFolder()
  const copy = join(temporaryFolder(), 'copy')
  const target = join(temporaryFolder(), 'target')
  await makeStore(folder)
  await coscribe('backup', '--data', folder, '--to', copy)
  const onto = await coscribe('restore', '--from', copy, '--data', folder)
  expect([onto.code, onto.stderr]).toEqual([2, expect.stringContaining('is not empty')])
  damage(copy, 'record 2')
  const damaged = await coscribe('restore', '--from', copy, '--data', target)
  expect([damaged.code, damaged.stdout]).toEqual([1, expect.stringContaining('Nothing was restored')])
  expect(() => readdirSync(target)).toThrow('ENOENT')
})

test('backup refuses a folder that holds a copy, and tells of damage that it copied', async () => {
  const folder = temporaryFolder()
  const copy = join(temporaryFolder(), 'copy')
  await makeStore(folder)
  expect(await coscribe('backup', '--data', folder, '--to', copy)).toMatchObject({ code: 0 })
  const again = await coscribe('backup', '--data', folder, '--to', copy)
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('exists already')])
  damage(folder, 'record 1')
  const damaged = await coscribe('backup', '--data', folder, '--to', join(temporaryFolder(), 'other'))
  expect([damaged.code, damaged.stdout]).toEqual([1, expect.stringContaining('checksum')])
})

test('[ST8] a store of a newer format is refused by every command, and one of another program, too', async () => {
  const folder = temporaryFolder()
  await makeStore(folder)
  const db = new Sqlite(join(folder, 'coscribe.sqlite'))
  db.pragma('user_version = 1000')
  db.close()
  const target = join(temporaryFolder(), 'target')
  for (const args of [
    ['verify', '--data', folder],
    ['backup', '--data', folder, '--to', target],
  ]) {
    const { code, stderr } = await coscribe(...args)
    expect([code, stderr]).toEqual([2, expect.stringContaining('has format 1000')])
  }
})

test('every command has help, and says what is wrong with its options', async () => {
  expect((await coscribe('--help')).stdout).toContain('coscribe verify')
  for (const command of ['verify', 'backup', 'restore']) {
    const help = await coscribe(command, '--help')
    expect([help.code, help.stdout]).toEqual([0, expect.stringContaining(`usage: coscribe ${command} --`)])
    const wrong = await coscribe(command, '--nonsense')
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining(`Try ${command} --help`)])
  }
  const empty = temporaryFolder()
  const nothing = await coscribe('verify', '--data', empty)
  expect([nothing.code, nothing.stderr]).toEqual([2, expect.stringContaining('holds no documents')])
  expect(readdirSync(empty)).toEqual([])
  mkdirSync(join(empty, 'file'))
  const missing = await coscribe('backup', '--data', empty)
  expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('--to is missing')])
})
