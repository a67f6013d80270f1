import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { secureHeaders } from 'hono/secure-headers'
import type { IncomingMessage } from 'node:http'
import * as v from 'valibot'
import { type DocumentMeta, type Storage, StorageError } from '../persistence/index.ts'
import { type Authenticate, sessionCookie } from './authentication.ts'
import { addressKey, plainAddress } from './client-address.ts'
import type { Clock } from './clock.ts'
import type { Conversions } from './conversion.ts'
import { parseFileName, receiveFile, sendFile } from './document-files.ts'
import { CoscribeError } from './errors.ts'
import { addFileRoutes, isUpload, protectFiles } from './file-routes.ts'
import type { Hub } from './hub.ts'
import type { Limits } from './limits.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import { isLoopbackHost, type OriginRules, refusalOfOrigin } from './origin.ts'
import type { SharedPassword } from './password.ts'
import { type DocumentName, parseDocumentName } from './protocol/document-name.ts'
import { problem } from './protocol/problem.ts'
import type { RequestRates } from './throttle.ts'

export interface ApiOptions {
  readonly hub: Hub
  readonly storage: Storage
  readonly log: Log
  readonly limits: Limits
  readonly originRules: OriginRules
  readonly clock: Clock
  readonly metrics: Metrics
  /** The metrics as text. */
  readonly exposition: { readonly contentType: string; text(): Promise<string> }
  readonly rates: RequestRates
  readonly conversions: Conversions
  /** Nobody is asked for anything. */
  readonly isOpen: boolean
  /** The server listens on this machine only. */
  readonly isLoopback: boolean
  /** Whose pages may frame ours, as the policy writes it. */
  readonly frameAncestors: readonly string[]
  /** What opens the API to people elsewhere; null opens it to nobody but on an open server. */
  readonly password: SharedPassword | null
  /** Decides about the files of documents, as about the documents. */
  readonly authenticate: Authenticate
  addressOf(request: IncomingMessage): string
}

type Env = { Bindings: HttpBindings }

/** The HTTP side of a server: documents as a list, sessions, health. Pages are added by server.ts. */
export function createApi(options: ApiOptions): Hono<Env> {
  const app = new Hono<Env>()
  protectFiles(app)
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'self'"],
        // Pictures in documents may come from anywhere; nothing in a picture runs.
        imgSrc: ["'self'", 'data:', 'blob:', 'https:', 'http:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        frameAncestors: [...options.frameAncestors],
      },
      // The policy says the same; this is for what does not read it, and can't name other sites.
      xFrameOptions: frameOptions(options.frameAncestors),
      permissionsPolicy: { camera: [], microphone: [], geolocation: [], payment: [], usb: [] },
      referrerPolicy: 'no-referrer',
      // Set below, so that what is meant for other people's pages can say otherwise.
      crossOriginResourcePolicy: false,
      // Left to whoever terminates TLS: this server speaks plain HTTP.
      strictTransportSecurity: false,
    }),
  )
  addLimits(app, options)
  app.use((c, next) => {
    c.header('Cross-Origin-Resource-Policy', 'same-origin')
    return next()
  })
  app.use(async (c, next) => {
    const refusal = refusalOfOrigin(originHeaders(c), options.originRules)
    if (refusal !== null) return c.json(problem('forbidden-origin', refusal), 403)
    return next()
  })
  app.notFound((c) => c.json(problem('unknown', 'There is nothing at this address.'), 404))
  app.onError((error, c) => {
    if (error instanceof InvalidRequest) return c.json(problem('invalid', error.message), 400)
    const code = error instanceof CoscribeError || error instanceof StorageError ? error.code : 'internal'
    if (code === 'unknown') return c.json(problem(code, error.message), 404)
    if (code === 'removed') return c.json(problem(code, error.message), 410)
    if (code === 'invalid') return c.json(problem(code, error.message), 400)
    if (code === 'too-large') return c.json(problem(code, error.message), 413)
    options.log.error({ path: c.req.path, reason: error.message }, 'a request failed')
    const isPassing = code === 'unavailable'
    return c.json(problem(code, 'The server could not do this just now.'), isPassing ? 503 : 500)
  })
  addHealth(app, options)
  addMetrics(app, options)
  addSession(app, options)
  addFileRoutes(app, options)
  app.use('/api/*', async (c: Context<Env>, next) => {
    if (isLetIn(c, options)) return next()
    return c.json(problem('unauthenticated', 'A password is needed.'), 401)
  })
  addDocuments(app, options)
  return app
}

