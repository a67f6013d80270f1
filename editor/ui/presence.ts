import { fieldOf } from '../../server/protocol/field.ts'
import { parseColor } from './color.ts'

const maxNameLength = 40

/** What a person shows of themselves, after parsing. */
export interface Identity {
  readonly id: string | null
  readonly name: string
  readonly color: string
}

/** Somebody who has the document open, in however many tabs. */
export interface Person extends Identity {
  readonly key: string
  readonly clients: readonly number[]
  readonly isSelf: boolean
}

/** What makes text run the other way, breaks lines or shows nothing; joiners stay, emoji and scripts need them. */
const controls = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/gu

/** Tells people apart: a person in several tabs is one. */
export function keyOfPerson({ id }: Identity, client: number): string {
  return id === null ? `client:${client}` : `user:${id}`
}

/**
 * Reads who a presence state belongs to: names are cut at 40 characters and freed of controls, colours must be
 * `#rrggbb`.
 */
export function parseIdentity(state: unknown, client: number): Identity {
  const user = fieldOf(state, 'user')
  const name = fieldOf(user, 'name')
  const id = fieldOf(user, 'id')
  const trimmed = typeof name === 'string' ? cleanName(name) : ''
  return {
    id: typeof id === 'string' && id !== '' ? id : null,
    name: trimmed === '' ? `Guest ${client % 1000}` : trimmed,
    color: parseColor(fieldOf(user, 'color'), client),
  }
}

function cleanName(name: string): string {
  // A name may be as long as a presence message; what is far beyond the limit needs no cleaning.
  const clean = name
    .slice(0, 20 * maxNameLength)
    .replace(controls, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return Array.from(clean).slice(0, maxNameLength).join('')
}

/** The people present: the person here first, then by when their first tab joined as far as ids tell. */
export function listPeople(states: ReadonlyMap<number, unknown>, self: number): Person[] {
  const people = new Map<string, Person>()
  const clients = [...states.keys()].sort((a, b) => Number(b === self) - Number(a === self) || a - b)
  for (const client of clients) {
    const state = states.get(client)
    if (typeof state !== 'object' || state === null) continue
    const identity = parseIdentity(state, client)
    const key = keyOfPerson(identity, client)
    const known = people.get(key)
    if (known === undefined) people.set(key, { ...identity, key, clients: [client], isSelf: client === self })
    else people.set(key, { ...known, clients: [...known.clients, client] })
  }
  return [...people.values()]
}
