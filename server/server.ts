import { getRequestListener } from '@hono/node-server'
import { createServer as createHttpServer, type IncomingMessage, type Server as HttpServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Storage } from '../persistence/index.ts'
import { type Access, editorAccess } from './access.ts'
import { createApi, sessionCookie } from './api.ts'
import { type Clock, systemClock } from './clock.ts'
import type { Failpoint } from './compaction.ts'
import { Connection } from './connection.ts'
import { CoscribeError } from './errors.ts'
import { defaultGateLimits } from './gate.ts'
import { Hub } from './hub.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { type Log, silentLog } from './log.ts'
import { isLoopbackHost, type OriginRules, refusalOfOrigin } from './origin.ts'
import { servePages } from './pages.ts'
import { Guesses, SharedPassword } from './password.ts'
import { closeCodes } from './protocol/close-codes.ts'
import { type DocumentName, documentNameFromPath } from './protocol/document-name.ts'
import { subprotocol } from './protocol/version.ts'
import { coscribeWire, yWebsocketWire } from './protocol/y-websocket.ts'
import { attach, websocketTransport } from './transports/websocket.ts'

export interface ServerOptions {
  /** Where documents are kept; the caller closes it after the server. */
  readonly storage: Storage
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 1234; 0 takes any free one. */
  readonly port?: number
  /** What everybody must know; null lets everybody in. Needed beyond loopback. */
  readonly password?: string | null
  /** Other origins whose pages may connect. Default none. */
  readonly allowOrigin?: readonly string[]
  /** Folder with the built web app; left out, the server has no pages. */
  readonly pages?: string
  readonly limits?: Partial<Limits>
  readonly log?: Log
  readonly clock?: Clock
  /** For tests of crashes: called between the steps of a compaction. The default does nothing. */
  readonly failpoint?: (name: Failpoint) => void | Promise<void>
}

export interface CoscribeServer {
  readonly host: string
  readonly port: number
  /** Null when nobody is asked for a password; otherwise what makes an address an invitation. */
  readonly linkPart: string | null
  /** Ends every connection, makes everything durable, and stops. Idempotent. */
  close(): Promise<void>
}

/**
 * Starts a server. Rejects with a `CoscribeError`: `config` when it would listen beyond this machine without a
 * password, `address` when it can't listen.
 */
export async function startServer(options: ServerOptions): Promise<CoscribeServer> {
  const server = new Server(options)
  await server.listen()
  return server
}

class Server implements CoscribeServer {
  readonly host: string
  readonly #wantedPort: number
  readonly #clock: Clock
  readonly #log: Log
  readonly #limits: Limits
  readonly #originRules: OriginRules
  readonly #password: SharedPassword | null
  readonly #hub: Hub
  readonly #http: HttpServer
  readonly #sockets: WebSocketServer
  readonly #connections = new Set<Connection>()
  #connectionsMade = 0
  #cancelTick = () => {}
  #closing: Promise<void> | null = null

