import { randomBytes } from 'node:crypto'
import * as Y from 'yjs'
import type { Append, Loaded, Storage } from '../persistence/index.ts'
import type { Clock } from './clock.ts'
import { type CompactionLimits, Compactor, type Failpoint } from './compaction.ts'
import { TaskThread } from './compaction-thread.ts'
import { mend } from './compaction-mend.ts'
import { readTitle, writeFirstBlocks, writeTitle } from './document-title.ts'
import { CoscribeError } from './errors.ts'
import { checkUpdateBy, type GateLimits, UpdateCheck } from './gate.ts'
import { loadDocument } from './document-loading.ts'
import { LiveDocument } from './live-document.ts'
import { listMoments, type Moment, replayOf } from './history.ts'
import { Journal } from './journal.ts'
import { defaultLimits } from './limits.ts'
import type { Log } from './log.ts'
import { type Metrics, silentMetrics } from './metrics.ts'
import { moveAddresses } from './move-addresses.ts'
import { closeCodes, type CloseCode } from './protocol/close-codes.ts'
import { type DocumentName, parseDocumentName } from './protocol/document-name.ts'
import { fileAddress } from './protocol/files.ts'
import { Room, type RoomSurroundings } from './room.ts'
import { Turnstile } from './turnstile.ts'

export interface HubOptions {
  readonly storage: Storage
  readonly clock: Clock
  readonly log: Log
  readonly gateLimits: GateLimits
  /** What a room may hold; the default is that of `defaultLimits`. */
  readonly roomLimits?: RoomSurroundings['limits']
  readonly metrics?: Metrics
  /** How long an idle room stays in memory, in milliseconds. */
  readonly unloadAfterMs: number
  /** Most that idle rooms hold together, in bytes of their encoded documents; default no limit. */
  readonly maxUnusedBytes?: number
  /** Most that is held in memory while the disk fails, in all documents together. */
  readonly maxUnstoredBytes: number
  /** From the start of one commit to the start of the next, in milliseconds; default 0. */
  readonly commitPauseMs?: number
  readonly compaction: CompactionLimits
  /** For tests of crashes; the default does nothing. */
  readonly failpoint?: (name: Failpoint) => void | Promise<void>
}

interface Unused {
  readonly cancel: () => void
  readonly unload: () => void
  readonly bytes: number
}

/** All documents of one server: opens each once, however many ask, and lets go of those nobody uses. */
export class Hub {
  readonly #options: HubOptions
  readonly #journal: Journal
  readonly #thread = new TaskThread()
  /** Through which documents get into memory, piece by piece. */
  readonly #turnstile: Turnstile
  readonly #surroundings: RoomSurroundings
  readonly #compactor: Compactor
  readonly #rooms = new Map<DocumentName, Promise<Room>>()
  /** Those that have been opened. */
  readonly #open = new Map<DocumentName, Room>()
  /** Documents nobody uses, the one that has waited longest first. */
  readonly #unused = new Map<DocumentName, Unused>()
  #unusedBytes = 0
  /** What of all documents is not durable yet. */
  #heldBytes = 0
  readonly #withPresence = new Set<Room>()
  readonly #damaged = new Set<string>()

