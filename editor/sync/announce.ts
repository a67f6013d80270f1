import type { Awareness } from 'y-protocols/awareness'

/**
 * To be called whenever a connection opens. Awareness ignores what is not newer than what it has heard, and it has
 * heard, when the last connection ended, that everybody left: without this, people would see each other again only
 * with their next move.
 */
export function announceAnew(awareness: Awareness): void {
  for (const client of awareness.meta.keys()) {
    if (client !== awareness.clientID && !awareness.states.has(client)) awareness.meta.delete(client)
  }
  const state = awareness.getLocalState()
  if (state !== null) awareness.setLocalState(state)
}
