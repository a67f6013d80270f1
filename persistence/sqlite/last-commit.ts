import {
  closeSync,
  constants,
  existsSync,
  fdatasync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { DocumentRow } from './rows.ts'
import type { Tables } from './tables.ts'

/*
 * What the last commit made of one document, noted in a file of its own before the commit is acknowledged.
 *
 * SQLite reads a write-ahead log up to the first frame that does not check out, and takes what follows for a commit
 * that never ended. After a crash that is right, and when the frame was damaged later it is not: commits that were
 * acknowledged would be gone without a word. Commits come back in order, so it is enough to look for the last one.
 *
 * 1. The note is written after its commit is durable, so it never speaks of a commit that might not be.
 * 2. A commit costs one write of 52 bytes in place and no sync: the note outlives the process, whatever kills it. It
 *    is made durable at most SYNC_AFTER_MS later, beside the commits; a power cut may leave an older note.
 * 3. All that is noted only ever grows, so a commit after the noted one does not make the note wrong.
 * 4. A store that was closed in order leaves no note.
 */

type Noted = Pick<DocumentRow, 'number' | 'head' | 'through' | 'segments' | 'changedAt' | 'removed'>

const FIELDS = 6
const CHECKSUM_AT = FIELDS * 8
const SYNC_AFTER_MS = 200

function notePath(directory: string): string {
  return join(directory, 'coscribe.last-commit')
}

/** Takes down every commit of an open store. */
export class LastCommit {
  readonly #path: string
  readonly #bytes = Buffer.alloc(CHECKSUM_AT + 4)
  #descriptor: number | null = null
  #timer: NodeJS.Timeout | null = null

  constructor(directory: string) {
    this.#path = notePath(directory)
  }

  /** The commit that left the document so is durable now. Never throws: without a note the store is still right. */
  note({ number, head, through, segments, changedAt, removed }: Noted): void {
    const fields = [number, head, through, segments, changedAt, removed]
    for (const [index, field] of fields.entries()) this.#bytes.writeDoubleLE(field, index * 8)
    this.#bytes.writeUInt32LE(crc32(this.#bytes.subarray(0, CHECKSUM_AT)), CHECKSUM_AT)
    try {
      this.#descriptor ??= openSync(this.#path, constants.O_CREAT | constants.O_WRONLY, 0o600)
      writeSync(this.#descriptor, this.#bytes, 0, this.#bytes.length, 0)
    } catch {
      // What stands there now is an older note, which is as true as before.
      return
    }
    this.#timer ??= setTimeout(() => this.#sync(), SYNC_AFTER_MS).unref()
  }

  /** Call it when the database has been closed in order, or replaced: nothing of it is in a log any more. */
  erase(): void {
    if (this.#timer) clearTimeout(this.#timer)
    if (this.#descriptor !== null) closeSync(this.#descriptor)
    this.#descriptor = null
    rmSync(this.#path, { force: true })
  }

  #sync(): void {
    this.#timer = null
    // When this fails, a power cut leaves an older note.
    if (this.#descriptor !== null) fdatasync(this.#descriptor, () => undefined)
  }
}

/** What an earlier process noted and did not erase, or null; a note that does not check out is none. */
export function readLastCommit(directory: string): Noted | null {
  const path = notePath(directory)
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0)
  if (bytes.length < CHECKSUM_AT + 4) return null
  if (crc32(bytes.subarray(0, CHECKSUM_AT)) !== bytes.readUInt32LE(CHECKSUM_AT)) return null
  const field = (index: number) => bytes.readDoubleLE(index * 8)
  return {
    number: field(0),
    head: field(1),
    through: field(2),
    segments: field(3),
    changedAt: field(4),
    removed: field(5),
  }
}

/** What is to be said when the store does not hold the noted commit, or null when it does. */
export function findLostCommit(tables: Tables, noted: Noted): string | null {
  const row = tables.documentByNumber.get(noted.number)
  const isHeld =
    row !== undefined &&
    (row.removed === 1 ||
      (noted.removed === 0 &&
        row.head >= noted.head &&
        row.through >= noted.through &&
        row.segments >= noted.segments &&
        row.changedAt >= noted.changedAt))
  return isHeld ? null : 'the write-ahead log is damaged: the last commits, which were acknowledged, are lost'
}
