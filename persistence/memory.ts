import { StorageError } from './errors.ts'
import { MemoryFiles } from './files/memory-files.ts'
import {
  checkBatch,
  checkCompaction,
  checkDocument,
  checkLimit,
  isDone,
  parseCursor,
  toCursor,
  toTitle,
} from './requests.ts'
import type { Append, Compaction, DocumentMeta, DocumentPage, History, Loaded, LogRecord } from './storage.ts'
import type { Segment, Seq, Standing, State, Storage, Verification } from './storage.ts'

interface Kept {
  readonly number: number
  readonly createdAt: number
  title: string
  changedAt: number
  head: Seq
  state: State | null
  log: LogRecord[]
  segments: Segment[]
}

/** A storage that forgets everything with the process: for tests and throw-away servers. `backup` is `invalid`. */
export function createMemoryStorage(): Storage {
  return new MemoryStorage()
}

class MemoryStorage implements Storage {
  readonly files = new MemoryFiles((document) => this.standing(document))
  readonly #documents = new Map<string, Kept | 'removed'>()
  #numbers = 0
  #closed = false

  append(batch: readonly Append[]): Promise<void> {
    return this.#answer(() => {
      checkBatch(batch)
      for (const { document } of batch) this.#find(document)
      for (const entry of batch) this.#write(entry)
    })
  }

  load(document: string): Promise<Loaded> {
    return this.#answer(() => {
      const kept = this.#find(document)
      if (!kept) return { state: null, records: [], damage: null }
      return { state: kept.state && copy(kept.state), records: kept.log.map(copy), damage: null }
    })
  }

  compact(document: string, compaction: Compaction): Promise<void> {
    return this.#answer(() => {
      checkCompaction(compaction)
      const { through, state, segments, replacesHistory = false } = compaction
      const kept = this.#find(document)
      if (through > (kept?.head ?? 0)) {
        throw new StorageError('invalid', `the log ends at ${kept?.head ?? 0}, before ${through}`)
      }
      if (!kept || isDone(compaction, kept.state?.through ?? 0)) return
      kept.state = copy({ through, bytes: state })
      kept.log = kept.log.filter((record) => record.seq > through)
      if (replacesHistory) kept.segments = []
      kept.segments.push(...segments.map(copy))
    })
  }

  history(document: string): Promise<History> {
    return this.#answer(() => {
      const kept = this.#find(document)
      return { segments: kept?.segments.map(copy) ?? [], records: kept?.log.map(copy) ?? [], damage: null }
    })
  }

  setAside(document: string): Promise<Seq> {
    return this.#answer(() => {
      const kept = this.#find(document)
      if (!kept) throw new StorageError('invalid', 'there is no such document')
      // Nothing here is ever damaged, so there is nothing to keep.
      return kept.head
    })
  }

  meta(document: string): Promise<DocumentMeta | null> {
    return this.#answer(() => {
      checkDocument(document)
      const kept = this.#documents.get(document)
      return kept === undefined || kept === 'removed' ? null : toMeta(document, kept)
    })
  }

  standing(document: string): Promise<Standing> {
    return this.#answer(() => {
      checkDocument(document)
      const kept = this.#documents.get(document)
      if (kept === undefined) return 'unknown'
      return kept === 'removed' ? 'removed' : 'present'
    })
  }

  list(limit: number, cursor?: string): Promise<DocumentPage> {
    return this.#answer(() => {
      checkLimit(limit)
      const from = parseCursor(cursor)
      const rest = this.#present()
        .filter(([, kept]) => isLater(from, kept))
        .sort(([, a], [, b]) => (isLater(a, b) ? -1 : 1))
      const page = rest.slice(0, limit)
      const last = page.at(-1)
      return {
        documents: page.map(([document, kept]) => toMeta(document, kept)),
        next: last && rest.length > limit ? toCursor(last[1]) : null,
      }
    })
  }

  remove(document: string): Promise<void> {
    return this.#answer(() => {
      checkDocument(document)
      this.#documents.set(document, 'removed')
      this.files.remove(document)
    })
  }

  verify(): Promise<Verification> {
    return this.#answer(() => {
      const present = this.#present()
      const records = present.reduce((sum, [, kept]) => sum + kept.log.length, 0)
      return { documents: present.length, records, files: this.files.count, damaged: [] }
    })
  }

  backup(): Promise<void> {
    return this.#answer(() => {
      throw new StorageError('invalid', 'a storage in memory has nothing to back up: open one on disk')
    })
  }

  close(): Promise<void> {
    this.#closed = true
    this.#documents.clear()
    this.files.clear()
    return Promise.resolve()
  }

  // Runs the call at once, so that what it copies is what the caller holds now; throws become rejections.
  #answer<Value>(call: () => Value): Promise<Value> {
    return new Promise((resolve) => {
      if (this.#closed) throw new StorageError('closed', 'the storage is closed')
      resolve(call())
    })
  }

  #find(document: string): Kept | null {
    checkDocument(document)
    const kept = this.#documents.get(document) ?? null
    if (kept === 'removed') throw new StorageError('removed', 'the document was removed')
    return kept
  }

  #write({ document, records, at, title }: Append): void {
    const kept = this.#find(document) ?? this.#create(document, at)
    for (const bytes of records) kept.log.push({ seq: ++kept.head, at, bytes: new Uint8Array(bytes) })
    kept.changedAt = Math.max(kept.changedAt, at)
    if (title !== undefined) kept.title = toTitle(title)
  }

  #create(document: string, at: number): Kept {
    const number = ++this.#numbers
    const empty = { title: '', head: 0, state: null, log: [], segments: [] }
    const kept: Kept = { number, createdAt: at, changedAt: at, ...empty }
    this.#documents.set(document, kept)
    return kept
  }

  #present(): [string, Kept][] {
    return [...this.#documents].flatMap(([document, kept]) => (kept === 'removed' ? [] : [[document, kept]]))
  }
}

function copy<Value extends { readonly bytes: Uint8Array }>(value: Value): Value {
  return { ...value, bytes: new Uint8Array(value.bytes) }
}

function isLater(a: Pick<Kept, 'changedAt' | 'number'>, b: Pick<Kept, 'changedAt' | 'number'>): boolean {
  return a.changedAt === b.changedAt ? a.number > b.number : a.changedAt > b.changedAt
}

function toMeta(document: string, kept: Kept): DocumentMeta {
  const { title, createdAt, changedAt } = kept
  const parts = [...kept.log, ...kept.segments, ...(kept.state ? [kept.state] : [])]
  const bytes = parts.reduce((sum, part) => sum + part.bytes.byteLength, 0)
  return { document, title, createdAt, changedAt, bytes }
}
