/**
 * Why a connection ends. 4400-4499: reconnecting can't mend it, and a stock y-websocket 3.1 client stays away.
 * Everything else: try again later.
 */
export const closeCodes = {
  /** The server restarts (RFC 6455's registry: Service Restart). */
  restarting: 1012,
  /** A text frame where only binary ones are understood (Unsupported Data). */
  notBinary: 1003,
  /** A frame that is no message of this wire. */
  malformed: 4400,
  /** No password or token, or a wrong one. */
  unauthenticated: 4401,
  /** The name in the address can't name a document. */
  badName: 4404,
  /** It wrote under a client id that is somebody else's. */
  conflict: 4409,
  /** The document was deleted; its name is never used again. */
  removed: 4410,
  /** A presence message, or what it would make of the document, is larger than a limit. */
  tooLarge: 4413,
  /** An update that can never be applied; what the client holds is damaged. */
  invalidUpdate: 4422,
  /** It kept sending more than the server takes, or has more connections or documents open than anybody needs. */
  tooMuch: 4429,
  /** The document could not be loaded, or a token not be checked, just now. */
  unavailable: 4500,
  /** The client reads more slowly than the document changes, and was owed too much. */
  tooSlow: 4508,
  /** The client said too little: no hello in time, or nothing for an hour. */
  timeout: 4509,
  /** As many people are in the document as it takes. */
  full: 4529,
} as const

export type CloseCode = (typeof closeCodes)[keyof typeof closeCodes]

/** Whether a client that was closed with `code` should stay away. */
export function isPermanent(code: number): boolean {
  return code >= 4400 && code < 4500
}
