import * as Y from 'yjs'
import { type ListItem, ListOrder } from './update-order.ts'
import { Refusal } from './update-reader.ts'
import { contentKind, type Home, type Id, isSameId, type Struct } from './update-structs.ts'

/** What an update brings of one client: clocks without a gap, in ascending order. */
export interface Block {
  readonly client: number
  readonly structs: Struct[]
  /** The first clock the document doesn't have yet. */
  readonly known: number
  /** The first clock nobody has yet once the update is applied. */
  end: number
  /** The ranges the update deletes, ascending: first clock, first clock after it, and so on. */
  readonly deletes: number[]
  /** How far its structs have landed, by clock and by index. */
  landed: number
  next: number
  /** How far it has to land before a block that waits for it can go on. */
  wanted: number
  isWaiting: boolean
}

/**
 * Works out where every struct of a message will land, the way Yjs does it (Item.js `getMissing` and `integrate`), and
 * throws a `Refusal` for what Yjs would leave pending, fail on, or read back differently from its own encoding:
 *
 * 1. every reference is in the document or in the message, and references form no cycle;
 * 2. a parent is a type, or was one before it was collected;
 * 3. the origins of an item are in one list, and somebody can have seen them side by side;
 * 4. the rest of an item that is known in part lands where its beginning is;
 * 5. a map entry has no right origin, and takes one clock unless it is deleted: half of a longer one would stay alive
 *    beside its successor;
 * 6. an item that ends up as garbage doesn't cut a surrogate pair: Yjs would replace the halves and tell nobody why.
 */
export class Landing {
  readonly #doc: Y.Doc
  readonly #blocks: ReadonlyMap<number, Block>
  readonly #maxDepth: number
  /** How many types a type is in, itself included. */
  #depths: Map<unknown, number> | null = null
  /** What has landed in lists, in order. */
  readonly #inLists: ListItem[] = []
  /** The lists in which the order of origins isn't obvious. */
  #doubtfulLists: Set<unknown> | null = null
  /** What of the message is new, in an order in which it can be applied piece by piece. */
  readonly order: Struct[] = []
  #isCutByKnown = false
  /** How far `advance` has got. */
  #remaining: Iterator<Block, undefined> | null = null
  readonly #waiting: Block[] = []
  #orders: Map<unknown, ListOrder> | null = null
  #ordered = 0
  #untilPause = 0

  constructor(doc: Y.Doc, blocks: ReadonlyMap<number, Block>, maxDepth: number) {
    this.#doc = doc
    this.#blocks = blocks
    this.#maxDepth = maxDepth
  }

  /**
   * Whether what is known already would change the document: Yjs looks up its neighbours all the same, and where that
   * cuts a surrogate pair it replaces the halves without an update. A client's own text can be cut like this, so it is
   * no sign of malice.
   */
  get isCutByKnown(): boolean {
    return this.#isCutByKnown
  }

  /**
   * Lands some thousands of structs; true when all have landed. Every struct is visited once, after what it refers to:
   * linear, and no recursion for a message to exhaust.
   */
  advance(): boolean {
    this.#untilPause = structsPerStep
    while (this.#untilPause > 0) {
      const top = this.#waiting.at(-1) ?? this.#nextBlock()
      if (top === null) return this.#checkOrder()
      const needed = this.#advance(top)
      if (needed !== null) this.#waiting.push(needed)
      else if (this.#untilPause > 0) this.#waiting.pop()
    }
    return false
  }

  #nextBlock(): Block | null {
    this.#remaining ??= this.#blocks.values()
    const { value } = this.#remaining.next()
    if (value === undefined) return null
    value.wanted = Infinity
    this.#waiting.push(value)
    return value
  }

  /** Lands structs until `wanted` is reached; returns the block that has to go on first, if there is one. */
  #advance(block: Block): Block | null {
    block.isWaiting = false
    for (let struct = block.structs[block.next]; struct !== undefined; struct = block.structs[++block.next]) {
      if (block.landed >= block.wanted || --this.#untilPause <= 0) break
      const needed = this.#blockBefore(struct, block)
      if (needed !== null) {
        block.isWaiting = true
        return needed
      }
      this.#land(struct, block)
      block.landed = Math.max(block.landed, struct.clock + struct.length)
    }
    return null
  }

