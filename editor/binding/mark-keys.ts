import * as buffer from 'lib0/buffer'
import { digest } from 'lib0/hash/sha256'
import type { Mark } from 'prosemirror-model'
import * as Y from 'yjs'
import { itemsFrom } from './items.ts'

/*
 * The keys that marks have in Yjs. Of most marks a letter has one at most, and the key is the mark's name. Where a mark
 * doesn't exclude its own kind, as comments don't, y-prosemirror puts `--` and a hash of the mark behind the name.
 */

/** Bytes of the hash in a key. */
const hashLength = 6

/** The key of a mark, the very one that stock y-prosemirror gives it. */
export function keyOfMark(mark: Mark): string {
  const { type } = mark
  if (type.excludes(type)) return type.name
  const bytes = digest(buffer.encodeAny(mark.toJSON()))
  const hash = bytes.slice(0, hashLength)
  bytes.slice(hashLength).forEach((byte, index) => {
    const place = index % hashLength
    hash[place] = (hash[place] ?? 0) ^ byte
  })
  return `${type.name}--${buffer.toBase64(hash)}`
}

/** The name of the mark that a key is of. */
export function nameOfKey(key: string): string {
  return key.replace(/--[a-zA-Z0-9+/=]{8}$/, '')
}

/** Finds the key that a mark's value is stored under: y-prosemirror tells only the name. */
export class MarkKeys {
  readonly #doc: Y.Doc
  readonly #keys = new WeakMap<object, string>()
  /** How much of each client was read. */
  readonly #read = new Map<number, number>()

  constructor(doc: Y.Doc) {
    this.#doc = doc
  }

  find(name: string, value: unknown): string {
    if (typeof value !== 'object' || value === null) return name
    if (!this.#keys.has(value)) this.#readOn()
    return this.#keys.get(value) ?? name
  }

  #readOn(): void {
    const { store } = this.#doc
    for (const client of store.clients.keys()) {
      const items = itemsFrom(this.#doc, { client, clock: this.#read.get(client) ?? 0 })
      for (const { content } of items) {
        if (!(content instanceof Y.ContentFormat)) continue
        const value: unknown = content.value
        if (typeof value === 'object' && value !== null) this.#keys.set(value, content.key)
      }
      this.#read.set(client, Y.getState(store, client))
    }
  }
}
