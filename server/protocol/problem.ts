import { fieldOf } from './field.ts'

/** Why the server says no: a word for programs, and a sentence for people. */
export interface Problem {
  readonly code: string
  readonly message: string
}

/** What the body of an answer that says no has, as JSON. */
export function problem(code: string, message: string): { readonly error: Problem } {
  return { error: { code, message } }
}

/** Reads such a body; null when it is none. */
export function parseProblem(body: unknown): Problem | null {
  const error = fieldOf(body, 'error')
  const [code, message] = [fieldOf(error, 'code'), fieldOf(error, 'message')]
  return typeof code === 'string' && typeof message === 'string' ? { code, message } : null
}