  /** The block that has to go on before the struct can land. */
  #blockBefore(struct: Struct, block: Block): Block | null {
    const { origin, rightOrigin, parent } = struct
    return (
      (origin && this.#blockOf(origin, struct, block)) ??
      (rightOrigin && this.#blockOf(rightOrigin, struct, block)) ??
      (parent !== null && typeof parent !== 'string' ? this.#blockOf(parent, struct, block) : null)
    )
  }

  #blockOf({ client, clock }: Id, struct: Struct, block: Block): Block | null {
    if (client === struct.client) {
      if (clock >= struct.clock) throw malformed('refers to itself or to its own future', struct)
      return null
    }
    if (clock < this.#known(client)) return null
    const other = this.#blocks.get(client)
    // What the document has of a struct was integrated after all that it refers to.
    const isKnown = struct.clock < block.known
    if (isKnown || other === undefined || clock >= other.end) {
      throw new Refusal('missing', `client ${struct.client} builds on clock ${clock} of client ${client}`)
    }
    if (clock < other.landed) return null
    if (other.isWaiting) throw malformed('is part of a cycle of references', struct)
    other.wanted = clock + 1
    return other
  }

  #land(struct: Struct, block: Block): void {
    const isKnown = struct.clock < block.known
    if (isKnown && this.#cutsPair(struct)) this.#isCutByKnown = true
    if (struct.clock + struct.length <= block.known) return
    const home = this.#findHome(struct)
    struct.home = home
    this.order.push(struct)
    // Collected text has no list: what of it was typed before may still stand in one here.
    if (isKnown && struct.kind !== contentKind.collected) this.#checkContinues(struct, block)
    if (home === null) this.#checkGarbage(struct)
    else if (home.parentSub !== null) checkMapEntry(struct, block)
    else this.#addToList(struct, block, home)
    if (home !== null && struct.kind === contentKind.type) this.#checkDepth(struct, home)
  }

  #findHome(struct: Struct): Home | null {
    const { origin, rightOrigin, parent } = struct
    if (struct.kind === contentKind.collected) return null
    if (parent !== null) {
      const type = this.#findType(parent, struct)
      return type === null ? null : { parent: type, parentSub: struct.parentSub }
    }
    const left = origin === null ? undefined : this.#homeAt(origin)
    const right = rightOrigin === null ? undefined : this.#homeAt(rightOrigin)
    if (left === null || right === null) return null
    if (left !== undefined && right !== undefined && !isSameHome(left, right)) {
      throw malformed('lies between items of two lists', struct)
    }
    return left ?? right ?? null
  }

  /** The type that is the parent, or null if it has been collected. */
  #findType(parent: Id | string, struct: Struct): unknown {
    if (typeof parent === 'string') return this.#doc.share.get(parent) ?? parent
    const found = this.#at(parent)
    if (found instanceof Y.GC) return null
    if (found instanceof Y.Item) {
      if (found.content instanceof Y.ContentType) return found.content.type
      if (found.content instanceof Y.ContentDeleted) return null
    } else {
      if (found.home === null || found.kind === contentKind.deleted) return null
      if (found.kind === contentKind.type) return found
    }
    throw malformed('is inside of something that is no type', struct)
  }

