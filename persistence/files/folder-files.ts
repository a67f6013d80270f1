import { open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { StorageError } from '../errors.ts'
import type { Files, FileUse, FoundFile, StoredFile } from '../files.ts'
import type { Standing } from '../storage.ts'
import { checkFileName, finishFileId, isFileId, startFileId } from './file-id.ts'
import {
  documentOf,
  documentPath,
  draftPath,
  listFiles,
  listFolders,
  makeDocumentFolder,
  makeDrafts,
  shareFile,
  sizeOf,
  syncFolder,
} from './folder.ts'
import { findIn, headBytes, headOf } from './stored-file.ts'

/** Files in a folder beside the database. */
export class FolderFiles implements Files {
  readonly #path: string
  readonly #standing: (document: string) => Promise<Standing>
  /** What all files take; null until somebody has asked. */
  #use: Promise<{ files: number; bytes: number }> | null = null

  /** `path` is the folder, which is made with the first file. */
  constructor(path: string, standing: (document: string) => Promise<Standing>) {
    this.#path = path
    this.#standing = standing
  }

  /** Takes away what a process that ended has left: half files, and the files of documents that were removed. */
  async tidy(): Promise<void> {
    await onDisk(() => rm(join(this.#path, 'drafts'), { recursive: true, force: true }))
    for (const folder of await onDisk(() => listFolders(this.#path))) {
      const document = await documentOf(folder)
      if (document !== null && (await this.#standing(document)) === 'removed') await this.remove(document)
    }
  }

  async put(document: string, name: string, content: AsyncIterable<Uint8Array>): Promise<StoredFile> {
    checkFileName(name)
    await this.#mustNotBeRemoved(document)
    await onDisk(() => makeDrafts(this.#path))
    const draft = draftPath(this.#path)
    try {
      const file = await writeDraft(draft, name, content)
      await onDisk(() => this.#publish(draft, document, file))
      // Whoever removed it did not know of this one.
      if ((await this.#standing(document)) === 'removed') await this.remove(document)
      await this.#mustNotBeRemoved(document)
      return file
    } finally {
      await rm(draft, { force: true }).catch(() => undefined)
    }
  }

  async #publish(draft: string, document: string, { id, bytes }: StoredFile): Promise<void> {
    const folder = await makeDocumentFolder(this.#path, document)
    const path = join(folder, id)
    const isKnown = (await sizeOf(path)) !== null
    // Also over one with this id: that one may be damaged.
    await rename(draft, path)
    await syncFolder(folder)
    if (!isKnown) await this.#count(1, bytes)
  }

  async find(document: string, id: string): Promise<FoundFile | null> {
    await this.#standing(document)
    if (!isFileId(id)) return null
    return onDisk(() => findIn(documentPath(this.#path, document), id))
  }

  async use(document?: string): Promise<FileUse> {
    if (document === undefined) return { ...(await this.#total()) }
    await this.#standing(document)
    return onDisk(() => useOf(documentPath(this.#path, document)))
  }

  async copy(from: string, to: string): Promise<void> {
    await this.#mustNotBeRemoved(from)
    await this.#mustNotBeRemoved(to)
    await onDisk(async () => {
      const source = documentPath(this.#path, from)
      const ids = await listFiles(source)
      if (ids.length === 0) return
      await makeDrafts(this.#path)
      const target = await makeDocumentFolder(this.#path, to)
      for (const id of ids) await shareFile(join(source, id), join(target, id))
      await syncFolder(target)
      const { files, bytes } = await useOf(target)
      await this.#count(files, bytes)
    })
  }

  /** Deletes the files of a document, durably. */
  async remove(document: string): Promise<void> {
    const folder = documentPath(this.#path, document)
    await onDisk(async () => {
      const { files, bytes } = await useOf(folder)
      if ((await sizeOf(folder)) === null) return
      await rm(folder, { recursive: true, force: true })
      await syncFolder(dirname(folder))
      await this.#count(-files, -bytes)
    })
  }

  #total(): Promise<{ files: number; bytes: number }> {
    this.#use ??= onDisk(() => useOfAll(this.#path)).catch((error: unknown) => {
      this.#use = null
      throw error
    })
    return this.#use
  }

  async #count(files: number, bytes: number): Promise<void> {
    const use = await this.#use
    if (use === null) return
    use.files += files
    use.bytes += bytes
  }

  async #mustNotBeRemoved(document: string): Promise<void> {
    if ((await this.#standing(document)) === 'removed')
      throw new StorageError('removed', 'the document was removed')
  }
}

/** Writes a file as it will be kept; it is durable when this resolves. */
async function writeDraft(
  path: string,
  name: string,
  content: AsyncIterable<Uint8Array>,
): Promise<StoredFile> {
  const handle = await onDisk(() => open(path, 'wx', 0o600))
  try {
    const hash = startFileId(name)
    let bytes = 0
    await onDisk(() => handle.write(headOf(name), 0, headBytes, 0))
    for await (const piece of content) {
      hash.update(piece)
      const at = headBytes + bytes
      await onDisk(() => writeAll(piece, (rest, done) => handle.write(rest, 0, rest.length, at + done)))
      bytes += piece.length
    }
    await onDisk(() => handle.sync())
    return { id: finishFileId(hash), name, bytes }
  } finally {
    await handle.close()
  }
}

/** A write may take less than it was given, on a disk that is nearly full. */
async function writeAll(
  piece: Uint8Array,
  write: (rest: Uint8Array, done: number) => Promise<{ readonly bytesWritten: number }>,
): Promise<void> {
  for (let done = 0; done < piece.length;) done += (await write(piece.subarray(done), done)).bytesWritten
}

async function useOf(folder: string): Promise<{ files: number; bytes: number }> {
  const use = { files: 0, bytes: 0 }
  for (const id of await listFiles(folder)) {
    const size = await sizeOf(join(folder, id))
    if (size === null) continue
    use.files++
    use.bytes += Math.max(0, size - headBytes)
  }
  return use
}

async function useOfAll(path: string): Promise<{ files: number; bytes: number }> {
  const all = { files: 0, bytes: 0 }
  for (const folder of await listFolders(path)) {
    const { files, bytes } = await useOf(folder)
    all.files += files
    all.bytes += bytes
  }
  return all
}

/** What the file system refuses becomes `unavailable`: the same call may work later. */
async function onDisk<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof StorageError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new StorageError('unavailable', `files can not be stored: ${reason}`, { cause: error })
  }
}
