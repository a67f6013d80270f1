/** Why an update may not be applied; see `Verdict` in gate.ts. */
export type RefusalReason = 'malformed' | 'missing' | 'limit' | 'conflict' | 'held'

/** Ends the check of an update. Thrown and caught inside the gate only. */
export class Refusal extends Error {
  readonly reason: RefusalReason

  constructor(reason: RefusalReason, detail: string) {
    super(detail)
    this.reason = reason
  }
}

/** How deep and how long single values may be; see `GateLimits`. */
export interface ValueLimits {
  readonly maxAnyDepth: number
  readonly maxKeyBytes: number
}

/**
 * A cursor over the V1 encoding that reads as lib0 0.2.120 does, except that it never leaves the bytes, never
 * allocates by a claimed size, and refuses what no writer produces: numbers longer than needed or past 2^53 - 1.
 */
export class UpdateReader {
  readonly #bytes: Uint8Array
  readonly #limits: ValueLimits
  #position = 0

  constructor(bytes: Uint8Array, limits: ValueLimits) {
    this.#bytes = bytes
    this.#limits = limits
  }

  /** How many bytes have been read. */
  get position(): number {
    return this.#position
  }

  get bytesLeft(): number {
    return this.#bytes.length - this.#position
  }

  byte(): number {
    const byte = this.#bytes[this.#position]
    if (byte === undefined) throw this.malformed('the update ends too early')
    this.#position++
    return byte
  }

  /** An unsigned integer of at most 53 bits. */
  varUint(): number {
    const first = this.byte()
    return first < 0x80 ? first : this.#moreDigits(first & 0x7f, 0x80)
  }

  /** A count of things that take at least `minBytes` each: it can't be more than what is left holds. */
  count(minBytes: number): number {
    const count = this.varUint()
    if (count * minBytes > this.bytesLeft) throw this.malformed('a count is larger than the update')
    return count
  }

  /** A number of clocks that a struct or a deletion covers. */
  length(): number {
    const length = this.varUint()
    if (length === 0) throw this.malformed('an empty range')
    return length
  }

  /** Passes over a byte string. */
  binary(): void {
    this.#pass(this.count(1))
  }

  /** Passes over a text and returns its length in UTF-16 code units, which is what Yjs counts in. */
  text(): number {
    return this.textOf(this.count(1))
  }

  /** The same, where its size was read already; ask `count` for that. */
  textOf(bytes: number): number {
    const start = this.#pass(bytes)
    const units = utf16Length(this.#bytes, start, this.#position)
    if (units < 0) throw this.malformed('a text is not UTF-8')
    return units
  }

  /** The name of a root, map entry, XML node, attribute or mark, or the key of an object. */
  key(): string {
    const bytes = this.count(1)
    if (bytes > this.#limits.maxKeyBytes) throw new Refusal('limit', `a key of ${bytes} bytes`)
    const key = this.#decode(bytes)
    checkKey(key)
    return key
  }

  /** Passes over a value as JSON, which is how embeds and marks are written. */
  json(): void {
    const text = this.#decode(this.count(1))
    checkJson(this.#parse(text), this.#limits.maxAnyDepth)
  }

  /** As `json`, in the list form of old documents, where a bare `undefined` is a value as well. */
  jsonOrUndefined(): void {
    const text = this.#decode(this.count(1))
    if (text !== 'undefined') checkJson(this.#parse(text), this.#limits.maxAnyDepth)
  }

  /** Passes over a value in lib0's own encoding. `depth` is how many objects and arrays it is in. */
  any(depth = 0): void {
    const type = this.byte()
    switch (type) {
      case anyType.undefined:
      case anyType.null:
      case anyType.true:
      case anyType.false:
        return
      case anyType.integer:
        this.#varInt()
        return
      case anyType.float32:
        this.#skip(4)
        return
      case anyType.float64:
      case anyType.bigint:
        this.#skip(8)
        return
      case anyType.string:
        this.text()
        return
      case anyType.binary:
        this.binary()
        return
      case anyType.array:
        this.#array(depth + 1)
        return
      case anyType.object:
        this.#object(depth + 1)
        return
      default:
        throw this.malformed(`a value of unknown type ${type}`)
    }
  }

  /** Passes over the options of a subdocument: Yjs spreads them into `new Doc`, so only its own ones may come in. */
  subdocumentOptions(): void {
    if (this.byte() !== anyType.object) throw this.malformed('subdocument options that are no object')
    for (let entries = this.count(2); entries > 0; entries--) {
      if (!subdocumentOptions.has(this.key())) throw this.malformed('an unknown subdocument option')
      this.any(1)
    }
  }

  end(): void {
    if (this.bytesLeft > 0) throw this.malformed(`${this.bytesLeft} bytes too many`)
  }

  malformed(what: string): Refusal {
    return new Refusal('malformed', `${what} (byte ${this.#position})`)
  }

  #moreDigits(low: number, firstScale: number): number {
    let value = low
    for (let scale = firstScale; scale <= largestScale; scale *= 0x80) {
      const byte = this.byte()
      value += (byte & 0x7f) * scale
      if (byte >= 0x80) continue
      if (byte === 0 || value > Number.MAX_SAFE_INTEGER) break
      return value
    }
    throw this.malformed('a number no writer produces')
  }

  #varInt(): void {
    const first = this.byte()
    if (first >= 0x80) this.#moreDigits(first & 0x3f, 0x40)
  }

  #array(depth: number): void {
    this.#checkDepth(depth)
    for (let values = this.count(1); values > 0; values--) this.any(depth)
  }

  #object(depth: number): void {
    this.#checkDepth(depth)
    for (let entries = this.count(2); entries > 0; entries--) {
      this.key()
      this.any(depth)
    }
  }

