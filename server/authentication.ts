import type { IncomingHttpHeaders } from 'node:http'
import type { Access } from './access.ts'
import { editorAccess } from './access.ts'
import type { Clock } from './clock.ts'
import { CoscribeError } from './errors.ts'
import type { SharedPassword } from './password.ts'
import type { DocumentName } from './protocol/document-name.ts'

/** Somebody at the door of a document. */
export interface AuthenticationRequest {
  /** From `hello`, or from the `token` parameter of a stock client's address. */
  readonly token: string | null
  readonly document: DocumentName
  /** Where it comes from, behind trusted proxies. */
  readonly address: string
  /** Of the handshake, cookies included. */
  readonly headers: IncomingHttpHeaders
}

/** What somebody may do with a document; null keeps them out. */
export type Authenticate = (request: AuthenticationRequest) => Access | null | Promise<Access | null>

/** The cookie that holds a session. */
export const sessionCookie = 'coscribe_session'

/** Lets in who knows the password, and everybody where there is none. */
export function byPassword(
  password: SharedPassword | null,
  keyOf: (address: string) => string,
): Authenticate {
  if (password === null) return () => editorAccess
  return ({ token, address, headers }) => {
    const session = readCookie(headers.cookie ?? '', sessionCookie)
    const access = session === null ? null : password.checkSession(session)
    if (access !== null || token === null) return access
    const outcome = password.check(token, keyOf(address))
    return typeof outcome === 'string' ? null : outcome
  }
}

/** Asks a hook of the embedding program. Rejects with `unavailable` when the hook takes longer than `timeoutMs`. */
export function byHook(hook: Authenticate, clock: Clock, timeoutMs: number): Authenticate {
  return async (request) => {
    let cancel = () => {}
    const late = new Promise<never>((_resolve, reject) => {
      cancel = clock.after(timeoutMs, () => {
        reject(new CoscribeError('unavailable', 'the authenticate hook took too long'))
      })
    })
    try {
      return await Promise.race([hook(request), late])
    } finally {
      cancel()
    }
  }
}

function readCookie(header: string, name: string): string | null {
  for (const part of header.split(';')) {
    const [key, value] = part.trim().split('=', 2)
    if (key === name && value !== undefined) return value
  }
  return null
}
