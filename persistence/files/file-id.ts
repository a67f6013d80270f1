import { createHash, type Hash } from 'node:crypto'
import { StorageError } from '../errors.ts'
import { maxFileNameBytes } from '../files.ts'

/** Whether a text can be the id of a file; whatever else it is, it is never looked for. */
export function isFileId(id: string): boolean {
  return /^[\w-]{43}$/.test(id)
}

/** Throws `invalid` for a name that could not be kept as it is. */
export function checkFileName(name: string): void {
  const isKept = name.isWellFormed() && !name.includes('\0') && Buffer.byteLength(name) <= maxFileNameBytes
  if (!isKept)
    throw new StorageError('invalid', `a file has a name of at most ${maxFileNameBytes} bytes of text`)
}

/** What the id of a file is made with; it wants the content next. */
export function startFileId(name: string): Hash {
  return createHash('sha256').update(name).update('\0')
}

export function finishFileId(hash: Hash): string {
  return hash.digest('base64url')
}