function addLimits(app: Hono<Env>, options: ApiOptions): void {
  const { limits, clock, log, metrics, rates } = options
  app.use(async (c, next) => {
    const { incoming } = c.env
    const address = options.addressOf(incoming)
    const waitSeconds = rates.waitSeconds(addressKey(address), clock.now())
    if (waitSeconds > 0) {
      log.warn({ address, path: c.req.path }, 'a request was refused: too many of them')
      metrics.refusedRequest()
      c.header('Retry-After', String(waitSeconds))
      return c.json(problem('throttled', 'Too many requests. Wait a moment.'), 429)
    }
    if (incoming.rawHeaders.length <= 2 * limits.maxHeaders) return next()
    return c.json(problem('too-large', 'There are more headers than this server takes.'), 431)
  })
  const tooLarge = (c: Context) =>
    c.json(problem('too-large', 'The body is larger than this server takes.'), 413)
  const small = bodyLimit({ maxSize: limits.maxBodyBytes, onError: tooLarge })
  const large = bodyLimit({ maxSize: limits.maxImportBytes, onError: tooLarge })
  const mayBeDocument = (c: Context) => c.req.method === 'POST' && c.req.path === '/api/documents'
  app.use((c, next) => {
    if (isUpload(c.req.method, c.req.path)) return next()
    return mayBeDocument(c) ? large(c, next) : small(c, next)
  })
}

function addMetrics(app: Hono<Env>, options: ApiOptions): void {
  const { exposition, password } = options
  const mayRead = (c: Context<Env>) => {
    const { socket, headers } = c.env.incoming
    // What a proxy on this machine passes on comes from elsewhere.
    const isOwn =
      isLoopbackHost(plainAddress(socket.remoteAddress ?? '')) && headers['x-forwarded-for'] === undefined
    if (options.isLoopback && isOwn) return true
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]
    if (token === undefined || password === null) return false
    return typeof password.check(token, addressKey(options.addressOf(c.env.incoming))) !== 'string'
  }
  app.get('/metrics', async (c) => {
    if (!mayRead(c))
      return c.json(problem('unauthenticated', 'The password is needed as a bearer token.'), 401)
    return c.body(await exposition.text(), 200, { 'Content-Type': exposition.contentType })
  })
}

function addHealth(app: Hono<Env>, { hub }: ApiOptions): void {
  app.get('/healthz', (c) => {
    const { failure } = hub.journal
    const damaged = hub.damagedDocuments
    const count = damaged === 0 ? {} : { damagedDocuments: damaged }
    if (failure !== null) {
      const reason = 'documents can not be stored'
      return c.json({ status: 'degraded', reason, since: failure.since, ...count }, 503)
    }
    if (damaged === 0) return c.json({ status: 'ok' })
    // Not a 503: all documents are served, and taking the server away would mend nothing.
    return c.json({ status: 'degraded', reason: 'stored documents were damaged', ...count })
  })
}

function addSession(app: Hono<Env>, options: ApiOptions): void {
  const { password } = options
  app.get('/api/session', (c) =>
    c.json({
      needsPassword: !options.isOpen,
      isLetIn: isLetIn(c, options),
      linkPart: password !== null && isLetIn(c, options) ? password.linkPart : '',
    }),
  )
  app.post('/api/session', async (c) => {
    const body = await readBody(c, v.object({ password: v.pipe(v.string(), v.maxLength(1000)) }))
    const key = addressKey(options.addressOf(c.env.incoming))
    const outcome = password?.check(body.password, key) ?? (options.isOpen ? null : 'wrong')
    if (outcome === 'throttled')
      return c.json(problem('throttled', 'Too many wrong passwords. Wait a minute.'), 429)
    if (outcome === 'wrong') return c.json(problem('unauthenticated', 'That is not the password.'), 401)
    if (password !== null) {
      const days = 60 * 60 * 24
      setCookie(c, sessionCookie, password.session, {
        path: '/',
        httpOnly: true,
        sameSite: 'Strict',
        maxAge: 365 * days,
      })
    }
    return c.json({ isLetIn: true })
  })
  app.delete('/api/session', (c) => {
    deleteCookie(c, sessionCookie, { path: '/' })
    return c.json({ isLetIn: options.isOpen })
  })
}

const titleSchema = v.object({ title: v.pipe(v.string(), v.maxLength(500)) })

