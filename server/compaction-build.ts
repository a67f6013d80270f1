import * as Y from 'yjs'
import type { LogRecord, Segment } from '../persistence/index.ts'
import { applyQuietly } from './apply-quietly.ts'
import { findDifference } from './compaction-content.ts'
import { decodeSegment, encodeSegment } from './compaction-segment.ts'
import { clientsOf, groupRecords, replay, squash } from './history.ts'

/** What is stored of a document, as `load` and `history` gave it, and how its past is to be kept. */
export interface CompactionInput {
  readonly state: Uint8Array | null
  readonly records: readonly LogRecord[]
  readonly segments: readonly Segment[]
  /** The most activity one segment holds, in milliseconds. */
  readonly windowMs: number
  /** Segments that ended before this time are squashed into one; 0 keeps all. */
  readonly forgetBefore: number
}

export interface CompactionOutput {
  readonly state: Uint8Array
  readonly segments: readonly Segment[]
  /** The segments take the place of all that were stored, instead of following them. */
  readonly replacesHistory: boolean
}

/** The state and segments that take the place of the log. Pure: the same input gives an equal document. */
export function buildCompaction(input: CompactionInput): CompactionOutput {
  const kept = forget(input.segments, input.forgetBefore)
  const isForgetting = kept !== input.segments
  const { past, start } = continuePast(kept, input)
  const fresh: Segment[] = start === null ? [] : [start]
  const notBefore = (start ?? kept.at(-1))?.to ?? 0
  for (const group of groupRecords(input.records, input.windowMs, notBefore)) {
    const update = squash(past, group)
    if (update === null) continue
    const { from, to } = group
    fresh.push({ from, to, clients: clientsOf([update]), bytes: encodeSegment({ isWhole: false, update }) })
  }
  return {
    state: Y.encodeStateAsUpdate(loadStored(input)),
    segments: isForgetting ? [...kept, ...fresh] : fresh,
    replacesHistory: isForgetting,
  }
}

/** Why the output must not replace the input, for an operator; null when it may: it loads and equals what it replaces. */
export function findFlaw(input: CompactionInput, output: CompactionOutput): string | null {
  const after = new Y.Doc()
  applyQuietly(after, [output.state])
  const before = findDifference(loadStored(input), after)
  if (before !== null) return `the new state: ${before}`
  const segments = output.replacesHistory ? output.segments : [...input.segments, ...output.segments]
  const past = replay({ segments: segments.map(({ bytes }) => bytes), updates: [] })
  const history = findDifference(past, after)
  return history === null ? null : `the history: ${history}`
}

function loadStored({ state, records }: Pick<CompactionInput, 'state' | 'records'>): Y.Doc {
  const doc = new Y.Doc()
  applyQuietly(doc, [...(state === null ? [] : [state]), ...records.map(({ bytes }) => bytes)])
  return doc
}

/** The past up to the state. Where the segments don't lead there, a whole one begins it anew. */
function continuePast(
  segments: readonly Segment[],
  { state, records }: CompactionInput,
): { past: Y.Doc; start: Segment | null } {
  const past = replay({ segments: segments.map(({ bytes }) => bytes), updates: [] })
  const present = loadStored({ state, records: [] })
  if (findDifference(past, present) === null) return { past, start: null }
  const update = Y.encodeStateAsUpdate(present)
  const at = Math.max(segments.at(-1)?.to ?? 0, records[0]?.at ?? 0)
  const start = {
    from: at,
    to: at,
    clients: clientsOf([update]),
    bytes: encodeSegment({ isWhole: true, update }),
  }
  return { past: replay({ segments: [start.bytes], updates: [] }), start }
}

/** Makes one whole segment, without what had been deleted by then, of all that ended before `time`. */
function forget(segments: readonly Segment[], time: number): readonly Segment[] {
  const count = segments.findLastIndex(({ to }) => to < time) + 1
  const old = segments.slice(0, count)
  const [first] = old
  const last = old.at(-1)
  if (first === undefined || last === undefined) return segments
  if (count === 1 && decodeSegment(first.bytes).isWhole) return segments
  const collected = new Y.Doc()
  applyQuietly(collected, [
    Y.encodeStateAsUpdate(replay({ segments: old.map(({ bytes }) => bytes), updates: [] })),
  ])
  const update = Y.encodeStateAsUpdate(collected)
  const bytes = encodeSegment({ isWhole: true, update })
  return [{ from: last.from, to: last.to, clients: clientsOf([update]), bytes }, ...segments.slice(count)]
}

/** How many bytes have to be read to compact. */
export function sizeOf({ state, records, segments }: CompactionInput): number {
  const parts = [...records, ...segments]
  return parts.reduce((sum, { bytes }) => sum + bytes.byteLength, state?.byteLength ?? 0)
}
