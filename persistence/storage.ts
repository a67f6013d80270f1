/**
 * The storage contract: bytes in, bytes out. Every back-end keeps these rules, and `test/contract.ts` proves it.
 *
 * ST1 `append` resolves only when the whole batch is durable (the back-end has synced it to disk).
 * ST2 `load` returns the latest state and every record after it, in the order they were appended.
 * ST3 `compact` is atomic; records appended meanwhile survive it.
 * ST4 every record, state and segment carries a checksum over document, sequence number and bytes, and the
 *     sequence has no holes: what is damaged or missing is reported, never returned as good, and what precedes
 *     it stays readable.
 * ST5 ids are opaque: no id reaches another document or leaves the data folder. Any well-formed text of 1 to 512 bytes
 *     of UTF-8 is one; whatever else is `invalid`.
 * ST6 after a failed `append` nothing of its batch is stored. (When the process dies before the answer, all or nothing.)
 * ST7 `close` is idempotent and waits for what is under way; everything after it rejects with `closed`.
 * ST8 the store carries a format version; an older one is upgraded when opened, a newer one is refused.
 * ST9 a removed document has no log, state, history or files left, and its id is never used again.
 */

import type { Files } from './files.ts'

/** Position of a record in its document's log, from 1, without holes. Given out by the storage. */
export type Seq = number

/** What to write to one document, as one part of a batch. The first one makes the document, even without records. */
export interface Append {
  readonly document: string
  /** Updates in the order they happened; each becomes one record. May be empty when only the title changes. */
  readonly records: readonly Uint8Array[]
  /** When they happened, in whole milliseconds since 1970 (the caller's clock). */
  readonly at: number
  /** The document's title from now on; left out when it did not change. */
  readonly title?: string
}

/** One record of the log. */
export interface LogRecord {
  readonly seq: Seq
  readonly at: number
  readonly bytes: Uint8Array
}

/** The document as one blob, equal to all its records up to and including `through`. */
export interface State {
  readonly through: Seq
  readonly bytes: Uint8Array
}

/**
 * Something stored that can't be trusted any more. `detail` says where, for an operator; never content. It stays until
 * a compaction reaches past it, or, in the history, for ever.
 */
export interface Damage {
  readonly part: 'state' | 'record' | 'segment' | 'document' | 'file'
  /** Where: the record, the record a state reaches, or the position of a segment in the history, from 1. */
  readonly seq: Seq
  readonly detail: string
}

/** A document as stored. With damage, `state` and `records` are what precedes it. */
export interface Loaded {
  readonly state: State | null
  readonly records: readonly LogRecord[]
  readonly damage: Damage | null
}

/** Some minutes of a document's life squashed into one update, with the client ids that wrote in it. */
export interface Segment {
  readonly from: number
  readonly to: number
  readonly clients: readonly number[]
  readonly bytes: Uint8Array
}

/** Replaces the log up to `through` by one state; what the log told about the past goes into `segments`. */
export interface Compaction {
  readonly through: Seq
  readonly state: Uint8Array
  readonly segments: readonly Segment[]
  /** The segments take the place of the whole history instead of following it. */
  readonly replacesHistory?: boolean
}

/** The history of a document, oldest first: compacted segments, then the records not compacted yet. */
export interface History {
  readonly segments: readonly Segment[]
  readonly records: readonly LogRecord[]
  readonly damage: Damage | null
}

/** What the home page needs to know of a document. */
export interface DocumentMeta {
  readonly document: string
  readonly title: string
  readonly createdAt: number
  /** The latest `at` of an append; it never goes back. */
  readonly changedAt: number
  /** Bytes stored for it: state, log and history. */
  readonly bytes: number
}

/** One page of documents, latest change first. */
export interface DocumentPage {
  readonly documents: readonly DocumentMeta[]
  /** Pass it to get the next page; null when this was the last. */
  readonly next: string | null
}

/** What `verify` found in the whole store. */
export interface Verification {
  readonly documents: number
  /** Records in the logs, not counting those compacted into a state. */
  readonly records: number
  readonly files: number
  /** With an empty `document` where nothing tells its id any more. */
  readonly damaged: readonly { readonly document: string; readonly damage: Damage }[]
}

/** A document's standing: `unknown` was never written, `removed` never will be again. */
export type Standing = 'unknown' | 'present' | 'removed'

export interface Storage {
  /** Files that belong to documents. */
  readonly files: Files
  /** Writes the batch in one commit. Rejects with `StorageError`; `removed` when a document of it was removed. */
  append(batch: readonly Append[]): Promise<void>
  /** An unknown document loads as empty; a removed one rejects with `removed`. */
  load(document: string): Promise<Loaded>
  /**
   * Does nothing when the stored state already reaches `through`, unless it reaches exactly that far and the history is
   * to be replaced; rejects when the log doesn't reach it.
   */
  compact(document: string, compaction: Compaction): Promise<void>
  history(document: string): Promise<History>
  /**
   * Copies all that is stored of a document, damaged or not, to where no other call reads or overwrites it until the
   * document is removed. Resolves, when that is durable, to the last sequence number given out: a compaction that
   * reaches it and replaces the history takes the place of everything that is damaged. Rejects for an unknown document.
   */
  setAside(document: string): Promise<Seq>
  /** Null for documents that are unknown or removed. */
  meta(document: string): Promise<DocumentMeta | null>
  standing(document: string): Promise<Standing>
  /**
   * At most `limit` documents after `cursor` (a former page's `next`). Whatever changes between two pages, no document
   * is shown twice, and none is missed that did not change.
   */
  list(limit: number, cursor?: string): Promise<DocumentPage>
  /** Deletes log, state, history and files and keeps the id, known or not, from being used again. Idempotent. */
  remove(document: string): Promise<void>
  /** Reads everything and checks it; other calls are answered meanwhile. */
  verify(): Promise<Verification>
  /** Writes a consistent copy of the store into the folder `directory`, which must not hold one yet, while it stays in use. */
  backup(directory: string): Promise<void>
  close(): Promise<void>
}
