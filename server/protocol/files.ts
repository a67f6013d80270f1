import { type DocumentName, parseDocumentName, toPathPart } from './document-name.ts'

/** Where files of a document are sent to, as a path of the server. */
export function filesPath(document: string): string {
  return `/api/documents/${toPathPart(document)}/files`
}

/** The address of a file as documents have it: a path, so that it stays right when the server moves. */
export function fileAddress(document: string, id: string): string {
  return `${filesPath(document)}/${id}`
}

/** What a path of the server names, if that is a file of a document. */
export function parseFileAddress(
  address: string,
): { readonly document: DocumentName; readonly id: string } | null {
  const [, part, id] = /^\/api\/documents\/([^/?#]+)\/files\/([\w-]{43})$/.exec(address) ?? []
  if (part === undefined || id === undefined) return null
  try {
    const document = parseDocumentName(decodeURIComponent(part))
    return typeof document === 'string' ? { document, id } : null
  } catch {
    return null
  }
}