  constructor(options: HubOptions) {
    this.#options = options
    this.#turnstile = new Turnstile(options.clock, piecesPerTurn)
    this.#journal = new Journal({ ...options, durable: (append) => this.#countForCompaction(append) })
    this.#surroundings = this.#surroundRooms()
    this.#compactor = new Compactor({
      ...options,
      limits: options.compaction,
      run: this.#thread.run,
      foundDamage: (document) => this.#damaged.add(document),
    })
  }

  /** How many documents were found damaged since the server started, mended ones included. */
  get damagedDocuments(): number {
    return this.#damaged.size
  }

  /** How many documents are in memory, or on their way there. */
  get openDocuments(): number {
    return this.#rooms.size
  }

  get journal(): Journal {
    return this.#journal
  }

  /** The document's room. Rejects with `removed` or `unavailable`. Join it before anything else is awaited. */
  open(name: DocumentName): Promise<Room> {
    this.#cancelUnload(name)
    const opening = this.#rooms.get(name) ?? this.#load(name)
    this.#rooms.set(name, opening)
    // Whoever asked may not stay: the room is let go of again unless somebody joins it.
    opening.then(
      (room) => this.#unloadWhenIdle(room),
      () => this.#rooms.delete(name),
    )
    return opening
  }

  /** Makes a new document with an address nobody can guess. Resolves when it is durable. */
  async create(title: string): Promise<DocumentName> {
    const doc = new Y.Doc()
    writeFirstBlocks(doc, title)
    return this.#store(doc)
  }

  /** A new document with the text of `name`, its files, and its title, marked as a copy. Resolves when it is durable. */
  async duplicate(name: DocumentName): Promise<DocumentName> {
    await this.mustExist(name)
    const room = await this.open(name)
    const doc = new Y.Doc()
    await room.flush()
    Y.applyUpdate(doc, room.encodeState())
    writeTitle(doc, `Copy of ${room.title || 'Untitled'}`)
    const copy = newName()
    await this.#options.storage.files.copy(name, copy)
    moveAddresses(doc, fileAddress(name, ''), fileAddress(copy, ''))
    return this.#store(doc, copy)
  }

  /** The document as it is, as one update, and its title. Nothing is written. */
  async snapshot(name: DocumentName): Promise<{ readonly state: Uint8Array; readonly title: string }> {
    await this.mustExist(name)
    const room = await this.open(name)
    await room.flush()
    return { state: room.encodeState(), title: room.title }
  }

  /** A new document of one update that was found legal. Resolves when it is durable; rejects with `too-large`. */
  async adopt(update: Uint8Array, title: string): Promise<DocumentName> {
    const { maxDocumentBytes } = this.#options.roomLimits ?? defaultLimits
    if (update.byteLength > maxDocumentBytes)
      throw new CoscribeError('too-large', 'the document is too large')
    return this.#storeUpdate(newName(), update, title)
  }

  /** The title of a document that is open, as people see it now; what is stored may be some milliseconds older. */
  openTitle(name: string): string | undefined {
    const parsed = parseDocumentName(name)
    return typeof parsed === 'string' ? this.#open.get(parsed)?.title : undefined
  }

  /** Writes the title into the document, where everybody in it sees it. Resolves when it is durable. */
  async rename(name: DocumentName, title: string): Promise<void> {
    await this.mustExist(name)
    const room = await this.open(name)
    await room.edit((doc) => writeTitle(doc, title))
  }

  /** The moments of the document's past that can be gone back to, oldest first. What is not durable yet is in none. */
  async moments(name: DocumentName): Promise<Moment[]> {
    await this.mustExist(name)
    return listMoments(await this.#options.storage.history(name), this.#options.compaction.historyWindowMs)
  }

  /**
   * The document at the end of one of its `moments`, as an update for an empty one, with everything that had been
   * deleted by then. Rejects with `unknown` when there is no such moment.
   */
  async at(name: DocumentName, moment: string): Promise<Uint8Array> {
    await this.mustExist(name)
    const { historyWindowMs } = this.#options.compaction
    const history = await this.#options.storage.history(name)
    const index = listMoments(history, historyWindowMs).findIndex((each) => each.moment === moment)
    if (index === -1) throw new CoscribeError('unknown', 'there is no such moment')
    const work = replayOf(history, historyWindowMs, index)
    const bytes = [...work.segments, ...work.updates].reduce((sum, part) => sum + part.byteLength, 0)
    return this.#thread.run('replay', work, bytes)
  }

  /** Deletes the document for good and sends everybody out of it. Its name is never used again. */
  async remove(name: DocumentName): Promise<void> {
    await this.mustExist(name)
    await this.#options.storage.remove(name)
    const room = await this.#rooms.get(name)?.catch(() => undefined)
    room?.close(closeCodes.removed, 'the document was deleted')
    this.#forget(name, room)
    this.#compactor.forget(name)
  }

  /** Resolves when no document is being compacted. */
  async whenCompacted(): Promise<void> {
    await this.#compactor.whenIdle()
  }

  /** Applies, relays and hands to the journal everything that has arrived. */
  async #flush(): Promise<void> {
    for (const opening of this.#rooms.values()) {
      const room = await opening.catch(() => undefined)
      await room?.flush()
    }
  }

  /** Sends everybody out of every room, and resolves when everything is durable. */
  async close(code: CloseCode, reason: string): Promise<void> {
    await this.#flush()
    await this.#waitForLastAcknowledgements()
    for (const opening of this.#rooms.values()) {
      const room = await opening.catch(() => undefined)
      await room?.flush()
      room?.close(code, reason)
    }
    await this.#journal.whenIdle()
    for (const name of [...this.#unused.keys()]) this.#cancelUnload(name)
    await this.#compactor.finish()
    this.#thread.close()
    await this.#compactor.close()
  }

  /** People see "Saved" before the door closes, unless the disk fails or they go on writing for too long. */
  async #waitForLastAcknowledgements(): Promise<void> {
    if (this.#journal.failure !== null) return
    let cancel = () => {}
    const patience = new Promise<void>((resolve) => {
      cancel = this.#options.clock.after(lastAcknowledgementsMs, resolve)
    })
    await Promise.race([this.#journal.whenIdle(), patience])
    cancel()
  }

  async #load(name: DocumentName): Promise<Room> {
    const loaded = await this.#read(name)
    this.#compactor.opened(name, loaded)
    await this.#turnstile.pass()
    const pause = async () => {
      await this.#turnstile.pass()
    }
    const document = new LiveDocument(await loadDocument(loaded, [], pause), storedBytes(loaded))
    const room = new Room(name, document, this.#surroundings)
    this.#open.set(name, room)
    return room
  }

  get #mostUnusedBytes(): number {
    return this.#options.maxUnusedBytes ?? Infinity
  }

  /** What all rooms need of the world. */
  #surroundRooms(): RoomSurroundings {
    const { clock, log, gateLimits: limits, maxUnstoredBytes } = this.#options
    return {
      clock,
      log,
      metrics: this.#options.metrics ?? silentMetrics,
      limits: this.#options.roomLimits ?? defaultLimits,
      checkUpdate: (update, doc, mayBring) => checkUpdateBy(update, doc, { limits, mayBring }),
      startCheck: (update, doc, mayBring) => new UpdateCheck(update, doc, { limits, mayBring }),
      reload: (name) => this.#read(name),
      append: (take, outcome) => this.#journal.append(take, outcome),
      held: (bytes) => {
        this.#heldBytes += bytes
      },
      isFull: () => this.#heldBytes > maxUnstoredBytes,
      presenceChanged: (room) => this.#collectPresence(room),
      idle: (room) => this.#unloadWhenIdle(room),
    }
  }

  #countForCompaction({ document, records }: Append): void {
    for (const { byteLength } of records) this.#compactor.appended(document, byteLength)
  }

  async #read(name: DocumentName): Promise<Loaded> {
    const loaded = await this.#options.storage.load(name)
    if (loaded.damage === null) return loaded
    this.#damaged.add(name)
    this.#options.log.error({ document: name, damage: loaded.damage }, 'the stored document is damaged')
    const { storage, log, compaction } = this.#options
    const mended = await mend({ storage, run: this.#thread.run, windowMs: compaction.historyWindowMs }, name)
    log.warn(
      { document: name },
      'the document goes on with what precedes the damage; what was stored is kept aside',
    )
    return mended
  }

  /** P5: one timer for all rooms; it runs only while somebody moves. */
  #collectPresence(room: Room): void {
    const isRunning = this.#withPresence.size > 0
    this.#withPresence.add(room)
    if (isRunning) return
    this.#options.clock.after(presenceRoundMs, () => {
      const rooms = [...this.#withPresence]
      this.#withPresence.clear()
      for (const each of rooms) each.flushPresence()
    })
  }

  #unloadWhenIdle(room: Room): void {
    // A room that was closed may still hear of its last commit.
    if (!room.isIdle || this.#open.get(room.name) !== room) return
    this.#cancelUnload(room.name)
    const unload = () => this.#unload(room)
    const cancel = this.#options.clock.after(this.#options.unloadAfterMs, unload)
    this.#unused.set(room.name, { cancel, unload, bytes: room.bytesAtMost })
    this.#unusedBytes += room.bytesAtMost
    for (const [name, { unload }] of this.#unused) {
      // The one that has just been opened is about to be used.
      if (this.#unusedBytes <= this.#mostUnusedBytes || name === room.name) break
      unload()
    }
  }

  #unload(room: Room): void {
    this.#cancelUnload(room.name)
    if (!room.isIdle) return
    this.#forget(room.name, room)
    room.close(closeCodes.unavailable, 'the document was unloaded')
    this.#compactor.unloaded(room.name)
  }

  #cancelUnload(name: DocumentName): void {
    const unused = this.#unused.get(name)
    if (unused === undefined) return
    unused.cancel()
    this.#unusedBytes -= unused.bytes
    this.#unused.delete(name)
  }

  #forget(name: DocumentName, room: Room | undefined): void {
    this.#cancelUnload(name)
    this.#rooms.delete(name)
    this.#open.delete(name)
    if (room !== undefined) this.#withPresence.delete(room)
  }

  async #store(doc: Y.Doc, name = newName()): Promise<DocumentName> {
    await this.#storeUpdate(name, Y.encodeStateAsUpdate(doc), readTitle(doc))
    doc.destroy()
    return name
  }

  async #storeUpdate(name: DocumentName, update: Uint8Array, title: string): Promise<DocumentName> {
    await new Promise<void>((resolve) => {
      const append = {
        document: name,
        records: [update],
        at: this.#options.clock.now(),
        title,
      }
      this.#journal.append(
        () => append,
        () => resolve(),
      )
    })
    return name
  }

  /** Rejects with `removed` or `unknown`. */
  async mustExist(name: DocumentName): Promise<void> {
    const standing = await this.#options.storage.standing(name)
    if (standing === 'removed') throw new CoscribeError('removed', 'the document was deleted')
    if (standing === 'unknown') throw new CoscribeError('unknown', 'there is no such document')
  }
}

/** A few milliseconds of work. */
const piecesPerTurn = 4

function storedBytes({ state, records }: Loaded): number {
  return records.reduce((sum, { bytes }) => sum + bytes.length, state?.bytes.length ?? 0)
}

/** Presence is collected this long and sent as one frame: below what an eye takes for a delay, 25 frames a second. */
const presenceRoundMs = 40

/** Commits take milliseconds; a disk that takes longer than this is not waited for with the door open. */
const lastAcknowledgementsMs = 1000

/** 128 random bits, as 22 characters that need no escaping in an address. */
function newName(): DocumentName {
  const name = parseDocumentName(randomBytes(16).toString('base64url'))
  if (typeof name !== 'string') throw new Error(name.error)
  return name
}
