import type { Limits } from './limits.ts'

export type PopulationLimits = Pick<
  Limits,
  | 'maxConnections'
  | 'maxConnectionsPerAddress'
  | 'maxConnectionsPerUser'
  | 'maxConnectionsPerDocument'
  | 'maxDocumentsPerUser'
  | 'maxDocumentsPerAddress'
>

/** Why somebody can't come in, or can't open a document. */
export type PopulationRefusal = 'connections' | 'address' | 'user' | 'documents' | 'full'

/** The same as words for people. */
export const crowds: Readonly<Record<PopulationRefusal, string>> = {
  connections: 'the server has as many connections as it takes',
  address: 'there are too many connections from this address',
  user: 'this user has too many connections',
  documents: 'too many documents are open at once',
  full: 'as many people are in the document as it takes',
}

/** One connection among those that are counted. */
export interface Visit {
  /** Counts it in a document, of its user if that is known, else of its address. Null, or why it can't go in. */
  enter(document: string, userId: string | null): PopulationRefusal | null
  /** Frees everything it was counted for. Idempotent. */
  leave(): void
}

/** Who is connected, by address, user and document. Holds nothing of those who left. */
export class Population {
  readonly #limits: PopulationLimits
  #connections = 0
  readonly #byAddress = new Tally()
  readonly #byUser = new Tally()
  readonly #byDocument = new Tally()
  /** How many connections each person has to each document; a person is a user or an address. */
  readonly #documents = new Map<string, Tally>()

  constructor(limits: PopulationLimits) {
    this.#limits = limits
  }

  get connections(): number {
    return this.#connections
  }

  /** How many entries all tables have together: 0 when nobody is here. */
  get size(): number {
    const tables = [this.#byAddress, this.#byUser, this.#byDocument, ...this.#documents.values()]
    return tables.reduce((sum, table) => sum + table.size, this.#documents.size)
  }

  /** Counts a connection, or says why there can be no more of them. */
  arrive(address: string): Visit | Extract<PopulationRefusal, 'connections' | 'address'> {
    if (this.#connections >= this.#limits.maxConnections) return 'connections'
    if (this.#byAddress.of(address) >= this.#limits.maxConnectionsPerAddress) return 'address'
    this.#connections++
    this.#byAddress.add(address)
    const undo = [() => this.#connections--, () => this.#byAddress.remove(address)]
    return {
      enter: (document, userId) => {
        const refusal = this.#refusalOf(document, address, userId)
        if (refusal === null) undo.push(this.#enter(document, address, userId))
        return refusal
      },
      leave: () => {
        for (const step of undo.splice(0)) step()
      },
    }
  }

  #refusalOf(document: string, address: string, userId: string | null): PopulationRefusal | null {
    const limits = this.#limits
    if (userId !== null && this.#byUser.of(userId) >= limits.maxConnectionsPerUser) return 'user'
    const open = this.#documents.get(personOf(address, userId))
    const maxDocuments = userId === null ? limits.maxDocumentsPerAddress : limits.maxDocumentsPerUser
    if (open !== undefined && open.of(document) === 0 && open.size >= maxDocuments) return 'documents'
    return this.#byDocument.of(document) >= limits.maxConnectionsPerDocument ? 'full' : null
  }

  #enter(document: string, address: string, userId: string | null): () => void {
    const person = personOf(address, userId)
    const open = this.#documents.get(person) ?? new Tally()
    this.#documents.set(person, open)
    open.add(document)
    this.#byDocument.add(document)
    if (userId !== null) this.#byUser.add(userId)
    return () => {
      open.remove(document)
      if (open.size === 0) this.#documents.delete(person)
      this.#byDocument.remove(document)
      if (userId !== null) this.#byUser.remove(userId)
    }
  }
}

/** Users and addresses side by side, without one that could be taken for the other. */
function personOf(address: string, userId: string | null): string {
  return userId === null ? `address ${address}` : `user ${userId}`
}

/** Counts by key, without keys that count nothing. */
class Tally {
  readonly #counts = new Map<string, number>()

  get size(): number {
    return this.#counts.size
  }

  of(key: string): number {
    return this.#counts.get(key) ?? 0
  }

  add(key: string): void {
    this.#counts.set(key, this.of(key) + 1)
  }

  remove(key: string): void {
    const left = this.of(key) - 1
    if (left > 0) this.#counts.set(key, left)
    else this.#counts.delete(key)
  }
}
