import * as Y from 'yjs'
import type { Pair } from './match-text.ts'
import type { MoveRecord } from './move-record.ts'
import { plus, type Id, type Span } from './spans.ts'

/** Letters that an undo or redo brought back, with the dead ones they are copies of. */
export function restoredBy(undoManager: Y.UndoManager, transaction: Y.Transaction): Pair<Id>[] {
  const item = undoManager.currStackItem
  if (item === null) return []
  const { clientID, store } = transaction.doc
  const firstNew = transaction.beforeState.get(clientID) ?? 0
  const pairs: Pair<Id>[] = []
  for (const [client, spans] of item.deletions.clients) {
    const structs = store.clients.get(client) ?? []
    for (const { clock, len } of spans) {
      for (let index = Y.findIndexSS(structs, clock); index < structs.length; index++) {
        const struct = structs[index]
        if (struct === undefined || struct.id.clock >= clock + len) break
        if (!(struct instanceof Y.Item) || struct.redone === null) continue
        if (struct.redone.client !== clientID || struct.redone.clock < firstNew) continue
        for (let offset = 0; offset < struct.length; offset++)
          pairs.push({ from: plus(struct.id, offset), to: plus(struct.redone, offset) })
      }
    }
  }
  return pairs
}

/** Makes undo take back one's own text where it is now: what was made as some ids goes on as others. */
export function followMoves(undoManager: Y.UndoManager, { moves }: MoveRecord): void {
  for (const stack of [undoManager.undoStack, undoManager.redoStack]) {
    for (const { insertions } of stack) {
      for (const { from, to, length } of moves) {
        for (const { clock, len } of insertions.clients.get(from.client) ?? []) {
          const start = Math.max(clock, from.clock)
          const end = Math.min(clock + len, from.clock + length)
          if (start < end) addSpan(insertions, { ...plus(to, start - from.clock), length: end - start })
        }
      }
    }
  }
}

interface Spans {
  readonly clients: Map<number, { clock: number; len: number }[]>
}

/** Adds ids to a set that Yjs searches by halves: sorted, without overlap. */
function addSpan({ clients }: Spans, { client, clock, length }: Span): void {
  const spans = clients.get(client) ?? []
  const all = [...spans, { clock, len: length }].sort((one, other) => one.clock - other.clock)
  const merged: { clock: number; len: number }[] = []
  for (const span of all) {
    const last = merged.at(-1)
    if (last === undefined || last.clock + last.len < span.clock) merged.push({ ...span })
    else last.len = Math.max(last.len, span.clock + span.len - last.clock)
  }
  clients.set(client, merged)
}
