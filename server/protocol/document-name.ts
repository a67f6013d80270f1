/** A document's name as the whole server uses it. Made only by `parseDocumentName`. */
export type DocumentName = string & { readonly __documentName: true }

/** Longest name in bytes of UTF-8: roomy for any title-like name, small enough for every log, key and address. */
export const maxNameBytes = 512

const encoder = new TextEncoder()

/**
 * Turns a name as somebody wrote it into the one form it has here (Unicode NFC, so that the same visible name is the
 * same document), or says why it can't be one. Names are only ever keys; refusing what looks like a path is a second
 * wall behind that.
 */
export function parseDocumentName(raw: string): DocumentName | { readonly error: string } {
  if (raw === '') return { error: 'the name is empty' }
  if (!raw.isWellFormed()) return { error: 'the name is not valid Unicode' }
  const name = raw.normalize('NFC')
  if (encoder.encode(name).length > maxNameBytes)
    return { error: `the name is longer than ${maxNameBytes} bytes` }
  if (/[\u0000-\u001f\u007f-\u009f]/.test(name)) return { error: 'the name has control characters' }
  if (name.split(/[/\\]/).some((part) => part === '.' || part === '..'))
    return { error: 'the name has . or .. parts' }
  return name as DocumentName
}

/**
 * The name in the path of a WebSocket address (`/<name>`, percent-encoded, query cut off), as it stands in the
 * request line: not normalised by a URL parser, which would quietly resolve `..`.
 */
export function documentNameFromPath(target: string): DocumentName | { readonly error: string } {
  const path = target.split(/[?#]/, 1)[0] ?? ''
  try {
    return parseDocumentName(decodeURIComponent(path.replace(/^\//, '')))
  } catch {
    return { error: 'the name is not valid percent-encoding' }
  }
}

/** The name as one part of a path; `documentNameFromPath` reads it back. */
export function toPathPart(name: string): string {
  return encodeURIComponent(name)
}
