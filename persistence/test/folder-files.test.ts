import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openSqliteStorage, readSqliteStorage, type Storage } from '../index.ts'
import { contentOf, inPieces } from './contract-files.ts'
import { bytes, entry } from './inputs.ts'

const content = new Uint8Array(600_000).map((_, index) => index % 253)

async function openTemporary(): Promise<{ directory: string; storage: Storage }> {
  const directory = await mkdtemp(join(tmpdir(), 'coscribe-files-'))
  const storage = await openSqliteStorage(directory)
  onTestFinished(async () => {
    await storage.close()
    await rm(directory, { recursive: true })
  })
  return { directory, storage }
}

/** The one stored file of a data folder. */
async function storedFile(directory: string): Promise<string> {
  const [folder = ''] = (await readdir(join(directory, 'files'))).filter((name) => name !== 'drafts')
  const path = join(directory, 'files', folder)
  const [file = ''] = (await readdir(path)).filter((name) => name !== 'document')
  return join(path, file)
}

for (const [what, damage] of [
  ['a flipped bit', (kept: Buffer) => kept.fill(kept.readUInt8(300_000) ^ 1, 300_000, 300_001)],
  ['a flipped bit in the last piece', (kept: Buffer) => kept.fill(1, kept.length - 1)],
  ['a cut end', (kept: Buffer) => kept.subarray(0, 400_000)],
  ['an end that is no more', (kept: Buffer) => kept.subarray(0, 100)],
  ['another name', (kept: Buffer) => kept.fill('y', 18, 19)],
] as const) {
  test(`[F3] ${what} is found by verify, and never served as whole`, async () => {
    const { directory, storage } = await openTemporary()
    const { id } = await storage.files.put('a', 'x', inPieces(content))
    const path = await storedFile(directory)
    await writeFile(path, damage(await readFile(path)))
    const verified = await storage.verify()
    expect(verified.damaged).toMatchObject([{ document: 'a', damage: { part: 'file' } }])
    const served = storage.files.find('a', id).then(contentOf)
    await expect(served).rejects.toMatchObject({ code: 'damaged' })
    const copy = join(directory, 'copy')
    await storage.backup(copy)
    const backup = await readSqliteStorage(copy)
    expect((await backup.verify()).damaged).toHaveLength(1)
    await backup.close()
    // Who still has it brings it back.
    await storage.files.put('a', 'x', inPieces(content))
    expect((await storage.verify()).damaged).toEqual([])
  })
}

test('[F1] what a killed process left of a file is gone when the store is opened, and is no file before', async () => {
  const { directory, storage } = await openTemporary()
  await storage.files.put('a', 'x', inPieces(content))
  await storage.close()
  await writeFile(join(directory, 'files/drafts/half'), 'half a file')
  const reader = await readSqliteStorage(directory)
  expect(await reader.verify()).toMatchObject({ files: 1, damaged: [] })
  await reader.close()
  expect(await readdir(join(directory, 'files/drafts'))).toEqual(['half'])
  const again = await openSqliteStorage(directory)
  expect(await again.files.use()).toEqual({ files: 1, bytes: content.length })
  await again.close()
  expect(await readdir(join(directory, 'files'))).not.toContain('drafts')
})

test('[ST9] files of a document whose removal was cut short are gone when the store is opened', async () => {
  const { directory, storage } = await openTemporary()
  await storage.append([entry('a', ['1'])])
  const { id } = await storage.files.put('a', 'x', inPieces(content))
  const path = await storedFile(directory)
  const [kept, owner] = [await readFile(path), await readFile(join(path, '../document'))]
  await storage.files.put('b', 'x', inPieces(bytes('stays')))
  await storage.remove('a')
  await storage.close()
  await mkdir(join(path, '..'))
  await writeFile(path, kept)
  await writeFile(join(path, '../document'), owner)
  const again = await openSqliteStorage(directory)
  expect(await again.files.find('a', id)).toBeNull()
  expect(await again.files.use()).toMatchObject({ files: 1 })
  await again.close()
})

test('[F1] a full disk refuses a file as unavailable and leaves nothing', async () => {
  const { directory, storage } = await openTemporary()
  // A file where the folder belongs: nothing can be written, as little as on a full disk.
  await writeFile(join(directory, 'files'), '')
  const put = storage.files.put('a', 'x', inPieces(content))
  await expect(put).rejects.toMatchObject({ code: 'unavailable' })
  await rm(join(directory, 'files'))
  await storage.files.put('a', 'x', inPieces(content))
  expect(await storage.files.use()).toMatchObject({ files: 1 })
})

test('[F9] a backup that can not be made leaves nothing behind', async () => {
  const { directory, storage } = await openTemporary()
  await storage.files.put('a', 'x', inPieces(content))
  const copy = join(directory, 'copy')
  await storage.backup(copy)
  await rm(join(copy, 'coscribe.sqlite'))
  await expect(storage.backup(copy)).rejects.toMatchObject({ code: 'invalid' })
  expect(await readdir(copy)).toEqual(['files'])
})
