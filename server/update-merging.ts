import * as Y from 'yjs'

/** One update with all of these. Yjs looks at each for every struct, so many are merged a few at a time. */
export function merge(updates: readonly Uint8Array[]): Uint8Array {
  const [only] = updates
  if (only !== undefined && updates.length === 1) return only
  if (updates.length <= mergedAtOnce) return Y.mergeUpdates([...updates])
  const merged: Uint8Array[] = []
  for (let start = 0; start < updates.length; start += mergedAtOnce)
    merged.push(merge(updates.slice(start, start + mergedAtOnce)))
  return merge(merged)
}

const mergedAtOnce = 16

/** How many clocks the transaction deleted. */
export function deletedBy({ deleteSet }: Y.Transaction): number {
  let clocks = 0
  for (const ranges of deleteSet.clients.values()) for (const { len } of ranges) clocks += len
  return clocks
}

/** Whether something new came with the transaction that is deleted, or collected, at its end. */
export function bringsDeleted({ doc, beforeState, afterState }: Y.Transaction): boolean {
  for (const [client, after] of afterState) {
    const before = beforeState.get(client) ?? 0
    if (before === after) continue
    const structs = doc.store.clients.get(client) ?? []
    for (let index = structs.length - 1; index >= 0; index--) {
      const struct = structs[index]
      if (struct === undefined || struct.id.clock + struct.length <= before) break
      if (struct.deleted) return true
    }
  }
  return false
}

/** What to store where that is not what Yjs emitted (J5). */
export function recordOf(
  accepted: readonly Uint8Array[],
  { beforeState }: Y.Transaction,
  [, ...rest]: readonly Uint8Array[],
): Uint8Array {
  // What follows the first transaction are deletions by Yjs itself.
  return merge([mergeNew(accepted, beforeState), ...rest])
}

/** One update with what is new in each of these, in turn, to a document that had `before`. */
function mergeNew(updates: readonly Uint8Array[], before: ReadonlyMap<number, number>): Uint8Array {
  const known = new Map(before)
  const parts = updates.map((update) => {
    const spans = spansOf(update)
    const isNew = [...spans].every(([client, { from }]) => from >= (known.get(client) ?? 0))
    const part = isNew ? update : Y.diffUpdate(update, Y.encodeStateVector(known))
    for (const [client, { to }] of spans) known.set(client, Math.max(to, known.get(client) ?? 0))
    return part
  })
  return merge(parts)
}

/**
 * The first clock an update brings of each client, and the first after those it brings. `Y.parseUpdateMeta` counts what
 * is only skipped, too: somebody could say that what comes next were known.
 */
function spansOf(update: Uint8Array): Map<number, { from: number; to: number }> {
  const spans = new Map<number, { from: number; to: number }>()
  for (const struct of Y.decodeUpdate(update).structs) {
    if (struct instanceof Y.Skip) continue
    const { client, clock } = struct.id
    const span = spans.get(client)
    if (span === undefined) spans.set(client, { from: clock, to: clock + struct.length })
    else span.to = clock + struct.length
  }
  return spans
}
