import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type FoundFile, startBytes, type Storage } from '../index.ts'
import { bytes, entry, hostileIds } from './inputs.ts'
import type { Backend, Opened } from './store-under-test.ts'

const picture = new Uint8Array(700_000).map((_, index) => (index * 31) % 251)

export async function* inPieces(content: Uint8Array, size = 60_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += size)
    yield await Promise.resolve(content.subarray(at, at + size))
}

/** The content as text, which compares faster than bytes do. */
export async function contentOf(file: FoundFile | null): Promise<string | null> {
  if (file === null) return null
  const pieces: Uint8Array[] = []
  for await (const piece of file.read()) pieces.push(piece)
  return asText(Buffer.concat(pieces))
}

const asText = (content: Uint8Array) => Buffer.from(content).toString('latin1')

async function* failing(): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(picture.subarray(0, 100_000))
  throw new Error('the sender went away')
}

const contentAt = async (storage: Storage, document: string, id: string) =>
  contentOf(await storage.files.find(document, id))

export function describeFiles(opened: Opened, supports: Backend['supports']): void {
  test('[F1] a file is found again under its document, with its name, as it was given', async () => {
    const { files } = opened().storage
    const put = await files.put('a', 'Grüße 📝.png', inPieces(picture))
    expect(put).toEqual({ id: put.id, name: 'Grüße 📝.png', bytes: picture.length })
    const found = await files.find('a', put.id)
    expect(found).toMatchObject(put)
    expect(found?.start).toEqual(picture.slice(0, startBytes))
    expect(await contentOf(found)).toBe(asText(picture))
    const empty = await files.put('a', '', inPieces(bytes('')))
    expect(await contentAt(opened().storage, 'a', empty.id)).toBe(asText(bytes('')))
  })

  test('[F1] the same file is stored once, another name or content apart', async () => {
    const { files } = opened().storage
    const first = await files.put('a', 'x', inPieces(picture))
    expect((await files.put('a', 'x', inPieces(picture, 999))).id).toBe(first.id)
    expect(await files.use('a')).toEqual({ files: 1, bytes: picture.length })
    await files.put('a', 'y', inPieces(picture))
    await files.put('b', 'x', inPieces(bytes('12345')))
    expect(await files.use('a')).toEqual({ files: 2, bytes: 2 * picture.length })
    expect(await files.use()).toEqual({ files: 3, bytes: 2 * picture.length + 5 })
  })

  test('[F1] what ends with an error leaves nothing', async () => {
    const { files } = opened().storage
    await expect(files.put('a', 'x', failing())).rejects.toThrow('the sender went away')
    expect(await files.use()).toEqual({ files: 0, bytes: 0 })
  })

  test('[F2] no id or name of a file reaches another document or anything else', async () => {
    const { storage } = opened()
    const ids = new Map<string, string>()
    for (const document of hostileIds) {
      const { id } = await storage.files.put(document, '../../coscribe.sqlite', inPieces(bytes(document)))
      ids.set(document, id)
    }
    for (const [document, id] of ids) {
      expect(await contentAt(storage, document, id)).toBe(asText(bytes(document)))
      for (const other of hostileIds) {
        if (other !== document) expect(await storage.files.find(other, id)).toBeNull()
      }
    }
    const wrong = ['', '.', '..', 'document', '../document', `../${'a'.repeat(40)}`, 'a'.repeat(43), '\0']
    for (const id of wrong) expect(await storage.files.find(hostileIds[0]!, id)).toBeNull()
    for (const name of ['x'.repeat(256), 'é'.repeat(128), '\0', '\ud800'])
      await expect(storage.files.put('a', name, inPieces(picture))).rejects.toMatchObject({ code: 'invalid' })
  })

  test('[F8] a copy has the files of the original, also when that is removed', async () => {
    const { storage } = opened()
    const { id } = await storage.files.put('a', 'x', inPieces(picture))
    await storage.files.copy('a', 'b')
    await storage.files.copy('nobody', 'c')
    await storage.remove('a')
    expect(await contentAt(storage, 'b', id)).toBe(asText(picture))
    expect(await storage.files.use()).toEqual({ files: 1, bytes: picture.length })
  })

  test('[ST9] a removed document has no files left and gets none, not even one that is on its way', async () => {
    const { storage } = opened()
    const { id } = await storage.files.put('a', 'x', inPieces(picture))
    await storage.append([entry('a', ['1'])])
    const removeInBetween = async function* () {
      yield picture
      await storage.remove('a')
      yield picture
    }
    const removed = { code: 'removed' }
    await expect(storage.files.put('a', 'late', removeInBetween())).rejects.toMatchObject(removed)
    expect(await storage.files.find('a', id)).toBeNull()
    await expect(storage.files.put('a', 'x', inPieces(picture))).rejects.toMatchObject(removed)
    await expect(storage.files.copy('a', 'b')).rejects.toMatchObject(removed)
    await expect(storage.files.copy('b', 'a')).rejects.toMatchObject(removed)
    expect(await storage.files.use()).toEqual({ files: 0, bytes: 0 })
  })

  test('[ST7] nothing is stored or found in a store that is closed', async () => {
    const { storage } = opened()
    await storage.close()
    const closed = { code: 'closed' }
    await expect(storage.files.put('a', 'x', inPieces(picture))).rejects.toMatchObject(closed)
    await expect(storage.files.find('a', 'x')).rejects.toMatchObject(closed)
  })

  test.runIf(supports.durability)('[F1] files are there after a restart', async () => {
    const { storage, reopen } = opened()
    const { id } = await storage.files.put('a', 'x', inPieces(picture))
    const again = await reopen()
    expect(await contentAt(again, 'a', id)).toBe(asText(picture))
    expect(await again.files.use()).toEqual({ files: 1, bytes: picture.length })
    expect(await again.verify()).toMatchObject({ files: 1, damaged: [] })
  })

  test.runIf(supports.backup)('[F9] a backup has the files, while more are stored', async () => {
    const { storage, openBackup } = opened()
    await storage.append([entry('a', ['1'])])
    const { id } = await storage.files.put('a', 'x', inPieces(picture))
    const directory = await mkdtemp(join(tmpdir(), 'coscribe-backup-'))
    try {
      const backedUp = storage.backup(directory)
      const puts = Array.from({ length: 20 }, (_, index) =>
        storage.files.put(`more ${index % 3}`, `${index}`, inPieces(picture.subarray(index))),
      )
      await Promise.all([backedUp, ...puts])
      const copy = await openBackup(directory)
      expect(await contentAt(copy, 'a', id)).toBe(asText(picture))
      expect((await copy.verify()).damaged).toEqual([])
      await copy.close()
    } finally {
      await rm(directory, { recursive: true })
    }
  })
}
