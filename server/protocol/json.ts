import { fieldOf } from './field.ts'
import type { Hello, Notice, RefusalCode } from './messages.ts'

/** Longest name of a client program, and longest token, in UTF-16 units. */
const longest = { client: 100, token: 8192 }

/* Read by hand: every page loads this. */

const refusalCodes = ['forbidden', 'malformed', 'missing', 'limit', 'conflict'] as const

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Null when it is no hello. */
export function parseHello(text: string): Hello | null {
  const value = parseJson(text)
  const [client, schema, token] = ['client', 'schema', 'token'].map((name) => fieldOf(value, name))
  if (typeof client !== 'string' || client.length > longest.client) return null
  if (typeof schema !== 'number' || !Number.isInteger(schema) || schema < 0) return null
  if (token === undefined) return { client, schema }
  return typeof token === 'string' && token.length <= longest.token ? { client, schema, token } : null
}

/** Null for a notice this client is too old to know: it is skipped. */
export function parseNotice(text: string): Notice | null {
  const value = parseJson(text)
  const kind = fieldOf(value, 'kind')
  if (kind === 'draining') {
    const retryAfterMs = fieldOf(value, 'retryAfterMs')
    return typeof retryAfterMs === 'number' ? { kind, retryAfterMs } : null
  }
  if (kind === 'schema-too-old') {
    const schema = fieldOf(value, 'schema')
    return typeof schema === 'number' ? { kind, schema } : null
  }
  if (kind !== 'role') return null
  const role = fieldOf(value, 'role')
  return role === 'editor' || role === 'viewer' ? { kind, role } : null
}

/** A code this client is too old to know reads as the plainest of them. */
export function parseRefusalCode(value: unknown): RefusalCode {
  return refusalCodes.find((code) => code === value) ?? 'malformed'
}
