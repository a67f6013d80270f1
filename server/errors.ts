/**
 * What can go wrong for a caller of the server's API or a person at its door, as a closed list of codes.
 *
 * `removed`: the document was deleted. `unknown`: there is no such document. `damaged`: what is stored of it can't be
 * trusted. `config`: an option is wrong. `address`: the port can't be listened on. `unavailable`: something this needs
 * did not answer in time. `too-large`: a new document would be larger than documents may be.
 */
export type ErrorCode = 'removed' | 'unknown' | 'damaged' | 'config' | 'address' | 'unavailable' | 'too-large'

export class CoscribeError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CoscribeError'
    this.code = code
  }
}

/** An error as one line for the log. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
