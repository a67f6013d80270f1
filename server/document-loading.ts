import * as Y from 'yjs'
import type { Loaded } from '../persistence/index.ts'
import { applyQuietly } from './apply-quietly.ts'
import { type GateLimits, UpdateCheck } from './gate.ts'
import { slicesOf } from './update-slices.ts'

/** Lets everybody else have a turn. */
export type Pause = () => Promise<void>

/** Updates up to this size are applied in one go: a few milliseconds, even when they are all single letters. */
export const largeBytes = 8 * 1024

/**
 * A document from what is stored of it and `pending`, what is about to be. Null when that is nothing. A large one is
 * applied piece by piece, with pauses in between; a small one without any.
 */
export async function loadDocument(
  loaded: Loaded,
  pending: readonly Uint8Array[],
  pause: Pause,
): Promise<Y.Doc | null> {
  const updates = [...loaded.records.map(({ bytes }) => bytes), ...pending]
  const state = loaded.state === null ? [] : [loaded.state.bytes]
  const bytes = [...state, ...updates].reduce((sum, { length }) => sum + length, 0)
  if (bytes === 0) return null
  const doc = new Y.Doc()
  if (bytes <= largeBytes) {
    applyQuietly(doc, [...state, ...updates])
    return doc
  }
  for (const update of state) await applyInSlices(doc, update, pause)
  for (const batch of batchesOf(updates)) {
    applyQuietly(doc, batch)
    await pause()
  }
  return doc
}

async function applyInSlices(doc: Y.Doc, state: Uint8Array, pause: Pause): Promise<void> {
  const check = new UpdateCheck(state, doc, { limits: anything })
  while (!check.advance()) await pause()
  // What is stored was made by Yjs; should the check not understand it, Yjs does.
  const slices = check.landed === null ? [state] : slicesOf(check.landed, () => structsPerPiece)
  for (const slice of slices) {
    applyQuietly(doc, [slice])
    await pause()
  }
}

function* batchesOf(updates: readonly Uint8Array[]): Generator<Uint8Array[]> {
  let batch: Uint8Array[] = []
  let bytes = 0
  for (const update of updates) {
    batch.push(update)
    bytes += update.length
    if (batch.length < updatesPerBatch && bytes < largeBytes) continue
    yield batch
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield batch
}

/** A few milliseconds of work, for what has been put in order before. */
const updatesPerBatch = 500
const structsPerPiece = 1000

/** The document was let in when it was written; limits may have been lowered since. */
const anything: GateLimits = {
  maxClients: Infinity,
  maxRoots: Infinity,
  maxDepth: Infinity,
  maxAnyDepth: Infinity,
  maxKeyBytes: Infinity,
  maxStructLength: Infinity,
  allowSubdocuments: true,
}
