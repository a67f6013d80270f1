import type { HttpBindings } from '@hono/node-server'
import type { Context, Hono } from 'hono'
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import type { FoundFile, Storage } from '../persistence/index.ts'
import { type Action, may } from './access.ts'
import type { Authenticate } from './authentication.ts'
import { addressKey } from './client-address.ts'
import type { Clock } from './clock.ts'
import { cleanFileName, dispositionOf, pictureType } from './file-type.ts'
import type { Hub } from './hub.ts'
import type { Limits } from './limits.ts'
import type { Log } from './log.ts'
import { type DocumentName, parseDocumentName } from './protocol/document-name.ts'
import { fileAddress } from './protocol/files.ts'
import { problem } from './protocol/problem.ts'
import { Uploads, UploadRefusal } from './uploads.ts'

export interface FileRoutesOptions {
  readonly hub: Hub
  readonly storage: Storage
  readonly limits: Limits
  readonly clock: Clock
  readonly log: Log
  /** Says what somebody may do with the document whose files these are. */
  readonly authenticate: Authenticate
  addressOf(request: IncomingMessage): string
}

type Env = { Bindings: HttpBindings }
type FileContext = Context<Env>

const many = '/api/documents/:name/files'
const one = '/api/documents/:name/files/:file'

/** Whether a request brings a file: its body has limits of its own. */
export function isUpload(method: string | undefined, path: string): boolean {
  return method === 'POST' && /^\/api\/documents\/[^/?#]+\/files(?:[?#]|$)/.test(path)
}

/**
 * Makes sure that nothing in a file can run, whatever it is and however it is opened. Comes before whatever sets
 * headers for pages, and so has the last word.
 */
export function protectFiles(app: Hono<Env>): void {
  app.use(one, async (c, next) => {
    await next()
    c.header('Content-Security-Policy', "default-src 'none'; sandbox")
    c.header('X-Content-Type-Options', 'nosniff')
    c.header('Cross-Origin-Resource-Policy', 'same-origin')
  })
}

/** Files of documents, in and out. Whoever may read a document may read its files, and only editors add any. */
export function addFileRoutes(app: Hono<Env>, options: FileRoutesOptions): void {
  const { storage, limits, clock } = options
  const uploads = new Uploads(storage.files, limits, clock)
  for (const path of [many, one]) {
    app.use(path, async (c: FileContext, next) => {
      await next()
      allowOrigin(c)
    })
    app.options(path, (c) => {
      c.header('Access-Control-Allow-Methods', 'GET, POST')
      c.header('Access-Control-Allow-Headers', 'Authorization, Content-Type')
      c.header('Access-Control-Max-Age', '600')
      return c.body(null, 204)
    })
  }
  app.post(many, async (c) => {
    const name = await entered(c, 'write', options)
    return typeof name === 'string' ? upload(c, name, { uploads, options }) : name
  })
  app.get(one, async (c) => {
    const name = await entered(c, 'read', options)
    if (typeof name !== 'string') return name
    const file = await storage.files.find(name, c.req.param('file'))
    if (file !== null) return answerWith(c, file, options.log)
    await options.hub.mustExist(name)
    return c.json(problem('unknown', 'The document has no such file.'), 404)
  })
}

/** Origins that may not are refused before; those that may, embed the editor. */
function allowOrigin(c: FileContext): void {
  const origin = c.req.header('origin')
  if (origin === undefined) return
  c.header('Access-Control-Allow-Origin', origin)
  c.header('Vary', 'Origin')
}

/** The document somebody may do this with, or what to tell them. */
async function entered(
  c: FileContext,
  action: Action,
  options: FileRoutesOptions,
): Promise<DocumentName | Response> {
  const document = parseDocumentName(c.req.param('name') ?? '')
  if (typeof document !== 'string')
    return c.json(problem('invalid', `No document can have this name: ${document.error}.`), 400)
  const { headers } = c.env.incoming
  const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? null
  const address = options.addressOf(c.env.incoming)
  const access = await options.authenticate({ token, document, address, headers })
  if (access === null) return c.json(problem('unauthenticated', 'A password or token is needed.'), 401)
  if (!may(access, action)) return c.json(problem('forbidden', 'This document may only be read here.'), 403)
  return document
}

interface Surroundings {
  readonly uploads: Uploads
  readonly options: FileRoutesOptions
}

async function upload(c: FileContext, document: DocumentName, { uploads, options }: Surroundings) {
  const { incoming } = c.env
  // A document that is open but has no word yet is not stored yet.
  if (options.hub.openTitle(document) === undefined) await options.hub.mustExist(document)
  const length = incoming.headers['content-length']
  try {
    const file = await uploads.take({
      document,
      address: addressKey(options.addressOf(incoming)),
      name: cleanFileName(c.req.query('name') ?? ''),
      announcedBytes: length === undefined ? null : Number(length),
      content: incoming,
    })
    const { id, name, bytes, type } = file
    const url = fileAddress(document, id)
    return c.json({ url, type: type ?? 'application/octet-stream', bytes, name }, 201)
  } catch (error) {
    if (!(error instanceof UploadRefusal)) throw error
    if (error.retryAfterSeconds !== null) c.header('Retry-After', String(error.retryAfterSeconds))
    const status = { invalid: 400, 'too-large': 413, throttled: 429 } as const
    return c.json(problem(error.code, error.message), status[error.code])
  }
}

function answerWith(c: FileContext, file: FoundFile, log: Log): Response {
  const type = pictureType(file.start)
  const etag = `"${file.id}"`
  c.header('ETag', etag)
  // The id is made from the content: it never changes.
  c.header('Cache-Control', 'private, max-age=31536000, immutable')
  if (c.req.header('if-none-match')?.includes(etag) === true) return c.body(null, 304)
  c.header('Content-Type', type ?? 'application/octet-stream')
  c.header('Content-Length', String(file.bytes))
  c.header('Content-Disposition', dispositionOf(type === null ? 'attachment' : 'inline', file.name))
  return c.body(toStream(piecesOf(c, file, log)))
}

/** What was sent can't be taken back, so an answer that turns out wrong is broken off. */
async function* piecesOf(c: FileContext, file: FoundFile, log: Log): AsyncGenerator<Uint8Array> {
  try {
    yield* file.read()
  } catch (error) {
    if (c.env.outgoing.destroyed) {
      log.debug({ path: c.req.path }, 'a file was not read to its end')
      return
    }
    const reason = error instanceof Error ? error.message : String(error)
    log.error({ path: c.req.path, reason }, 'a file could not be served')
    c.env.outgoing.destroy()
  }
}

function toStream(pieces: AsyncIterable<Uint8Array>): ReadableStream {
  const stream: unknown = Readable.toWeb(Readable.from(pieces, { objectMode: false }))
  if (stream instanceof ReadableStream) return stream
  throw new TypeError('Node makes web streams')
}