function addDocuments(app: Hono<Env>, options: ApiOptions): void {
  const { hub, storage } = options
  const described = async (name: DocumentName) => {
    await hub.mustExist(name)
    const meta = await storage.meta(name)
    if (meta === null) throw new CoscribeError('unknown', 'there is no such document')
    return describeDocument(meta, hub)
  }
  app.get('/api/documents', async (c) => {
    const page = await storage.list(documentsPerPage, c.req.query('cursor'))
    return c.json({ documents: page.documents.map((meta) => describeDocument(meta, hub)), next: page.next })
  })
  app.post('/api/documents', async (c) => {
    const made = await makeDocument(c, options)
    return made instanceof Response ? made : c.json(await described(made), 201)
  })
  app.get('/api/documents/:name', async (c) => {
    const file = parseFileName(c.req.param('name'))
    // A document may have a name that looks like a file's.
    const isFile = file !== null && (await storage.standing(nameOf(c))) === 'unknown'
    return isFile ? sendFile(c, options, file) : c.json(await described(nameOf(c)))
  })
  app.patch('/api/documents/:name', async (c) => {
    const name = nameOf(c)
    const { title } = await readBody(c, titleSchema)
    await hub.rename(name, title)
    return c.json(await described(name))
  })
  app.post('/api/documents/:name/duplicate', async (c) =>
    c.json(await described(await hub.duplicate(nameOf(c))), 201),
  )
  app.get('/api/documents/:name/history', async (c) => c.json({ moments: await hub.moments(nameOf(c)) }))
  app.get('/api/documents/:name/history/:moment', async (c) => {
    const update = await hub.at(nameOf(c), c.req.param('moment'))
    return c.body(new Uint8Array(update), 200, { 'Content-Type': 'application/octet-stream' })
  })
  app.delete('/api/documents/:name', async (c) => {
    await hub.remove(nameOf(c))
    return c.body(null, 204)
  })
}

/** From a file; from a title, or nothing, when the body is a little JSON without a document in it. */
async function makeDocument(c: Context<Env>, options: ApiOptions): Promise<DocumentName | Response> {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
  // What fetch calls a string that nobody named the type of.
  const isJson = ['', 'application/json', 'text/plain'].includes(type)
  const announced = Number(c.req.header('content-length') ?? 0)
  const isBig = type === 'application/json' && announced > options.limits.maxBodyBytes
  if (!isJson || isBig) return receiveFile(c, options, () => bytesOf(c))
  const body = await bytesOf(c)
  const isLarge = body.byteLength > options.limits.maxBodyBytes
  if (type !== 'text/plain' && (isLarge || isDocument(body)))
    return receiveFile(c, options, () => Promise.resolve(body))
  if (isLarge) return c.json(problem('too-large', 'The body is larger than this server takes.'), 413)
  const { title } = await readBody(c, v.partial(titleSchema))
  return options.hub.create(title ?? '')
}

async function bytesOf(c: Context<Env>): Promise<Uint8Array> {
  return new Uint8Array(await c.req.arrayBuffer())
}

/** Whether little JSON is a document; what is wrong with it is told by who reads it. */
function isDocument(body: Uint8Array): boolean {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body))
    return typeof value === 'object' && value !== null && 'type' in value && value.type === 'doc'
  } catch {
    return false
  }
}

/** More than a screen, little to send. */
const documentsPerPage = 100

function describeDocument(meta: DocumentMeta, hub: Hub) {
  const title = hub.openTitle(meta.document) ?? meta.title
  return { name: meta.document, title, createdAt: meta.createdAt, changedAt: meta.changedAt }
}

class InvalidRequest extends Error {}

function nameOf(c: Context<Env>): DocumentName {
  const name = parseDocumentName(c.req.param('name') ?? '')
  if (typeof name !== 'string') throw new InvalidRequest(`No document can have this name: ${name.error}.`)
  return name
}

async function readBody<T extends v.GenericSchema>(c: Context<Env>, schema: T): Promise<v.InferOutput<T>> {
  const text = await c.req.text()
  let value: unknown
  try {
    value = text === '' ? {} : JSON.parse(text)
  } catch {
    throw new InvalidRequest('The body is not JSON.')
  }
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  const [issue] = result.issues
  throw new InvalidRequest(`The body is not what it should be: ${issue.message}.`)
}

function originHeaders(c: Context<Env>) {
  // A page may be opened from anywhere; only what changes something, or reads with an Origin, is checked for it.
  const isNavigation = c.req.method === 'GET' && !c.req.path.startsWith('/api/')
  return { host: c.req.header('host'), origin: isNavigation ? undefined : c.req.header('origin') }
}

function isLetIn(c: Context<Env>, { isOpen, password }: ApiOptions): boolean {
  if (isOpen) return true
  return password !== null && password.checkSession(getCookie(c, sessionCookie) ?? '') !== null
}

function frameOptions(ancestors: readonly string[]): string | boolean {
  if (ancestors.join() === "'none'") return 'DENY'
  return ancestors.join() === "'self'" ? 'SAMEORIGIN' : false
}
