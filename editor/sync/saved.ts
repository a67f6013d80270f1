/**
 * What the server has said to be durable, on one connection.
 *
 * Sync step 2 and update frames are counted from 1. Everything this page holds is on the server's disk once all of
 * them are covered, the step 2 that answered the server's step 1 among them: that one carries what was written
 * before this connection.
 */
export interface SavedState {
  readonly sent: number
  readonly through: number
  /** Whether the server has been given everything this page held when it connected. */
  readonly gaveAll: boolean
}

/** At the start of every connection. */
export const nothingSent: SavedState = { sent: 0, through: 0, gaveAll: false }

export function afterSending(state: SavedState, kind: 'sync-step-2' | 'update'): SavedState {
  return { ...state, sent: state.sent + 1, gaveAll: state.gaveAll || kind === 'sync-step-2' }
}

export function afterSaved(state: SavedState, through: number): SavedState {
  return { ...state, through: Math.max(state.through, through) }
}

export function isAllSaved(state: SavedState): boolean {
  return state.gaveAll && state.through >= state.sent
}
