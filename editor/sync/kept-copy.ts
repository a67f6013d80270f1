import * as Y from 'yjs'
import type { CopyStore, Mark, StoredCopy } from './copy-store.ts'

/**
 * A document's copy on this device, for as long as a page has it open.
 *
 * 1. `kept` is said only when everything written here is committed; while it is being written, `keeping`.
 * 2. Nothing that goes wrong here reaches the editor. It is said, and tried again with the whole document.
 * 3. What is written here goes to the device at once, with all it builds on; what others write, within a second.
 * 4. Nothing is written before the copy has been read, and reading writes nothing.
 */

/** Whether this device has all that was written here. `failing`: it can't have it just now. */
export type Keeping = 'kept' | 'keeping' | 'failing'

export interface KeptCopyOptions {
  readonly doc: Y.Doc
  /** `lost` is called when the store is taken away later. */
  open(lost: () => void): Promise<CopyStore>
  /** `keeping` has another value now. */
  changed(): void
}

/** Others' edits are on the server already: they need not be written one by one. */
const othersWaitMs = 1000

/** A write that takes longer than a blink is told as failing: some browsers never answer. */
const patienceMs = 4000

const firstRetryMs = 2000
const mostRetryMs = 60_000

/** So many updates make opening slow; they become one. */
const mostUpdates = 500

/** So many earlier clients are claimed, the last to write first: each page that wrote and was never saved is one. */
const mostEarlierClients = 100

type Phase = 'opening' | 'open' | 'failing' | 'ended'

export class KeptCopy {
  /** Resolves when the copy has been read for the first time, with whether anything was in it. */
  readonly loaded: Promise<boolean>
  readonly #options: KeptCopyOptions
  readonly #writer: string
  readonly #earlierClients = new Set<number>()
  #tellLoaded: (hasContent: boolean) => void = () => undefined
  #phase: Phase = 'opening'
  #store: CopyStore | null = null
  #pending: Uint8Array[] = []
  #writing: Promise<void> | null = null
  #isLate = false
  #needsWhole = false
  /** Edits of this page that are not on this device: all until this count. */
  #ownEdits = 0
  #ownWritten = 0
  /** The server has them until this count. */
  #ownSaved = 0
  /** On this device, and not settled by an acknowledgement of the server yet. */
  #marks: readonly Mark[] = []
  #hasSettled = false
  #storedUpdates = 0
  #retryMs = firstRetryMs
  #timer: ReturnType<typeof setTimeout> | undefined
  #told: Keeping = 'keeping'

