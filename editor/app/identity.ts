import { fieldOf } from '../../server/protocol/field.ts'
/** Who this browser's person says they are, remembered by the browser. */
export interface Identity {
  /** The same in all tabs of this browser: they are one person. */
  readonly id: string
  readonly name: string
  readonly color: string
}

const storageKey = 'coscribe:identity'

/** Told apart by eye on light and on dark, and never pale: names are written on them in white. */
export const colors = [
  '#c2255c',
  '#9c36b5',
  '#6741d9',
  '#3b5bdb',
  '#1971c2',
  '#0c8599',
  '#2f7d32',
  '#b35c00',
  '#c92a2a',
]

const animals = [
  'Otter',
  'Heron',
  'Lynx',
  'Finch',
  'Badger',
  'Marten',
  'Wren',
  'Ibex',
  'Robin',
  'Seal',
  'Hare',
  'Owl',
]

/** The remembered identity; a made-up one, remembered from then on, for somebody new. */
export function readIdentity(): Identity {
  const stored = parseIdentity(localStorage.getItem(storageKey))
  if (stored !== null) return stored
  const made = {
    id: crypto.getRandomValues(new Uint32Array(4)).join('-'),
    name: `Guest ${pick(animals)}`,
    color: pick(colors),
  }
  writeIdentity(made)
  return made
}

export function writeIdentity(identity: Identity): void {
  localStorage.setItem(storageKey, JSON.stringify(identity))
}

function parseIdentity(text: string | null): Identity | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null')
    const [id, name, color] = ['id', 'name', 'color'].map((key) => fieldOf(value, key))
    const isWhole = typeof id === 'string' && typeof name === 'string' && typeof color === 'string'
    return isWhole ? { id, name, color } : null
  } catch {
    return null
  }
}

function pick(from: readonly string[]): string {
  return from[Math.floor(Math.random() * from.length)] ?? ''
}
