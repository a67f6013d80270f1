import type { Awareness } from 'y-protocols/awareness'
import { parseIdentity } from './presence.ts'

/** So many clients are remembered after they left, those that said something last. */
const mostClients = 500

/** What the people are called who are here or were since this was made. */
export class KnownNames {
  readonly #awareness: Awareness
  readonly #states = new Map<number, unknown>()

  constructor(awareness: Awareness) {
    this.#awareness = awareness
    for (const client of awareness.getStates().keys()) this.#note(client)
    awareness.on('change', this.#listen)
  }

  /** Null for a client that never said anything here. */
  of(client: number): string | null {
    return this.#states.has(client) ? parseIdentity(this.#states.get(client), client).name : null
  }

  destroy(): void {
    this.#awareness.off('change', this.#listen)
  }

  readonly #listen = ({ added, updated }: { added: number[]; updated: number[] }): void => {
    for (const client of [...added, ...updated]) this.#note(client)
  }

  #note(client: number): void {
    this.#states.delete(client)
    this.#states.set(client, this.#awareness.getStates().get(client))
    const [oldest] = this.#states.keys()
    if (this.#states.size > mostClients && oldest !== undefined) this.#states.delete(oldest)
  }
}
