import * as Y from 'yjs'
import { type Block, Landing } from './update-landing.ts'
import { Refusal, type RefusalReason, UpdateReader } from './update-reader.ts'
import { contentKind, readStruct, type Struct } from './update-structs.ts'

/** What an update may make grow. */
export interface GateLimits {
  /** Distinct client ids in the document. */
  readonly maxClients: number
  /** Named roots of the document. */
  readonly maxRoots: number
  /** Types inside of types. */
  readonly maxDepth: number
  /** Objects and arrays inside of each other in one value. */
  readonly maxAnyDepth: number
  /** UTF-8 bytes of a root's, map entry's, XML node's, attribute's or mark's name. */
  readonly maxKeyBytes: number
  /** Clocks of one struct. */
  readonly maxStructLength: number
  readonly allowSubdocuments: boolean
}

export const defaultGateLimits = {
  // Yjs walks all ids in every transaction, 1 ms for a thousand; 50 people who write in five tabs a day need 200 days.
  maxClients: 50_000,
  // An editor needs one, a home-made database one per record; an empty root is never freed.
  maxRoots: 10_000,
  // Real documents stay below 30; Yjs deletes, collects and prints recursively, and its stack ends at about 5,000.
  maxDepth: 100,
  // Deeper than anyone's attributes, far from the 7,000 at which JSON overflows the stack.
  maxAnyDepth: 64,
  // A path or a URL is a key at times; a text is not.
  maxKeyBytes: 4096,
  // Only collected text claims more clocks than it brings bytes: more than a session can type and throw away.
  maxStructLength: 2 ** 26,
  // Their guid names another document, which needs an access decision of its own.
  allowSubdocuments: false,
} satisfies GateLimits

/**
 * `instead`: what to apply in place of the update, where Yjs would let the part that is known already change the
 * document behind everybody's back.
 * `missing`: the document lacks what the update builds on; its sender should be asked to sync.
 * `malformed`: no Yjs client writes this.
 * `limit`: legal, and more than a limit allows, or a key or subdocument that isn't allowed.
 * `detail` is for the log and has no text of the document in it.
 */
export type Verdict =
  | { readonly ok: true; readonly instead?: Uint8Array }
  | { readonly ok: false; readonly reason: RefusalReason; readonly detail: string }

/**
 * Whether a V1 update can be applied to `doc` as it is now. If so, `Y.applyUpdate` neither throws nor leaves anything
 * pending, and everybody who applies it, or reads the document back from its own encoding, has the same document.
 * Never throws, never changes `doc`. One pass, in time linear in the update.
 */
export function checkUpdate(update: Uint8Array, doc: Y.Doc, limits: GateLimits): Verdict {
  try {
    const isCutByKnown = new UpdateCheck(update, doc, limits).run()
    return isCutByKnown ? { ok: true, instead: Y.diffUpdate(update, Y.encodeStateVector(doc)) } : accepted
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, reason: error.reason, detail: error.message }
    throw error
  }
}

const accepted: Verdict = { ok: true }

class UpdateCheck {
  readonly #reader: UpdateReader
  readonly #doc: Y.Doc
  readonly #limits: GateLimits
  readonly #blocks = new Map<number, Block>()
  readonly #newRoots = new Set<string>()
  #newClients = 0
  /** The first hole. It is only reported once all bytes are known to be well-formed. */
  #hole: string | null = null

  constructor(update: Uint8Array, doc: Y.Doc, limits: GateLimits) {
    this.#reader = new UpdateReader(update, limits)
    this.#doc = doc
    this.#limits = limits
  }

  /** Throws a `Refusal`, or returns whether the part that is known has to be left out. */
  run(): boolean {
    this.#readBlocks()
    this.#readDeletes()
    this.#reader.end()
    if (this.#hole !== null) throw new Refusal('missing', this.#hole)
    const landing = new Landing(this.#doc, this.#blocks, this.#limits.maxDepth)
    landing.check()
    return landing.isCutByKnown
  }

  #readBlocks(): void {
    let previous = Infinity
    for (let blocks = this.#reader.count(minBlockBytes); blocks > 0; blocks--) {
      const block = this.#readBlock()
      // Every Yjs writes them in this order, and merging updates relies on it; it also rules out a client twice.
      if (block.client >= previous) throw this.#reader.malformed('clients out of order')
      previous = block.client
      this.#blocks.set(block.client, block)
    }
  }

  #readBlock(): Block {
    const reader = this.#reader
    const structs = reader.count(minStructBytes)
    const client = reader.varUint()
    const known = Y.getState(this.#doc.store, client)
    const block: Block = {
      client,
      structs: [],
      known,
      end: known,
      deletes: [],
      landed: known,
      next: 0,
      wanted: 0,
      isWaiting: false,
    }
    let clock = reader.varUint()
    for (let i = 0; i < structs; i++) {
      const struct = readStruct(reader, client, clock)
      this.#checkLimits(struct)
      clock += struct.length
      if (!Number.isSafeInteger(clock)) throw reader.malformed('a clock out of range')
      // What it skips is either known to the document or a hole before the next struct.
      if (struct.kind === contentKind.skip) continue
      if (struct.clock > block.end) this.#hole ??= `clock ${block.end} of client ${client}`
      block.structs.push(struct)
      block.end = Math.max(block.end, clock)
    }
    if (known === 0 && block.end > 0) this.#countClient()
    return block
  }

  #checkLimits({ kind, length, parent }: Struct): void {
    if (length > this.#limits.maxStructLength) throw new Refusal('limit', `a struct of ${length} clocks`)
    if (kind === contentKind.subdocument && !this.#limits.allowSubdocuments) {
      throw new Refusal('limit', 'a subdocument')
    }
    // Yjs makes the root when it reads the name, whatever becomes of the struct.
    if (typeof parent === 'string' && !this.#doc.share.has(parent)) this.#countRoot(parent)
  }

  #countRoot(name: string): void {
    this.#newRoots.add(name)
    const roots = this.#doc.share.size + this.#newRoots.size
    if (roots > this.#limits.maxRoots) throw new Refusal('limit', `${roots} roots`)
  }

  #countClient(): void {
    const clients = this.#doc.store.clients.size + ++this.#newClients
    if (clients > this.#limits.maxClients) throw new Refusal('limit', `${clients} client ids`)
  }

  #readDeletes(): void {
    const reader = this.#reader
    const seen = new Set<number>()
    for (let clients = reader.count(2); clients > 0; clients--) {
      const client = reader.varUint()
      if (seen.has(client)) throw reader.malformed('a client twice in the delete set')
      seen.add(client)
      this.#readDeletesOf(client)
    }
  }

  #readDeletesOf(client: number): void {
    const reader = this.#reader
    const block = this.#blocks.get(client)
    const end = block?.end ?? Y.getState(this.#doc.store, client)
    let previous = 0
    for (let ranges = reader.count(2); ranges > 0; ranges--) {
      const clock = reader.varUint()
      // Yjs writes them sorted and merged; applying overlapping ranges would take quadratic time.
      if (clock < previous) throw reader.malformed('deletions out of order')
      previous = clock + reader.length()
      if (!Number.isSafeInteger(previous)) throw reader.malformed('a clock out of range')
      block?.deletes.push(clock, previous)
      if (previous > end) this.#hole ??= `clock ${end} of client ${client}, to delete`
    }
  }
}

/** A block has at least its number of structs, its client and its clock; a struct its kind and its length. */
const minBlockBytes = 3
const minStructBytes = 2
