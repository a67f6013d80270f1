import * as Y from 'yjs'
import type { Random } from '../../test/random.ts'
import {
  deleted,
  gc,
  type Id,
  nested,
  type PlainStruct,
  type PlainUpdate,
  raw,
  read,
  skip,
  text,
} from './update-writer.ts'
import { any, format, write } from './update-writer.ts'

/** A legal update with one to three lies in it, most of them well-formed. */
export function bend(update: Uint8Array, doc: Y.Doc, rng: Random): Uint8Array {
  const kind = rng.below(10)
  if (kind === 0) return flipBits(update, rng)
  if (kind === 1) return update.slice(0, rng.below(update.length))
  let plain: PlainUpdate = read(update)
  for (let lies = 1 + rng.below(3); lies > 0; lies--) plain = lie(plain, doc, rng)
  return write(plain)
}

function flipBits(update: Uint8Array, rng: Random): Uint8Array {
  const flipped = update.slice()
  for (let flips = 1 + rng.below(3); flips > 0; flips--) {
    const at = rng.below(flipped.length)
    flipped[at] = (flipped[at] ?? 0) ^ (1 << rng.below(8))
  }
  return flipped
}

function lie(update: PlainUpdate, doc: Y.Doc, rng: Random): PlainUpdate {
  const { blocks, deletes } = update
  const kind = rng.below(12)
  if (kind < 2 || blocks.length === 0)
    return { blocks, deletes: [...deletes, ...lieAboutDeletes(doc, rng)].slice(-3) }
  const index = rng.below(blocks.length)
  const block = blocks[index]!
  const at = rng.below(block.structs.length)
  const replace = (structs: PlainStruct[], clock = block.clock, client = block.client) => {
    const changed = { client, clock, structs }
    const list = [
      ...blocks.slice(0, index),
      ...(structs.length > 0 ? [changed] : []),
      ...blocks.slice(index + 1),
    ]
    // Mostly in order, so that lies get past the first check.
    return { blocks: rng.chance(0.95) ? list.sort((a, b) => b.client - a.client) : list, deletes }
  }
  switch (kind) {
    case 2:
      return replace(block.structs.toSpliced(at, 1))
    case 3:
      return replace([...block.structs], Math.max(0, block.clock + rng.below(7) - 3))
    case 4:
      return replace(
        [...block.structs],
        block.clock,
        rng.chance(0.5) ? anyClient(doc, rng) : block.client + 1,
      )
    case 5:
      return replace(block.structs.toSpliced(at, 0, invent(update, doc, rng)))
    case 6:
    case 7:
      return replace([...block.structs, invent(update, doc, rng)])
    default:
      return replace(block.structs.with(at, misplace(block.structs[at]!, update, doc, rng)))
  }
}

/** The same content somewhere else. */
function misplace(struct: PlainStruct, update: PlainUpdate, doc: Y.Doc, rng: Random): PlainStruct {
  if (struct.kind === 0 || struct.kind === 10) return invent(update, doc, rng)
  const { origin = null, right = null, content, kind } = struct
  const id = () => anyId(update, doc, rng)
  switch (rng.below(6)) {
    case 0:
      return { ...struct, origin: id() }
    case 1:
      return { ...struct, right: id() }
    case 2:
      return { ...struct, origin: id(), right: id() }
    case 3:
      return { kind, content, origin: right, right: origin, parent: 'text' }
    case 4:
      return {
        kind,
        content,
        parent: rng.chance(0.5) ? id() : anyRoot(rng),
        key: rng.chance(0.3) ? 'a' : null,
      }
    default:
      return {
        ...invent(update, doc, rng),
        origin,
        right,
        parent: struct.parent ?? anyRoot(rng),
        key: struct.key ?? null,
      }
  }
}

function invent(update: PlainUpdate, doc: Y.Doc, rng: Random): PlainStruct {
  const where = {
    origin: rng.chance(0.5) ? anyId(update, doc, rng) : null,
    right: rng.chance(0.5) ? anyId(update, doc, rng) : null,
    parent: rng.chance(0.5) ? anyId(update, doc, rng) : anyRoot(rng),
    key: rng.chance(0.3) ? 'a' : null,
  }
  switch (rng.below(9)) {
    case 0:
      return gc(1 + rng.below(5))
    case 1:
      return skip(1 + rng.below(5))
    case 2:
      return deleted(1 + rng.below(5), where)
    case 3:
      return any([1, { a: 'b' }].slice(rng.below(2)), where)
    case 4:
      return format('bold', rng.chance(0.5) ? true : null, where)
    case 5:
      return nested(rng.pick([new Y.Map(), new Y.Array(), new Y.XmlText(), new Y.XmlElement('p')]), where)
    case 6:
      return raw(rng.below(32), [rng.below(256), rng.below(256), rng.below(256)], where)
    default:
      return text(rng.pick(['x', 'yz', '😀']), where)
  }
}

function lieAboutDeletes(doc: Y.Doc, rng: Random): { client: number; ranges: [number, number][] }[] {
  const client = anyClient(doc, rng)
  const state = Y.getState(doc.store, client)
  const clock = rng.below(state + 1)
  return [
    {
      client,
      ranges: [[clock, rng.chance(0.8) ? 1 + rng.below(Math.max(1, state - clock)) : rng.below(2 ** 20)]],
    },
  ]
}

function anyClient(doc: Y.Doc, rng: Random): number {
  const clients = [...doc.store.clients.keys()]
  return clients.length > 0 ? rng.pick(clients) : 1
}

/** Mostly something that exists, in the document or in the update. */
function anyId(update: PlainUpdate, doc: Y.Doc, rng: Random): Id {
  if (rng.chance(0.3) && update.blocks.length > 0) {
    const { client, clock, structs } = rng.pick(update.blocks)
    return [client, clock + rng.below(structs.length + 2)]
  }
  const client = anyClient(doc, rng)
  return [client, rng.below(Y.getState(doc.store, client) + (rng.chance(0.05) ? 5 : 0)) || 0]
}

function anyRoot(rng: Random): string {
  if (rng.chance(0.02)) return '__proto__'
  return rng.pick(['text', 'map', 'array', 'default', 'other'])
}
