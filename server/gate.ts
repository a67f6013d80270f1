import * as Y from 'yjs'
import { checkClaims, type MayBring } from './update-claims.ts'
import { type Block, Landing, structsPerStep } from './update-landing.ts'
import type { LandedUpdate } from './update-slices.ts'
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

/** What one update may do: the limits, and what its sender may bring (G6). */
export interface GateTerms {
  readonly limits: GateLimits
  /** Asked last, once for each client id of which the update brings new clocks. Left out, anything may be brought. */
  readonly mayBring?: MayBring
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
 * `conflict`: another client has used the same clocks for something else, or the client id is another user's.
 * `held`: it brings gaps where somebody who is here is about to send text; once that has come it may be sent again.
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
  return checkUpdateBy(update, doc, { limits })
}

/** The same, for an update of which it is known who sends it. */
export function checkUpdateBy(update: Uint8Array, doc: Y.Doc, terms: GateTerms): Verdict {
  const check = new UpdateCheck(update, doc, terms)
  while (!check.advance());
  return check.verdict
}

const accepted: Verdict = { ok: true }

/**
 * The check of a large update, in steps of a few milliseconds between which others may have their turn. The document
 * must stay as it is until the last one.
 */
export class UpdateCheck {
  readonly #update: Uint8Array
  readonly #reader: UpdateReader
  readonly #doc: Y.Doc
  readonly #limits: GateLimits
  readonly #mayBring: MayBring | undefined
  readonly #blocks = new Map<number, Block>()
  #newRoots: Set<string> | null = null
  #newClients = 0
  /** What is still to be read: blocks, then structs of the block that was begun. */
  #blocksLeft: number | null = null
  #structsLeft = 0
  #block: Block | null = null
  #clock = 0
  #deletesAt = 0
  /** The first hole. It is only reported once all bytes are known to be well-formed. */
  #hole: string | null = null
  #landing: Landing | null = null
  #refusal: Refusal | null = null

  constructor(update: Uint8Array, doc: Y.Doc, { limits, mayBring }: GateTerms) {
    this.#update = update
    this.#reader = new UpdateReader(update, limits)
    this.#doc = doc
    this.#limits = limits
    this.#mayBring = mayBring
  }

  /** Takes one step; true when there is a verdict. */
  advance(): boolean {
    try {
      if (this.#landing !== null) return this.#landing.advance() && this.#checkClaims()
      if (this.#readBlocks()) this.#landing = this.#land()
      return false
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.#refusal = error
      return true
    }
  }

  #checkClaims(): true {
    checkClaims({ bytes: this.#update, blocks: this.#blocks, doc: this.#doc, mayBring: this.#mayBring })
    return true
  }

  /** Once `advance` has returned true. */
  get verdict(): Verdict {
    if (this.#refusal !== null)
      return { ok: false, reason: this.#refusal.reason, detail: this.#refusal.message }
    if (this.#landing?.isCutByKnown !== true) return accepted
    return { ok: true, instead: Y.diffUpdate(this.#update, Y.encodeStateVector(this.#doc)) }
  }

  /** What was accepted as it is, with the order in which it can be cut into pieces; null otherwise. */
  get landed(): LandedUpdate | null {
    if (this.#refusal !== null || this.#landing === null || this.#landing.isCutByKnown) return null
    return { bytes: this.#update, order: this.#landing.order, deletesAt: this.#deletesAt }
  }

  #land(): Landing {
    this.#deletesAt = this.#reader.position
    this.#readDeletes()
    this.#reader.end()
    if (this.#hole !== null) throw new Refusal('missing', this.#hole)
    return new Landing(this.#doc, this.#blocks, this.#limits.maxDepth)
  }

  /** True when all are read. */
  #readBlocks(): boolean {
    const reader = this.#reader
    this.#blocksLeft ??= reader.count(minBlockBytes)
    for (let step = 0; step < structsPerStep; step++) {
      while (this.#structsLeft === 0) {
        this.#endBlock()
        if (this.#blocksLeft-- === 0) return true
        this.#structsLeft = reader.count(minStructBytes)
        this.#block = this.#newBlock(reader.varUint())
        this.#clock = reader.varUint()
      }
      if (this.#block !== null) this.#readStruct(this.#block)
      this.#structsLeft--
    }
    return false
  }

  #newBlock(client: number): Block {
    // Every Yjs writes them in this order, and merging updates relies on it; it also rules out a client twice.
    if (client >= (this.#block?.client ?? Infinity)) throw this.#reader.malformed('clients out of order')
    const known = Y.getState(this.#doc.store, client)
    return {
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
  }

  #endBlock(): void {
    const block = this.#block
    if (block === null) return
    if (block.known === 0 && block.end > 0) this.#countClient()
    this.#blocks.set(block.client, block)
  }

  #readStruct(block: Block): void {
    const struct = readStruct(this.#reader, block.client, this.#clock)
    this.#checkLimits(struct)
    this.#clock += struct.length
    if (!Number.isSafeInteger(this.#clock)) throw this.#reader.malformed('a clock out of range')
    // What it skips is either known to the document or a hole before the next struct.
    if (struct.kind === contentKind.skip) return
    if (struct.clock > block.end) this.#hole ??= `clock ${block.end} of client ${block.client}`
    block.structs.push(struct)
    block.end = Math.max(block.end, this.#clock)
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
    this.#newRoots ??= new Set()
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
