import { resolve } from 'node:path'
import { StorageError } from './errors.ts'
import type { Files } from './files.ts'
import { filesPath } from './files/folder.ts'
import { FolderFiles } from './files/folder-files.ts'
import { verifyFiles } from './files/stored-file.ts'
import { checkBatch, checkCompaction, checkDocument, checkLimit, parseCursor } from './requests.ts'
import { buffersOf, packBatch, unpack, unpackLog } from './sqlite/protocol.ts'
import { addVerified } from './sqlite/reader.ts'
import type { DamageReport } from './sqlite/recovery.ts'
import { Thread } from './sqlite/thread.ts'
import type { Append, Compaction, DocumentMeta, DocumentPage, History, Loaded } from './storage.ts'
import type { Segment, Seq, Standing, Storage, Verification } from './storage.ts'

export type { DamageReport } from './sqlite/recovery.ts'

/** What an embedded store may be told. */
export interface SqliteOptions {
  /**
   * Called when the database file itself was unreadable, after what is left of it has been put into a new one and
   * the damaged one kept aside. Single damaged records are told by `load`, `history` and `verify` instead.
   */
  readonly onDamage?: (report: DamageReport) => void
}

/** What can be done with a store that is open for reading only. */
export type StorageReader = Pick<
  Storage,
  'load' | 'history' | 'meta' | 'standing' | 'list' | 'verify' | 'backup' | 'close'
>

/**
 * Opens the SQLite store in `directory`, which is made if there is none; only one process at a time may have it open.
 * Rejects with `format` for a store that this version can't read, with `unavailable` when the folder is in use.
 */
export async function openSqliteStorage(directory: string, options: SqliteOptions = {}): Promise<Storage> {
  const data = { directory: resolve(directory), isReadOnly: false }
  const thread = new Thread(data, options.onDamage ?? (() => undefined))
  await thread.open()
  const storage = new SqliteStorage(thread, data.directory)
  try {
    await storage.tidy()
    return storage
  } catch (error) {
    await storage.close()
    throw error
  }
}

/**
 * Opens the SQLite store in `directory` for reading, also while a server has it open. What is damaged is told and left
 * as it is. Rejects with `invalid` when there is no store, with `damaged` when its file can't be read, with `format`
 * for one of a newer version.
 */
export async function readSqliteStorage(directory: string): Promise<StorageReader> {
  const data = { directory: resolve(directory), isReadOnly: true }
  const thread = new Thread(data, () => undefined)
  await thread.open()
  return new SqliteStorage(thread, data.directory)
}

class SqliteStorage implements Storage {
  readonly #thread: Thread
  readonly #underWay = new Set<Promise<unknown>>()
  #closing: Promise<void> | null = null

  readonly #ownFiles: FolderFiles
  readonly #filesPath: string
  readonly files: Files

  constructor(thread: Thread, directory: string) {
    this.#thread = thread
    this.#filesPath = filesPath(directory)
    const files = new FolderFiles(this.#filesPath, (document) => this.standing(document))
    this.#ownFiles = files
    this.files = {
      put: (document, name, content) => this.#during(() => files.put(document, name, content)),
      find: (document, id) => this.#during(() => files.find(document, id)),
      use: (document) => this.#during(() => files.use(document)),
      copy: (from, to) => this.#during(() => files.copy(from, to)),
    }
  }

  /** Takes away what a process that was killed has left of files. */
  tidy(): Promise<void> {
    return this.#during(() => this.#ownFiles.tidy())
  }

  append(batch: readonly Append[]): Promise<void> {
    return this.#during(() => {
      checkBatch(batch)
      const packed = packBatch(batch)
      return this.#thread.call('append', [packed], buffersOf(packed.packed))
    })
  }

  load(document: string): Promise<Loaded> {
    return this.#during(async () => {
      checkDocument(document)
      const { state, log, damage } = await this.#thread.call('load', [document])
      return { state, records: unpackLog(log), damage }
    })
  }

  compact(document: string, compaction: Compaction): Promise<void> {
    return this.#during(() => {
      checkDocument(document)
      checkCompaction(compaction)
      // Copies, because cloning a view clones all of the buffer behind it.
      const state = new Uint8Array(compaction.state)
      const own = { ...compaction, state, segments: compaction.segments.map(copySegment) }
      const transfer = [own.state.buffer, ...own.segments.map((segment) => segment.bytes.buffer)]
      return this.#thread.call('compact', [document, own], transfer)
    })
  }

  history(document: string): Promise<History> {
    return this.#during(async () => {
      checkDocument(document)
      const { segments, packed, log, damage } = await this.#thread.call('history', [document])
      const bytes = unpack(packed)
      const empty = new Uint8Array()
      return {
        segments: segments.map((segment, index) => ({ ...segment, bytes: bytes[index] ?? empty })),
        records: unpackLog(log),
        damage,
      }
    })
  }

  setAside(document: string): Promise<Seq> {
    return this.#during(() => {
      checkDocument(document)
      return this.#thread.call('setAside', [document])
    })
  }

  meta(document: string): Promise<DocumentMeta | null> {
    return this.#during(() => {
      checkDocument(document)
      return this.#thread.call('meta', [document])
    })
  }

  standing(document: string): Promise<Standing> {
    return this.#during(() => {
      checkDocument(document)
      return this.#thread.call('standing', [document])
    })
  }

  list(limit: number, cursor?: string): Promise<DocumentPage> {
    return this.#during(() => {
      checkLimit(limit)
      return this.#thread.call('list', [limit, parseCursor(cursor)])
    })
  }

  remove(document: string): Promise<void> {
    return this.#during(async () => {
      checkDocument(document)
      await this.#thread.call('remove', [document])
      // If this does not happen, it does when the store is opened again.
      await this.#ownFiles.remove(document)
    })
  }

  verify(): Promise<Verification> {
    return this.#during(async () => {
      let verified = await this.#thread.call('verify', [0])
      while (verified.next !== null) {
        verified = addVerified(verified, await this.#thread.call('verify', [verified.next]))
      }
      const { files, damaged } = await verifyFiles(this.#filesPath)
      const { documents, records } = verified
      return { documents, records, files, damaged: [...verified.damaged, ...damaged] }
    })
  }

  backup(directory: string): Promise<void> {
    return this.#during(() => this.#thread.call('backup', [resolve(directory)]))
  }

  close(): Promise<void> {
    this.#closing ??= Promise.allSettled(this.#underWay).then(() => this.#thread.close())
    return this.#closing
  }

  // Starts at once, so that what is copied is what the caller holds now; throws become rejections.
  async #during<Value>(call: () => Promise<Value>): Promise<Value> {
    if (this.#closing) throw new StorageError('closed', 'the storage is closed')
    const running = call()
    this.#underWay.add(running)
    try {
      return await running
    } finally {
      this.#underWay.delete(running)
    }
  }
}

function copySegment(segment: Segment): Segment & { bytes: Uint8Array<ArrayBuffer> } {
  return { ...segment, bytes: new Uint8Array(segment.bytes) }
}
