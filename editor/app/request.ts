import { fieldOf } from '../../server/protocol/field.ts'
import { parseProblem } from '../../server/protocol/problem.ts'

/** What a person may do here at all. */
export interface Session {
  readonly needsPassword: boolean
  readonly isLetIn: boolean
  /** What a link to a document must have behind it to let somebody in. */
  readonly linkPart: string
}

/** The server said no, in words a person can be shown; `offline` when it could not be reached. */
export class ApiError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.name = 'ApiError'
    this.code = code
  }
}

/** Asks the server; resolves with what it says, null for nothing. Rejects with an `ApiError`. */
export async function request(
  method: string,
  path: string,
  { body, signal }: { readonly body?: object; readonly signal?: AbortSignal } = {},
): Promise<unknown> {
  const response = await fetch(`/api${path}`, {
    method,
    ...(signal === undefined ? {} : { signal }),
    ...(body instanceof FormData ? { body } : toJson(body)),
  }).catch(() => {
    throw new ApiError('offline', 'The server can’t be reached just now.')
  })
  const value: unknown = response.status === 204 ? null : await response.json().catch(() => undefined)
  if (response.ok) return value
  const problem = parseProblem(value)
  if (problem !== null) throw new ApiError(problem.code, problem.message)
  throw new ApiError('internal', 'The server could not do this just now.')
}

export async function readSession(signal: AbortSignal): Promise<Session> {
  const value = await request('GET', '/session', { signal })
  const linkPart = fieldOf(value, 'linkPart')
  return {
    needsPassword: fieldOf(value, 'needsPassword') === true,
    isLetIn: fieldOf(value, 'isLetIn') === true,
    linkPart: typeof linkPart === 'string' ? linkPart : '',
  }
}

export async function signIn(password: string): Promise<void> {
  await request('POST', '/session', { body: { password } })
}

const toJson = (body: object | undefined): RequestInit =>
  body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }
