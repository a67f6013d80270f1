/**
 * What the server counts for its operator; prometheus.ts shows it. Every label comes from a closed list of ours, never
 * from a peer, so that nobody can make the counters grow.
 */
export interface Metrics {
  /** An update frame that was not taken: a code of `refused`, or why the gate said no. */
  refusedUpdate(reason: string): void
  /** A presence message that was not taken, or not as it came. */
  refusedPresence(reason: string): void
  /** The server ended a connection, with this close code. */
  closed(code: number): void
  /** A connection that sends too much has to wait. */
  throttled(): void
  /** A WebSocket that was refused before it existed. */
  refusedUpgrade(reason: UpgradeRefusal): void
  /** An HTTP request answered with 429. */
  refusedRequest(): void
}

/** Why there is no WebSocket for a request. */
export type UpgradeRefusal = 'origin' | 'stopping' | 'headers' | 'rate' | 'connections' | 'address'

export const silentMetrics: Metrics = {
  refusedUpdate: () => {},
  refusedPresence: () => {},
  closed: () => {},
  throttled: () => {},
  refusedUpgrade: () => {},
  refusedRequest: () => {},
}
