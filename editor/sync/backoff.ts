/**
 * How long to wait before connecting again: exponential with full jitter, so that a thousand pages that lost the same
 * server do not come back in the same moment.
 */

/** A blip is mended before anybody notices. */
const firstMs = 500

/** Nobody waits longer for a server that is back; waking or going online cuts the wait short anyway. */
const mostMs = 30_000

/**
 * `attempt` is 0 for a page that has just been opened and counts up from 1 after a connection was lost; `random` gives
 * numbers from 0 to 1.
 */
export function backoffMs(attempt: number, random: () => number): number {
  if (attempt === 0) return 0
  return random() * Math.min(firstMs * 2 ** (attempt - 1), mostMs)
}
