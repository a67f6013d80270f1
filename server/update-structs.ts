import type { UpdateReader } from './update-reader.ts'

/** The clock of a client at which something was written. */
export interface Id {
  readonly client: number
  readonly clock: number
}

/** The content kinds of Yjs 13 (Item.js `contentRefs`), with its two structs that are no items. */
export const contentKind = {
  collected: 0,
  deleted: 1,
  json: 2,
  binary: 3,
  string: 4,
  embed: 5,
  format: 6,
  type: 7,
  any: 8,
  subdocument: 9,
  skip: 10,
} as const

/** One struct as the update claims it, and `home`, which is found out later. */
export interface Struct extends Id {
  readonly kind: number
  /** How many clocks it takes. */
  readonly length: number
  readonly origin: Id | null
  readonly rightOrigin: Id | null
  /** A root's name or the id of a type; null where it is that of an origin. */
  readonly parent: Id | string | null
  readonly parentSub: string | null
  /** Where in the update its bytes begin, and where they have ended. */
  readonly start: number
  readonly end: number
  home: Home | null
}

/** The list or map entry an item is in; an item of a Y.Doc is one too. It is null for what is garbage. */
export interface Home {
  /** A type of the document, a type of the same message, or the name of a root that is new. */
  readonly parent: unknown
  readonly parentSub: string | null
}

/** Reads the struct that starts at an id and checks everything that its own bytes can tell. */
export function readStruct(reader: UpdateReader, client: number, clock: number): Struct {
  const start = reader.position
  const info = reader.byte()
  if (info === contentKind.collected || info === contentKind.skip) {
    const length = reader.length()
    return { kind: info, client, clock, length, start, end: reader.position, ...noPlace }
  }
  const origin = (info & hasOrigin) === 0 ? null : readId(reader)
  const rightOrigin = (info & hasRightOrigin) === 0 ? null : readId(reader)
  const isParentWritten = origin === null && rightOrigin === null
  const parent = isParentWritten ? readParent(reader) : null
  const parentSub = isParentWritten && (info & hasParentSub) !== 0 ? reader.key() : null
  const kind = info & kindBits
  const length = readContent(reader, kind)
  const end = reader.position
  return { kind, client, clock, length, origin, rightOrigin, parent, parentSub, start, end, home: null }
}

const noPlace = { origin: null, rightOrigin: null, parent: null, parentSub: null, home: null }

/** Whether two ids, or the absence of them, are the same. */
export function isSameId(a: Id | null, b: Id | null): boolean {
  if (a === null || b === null) return a === b
  return a.client === b.client && a.clock === b.clock
}

/** The upper bits of a struct's first byte. `hasParentSub` is also set, without a key, where an origin is written. */
const hasOrigin = 0x80
const hasRightOrigin = 0x40
const hasParentSub = 0x20
const kindBits = 0x1f

function readId(reader: UpdateReader): Id {
  return { client: reader.varUint(), clock: reader.varUint() }
}

function readParent(reader: UpdateReader): Id | string {
  switch (reader.varUint()) {
    case 0:
      return readId(reader)
    case 1:
      return reader.key()
    default:
      throw reader.malformed('an unknown kind of parent')
  }
}

/** Passes over the content of an item; returns how many clocks it takes. */
function readContent(reader: UpdateReader, kind: number): number {
  switch (kind) {
    case contentKind.deleted:
      return reader.length()
    case contentKind.json:
      return readEach(reader, () => reader.jsonOrUndefined())
    case contentKind.binary:
      reader.binary()
      return 1
    case contentKind.string:
      return readText(reader)
    case contentKind.embed:
      reader.json()
      return 1
    case contentKind.format:
      reader.key()
      reader.json()
      return 1
    case contentKind.type:
      readType(reader)
      return 1
    case contentKind.any:
      return readEach(reader, () => reader.any())
    case contentKind.subdocument:
      reader.text()
      reader.subdocumentOptions()
      return 1
    default:
      throw reader.malformed(`content of unknown kind ${kind}`)
  }
}

function readText(reader: UpdateReader): number {
  const units = reader.text()
  if (units === 0) throw reader.malformed('an empty text')
  return units
}

function readEach(reader: UpdateReader, read: () => void): number {
  const values = reader.count(1)
  if (values === 0) throw reader.malformed('an empty list of values')
  for (let i = 0; i < values; i++) read()
  return values
}

/** The types of Yjs 13 (ContentType.js `typeRefs`): array, map, text, XML element, fragment, hook, XML text. */
const typeCount = 7
const xmlElement = 3
const xmlHook = 5

function readType(reader: UpdateReader): void {
  const type = reader.varUint()
  if (type >= typeCount) throw reader.malformed(`a type of unknown kind ${type}`)
  if (type === xmlElement || type === xmlHook) reader.key()
}
