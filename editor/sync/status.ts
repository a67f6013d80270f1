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
  | { readonly state: 'offline'; readonly kept: boolean }
  | { readonly state: 'read-only' }
  | { readonly state: 'refused'; readonly reason: string }
  | { readonly state: 'closed'; readonly code: number; readonly reason: string }

/** What a status is decided from. */
export interface Circumstances {
  readonly isConnected: boolean
  readonly wasConnected: boolean
  readonly isSynced: boolean
  readonly isAllSaved: boolean
  /** This device keeps what is written here, whatever happens to the page. */
  readonly isKept: boolean
  readonly role: 'editor' | 'viewer'
  readonly refused: string | null
  readonly closed: { readonly code: number; readonly reason: string } | null
}

export function decideStatus(now: Circumstances): Status {
  if (now.closed !== null) return { state: 'closed', ...now.closed }
  if (now.refused !== null) return { state: 'refused', reason: now.refused }
  if (!now.isConnected)
    return now.wasConnected ? { state: 'offline', kept: now.isKept } : { state: 'connecting' }
  if (!now.isSynced) return { state: 'syncing' }
  if (now.role === 'viewer') return { state: 'read-only' }
  return { state: now.isAllSaved ? 'saved' : 'saving' }
}
