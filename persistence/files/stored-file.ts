import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { StorageError } from '../errors.ts'
import { type FoundFile, maxFileNameBytes, startBytes } from '../files.ts'
import type { Damage } from '../storage.ts'
import { finishFileId, startFileId } from './file-id.ts'
import { documentOf, isMissing, listFiles, listFolders } from './folder.ts'

/** What stands before the content: a sign of ours, the length of the name, the name, zeros. */
export const headBytes = 512

const sign = Buffer.from('coscribe file 1\n')
const pieceBytes = 256 * 1024

/** The head of a file with this name. */
export function headOf(name: string): Buffer {
  const head = Buffer.alloc(headBytes)
  sign.copy(head)
  head.writeUInt16LE(head.write(name, sign.length + 2), sign.length)
  return head
}

/** The name that stands in a head; null when it is none of ours. */
function nameIn(head: Buffer): string | null {
  if (head.length < headBytes || !head.subarray(0, sign.length).equals(sign)) return null
  const length = head.readUInt16LE(sign.length)
  const start = sign.length + 2
  return length > maxFileNameBytes ? null : head.toString('utf8', start, start + length)
}

/** The file of a document's folder; null when there is none. Throws `damaged` for one whose head can't be read. */
export async function findIn(folder: string, id: string): Promise<FoundFile | null> {
  const path = join(folder, id)
  let handle: FileHandle
  try {
    handle = await open(path, 'r')
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
  try {
    const { size } = await handle.stat()
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes + startBytes), 0, null, 0)
    const name = nameIn(buffer.subarray(0, Math.min(bytesRead, headBytes)))
    if (name === null) throw new StorageError('damaged', 'the head of the file is damaged')
    const start = new Uint8Array(buffer.subarray(headBytes, bytesRead))
    return { id, name, bytes: size - headBytes, start, read: () => readChecked(path, { id, name }) }
  } finally {
    await handle.close()
  }
}

/** The last piece is held back until the whole is known to be right. */
async function* readChecked(
  path: string,
  { id, name }: { readonly id: string; readonly name: string },
): AsyncGenerator<Uint8Array> {
  const handle = await open(path, 'r')
  try {
    const hash = startFileId(name)
    let last: Uint8Array | null = null
    for (let at = headBytes; ; at += last.length) {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(pieceBytes), 0, pieceBytes, at)
      if (bytesRead === 0) break
      if (last !== null) yield last
      last = buffer.subarray(0, bytesRead)
      hash.update(last)
    }
    if (finishFileId(hash) !== id) throw new StorageError('damaged', 'the file is damaged')
    if (last !== null) yield last
  } finally {
    await handle.close()
  }
}

/** What `verify` found in the files. */
export interface VerifiedFiles {
  readonly files: number
  readonly damaged: readonly { readonly document: string; readonly damage: Damage }[]
}

/** Reads all files and checks them. Those that go away meanwhile are not missed. */
export async function verifyFiles(path: string): Promise<VerifiedFiles> {
  const damaged: { document: string; damage: Damage }[] = []
  let files = 0
  for (const folder of await listFolders(path)) {
    const document = (await documentOf(folder)) ?? ''
    const note = (detail: string) =>
      damaged.push({ document, damage: { part: 'file', seq: 0, detail } as const })
    if (document === '') note(`${folder} does not say whose files it has`)
    for (const id of await listFiles(folder)) {
      files++
      const detail = await faultOf(folder, id)
      if (detail !== null) note(`file ${id}: ${detail}`)
    }
  }
  return { files, damaged }
}

async function faultOf(folder: string, id: string): Promise<string | null> {
  try {
    const found = await findIn(folder, id)
    if (found === null) return null
    for await (const piece of found.read()) if (piece.length === 0) return 'it has holes'
    return null
  } catch (error) {
    if (isMissing(error)) return null
    return error instanceof StorageError ? error.message : `it can't be read: ${String(error)}`
  }
}