  constructor(options: ServerOptions) {
    this.host = options.host ?? '127.0.0.1'
    this.#wantedPort = options.port ?? 1234
    this.#clock = options.clock ?? systemClock
    this.#log = options.log ?? silentLog
    this.#limits = { ...defaultLimits, ...options.limits }
    const isLoopback = isLoopbackHost(this.host)
    const password = options.password ?? null
    if (!isLoopback && password === null) {
      throw new CoscribeError('config', `listening on ${this.host} lets strangers in: a password is needed`)
    }
    this.#originRules = { isLoopback: password === null, allowed: options.allowOrigin ?? [] }
    const guesses = new Guesses(this.#clock, this.#limits.guessesPerMinute)
    this.#password = password === null ? null : new SharedPassword(password, guesses)
    this.#hub = new Hub({
      storage: options.storage,
      clock: this.#clock,
      log: this.#log,
      gateLimits: defaultGateLimits,
      maxPresenceBytes: this.#limits.maxPresenceBytes,
      unloadAfterMs: this.#limits.unloadAfterMs,
      maxUnstoredBytes: this.#limits.maxUnstoredBytes,
      compaction: this.#limits,
      ...(options.failpoint === undefined ? {} : { failpoint: options.failpoint }),
    })
    const api = createApi({
      hub: this.#hub,
      storage: options.storage,
      log: this.#log,
      limits: this.#limits,
      originRules: this.#originRules,
      password: this.#password,
    })
    if (options.pages !== undefined) servePages(api, options.pages)
    const listener = getRequestListener(api.fetch)
    this.#http = createHttpServer((request, response) => void listener(request, response))
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
    this.#sockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: this.#limits.maxFrameBytes,
      perMessageDeflate: false,
      // Never another one: a client may offer a token as a subprotocol, which must not come back in a header.
      handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
    })
  }

  get port(): number {
    const address = this.#http.address()
    return typeof address === 'object' && address !== null ? address.port : this.#wantedPort
  }

  get linkPart(): string | null {
    return this.#password?.linkPart ?? null
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', (error: NodeJS.ErrnoException) => {
        const why =
          error.code === 'EADDRINUSE' ? 'the port is taken; choose another with --port' : error.message
        reject(new CoscribeError('address', `can't listen on ${this.host}:${this.#wantedPort}: ${why}`))
      })
      this.#http.listen(this.#wantedPort, this.host, resolve)
    })
    this.#tickEverySecond()
  }

  async close(): Promise<void> {
    this.#closing ??= this.#shutDown()
    return this.#closing
  }

  async #shutDown(): Promise<void> {
    this.#cancelTick()
    const stopped = new Promise<void>((resolve) => this.#http.close(() => resolve()))
    let retryAfterMs = drainFirstMs
    for (const connection of this.#connections) {
      connection.notify({ kind: 'draining', retryAfterMs })
      retryAfterMs += drainStepMs
    }
    await this.#hub.close(closeCodes.restarting, restarting)
    for (const connection of this.#connections) connection.close(closeCodes.restarting, restarting)
    this.#http.closeAllConnections()
    // Whoever does not answer the closing is not waited for.
    const cancel = this.#clock.after(closeGraceMs, () => {
      for (const connection of this.#connections) connection.terminate()
    })
    await stopped
    cancel()
  }

  /** One timer for everything that has to be looked at now and then. */
  #tickEverySecond(): void {
    this.#cancelTick = this.#clock.after(1000, () => {
      const now = this.#clock.now()
      for (const connection of this.#connections) connection.tick(now)
      this.#tickEverySecond()
    })
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    const refusal = refusalOfOrigin(request.headers, this.#originRules)
    if (refusal !== null) {
      this.#log.warn({ reason: refusal }, 'a WebSocket was refused')
      refuseUpgrade(socket, '403 Forbidden', refusal)
      return
    }
    if (this.#closing !== null) {
      refuseUpgrade(socket, '503 Service Unavailable', 'the server is stopping')
      return
    }
    this.#sockets.handleUpgrade(request, socket, head, (websocket) => {
      const name = documentNameFromPath(request.url ?? '')
      if (typeof name !== 'string') {
        // Only a close code reaches the page: a browser hides the status of a refused handshake.
        websocket.on('error', () => {})
        websocket.close(closeCodes.badName, name.error)
        return
      }
      this.#connect(request, websocket, name)
    })
  }

  #connect(request: IncomingMessage, websocket: WebSocket, name: DocumentName): void {
    const address = request.socket.remoteAddress ?? ''
    const connection = new Connection({
      id: ++this.#connectionsMade,
      name,
      transport: websocketTransport(websocket),
      wire: websocket.protocol === subprotocol ? coscribeWire : yWebsocketWire,
      access: this.#accessOf(request, address),
      authenticate: (token) => this.#authenticate(token, address),
      open: (document) => this.#hub.open(document),
      clock: this.#clock,
      log: this.#log,
      limits: this.#limits,
    })
    this.#connections.add(connection)
    attach(websocket, connection, () => this.#connections.delete(connection))
    this.#log.debug({ connection: connection.id, document: name, wire: websocket.protocol }, 'connected')
  }

  /** What the handshake itself shows: a cookie, or the `token` parameter of stock clients. */
  #accessOf(request: IncomingMessage, address: string): Access | null {
    if (this.#password === null) return editorAccess
    const session = readCookie(request.headers.cookie ?? '', sessionCookie)
    if (session !== null) {
      const access = this.#password.checkSession(session)
      if (access !== null) return access
    }
    const token = new URLSearchParams((request.url ?? '').split('?')[1] ?? '').get('token')
    return token === null ? null : this.#authenticate(token, address)
  }

  #authenticate(token: string, address: string): Access | null {
    if (this.#password === null) return editorAccess
    const outcome = this.#password.check(token, address)
    return typeof outcome === 'string' ? null : outcome
  }
}

const restarting = 'the server restarts'

/** When the first client of a stopping server should come back, and how far apart the others: 100 a second. */
const drainFirstMs = 500
const drainStepMs = 10

/** How long clients have to answer when the server says it goes: longer than any round trip. */
const closeGraceMs = 2000

function refuseUpgrade(socket: Duplex, status: string, reason: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n${reason}\n`)
}

function readCookie(header: string, name: string): string | null {
  for (const part of header.split(';')) {
    const [key, value] = part.trim().split('=', 2)
    if (key === name && value !== undefined) return value
  }
  return null
}
