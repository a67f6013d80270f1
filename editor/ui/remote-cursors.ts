import type { EditorState } from 'prosemirror-state'
import type { Awareness } from 'y-protocols/awareness'
import { findPosition } from '../binding/binding.ts'
import { parseIdentity, type Identity } from './presence.ts'

const maxCursors = 100

/** Where somebody else's selection is in our document. */
export interface RemoteCursor extends Identity {
  readonly client: number
  readonly anchor: number
  readonly head: number
  /** Changes whenever they say they moved. */
  readonly token: string
}

/** The others' cursors that are in this document now; a malformed or hostile state is passed over. */
export function remoteCursors(state: EditorState, awareness: Awareness): RemoteCursor[] {
  const cursors: RemoteCursor[] = []
  for (const [client, presence] of awareness.getStates()) {
    if (client === awareness.clientID || cursors.length >= maxCursors) continue
    const cursor = parseCursor(state, presence)
    if (cursor !== undefined) cursors.push({ ...parseIdentity(presence, client), ...cursor, client })
  }
  return cursors
}

function parseCursor(state: EditorState, presence: unknown) {
  if (typeof presence !== 'object' || presence === null || !('cursor' in presence)) return undefined
  const { cursor } = presence
  if (typeof cursor !== 'object' || cursor === null || !('anchor' in cursor) || !('head' in cursor))
    return undefined
  const anchor = findPosition(state, cursor.anchor)
  const head = findPosition(state, cursor.head)
  if (anchor === null || head === null) return undefined
  return { anchor, head, token: JSON.stringify(cursor) }
}
