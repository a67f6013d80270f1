import * as v from 'valibot'
import type { Hello, Notice, RefusalCode } from './messages.ts'

const helloSchema = v.object({
  client: v.pipe(v.string(), v.maxLength(100)),
  schema: v.pipe(v.number(), v.integer(), v.minValue(0)),
  token: v.optional(v.pipe(v.string(), v.maxLength(8192))),
})

const noticeSchema = v.variant('kind', [
  v.object({ kind: v.literal('draining'), retryAfterMs: v.number() }),
  v.object({ kind: v.literal('schema-too-old'), schema: v.number() }),
  v.object({ kind: v.literal('role'), role: v.picklist(['editor', 'viewer']) }),
])

const refusalSchema = v.picklist(['forbidden', 'malformed', 'missing', 'limit', 'conflict'])

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Null when it is no hello. */
export function parseHello(text: string): Hello | null {
  const result = v.safeParse(helloSchema, parseJson(text))
  return result.success ? result.output : null
}

/** Null for a notice this client is too old to know: it is skipped. */
export function parseNotice(text: string): Notice | null {
  const result = v.safeParse(noticeSchema, parseJson(text))
  return result.success ? result.output : null
}

/** A code this client is too old to know reads as the plainest of them. */
export function parseRefusalCode(value: unknown): RefusalCode {
  const result = v.safeParse(refusalSchema, value)
  return result.success ? result.output : 'malformed'
}
