import { largeBytes } from './document-loading.ts'
import type { Verdict } from './gate.ts'
import type { Peer, UpdateFrame } from './peer.ts'
import { readStroke, type Stroke } from './typed-text.ts'

/** An update on its way into a document. */
export interface Incoming {
  readonly peer: Peer
  readonly frame: UpdateFrame
  /** What the frame is, if it is no more than that. */
  readonly stroke: Stroke | null
}

/** The same, and what the gate said of it. */
export interface Judged extends Incoming {
  readonly verdict: Verdict
}

export function readIncoming(peer: Peer, frame: UpdateFrame): Incoming {
  const stroke = frame.isWhole || frame.update.length > largeBytes ? null : readStroke(frame.update)
  return { peer, frame, stroke }
}

export const accepted: Verdict = { ok: true }

/** The verdict on what passed the gate and could not be applied all the same. */
export const quarantined: Verdict = {
  ok: false,
  reason: 'malformed',
  detail: 'quarantined: it can not be applied',
}

export const tooLarge: Verdict = { ok: false, reason: 'limit', detail: 'the document would be too large' }

/** An update without anything in it. */
export function isEmpty({ frame: { update } }: Incoming): boolean {
  return update.length === 2 && update[0] === 0 && update[1] === 0
}

/** Too large to be taken in one go (R9). */
export function isLarge({ frame }: Incoming): boolean {
  return frame.update.length > largeBytes
}

/**
 * The peer that already has all of an update, because it is what that peer sent. Null when others sent some of it, or
 * when Yjs added to it: tidying marks, it deletes things by itself.
 */
export function senderOf(judged: readonly Judged[], update: Uint8Array | null): Peer | null {
  const [first, ...rest] = judged.filter(({ verdict }) => verdict.ok)
  if (first === undefined || rest.length > 0 || update === null) return null
  return isEqual(first.frame.update, update) ? first.peer : null
}

/** The one peer that sent all of this; null when there are several. */
export function senderOfAll(entries: readonly Incoming[]): Peer | null {
  const sender = entries[0]?.peer ?? null
  return entries.every(({ peer }) => peer === sender) ? sender : null
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0
}
