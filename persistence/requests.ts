import { StorageError } from './errors.ts'
import type { Append, Compaction } from './storage.ts'

/** The longest document id every back-end takes, in bytes of UTF-8. */
export const MAX_ID_BYTES = 512

/** Throws `invalid` for an id that some back-end could mix up with another one. */
export function checkDocument(document: string): void {
  // UTF-8 has no lone surrogates: all of them would be stored as the same replacement character.
  if (document === '' || /\p{Surrogate}/u.test(document) || Buffer.byteLength(document) > MAX_ID_BYTES) {
    throw new StorageError('invalid', `a document id is 1 to ${MAX_ID_BYTES} bytes of well-formed text`)
  }
}

/** Throws `invalid` unless every entry names a document and a time in whole milliseconds. */
export function checkBatch(batch: readonly Append[]): void {
  for (const { document, at } of batch) {
    checkDocument(document)
    checkCount('at', at, 0)
  }
}

/** Throws `invalid` unless the numbers of a compaction are whole and its segments run forward. */
export function checkCompaction(compaction: Compaction): void {
  checkCount('through', compaction.through, 0)
  for (const { from, to, clients } of compaction.segments) {
    checkCount('from', from, 0)
    checkCount('to', to, from)
    for (const client of clients) checkCount('client', client, 0)
  }
}

/** Whether a document whose state reaches `reached` has nothing to gain from a compaction. */
export function isDone({ through, replacesHistory = false }: Compaction, reached: number): boolean {
  return replacesHistory ? through < reached : through <= reached
}

/** Throws `invalid` unless a page holds at least one document. */
export function checkLimit(limit: number): void {
  checkCount('limit', limit, 1)
}

function checkCount(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new StorageError('invalid', `${name} must be a whole number from ${least}, not ${value}`)
  }
}

/** A title as every back-end keeps it: what UTF-8 can't express is replaced. */
export function toTitle(title: string): string {
  return title.replace(/\p{Surrogate}/gu, '\uFFFD')
}

/** A place in the list of documents: strictly before (`changedAt`, `number`) in ascending order. */
export interface Place {
  readonly changedAt: number
  readonly number: number
}

/** The cursor callers get to see. */
export function toCursor(place: Place): string {
  return `${place.changedAt}.${place.number}`
}

/** The place a cursor stands for; without one, the beginning. Throws `invalid` for what `toCursor` never made. */
export function parseCursor(cursor: string | undefined): Place {
  if (cursor === undefined) return { changedAt: Number.MAX_SAFE_INTEGER, number: Number.MAX_SAFE_INTEGER }
  const [, changedAt, number] = /^(\d{1,16})\.(\d{1,16})$/.exec(cursor) ?? []
  if (changedAt === undefined || number === undefined) {
    throw new StorageError('invalid', `not a cursor: ${JSON.stringify(cursor)}`)
  }
  return { changedAt: Number(changedAt), number: Number(number) }
}
