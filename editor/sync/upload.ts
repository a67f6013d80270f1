import { fieldOf } from '../../server/protocol/field.ts'
import { filesPath, parseFileAddress } from '../../server/protocol/files.ts'
import { parseProblem } from '../../server/protocol/problem.ts'

/** A file that has been uploaded, as the document has it. */
export interface UploadedFile {
  /** Its address. */
  readonly src: string
  /** What the picture shows, in words. */
  readonly alt?: string
  /** Shown width in CSS pixels. */
  readonly width?: number
}

export interface UploadOptions {
  /** Says that nobody wants the file any more. */
  readonly signal: AbortSignal
  /** To be called with how much is done, from 0 to 1. */
  readonly onProgress: (done: number) => void
}

/** Puts a file where the readers of a document can get it. An `UploadError` tells people why that failed. */
export type Upload = (file: File, options: UploadOptions) => Promise<UploadedFile>

/** Why a file was not uploaded; `offline` when the server could not be reached. */
export class UploadError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.name = 'UploadError'
    this.code = code
  }
}

export interface FileServer {
  /** As `ConnectOptions` have them. */
  readonly server: string
  readonly token?: string | (() => string | Promise<string>)
}

/** Uploads to the server of a document, with the rights of its connection. */
function uploadTo({ document, ...fileServer }: FileServer & { readonly document: string }): Upload {
  return async (file, { signal, onProgress }) => {
    const token = await tokenOf(fileServer)
    signal.throwIfAborted()
    const address = httpAddress(fileServer.server) + filesPath(document)
    const { status, answer } = await send(file, {
      address: `${address}?name=${encodeURIComponent(file.name)}`,
      token,
      signal,
      onProgress,
    })
    const url = fieldOf(answer, 'url')
    if (status === 201 && typeof url === 'string') return { src: url }
    const { code, message } = parseProblem(answer) ?? { code: 'internal', message: '' }
    throw new UploadError(code, message)
  }
}

interface Sending extends UploadOptions {
  readonly address: string
  readonly token: string | undefined
}

/** With XMLHttpRequest, because `fetch` does not tell how much of a body has been sent. */
function send(file: File, { address, token, signal, onProgress }: Sending) {
  return new Promise<{ readonly status: number; readonly answer: unknown }>((resolve, reject) => {
    const request = new XMLHttpRequest()
    const abort = () => request.abort()
    signal.addEventListener('abort', abort)
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 0 : loaded / total)
    request.onerror = () => reject(new UploadError('offline', ''))
    request.onabort = () => reject(new UploadError('aborted', ''))
    request.onload = () => resolve({ status: request.status, answer: parse(request.responseText) })
    request.onloadend = () => signal.removeEventListener('abort', abort)
    request.open('POST', address)
    request.setRequestHeader('Content-Type', 'application/octet-stream')
    if (token !== undefined) request.setRequestHeader('Authorization', `Bearer ${token}`)
    request.send(file)
  })
}

/** The files of one document: where they go, and where they are shown from. */
export interface DocumentFiles {
  readonly pictures: Pictures
  /** Null where there is nowhere to put files. */
  readonly upload: Upload | null
}

interface FilesOptions extends Partial<FileServer> {
  readonly document?: string
  /** In place of the server. */
  readonly upload?: Upload
}

/** Files go to the document's server unless somebody takes them: without either, nowhere. */
export function filesOf({ server, token, document, upload }: FilesOptions): DocumentFiles {
  if (server === undefined) return { pictures: picturesOf(null), upload: upload ?? null }
  const fileServer = { server, ...(token === undefined ? {} : { token }) }
  const own = document === undefined ? null : uploadTo({ ...fileServer, document })
  return { pictures: picturesOf(fileServer), upload: upload ?? own }
}

/** Where the pictures of a document are shown from. */
export interface Pictures {
  /** What an `img` can load for an address in the document; a promise when it has to be fetched. */
  show(src: string): string | Promise<string>
  destroy(): void
}

/**
 * Shows files of the server wherever the editor's page is: addresses of them are paths of the server. What an `img`
 * can't ask for by itself, with a token or from another site, is fetched.
 */
function picturesOf(fileServer: FileServer | null): Pictures {
  const fetched = new Map<string, Promise<string>>()
  const show = (src: string): string | Promise<string> => {
    if (fileServer === null || parseFileAddress(src) === null) return src
    const server = httpAddress(fileServer.server)
    if (fileServer.token === undefined && server === location.origin) return src
    const known = fetched.get(src) ?? fetchPicture(server + src, fileServer)
    fetched.set(src, known)
    known.catch(() => fetched.delete(src))
    return known
  }
  const destroy = () => {
    for (const url of fetched.values()) url.then((address) => URL.revokeObjectURL(address)).catch(() => {})
  }
  return { show, destroy }
}

async function fetchPicture(address: string, fileServer: FileServer): Promise<string> {
  const token = await tokenOf(fileServer)
  const headers: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` }
  const answer = await fetch(address, { headers })
  if (!answer.ok) throw new UploadError('unknown', '')
  return URL.createObjectURL(await answer.blob())
}

async function tokenOf({ token }: FileServer): Promise<string | undefined> {
  return typeof token === 'function' ? token() : token
}

/** `wss://docs.example.com/` as `https://docs.example.com`. */
function httpAddress(server: string): string {
  return server.replace(/^ws/, 'http').replace(/\/+$/, '')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
