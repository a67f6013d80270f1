import Sqlite from 'better-sqlite3'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { openStore } from '../persistence/sqlite/open.ts'
import type { Store } from '../persistence/sqlite/store.ts'

/** One bit flipped, or, without a bit, the file cut there. */
export interface Injury {
  readonly file: string
  readonly at: number
  readonly bit: number | null
}

/** What each document was after each commit, in order. */
export type Known = Record<string, readonly string[]>

/** What a crash leaves behind. */
export const files = ['coscribe.sqlite', 'coscribe.sqlite-wal', 'coscribe.last-commit'] as const

const documents = ['one', 'two', 'three']
const bytes = (text: string) => new TextEncoder().encode(text)
const text = (part: { readonly bytes: Uint8Array }) => new TextDecoder().decode(part.bytes)

/** What a document holds, so that what is left of a damaged one is the beginning of what it held. */
export function contentOf(store: Store, document: string): { content: string; damage: string | null } {
  if (store.standing(document) === 'unknown') return { content: '', damage: null }
  if (store.standing(document) === 'removed') return { content: 'removed', damage: null }
  const { state, records, damage } = store.load(document)
  const parts = [...(state === null ? [] : [`(${text(state)})`]), ...records.map(text)]
  return { content: parts.map((part) => `${part};`).join(''), damage: damage?.detail ?? null }
}

/** Makes a store as it is left by a crash: much of it only in the write-ahead log. Returns all it ever was. */
export function makeCrashedStore(workshop: string, folder: string): Known {
  const store = openStore(workshop, () => undefined)
  const known: Record<string, string[]> = Object.fromEntries(documents.map((document) => [document, ['']]))
  const remember = () => {
    for (const document of documents) known[document]?.push(contentOf(store, document).content)
  }
  for (let round = 0; round < 12; round++) {
    if (round === 6) checkpoint(workshop)
    const records = [bytes(`${round}-${'x'.repeat(60 * round)}`), bytes(`${round}+`)]
    store.append([documents.slice(round % 2).map((document) => ({ document, records, at: 1000 + round }))])
    remember()
    if (round % 5 === 4) {
      const segments = [{ from: 1, to: 2, clients: [7], bytes: bytes('then') }]
      store.compact('two', { through: round, state: bytes(`state ${round} ${'y'.repeat(3000)}`), segments })
      remember()
    }
  }
  for (const file of files) copyFileSync(join(workshop, file), join(folder, file))
  store.close()
  return known
}

function checkpoint(folder: string): void {
  const db = new Sqlite(join(folder, 'coscribe.sqlite'))
  db.pragma('wal_checkpoint(PASSIVE)')
  db.close()
}