  #homeAt(id: Id): Home | null {
    const found = this.#at(id)
    if (found instanceof Y.GC) return null
    return found instanceof Y.Item ? found : found.home
  }

  #checkContinues(struct: Struct, block: Block): void {
    const beginning = this.#homeAt({ client: block.client, clock: block.known - 1 })
    const { home } = struct
    if (beginning === home || (beginning !== null && home !== null && isSameHome(beginning, home))) return
    throw malformed('continues an item of another list', struct)
  }

  #checkDepth(type: Struct, { parent }: Home): void {
    const depth = 1 + this.#depthOf(parent)
    if (depth > this.#maxDepth) throw new Refusal('limit', `types nested ${depth} deep`)
    this.#depths ??= new Map()
    this.#depths.set(type, depth)
  }

  #depthOf(type: unknown): number {
    const known = this.#depths?.get(type)
    if (known !== undefined) return known
    let depth = 0
    for (
      let outer = type;
      outer instanceof Y.AbstractType && outer._item !== null;
      outer = outer._item.parent
    )
      depth++
    this.#depths ??= new Map()
    this.#depths.set(type, depth)
    return depth
  }

  /**
   * An item was written between two neighbours. So the right one is right of the left one, and was written after the
   * left one or something further left. Mostly one of them was written next to the other, which settles it.
   */
  #addToList(struct: Struct, block: Block, { parent }: Home): void {
    const { client, rightOrigin } = struct
    const clock = Math.max(struct.clock, block.known)
    const origin = clock > struct.clock ? { client, clock: clock - 1 } : struct.origin
    this.#inLists.push({
      client,
      clock,
      length: struct.clock + struct.length - clock,
      origin,
      rightOrigin,
      parent,
    })
    if (rightOrigin === null || isSameId(this.#originAt(rightOrigin), origin)) return
    if (origin === null) throw malformed('is not first in its list', struct)
    if (isSameId(this.#rightOriginAt(origin), rightOrigin)) return
    this.#doubtfulLists ??= new Set()
    this.#doubtfulLists.add(parent)
  }

  #originAt(id: Id): Id | null {
    const found = this.#at(id)
    const start = found instanceof Y.Item || found instanceof Y.GC ? found.id.clock : found.clock
    if (id.clock > start) return { client: id.client, clock: id.clock - 1 }
    return found instanceof Y.GC ? null : found.origin
  }

  #rightOriginAt(id: Id): Id | null {
    const found = this.#at(id)
    return found instanceof Y.GC ? null : found.rightOrigin
  }

  /** Replays what lands in the doubtful lists: rare, and as costly as integrating it. True when it is done. */
  #checkOrder(): boolean {
    const doubtful = this.#doubtfulLists
    if (doubtful === null) return true
    for (
      ;
      this.#ordered < this.#inLists.length && this.#untilPause > 0;
      this.#ordered++, this.#untilPause -= stepsPerOrdered
    ) {
      const item = this.#inLists[this.#ordered]
      if (item === undefined || !doubtful.has(item.parent)) continue
      if (!this.#orderOf(item.parent).add(item))
        throw malformed('lies between items that were never neighbours', item)
    }
    return this.#ordered === this.#inLists.length
  }

  #orderOf(list: unknown): ListOrder {
    this.#orders ??= new Map()
    const known = this.#orders.get(list)
    if (known !== undefined) return known
    const order = new ListOrder(list)
    this.#orders.set(list, order)
    return order
  }

  #checkGarbage(struct: Struct): void {
    if (this.#cutsPair(struct)) throw malformed('is garbage that cuts a character in two', struct)
  }

  #cutsPair({ origin, rightOrigin }: Struct): boolean {
    return (
      (origin !== null && this.#isInPair(origin.client, origin.clock + 1)) ||
      (rightOrigin !== null && this.#isInPair(rightOrigin.client, rightOrigin.clock))
    )
  }

  /** Whether a text of the document has a surrogate pair around the boundary before `clock`. */
  #isInPair(client: number, clock: number): boolean {
    if (clock >= this.#known(client)) return false
    const found = this.#at({ client, clock })
    if (!(found instanceof Y.Item) || !(found.content instanceof Y.ContentString)) return false
    const unit = found.content.str.charCodeAt(clock - found.id.clock - 1)
    return unit >= 0xd800 && unit <= 0xdbff
  }

  /** The struct that holds an id which is known to exist. What the document has comes first, as in Yjs. */
  #at({ client, clock }: Id): Y.Item | Y.GC | Struct {
    const known = this.#doc.store.clients.get(client)
    const inDoc =
      known !== undefined && clock < this.#known(client) ? known[Y.findIndexSS(known, clock)] : undefined
    const found = inDoc ?? structAt(this.#blocks.get(client)?.structs ?? [], clock)
    if (found === null) throw new Refusal('missing', `clock ${clock} of client ${client}`)
    return found
  }

  #known(client: number): number {
    return Y.getState(this.#doc.store, client)
  }
}

/** Putting one item in order may mean to walk past thousands. */
const stepsPerOrdered = 64

/** How many structs are read or landed between two pauses: a millisecond or two of work. */
export const structsPerStep = 4096

function isSameHome(a: Home, b: Home): boolean {
  return a.parent === b.parent && a.parentSub === b.parentSub
}

function checkMapEntry(struct: Struct, block: Block): void {
  if (struct.rightOrigin !== null) throw malformed('is a map entry with a right origin', struct)
  if (struct.length === 1 || struct.kind === contentKind.deleted) return
  // Clients that keep deleted content write a run of deleted values as one struct.
  if (!isDeleted(block, Math.max(struct.clock, block.known), struct.clock + struct.length)) {
    throw malformed('is a map entry of many values', struct)
  }
}

/** Whether one range of the update's deletions of this client covers everything from `start` up to `end`. */
function isDeleted({ deletes }: Block, start: number, end: number): boolean {
  let low = 0
  let high = deletes.length / 2
  while (low < high) {
    const middle = (low + high) >> 1
    if ((deletes[2 * middle + 1] ?? 0) > start) high = middle
    else low = middle + 1
  }
  return (deletes[2 * low] ?? Infinity) <= start && end <= (deletes[2 * low + 1] ?? 0)
}

/** Binary search: `clock` is known to be in one of them. */
function structAt(structs: readonly Struct[], clock: number): Struct | null {
  let low = 0
  let high = structs.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((structs[middle]?.clock ?? Infinity) <= clock) low = middle
    else high = middle - 1
  }
  return structs[low] ?? null
}

function malformed(what: string, { client, clock }: Id): Refusal {
  return new Refusal('malformed', `clock ${clock} of client ${client} ${what}`)
}