  #checkDepth(depth: number): void {
    if (depth > this.#limits.maxAnyDepth) throw tooDeep()
  }

  #skip(bytes: number): void {
    if (bytes > this.bytesLeft) throw this.malformed('the update ends too early')
    this.#pass(bytes)
  }

  /** Passes over bytes that are there and returns where they start. */
  #pass(bytes: number): number {
    const start = this.#position
    this.#position += bytes
    return start
  }

  #decode(bytes: number): string {
    const start = this.#pass(bytes)
    try {
      return utf8.decode(this.#bytes.subarray(start, this.#position))
    } catch {
      throw this.malformed('a text is not UTF-8')
    }
  }

  #parse(json: string): unknown {
    try {
      return JSON.parse(json)
    } catch {
      throw this.malformed('a value is not JSON')
    }
  }
}

/** Keys that reach the prototype of a plain object when a document is turned into one. */
const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'prototype', 'constructor'])

/** What Yjs writes for a subdocument (ContentDoc.js). `guid` among them would make it another document. */
const subdocumentOptions: ReadonlySet<string> = new Set(['gc', 'autoLoad', 'meta'])

/** lib0's decoder: fatal, and a byte order mark is a character like any other. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The last seven bits of a number below 2^53 + 2^7 weigh this much. */
const largestScale = 2 ** 49

/** The type bytes of lib0's `readAny`. */
const anyType = {
  undefined: 127,
  null: 126,
  integer: 125,
  float32: 124,
  float64: 123,
  bigint: 122,
  false: 121,
  true: 120,
  string: 119,
  object: 118,
  array: 117,
  binary: 116,
} as const

function checkKey(key: string): void {
  if (forbiddenKeys.has(key)) throw new Refusal('limit', 'a key that reaches the prototype of an object')
}

function checkJson(value: unknown, levelsLeft: number): void {
  // 1e999 parses, but is written back as null: the stored document would differ from the live one.
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new Refusal('malformed', 'a number that is no JSON')
  if (typeof value !== 'object' || value === null) return
  if (levelsLeft === 0) throw tooDeep()
  if (!Array.isArray(value)) for (const key of Object.keys(value)) checkKey(key)
  for (const entry of Object.values(value)) checkJson(entry, levelsLeft - 1)
}

function tooDeep(): Refusal {
  return new Refusal('limit', 'a value nested too deeply')
}

/** The length in UTF-16 code units of UTF-8 bytes, or -1 if they are not well-formed. */
function utf16Length(bytes: Uint8Array, start: number, end: number): number {
  let units = 0
  for (let at = start; at < end;) {
    const lead = bytes[at] ?? 0
    if (lead < 0x80) {
      at++
      units++
      continue
    }
    const size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
    if (lead < 0xc2 || lead > 0xf4 || at + size > end) return -1
    // Overlong forms, surrogates and what lies past U+10FFFF show in the second byte.
    const second = bytes[at + 1] ?? 0
    if (second < (lowestSecond[lead] ?? 0x80) || second > (highestSecond[lead] ?? 0xbf)) return -1
    for (let i = at + 2; i < at + size; i++) if (((bytes[i] ?? 0) & 0xc0) !== 0x80) return -1
    at += size
    units += size === 4 ? 2 : 1
  }
  return units
}

const lowestSecond: Readonly<Record<number, number>> = { 0xe0: 0xa0, 0xf0: 0x90 }
const highestSecond: Readonly<Record<number, number>> = { 0xed: 0x9f, 0xf4: 0x8f }
