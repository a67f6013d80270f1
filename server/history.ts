import * as Y from 'yjs'
import type { History, LogRecord } from '../persistence/index.ts'
import { applyQuietly } from './apply-quietly.ts'
import { decodeSegment } from './compaction-segment.ts'

/**
 * A document's past: compacted segments, then the records of the log grouped by the same rule, so that compacting
 * changes neither the moments nor their names.
 *
 * H1 a moment is at most a window of activity; its document is the one at its end.
 * H2 the past is replayed without garbage collection, so it holds what was typed and deleted since.
 */

/** A time people can go back to: the document as it was when nothing of `from` to `to` was left to come. */
export interface Moment {
  /** Stays the same for as long as the moment is kept. */
  readonly moment: string
  readonly from: number
  readonly to: number
  /** The Yjs client ids that wrote something new; who only deleted is not told by an update. */
  readonly clients: readonly number[]
}

/** Records of the log that belong to one moment. */
export interface Group {
  readonly from: number
  readonly to: number
  readonly updates: readonly Uint8Array[]
}

/**
 * Groups records into windows of at most `windowMs`, each beginning with its first record. Clocks may jump; here time
 * never goes back before `notBefore` nor before an earlier record.
 */
export function groupRecords(records: readonly LogRecord[], windowMs: number, notBefore: number): Group[] {
  const groups: { from: number; to: number; updates: Uint8Array[] }[] = []
  let now = notBefore
  for (const { at, bytes } of records) {
    now = Math.max(now, at)
    const last = groups.at(-1)
    if (last !== undefined && now - last.from < windowMs) {
      last.to = now
      last.updates.push(bytes)
    } else groups.push({ from: now, to: now, updates: [bytes] })
  }
  return groups
}

/** The clients that wrote something new in these updates, smallest id first. */
export function clientsOf(updates: readonly Uint8Array[]): number[] {
  const clients = new Set(updates.flatMap((update) => [...Y.parseUpdateMeta(update).to.keys()]))
  return [...clients].sort((a, b) => a - b)
}

/** All moments of a history, oldest first. */
export function listMoments({ segments, records }: History, windowMs: number): Moment[] {
  const tail = groupRecords(records, windowMs, segments.at(-1)?.to ?? 0)
  const compacted = segments.map(({ from, to, clients }) => ({ from, to, clients }))
  const recent = tail.map(({ from, to, updates }) => ({ from, to, clients: clientsOf(updates) }))
  const seen = new Map<number, number>()
  return [...compacted, ...recent].map((part) => {
    // A log compacted in the middle of a millisecond goes on in the same one.
    const count = seen.get(part.from) ?? 0
    seen.set(part.from, count + 1)
    return { moment: count === 0 ? `${part.from}` : `${part.from}-${count}`, ...part }
  })
}

/** What has to be replayed for the moment at `index` of `listMoments`. */
export interface Replay {
  readonly segments: readonly Uint8Array[]
  readonly updates: readonly Uint8Array[]
}

export function replayOf({ segments, records }: History, windowMs: number, index: number): Replay {
  const tail = groupRecords(records, windowMs, segments.at(-1)?.to ?? 0)
  const groups = tail.slice(0, Math.max(0, index + 1 - segments.length))
  return {
    segments: segments.slice(0, index + 1).map(({ bytes }) => bytes),
    updates: groups.flatMap(({ updates }) => updates),
  }
}

/** The document at the end of these segments and updates, with everything that was ever in it (H2). */
export function replay({ segments, updates }: Replay): Y.Doc {
  const contents = segments.map(decodeSegment)
  const start = contents.findLastIndex(({ isWhole }) => isWhole)
  const parts = contents.slice(Math.max(0, start)).map(({ update }) => update)
  const doc = new Y.Doc({ gc: false })
  applyQuietly(doc, [...parts, ...updates])
  return doc
}

/** Applies a group as one transaction and gives the one update that says what it changed; null when nothing. */
export function squash(past: Y.Doc, { updates }: Group): Uint8Array | null {
  let squashed: Uint8Array | null = null
  const collect = (update: Uint8Array) => {
    squashed = update
  }
  past.on('update', collect)
  try {
    applyQuietly(past, updates)
  } finally {
    past.off('update', collect)
  }
  return squashed
}
