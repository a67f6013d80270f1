import type { Keeping } from './kept-copy.ts'

/**
 * What the person at this page may believe about their text, as one value.
 *
 * `saved` means the server has said that everything on this page is on its disk. `kept` means this device has it.
 */
export type Status =
  | { readonly state: 'connecting' }
  | { readonly state: 'syncing' }
  | { readonly state: 'saving' }
  | { readonly state: 'saved' }
  /** Kept: closing the page or the browser loses nothing. Else `isKeeping` while that is a matter of moments. */
  | { readonly state: 'offline'; readonly kept: boolean; readonly isKeeping?: true }
  | { readonly state: 'read-only' }
  | { readonly state: 'refused'; readonly reason: string }
  | { readonly state: 'closed'; readonly code: number; readonly reason: string }

/** What a status is decided from. */
export interface Circumstances {
  readonly isConnected: boolean
  readonly wasConnected: boolean
  readonly isSynced: boolean
  readonly isAllSaved: boolean
  /** Whether this device has what was written here, whatever happens to the page. */
  readonly keeping: Keeping
  /** Something was written here that the server is not known to have. */
  readonly hasUnsaved: boolean
  readonly role: 'editor' | 'viewer'
  readonly refused: string | null
  readonly closed: { readonly code: number; readonly reason: string } | null
}

export function decideStatus(now: Circumstances): Status {
  if (now.closed !== null) return { state: 'closed', ...now.closed }
  if (now.refused !== null) return { state: 'refused', reason: now.refused }
  if (!now.isConnected) return now.wasConnected ? offline(now.keeping) : { state: 'connecting' }
  if (!now.isSynced) return { state: 'syncing' }
  if (now.role === 'viewer')
    return now.hasUnsaved ? { state: 'refused', reason: mayOnlyRead } : { state: 'read-only' }
  return { state: now.isAllSaved ? 'saved' : 'saving' }
}

const mayOnlyRead = 'this document may only be read here'

function offline(keeping: Keeping): Status {
  if (keeping === 'kept') return { state: 'offline', kept: true }
  return keeping === 'keeping'
    ? { state: 'offline', kept: false, isKeeping: true }
    : { state: 'offline', kept: false }
}
