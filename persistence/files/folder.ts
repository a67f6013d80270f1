import { createHash, randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isFileId } from './file-id.ts'

/*
 * files/
 *   drafts/          what is being written; emptied when the store is opened for use
 *   <document>/      named by a hash of the document's id, so that no id is ever a path
 *     document       that id
 *     <file id>      a head with the file's name, then its content
 */

/** The folder with the files of a data folder. */
export function filesPath(directory: string): string {
  return join(directory, 'files')
}

/** The folder of one document's files. */
export function documentPath(files: string, document: string): string {
  return join(files, createHash('sha256').update(document).digest('hex').slice(0, 40))
}

/** A path in the folder that nobody else writes to. */
export function draftPath(files: string): string {
  return join(files, 'drafts', randomUUID())
}

/** Makes the names in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes the folder for drafts, durably, and for its owner alone. */
export async function makeDrafts(files: string): Promise<void> {
  const made = await mkdir(join(files, 'drafts'), { recursive: true, mode: 0o700 })
  if (made !== undefined) await syncFolder(dirname(files))
}

/** Makes the folder of a document, durably. It appears with the document's id in it, or not at all. */
export async function makeDocumentFolder(files: string, document: string): Promise<string> {
  const path = documentPath(files, document)
  if (await exists(path)) return path
  const draft = draftPath(files)
  await mkdir(draft, { mode: 0o700 })
  await writeDurably(join(draft, 'document'), document)
  await syncFolder(draft)
  // Somebody else may just have made it.
  await rename(draft, path).catch(async (error: unknown) => {
    await rm(draft, { recursive: true, force: true })
    if (!(await exists(path))) throw error
  })
  await syncFolder(files)
  return path
}

async function writeDurably(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

export async function exists(path: string): Promise<boolean> {
  return (await sizeOf(path)) !== null
}

/** The size of a file; null when there is none. */
export async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

/** The folders of all documents that have files; none when there is no folder at all. */
export async function listFolders(files: string): Promise<string[]> {
  const entries = await namesIn(files)
  return entries.filter((name) => /^[0-9a-f]{40}$/.test(name)).map((name) => join(files, name))
}

/** The ids of the files in a document's folder. */
export async function listFiles(folder: string): Promise<string[]> {
  return (await namesIn(folder)).filter(isFileId)
}

async function namesIn(path: string): Promise<string[]> {
  try {
    return await readdir(path)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

/** The id of the document whose folder this is; null when that can't be read any more. */
export async function documentOf(folder: string): Promise<string | null> {
  const id = await readFile(join(folder, 'document'), 'utf8').catch(() => null)
  return id !== null && documentPath(dirname(folder), id) === folder ? id : null
}

/** Gives a stored file a second name; a copy of its own where the file system knows no links. */
export async function shareFile(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'EEXIST') return
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EMLINK' && code !== 'EXDEV') throw error
    await copyDurably(from, to)
  }
}

/** Copies all files from the folder `from` to the folder `to` that are not there yet, durably. */
export async function copyFiles(from: string, to: string): Promise<void> {
  const folders = await listFolders(from)
  if (folders.length === 0) return
  await makeDrafts(to)
  for (const folder of folders) {
    const document = await documentOf(folder)
    if (document === null) continue
    const target = await makeDocumentFolder(to, document)
    for (const id of await listFiles(folder)) {
      if (await exists(join(target, id))) continue
      const draft = draftPath(to)
      try {
        await copyDurably(join(folder, id), draft)
        await rename(draft, join(target, id))
      } catch (error) {
        await rm(draft, { force: true })
        // The document was removed meanwhile.
        if (!isMissing(error)) throw error
      }
    }
    await syncFolder(target)
  }
}

async function copyDurably(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_EXCL)
  await syncFolder(to)
}
