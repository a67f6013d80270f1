import type { User } from './access.ts'

/** Whose state it is: their client id, and the user if the server knows them. */
export interface StateOwner {
  readonly client: number
  readonly user: User | undefined
}

/**
 * The presence state to relay: the bytes that came, or others where the server knows better who this is or a colour is
 * none. Null when no honest client sends it: no JSON object, too deep, or with keys that reach an object's prototype.
 * Never throws.
 */
export function checkState(bytes: Uint8Array, owner: StateOwner): Uint8Array | null {
  const state = parse(bytes)
  if (!isFields(state) || !isHarmless(state, 1)) return null
  const relayed = owner.user === undefined ? withPlainColors(state, owner) : stamped(state, owner.user)
  return relayed === state ? bytes.slice() : new TextEncoder().encode(JSON.stringify(relayed))
}

type Fields = Readonly<Record<string, unknown>>

const textDecoder = new TextDecoder('utf-8', { fatal: true })

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(textDecoder.decode(bytes))
  } catch {
    return undefined
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Objects and arrays inside of each other; no client nests deeper, and many walk a state recursively. */
const maxDepth = 32

const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

function isHarmless(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (depth > maxDepth) return false
  const fields = value as Fields
  return Object.keys(fields).every((key) => !forbiddenKeys.has(key) && isHarmless(fields[key], depth + 1))
}

/** The same state when all its colours are plain ones. */
function withPlainColors(state: Fields, { client }: StateOwner): Fields {
  const color = () => deriveColor(String(client))
  const outer = replaceColors(state, ['color'], color)
  const { user } = outer
  if (!isFields(user)) return outer
  const inner = replaceColors(user, ['color', 'colorLight'], color)
  return inner === user ? outer : { ...outer, user: inner }
}

/** The state with `user.id`, `user.name` and `user.color` as the server knows them. */
function stamped(state: Fields, { id, name, color }: User): Fields {
  const sent = isFields(state['user']) ? state['user'] : {}
  const known = [color, sent['color']].find(isHexColor) ?? deriveColor(id)
  const user = { ...replaceColors(sent, ['colorLight'], () => known), id, name: cut(name), color: known }
  return { ...replaceColors(state, ['color'], () => known), user }
}

/** More than anybody is called; a screen has room for 40. */
const maxNameLength = 100

function cut(name: string): string {
  return name.length <= maxNameLength ? name : Array.from(name).slice(0, maxNameLength).join('')
}

function replaceColors(fields: Fields, names: readonly string[], color: () => string): Fields {
  const wrong = names.filter((name) => Object.hasOwn(fields, name) && !isPlainColor(fields[name]))
  if (wrong.length === 0) return fields
  const plain = color()
  return { ...fields, ...Object.fromEntries(wrong.map((name) => [name, plain])) }
}

const hexColor = /^#[0-9a-f]{6}$/i

const isHexColor = (value: unknown): value is string => typeof value === 'string' && hexColor.test(value)

/** What can stand in a style and is nothing but a colour. */
const plainColor = new RegExp(
  [
    '^#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$',
    '^(?:rgb|hsl)a?\\( *number(?:(?: *[,/] *| +)number){2,3} *\\)$',
    '^[a-z]{1,30}$',
  ]
    .join('|')
    .replaceAll('number', '[+-]?(?:\\d{1,6}(?:\\.\\d{1,9})?|\\.\\d{1,9})(?:%|deg|rad|turn)?'),
  'i',
)

const maxColorLength = 100

function isPlainColor(value: unknown): boolean {
  return typeof value === 'string' && value.length <= maxColorLength && plainColor.test(value)
}

/** Told apart by hue, readable as a caret on light and dark pages. */
const palette = ['#d9480f', '#c2255c', '#9c36b5', '#5f3dc4', '#1971c2', '#0b7285', '#2b8a3e', '#996800']

/** A colour that is always the same for the same seed. */
function deriveColor(seed: string): string {
  let sum = 7
  for (const char of seed) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 1_000_003
  return palette[sum % palette.length] ?? '#d9480f'
}
