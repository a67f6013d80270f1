/**
 * A document's copy in IndexedDB, shared by all tabs that have it open.
 *
 * 1. What a promise here says is done is committed: promises follow the transaction, never the request.
 * 2. Every change is one readwrite transaction, which IndexedDB runs one after the other for all tabs. None reads
 *    first and writes in another one, so no tab undoes what another tab wrote.
 * 3. A clearing starts a new generation. A tab that still builds on the one before is told, and writes everything it
 *    has instead of pieces that nothing would hold together.
 */

/** What one write puts on this device, all of it or nothing. */
export interface CopyWrite {
  readonly updates: readonly Uint8Array[]
  /** The updates stand by themselves: they need nothing that was written before. */
  readonly isWhole: boolean
  /** Somebody wrote something that the server is not known to have. */
  readonly marked: Mark | null
  /** Marks that no longer hold, unless they were set again meanwhile. */
  readonly settled: readonly Mark[]
}

/** Says that a tab wrote something that the server is not known to have; every such write has a stamp of its own. */
export interface Mark {
  readonly writer: string
  readonly stamp: number
}

export interface StoredCopy {
  readonly updates: readonly Uint8Array[]
  readonly marks: readonly Mark[]
}

export interface CopyStore {
  read(): Promise<StoredCopy>
  /** Resolves with true once it is on this device; with false, unwritten, when somebody else cleared the copy. */
  write(write: CopyWrite): Promise<boolean>
  /** Replaces all updates by what `merge` makes of them. */
  compact(merge: (updates: readonly Uint8Array[]) => Uint8Array): Promise<void>
  clear(): Promise<void>
  close(): void
}

/** Rejects where the browser has no IndexedDB, forbids it, or has no room. `lost` is called when it is taken away. */
export async function openCopyStore(name: string, lost: () => void): Promise<CopyStore> {
  const database = await openDatabase(name)
  const loses = (): void => {
    database.close()
    lost()
  }
  database.onversionchange = loses
  database.onclose = loses
  return new IndexedDbCopy(database)
}

const updatesName = 'updates'
const marksName = 'marks'
const factsName = 'facts'
const generationKey = 'generation'

function openDatabase(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1)
    request.onupgradeneeded = () => {
      request.result.createObjectStore(updatesName, { autoIncrement: true })
      request.result.createObjectStore(marksName)
      request.result.createObjectStore(factsName)
    }
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(failure(request.error))
  })
}

class IndexedDbCopy implements CopyStore {
  readonly #database: IDBDatabase
  #generation: unknown

  constructor(database: IDBDatabase) {
    this.#database = database
  }

  read(): Promise<StoredCopy> {
    return this.#transact((transaction) => {
      const facts = transaction.objectStore(factsName)
      const updates = transaction.objectStore(updatesName).getAll()
      const marks = transaction.objectStore(marksName)
      const [writers, stamps] = [marks.getAllKeys(), marks.getAll()]
      const generation = facts.get(generationKey)
      generation.onsuccess = () => {
        this.#generation = generation.result
        if (this.#generation !== undefined) return
        this.#generation = newGeneration()
        facts.put(this.#generation, generationKey)
      }
      return () => ({
        updates: parseUpdates(updates.result),
        marks: parseMarks(writers.result, stamps.result),
      })
    })
  }

  write({ updates, isWhole, marked, settled }: CopyWrite): Promise<boolean> {
    return this.#transact((transaction) => {
      let isWritten = false
      const generation = transaction.objectStore(factsName).get(generationKey)
      generation.onsuccess = () => {
        if (generation.result !== this.#generation && !isWhole) return
        this.#generation = generation.result
        isWritten = true
        const store = transaction.objectStore(updatesName)
        for (const update of updates) store.add(update)
        writeMarks(transaction.objectStore(marksName), marked, settled)
      }
      return () => isWritten
    })
  }

  compact(merge: (updates: readonly Uint8Array[]) => Uint8Array): Promise<void> {
    return this.#transact((transaction) => {
      const store = transaction.objectStore(updatesName)
      const updates = store.getAll()
      updates.onsuccess = () => {
        try {
          const merged = merge(parseUpdates(updates.result))
          store.clear()
          store.add(merged)
        } catch {
          // Everything stays as it was, and the promise rejects.
          transaction.abort()
        }
      }
      return () => undefined
    })
  }

  clear(): Promise<void> {
    return this.#transact((transaction) => {
      transaction.objectStore(updatesName).clear()
      transaction.objectStore(marksName).clear()
      transaction.objectStore(factsName).put(newGeneration(), generationKey)
      return () => undefined
    })
  }

  close(): void {
    this.#database.close()
  }

  /** Runs requests in one transaction over everything; resolves with what the returned function says at its end. */
  #transact<T>(run: (transaction: IDBTransaction) => () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const stores = [updatesName, marksName, factsName]
      // Strict: "kept" must hold through a power cut, too.
      const transaction = this.#database.transaction(stores, 'readwrite', { durability: 'strict' })
      const result = run(transaction)
      transaction.oncomplete = () => resolve(result())
      transaction.onabort = () => reject(failure(transaction.error))
    })
  }
}

function writeMarks(store: IDBObjectStore, marked: Mark | null, settled: readonly Mark[]): void {
  for (const mark of settled) {
    const found = store.get(mark.writer)
    found.onsuccess = () => {
      if (found.result === mark.stamp) store.delete(mark.writer)
    }
  }
  if (marked !== null) store.put(marked.stamp, marked.writer)
}

function newGeneration(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join('-')
}

function failure(error: DOMException | null): Error {
  return error ?? new Error('IndexedDB gave no reason')
}

function parseUpdates(values: readonly unknown[]): Uint8Array[] {
  return values.filter((value) => value instanceof Uint8Array)
}

function parseMarks(writers: readonly unknown[], stamps: readonly unknown[]): Mark[] {
  return writers.flatMap((writer, index) => {
    const stamp = stamps[index]
    return typeof writer === 'string' && typeof stamp === 'number' ? [{ writer, stamp }] : []
  })
}
