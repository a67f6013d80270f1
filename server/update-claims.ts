import * as decoding from 'lib0/decoding'
import * as Y from 'yjs'
import type { Block } from './update-landing.ts'
import { Refusal } from './update-reader.ts'
import { contentKind, type Struct } from './update-structs.ts'

/**
 * Asked about each client id of which an update brings new clocks, and whether bare gaps are among them; null when the
 * sender may.
 */
export type MayBring = (client: number, bringsGap: boolean) => 'conflict' | 'held' | null

export interface Claims {
  readonly bytes: Uint8Array
  readonly blocks: ReadonlyMap<number, Block>
  readonly doc: Y.Doc
  readonly mayBring: MayBring | undefined
}

/**
 * Throws a `Refusal` for an update that says something else of clocks the document has than the document does, as two
 * clients do that use one id; and for one that brings what its sender may not. For updates that passed all else.
 */
export function checkClaims({ bytes, blocks, doc, mayBring }: Claims): void {
  for (const { client, known, end, structs } of blocks.values()) {
    let bringsGap = false
    for (const struct of structs) {
      if (struct.clock < known && contradicts(struct, known, { bytes, doc })) {
        throw new Refusal('conflict', `clock ${struct.clock} of client ${client} has other content here`)
      }
      if (struct.kind <= contentKind.deleted && struct.clock + struct.length > known) bringsGap = true
    }
    const objection = end > known && mayBring !== undefined ? mayBring(client, bringsGap) : null
    if (objection !== null) throw new Refusal(objection, `client ${client} is somebody else's here`)
  }
}

/**
 * Whether what the document has at these clocks was written as something else. Nothing is known of what has been
 * deleted, and of other content than text only the kind is compared.
 */
function contradicts(
  struct: Struct,
  known: number,
  { bytes, doc }: { bytes: Uint8Array; doc: Y.Doc },
): boolean {
  if (struct.kind <= contentKind.deleted) return false
  const structs = doc.store.clients.get(struct.client) ?? []
  const text = struct.kind === contentKind.string ? readText(bytes.subarray(struct.start, struct.end)) : null
  const end = Math.min(known, struct.clock + struct.length)
  for (let index = Y.findIndexSS(structs, struct.clock); index < structs.length; index++) {
    const found = structs[index]
    if (found === undefined || found.id.clock >= end) return false
    if (!(found instanceof Y.Item) || found.content instanceof Y.ContentDeleted) continue
    if (!isSameContent(found, { struct, text, end })) return true
  }
  return false
}

function isSameContent(
  { id, length, content }: Y.Item,
  { struct, text, end }: { struct: Struct; text: string | null; end: number },
): boolean {
  if (content.getRef() !== struct.kind) return false
  if (text === null || !(content instanceof Y.ContentString)) return true
  const from = Math.max(id.clock, struct.clock)
  const to = Math.min(id.clock + length, end)
  const here = content.str.slice(from - id.clock, to - id.clock)
  const there = text.slice(from - struct.clock, to - struct.clock)
  return here === there || isSameButForHalves(here, there)
}

/** Yjs writes U+FFFD in place of the halves of a character that somebody typed into. */
function isSameButForHalves(a: string, b: string): boolean {
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i] && a[i] !== '\uFFFD' && b[i] !== '\uFFFD') return false
  }
  return true
}

/** The text of a struct that was read before, from its first byte on. */
function readText(struct: Uint8Array): string {
  const decoder = decoding.createDecoder(struct)
  const info = decoding.readUint8(decoder)
  const skipId = () => {
    decoding.readVarUint(decoder)
    decoding.readVarUint(decoder)
  }
  if ((info & 0x80) !== 0) skipId()
  if ((info & 0x40) !== 0) skipId()
  if ((info & 0xc0) === 0) {
    if (decoding.readVarUint(decoder) === 1) decoding.readVarString(decoder)
    else skipId()
    if ((info & 0x20) !== 0) decoding.readVarString(decoder)
  }
  return decoding.readVarString(decoder)
}
