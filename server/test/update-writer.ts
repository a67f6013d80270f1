import * as encoding from 'lib0/encoding'
import * as Y from 'yjs'

/** Updates as plain data, to be written by hand, taken apart and bent. Clocks follow from the lengths. */
export interface PlainUpdate {
  readonly blocks: readonly PlainBlock[]
  readonly deletes: readonly PlainDeletes[]
}

export interface PlainBlock {
  readonly client: number
  readonly clock: number
  readonly structs: readonly PlainStruct[]
}

export interface PlainStruct {
  readonly kind: number
  readonly origin?: Id | null
  readonly right?: Id | null
  /** A root's name or the id of a type. Only written without origins, like the key. */
  readonly parent?: Id | string
  readonly key?: string | null
  readonly content: Uint8Array
}

export type Id = readonly [client: number, clock: number]

export interface PlainDeletes {
  readonly client: number
  readonly ranges: readonly (readonly [clock: number, length: number])[]
}

/** Yjs's own type is generic in its event, which nothing here looks at. */
export type SharedType = Y.ContentType['type']

export type Where = Omit<PlainStruct, 'kind' | 'content'>

/** Numbers as variable-length integers, in a row. */
export function varUints(...numbers: number[]): Uint8Array {
  return encoding.encode((encoder) => {
    for (const number of numbers) encoding.writeVarUint(encoder, number)
  })
}

export const gc = (length: number): PlainStruct => ({ kind: 0, content: varUints(length) })
export const skip = (length: number): PlainStruct => ({ kind: 10, content: varUints(length) })
export const deleted = (length: number, where: Where): PlainStruct => ({
  kind: 1,
  content: varUints(length),
  ...where,
})
export const text = (text: string, where: Where): PlainStruct => item(new Y.ContentString(text), where)
export const any = (values: unknown[], where: Where): PlainStruct => item(new Y.ContentAny(values), where)
export const format = (key: string, value: unknown, where: Where): PlainStruct =>
  item(new Y.ContentFormat(key, value as object), where)
export const nested = (type: SharedType, where: Where): PlainStruct => item(new Y.ContentType(type), where)

/** Any content, also one that Yjs would not write. */
export function raw(kind: number, content: Uint8Array | number[], where: Where = {}): PlainStruct {
  return { kind, content: Uint8Array.from(content), ...where }
}

export function item(
  content: { getRef(): number; write(encoder: Y.UpdateEncoderV1, offset: number): void },
  where: Where,
): PlainStruct {
  const encoder = new Y.UpdateEncoderV1()
  content.write(encoder, 0)
  return { kind: content.getRef(), content: encoder.toUint8Array(), ...where }
}

/** An update of one client's structs and, if wanted, deletions. */
export function one(client: number, clock: number, ...structs: PlainStruct[]): Uint8Array {
  return write({ blocks: [{ client, clock, structs }], deletes: [] })
}

export function deletes(client: number, ...ranges: [clock: number, length: number][]): Uint8Array {
  return write({ blocks: [], deletes: [{ client, ranges }] })
}

export function write({ blocks, deletes }: PlainUpdate): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, blocks.length)
    for (const { client, clock, structs } of blocks) {
      encoding.writeUint8Array(encoder, varUints(structs.length, client, clock))
      for (const struct of structs) writeStruct(encoder, struct)
    }
    encoding.writeVarUint(encoder, deletes.length)
    for (const { client, ranges } of deletes) {
      encoding.writeUint8Array(encoder, varUints(client, ranges.length, ...ranges.flat()))
    }
  })
}

function writeStruct(
  encoder: encoding.Encoder,
  { kind, origin, right, parent, key, content }: PlainStruct,
): void {
  const info = kind | (origin ? 0x80 : 0) | (right ? 0x40 : 0) | (key == null ? 0 : 0x20)
  encoding.writeUint8(encoder, info)
  if (origin) encoding.writeUint8Array(encoder, varUints(...origin))
  if (right) encoding.writeUint8Array(encoder, varUints(...right))
  if (!origin && !right && parent !== undefined) {
    encoding.writeVarUint(encoder, typeof parent === 'string' ? 1 : 0)
    if (typeof parent === 'string') encoding.writeVarString(encoder, parent)
    else encoding.writeUint8Array(encoder, varUints(...parent))
    if (key != null) encoding.writeVarString(encoder, key)
  }
  encoding.writeUint8Array(encoder, content)
}

/** Takes a legal update apart; `write` gives an equal one back. */
export function read(update: Uint8Array): PlainUpdate {
  const { structs, ds } = Y.decodeUpdate(update)
  const blocks: { client: number; clock: number; structs: PlainStruct[] }[] = []
  for (const struct of structs) {
    const { client, clock } = struct.id
    const last = blocks.at(-1)
    if (last?.client === client) last.structs.push(toPlain(struct))
    else blocks.push({ client, clock, structs: [toPlain(struct)] })
  }
  const deletes = [...ds.clients].map(([client, items]) => ({
    client,
    ranges: items.map((range) => [range.clock, range.len] as const),
  }))
  return { blocks, deletes }
}

function toPlain(struct: Y.Item | Y.GC | Y.Skip): PlainStruct {
  if (struct instanceof Y.GC) return gc(struct.length)
  if (struct instanceof Y.Skip) return skip(struct.length)
  const { origin, rightOrigin, parentSub, content } = struct
  // The lazy reader leaves a root's name where an integrated item has the root.
  const parent = struct.parent as unknown as Y.ID | string | null
  return item(content, {
    origin: origin && [origin.client, origin.clock],
    right: rightOrigin && [rightOrigin.client, rightOrigin.clock],
    ...(parent === null
      ? {}
      : { parent: typeof parent === 'string' ? parent : ([parent.client, parent.clock] as const) }),
    key: parentSub,
  })
}
