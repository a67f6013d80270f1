import * as encoding from 'lib0/encoding'
import * as Y from 'yjs'

/**
 * Writes what somebody lacks of a document, in steps between which the document may change: as it was when the writing
 * began, with some of what came since. It needs nothing that it does not bring.
 */
export class StateEncoding {
  /** The state vector of the document when the writing began. */
  readonly until: ReadonlyMap<number, number>
  readonly #parts: Part[]
  readonly #encoder = new Y.UpdateEncoderV1()
  #next = 0

  constructor(doc: Y.Doc, known: ReadonlyMap<number, number>) {
    this.until = stateOf(doc)
    this.#parts = partsOf(doc, known)
  }

  /** How many structs are to be written: the work to do. */
  get structs(): number {
    let count = 0
    for (const { structs, clock } of this.#parts) count += structs.length - Y.findIndexSS(structs, clock)
    return count
  }

  /** Writes at most so many structs; true when all are written. */
  advance(mostStructs = structsPerStep): boolean {
    let left = mostStructs
    for (let part = this.#parts[this.#next]; part !== undefined; part = this.#parts[this.#next]) {
      left -= this.#write(part, left)
      if (part.clock < part.until) return false
      part.end = encoding.length(this.#encoder.restEncoder)
      this.#next++
    }
    return true
  }

  /** What was written, once `advance` has returned true. */
  get encoded(): EncodedState {
    const bodies = encoding.toUint8Array(this.#encoder.restEncoder)
    let start = 0
    const parts = this.#parts.map(({ client, from, count, end }) => {
      const body = bodies.subarray(start, end)
      start = end
      return { client, from, count, bodies: [body] }
    })
    return new EncodedState(parts, this.until)
  }

  /** Goes on with a client's structs; returns how many it wrote. The array may have changed since the last step. */
  #write(part: Part, most: number): number {
    const { structs } = part
    let written = 0
    for (let index = Y.findIndexSS(structs, part.clock); written < most; index++, written++) {
      const struct = structs[index]
      if (struct === undefined || part.clock >= part.until) break
      struct.write(this.#encoder, part.clock - struct.id.clock)
      part.clock = struct.id.clock + struct.length
    }
    part.count += written
    return written
  }
}

/** The structs of some clients as bytes, to which later ones can be added without encoding these again. */
export class EncodedState {
  /** Of each client, which clocks are there or were before. */
  readonly until: ReadonlyMap<number, number>
  readonly #parts: readonly EncodedPart[]

  constructor(parts: readonly EncodedPart[], until: ReadonlyMap<number, number>) {
    this.#parts = parts
    this.until = until
  }

  /** The same with nothing of these clients. */
  without(clients: ReadonlySet<number>): EncodedState {
    const until = new Map([...this.until].filter(([client]) => !clients.has(client)))
    return new EncodedState(
      this.#parts.filter(({ client }) => !clients.has(client)),
      until,
    )
  }

  /** This and what came after it: `later` begins where this ends. */
  extendedBy(later: EncodedState): EncodedState {
    const parts = new Map(this.#parts.map((part) => [part.client, part]))
    for (const added of later.#parts) {
      const part = parts.get(added.client)
      const whole =
        part === undefined
          ? added
          : { ...part, count: part.count + added.count, bodies: [...part.bodies, ...added.bodies] }
      parts.set(added.client, whole)
    }
    return new EncodedState([...parts.values()].sort(byClient), later.until)
  }

  /**
   * As a V1 update. `deletions` are those of now, because what was written may have been deleted since, but of clocks
   * that are here only. Written in one go it is byte for byte what `Y.encodeStateAsUpdate` gives.
   */
  toUpdate(deletions: Uint8Array): Uint8Array {
    const whole = encoding.createEncoder()
    encoding.writeVarUint(whole, this.#parts.length)
    for (const { client, from, count, bodies } of this.#parts) {
      encoding.writeVarUint(whole, count)
      encoding.writeVarUint(whole, client)
      encoding.writeVarUint(whole, from)
      for (const body of bodies) encoding.writeUint8Array(whole, body)
    }
    encoding.writeUint8Array(whole, deletions)
    return encoding.toUint8Array(whole)
  }
}

interface EncodedPart {
  readonly client: number
  /** Its first clock. */
  readonly from: number
  /** How many structs `bodies` hold. */
  readonly count: number
  readonly bodies: readonly Uint8Array[]
}

/** Highest client first, as Yjs writes it: merging updates relies on it. */
const byClient = (a: { readonly client: number }, b: { readonly client: number }) => b.client - a.client

/** How many clocks of each client a document has. */
export function stateOf(doc: Y.Doc): Map<number, number> {
  const state = new Map<number, number>()
  for (const client of doc.store.clients.keys()) state.set(client, Y.getState(doc.store, client))
  return state
}

/** What is deleted in a document, as the second half of a V1 update. */
export function encodeDeletions(doc: Y.Doc): Uint8Array {
  const encoder = encoding.createEncoder()
  const deleted = Y.createDeleteSetFromStructStore(doc.store).clients
  const clients = Array.from(deleted, ([client, ranges]) => ({ client, ranges }))
  encoding.writeVarUint(encoder, clients.length)
  for (const { client, ranges } of clients.sort(byClient)) {
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, ranges.length)
    for (const { clock, len } of ranges) {
      encoding.writeVarUint(encoder, clock)
      encoding.writeVarUint(encoder, len)
    }
  }
  return encoding.toUint8Array(encoder)
}

/** A millisecond or two of work. */
const structsPerStep = 4096

/** What is to be written of one client: clocks from `from` to `until`, of which those before `clock` are written. */
interface Part {
  readonly client: number
  readonly structs: (Y.Item | Y.GC)[]
  readonly from: number
  readonly until: number
  clock: number
  count: number
  /** Where its structs end in what is written. */
  end: number
}

function partsOf(doc: Y.Doc, known: ReadonlyMap<number, number>): Part[] {
  const parts: Part[] = []
  for (const [client, structs] of doc.store.clients) {
    const from = known.get(client) ?? 0
    const until = Y.getState(doc.store, client)
    if (from < until) parts.push({ client, structs, from, until, clock: from, count: 0, end: 0 })
  }
  return parts.sort(byClient)
}