  constructor(options: KeptCopyOptions) {
    this.#options = options
    this.#writer = `${Date.now()}-${Math.random()}@${options.doc.clientID}`
    this.loaded = new Promise((resolve) => (this.#tellLoaded = resolve))
    void this.#open()
  }

  get keeping(): Keeping {
    if (this.#isLate || this.#phase === 'failing' || this.#phase === 'ended') return 'failing'
    return this.#phase === 'opening' || this.#ownWritten < this.#ownEdits ? 'keeping' : 'kept'
  }

  /** Something on this device was written here, now or earlier, and the server is not known to have it. */
  get hasUnsaved(): boolean {
    return this.#marks.length > 0
  }

  /**
   * The Yjs clients under which pages of this person wrote what the copy held and the server was not known to have, as
   * the copy was when it was read: after a reload nobody else is left to look after that text.
   */
  get earlierClients(): ReadonlySet<number> {
    return this.#earlierClients
  }

  add(update: Uint8Array, isOwn: boolean): void {
    if (this.#phase === 'ended') return
    if (isOwn) this.#ownEdits++
    // The whole document will be written; collecting pieces would only fill the memory.
    if (this.#phase === 'failing') this.#needsWhole = true
    else this.#pending.push(update)
    if (isOwn) void this.#write()
    else this.#soon()
    this.#tell()
  }

  /** Writes what others wrote without waiting: they can't be asked again soon. */
  flush(): void {
    void this.#write()
  }

  /** The server has everything of the document as it is now. */
  settle(): void {
    if (this.#marks.length === 0 && this.#ownSaved === this.#ownEdits) return
    this.#ownSaved = this.#ownEdits
    this.#hasSettled = true
    this.#soon()
  }

  /** Empties the copy and ends; rejects when this device refuses. */
  async discard(): Promise<void> {
    const store = this.#store ?? (await this.#options.open(() => undefined))
    this.#end()
    await store.clear()
    store.close()
  }

  /** Ends, after what is pending was written. */
  async destroy(): Promise<void> {
    await this.#write()
    const store = this.#store
    this.#end()
    store?.close()
  }

  #end(): void {
    this.#phase = 'ended'
    this.#store = null
    this.#pending = []
    clearTimeout(this.#timer)
    this.#tellLoaded(false)
    this.#tell()
  }

  async #open(): Promise<void> {
    const done = this.#watch()
    try {
      const store = await this.#options.open(() => this.#fail(store))
      if (this.#hasEnded()) {
        store.close()
        return
      }
      this.#store = store
      const stored = await store.read()
      if (this.#hasEnded() || this.#store !== store) return
      this.#apply(stored)
      this.#phase = 'open'
      this.#tellLoaded(Y.encodeStateVector(this.#options.doc).length > 1)
      void this.#write()
    } catch {
      this.#fail(this.#store)
      this.#tellLoaded(false)
    } finally {
      done()
    }
  }

  #apply({ updates, marks }: StoredCopy): void {
    const { doc } = this.#options
    Y.transact(doc, () => updates.forEach((update) => Y.applyUpdate(doc, update, this)), this, false)
    this.#storedUpdates = updates.length
    const last = [...marks].sort((one, other) => timeOf(other) - timeOf(one)).slice(0, mostEarlierClients)
    for (const mark of last) {
      const client = clientOf(mark)
      if (client !== null && client !== doc.clientID) this.#earlierClients.add(client)
    }
    this.#marks = [...marks.filter(({ writer }) => writer !== this.#writer), ...this.#ownMark()]
  }

  #ownMark(): readonly Mark[] {
    return this.#marks.filter(({ writer }) => writer === this.#writer)
  }

  get #hasWork(): boolean {
    const hasAny = this.#needsWhole || this.#hasSettled || this.#pending.length > 0
    return hasAny && this.#phase === 'open'
  }

  async #write(): Promise<void> {
    if (this.#hasWork) this.#writing ??= this.#writeAll()
    await this.#writing
  }

  async #writeAll(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    while (this.#store !== null && this.#hasWork) {
      const store = this.#store
      const done = this.#watch()
      try {
        await this.#writeBatch(store)
        this.#retryMs = firstRetryMs
      } catch {
        this.#fail(store)
      } finally {
        done()
      }
    }
    this.#writing = null
  }

  async #writeBatch(store: CopyStore): Promise<void> {
    const isWhole = this.#needsWhole
    const updates = isWhole ? [Y.encodeStateAsUpdate(this.#options.doc)] : this.#pending
    const ownEdits = this.#ownEdits
    const isMarked = ownEdits > this.#ownWritten && ownEdits > this.#ownSaved
    const marked = isMarked ? { writer: this.#writer, stamp: Math.random() } : null
    const known = this.#marks.filter(({ writer }) => marked === null || writer !== this.#writer)
    const settled = this.#hasSettled ? known : []
    this.#pending = []
    this.#needsWhole = false
    this.#hasSettled = false
    if (!(await store.write({ updates, isWhole, marked, settled }))) {
      this.#needsWhole = true
      return
    }
    this.#ownWritten = ownEdits
    this.#marks = [...known.filter((mark) => !settled.includes(mark)), ...(marked === null ? [] : [marked])]
    this.#storedUpdates += updates.length
    if (this.#storedUpdates < mostUpdates) return
    await store.compact(mergeUpdates)
    this.#storedUpdates = 1
  }

  #fail(store: CopyStore | null): void {
    if (this.#hasEnded() || store !== this.#store) return
    this.#store?.close()
    this.#store = null
    this.#phase = 'failing'
    this.#pending = []
    this.#needsWhole = true
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#open(), this.#retryMs)
    this.#retryMs = Math.min(this.#retryMs * 2, mostRetryMs)
    this.#tell()
  }

  #soon(): void {
    if (this.#phase === 'open' && this.#writing === null)
      this.#timer ??= setTimeout(() => void this.#write(), othersWaitMs)
  }

  /** Tells when something takes suspiciously long; call what it returns when it is over. */
  #watch(): () => void {
    const timer = setTimeout(() => {
      this.#isLate = true
      this.#tell()
    }, patienceMs)
    return () => {
      clearTimeout(timer)
      this.#isLate = false
      this.#tell()
    }
  }

  #tell(): void {
    if (this.#told === this.keeping) return
    this.#told = this.keeping
    this.#options.changed()
  }

  #hasEnded(): boolean {
    return this.#phase === 'ended'
  }
}

function timeOf({ writer }: Mark): number {
  return Number.parseInt(writer, 10) || 0
}

/** The Yjs client of the page that set a mark; null where it doesn't say, as in copies of before. */
function clientOf({ writer }: Mark): number | null {
  const [, digits] = /@(\d{1,16})$/.exec(writer) ?? []
  const client = Number(digits)
  return Number.isSafeInteger(client) ? client : null
}

/** Deleted text takes no room in what it returns. */
function mergeUpdates(updates: readonly Uint8Array[]): Uint8Array {
  const doc = new Y.Doc()
  try {
    for (const update of updates) Y.applyUpdate(doc, update)
    return Y.encodeStateAsUpdate(doc)
  } finally {
    doc.destroy()
  }
}
