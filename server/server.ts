import { getRequestListener } from '@hono/node-server'
import { createServer as createHttpServer, type IncomingMessage, type Server as HttpServer } from 'node:http'
import type { Storage } from '../persistence/index.ts'
import { createApi } from './api.ts'
import { type Authenticate, byHook, byPassword } from './authentication.ts'
import { addressKey, clientAddress, parseProxies, type Proxies } from './client-address.ts'
import { type Clock, systemClock } from './clock.ts'
import type { Failpoint } from './compaction.ts'
import { Connection } from './connection.ts'
import { Conversions } from './conversion.ts'
import { type Arrival, Door, type DoorOptions } from './door.ts'
import { CoscribeError } from './errors.ts'
import { isUpload } from './file-routes.ts'
import { defaultGateLimits } from './gate.ts'
import { Hub } from './hub.ts'
import { contradictionIn, defaultLimits, type Limits } from './limits.ts'
import { type Log, silentLog } from './log.ts'
import { isLoopbackHost } from './origin.ts'
import { Outbound, relieve } from './outbound.ts'
import { serveEmbed, servePages } from './pages.ts'
import { Guesses, SharedPassword } from './password.ts'
import { Population } from './population.ts'
import { Prometheus } from './prometheus.ts'
import { closeCodes } from './protocol/close-codes.ts'
import { subprotocol } from './protocol/version.ts'
import { coscribeWire, yWebsocketWire } from './protocol/y-websocket.ts'
import { RequestRates } from './throttle.ts'
import { Portions } from './transports/portions.ts'
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
  /**
   * Your own login: decides who may do what with a document, in place of the password, which then opens the HTTP API
   * only (without one it stays shut). Asked once for each connection. One that throws or takes longer than
   * `helloTimeoutMs` keeps its client out for the moment.
   */
  readonly authenticate?: Authenticate
  /** Addresses and networks (`10.0.0.0/8`) of proxies whose `X-Forwarded-For` is believed. Default none. */
  readonly trustedProxies?: readonly string[]
  /** Whose pages may show ours in a frame, as a Content-Security-Policy has it. Default `'self'`, quotes included. */
  readonly frameAncestors?: readonly string[]
  /** Whether messages are compressed for clients that ask. Default false: each copy is compressed by itself. */
  readonly compression?: boolean
  /** Other origins whose pages may connect. Default none. */
  readonly allowOrigin?: readonly string[]
  /** Folder with the built web app; left out, the server has no pages. */
  readonly pages?: string
  /** Folder with the built `editor.js` for other people's pages; left out, the server hands out none. */
  readonly embed?: string
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
  readonly #password: SharedPassword | null
  readonly #proxies: Proxies
  readonly #population: Population
  readonly #outbound: Outbound
  readonly #metrics: Prometheus
  readonly #hub: Hub
  readonly #conversions: Conversions
  readonly #http: HttpServer
  readonly #door: Door
  readonly #connections = new Set<Connection>()
  #connectionsMade = 0
  #cancelTick = () => {}
  #closing: Promise<void> | null = null

  constructor(options: ServerOptions) {
    this.host = options.host ?? '127.0.0.1'
    this.#wantedPort = options.port ?? 1234
    this.#clock = options.clock ?? systemClock
    this.#log = options.log ?? silentLog
    this.#limits = limitsOf(options)
    this.#proxies = proxiesOf(options)
    const guesses = new Guesses(this.#clock, this.#limits.guessesPerMinute)
    const password = options.password ?? null
    this.#password = password === null ? null : new SharedPassword(password, guesses)
    if (!isLoopbackHost(this.host) && isOpen(options)) {
      throw new CoscribeError('config', `listening on ${this.host} lets strangers in: a password is needed`)
    }
    this.#population = new Population(this.#limits)
    this.#outbound = new Outbound(this.#limits.maxBufferedTotalBytes, () => this.#connections)
    this.#metrics = new Prometheus({
      connections: () => this.#population.connections,
      documents: () => this.#hub.openDocuments,
      bufferedBytes: () => this.#outbound.measure(),
    })
    this.#hub = this.#createHub(options)
    this.#conversions = new Conversions(this.#limits)
    const shared = this.#shared(options)
    this.#door = this.#createDoor(options, shared)
    this.#http = this.#createHttp(options, shared)
  }

  #createHub(options: ServerOptions): Hub {
    const limits = this.#limits
    return new Hub({
      storage: options.storage,
      clock: this.#clock,
      log: this.#log,
      metrics: this.#metrics,
      gateLimits: {
        ...defaultGateLimits,
        maxClients: limits.maxClientsPerDocument,
        maxRoots: limits.maxRootsPerDocument,
      },
      roomLimits: limits,
      unloadAfterMs: limits.unloadAfterMs,
      maxUnusedBytes: limits.maxUnusedBytes,
      maxUnstoredBytes: limits.maxUnstoredBytes,
      commitPauseMs: limits.commitPauseMs,
      compaction: limits,
      ...(options.failpoint === undefined ? {} : { failpoint: options.failpoint }),
    })
  }

  /** What the API and the door both need. */
  #shared(options: ServerOptions) {
    return {
      limits: this.#limits,
      clock: this.#clock,
      log: this.#log,
      metrics: this.#metrics,
      rates: new RequestRates(this.#limits.maxRequestsPerSecond),
      originRules: { isLoopback: isOpen(options), allowed: options.allowOrigin ?? [] },
      addressOf: (request: IncomingMessage) => this.#addressOf(request),
    }
  }

  #createDoor(options: ServerOptions, shared: Shared): Door {
    return new Door({
      ...shared,
      population: this.#population,
      authenticate: this.#authenticationBy(options),
      compression: options.compression ?? false,
      isStopping: () => this.#closing !== null,
      arrived: (arrival) => this.#connect(arrival),
    })
  }

  #createHttp(options: ServerOptions, shared: Shared): HttpServer {
    const limits = this.#limits
    const api = createApi({
      ...shared,
      hub: this.#hub,
      conversions: this.#conversions,
      storage: options.storage,
      exposition: this.#metrics,
      isOpen: isOpen(options),
      isLoopback: isLoopbackHost(this.host),
      frameAncestors: options.frameAncestors ?? ["'self'"],
      password: this.#password,
      authenticate: this.#authenticationBy(options),
    })
    if (options.embed !== undefined) serveEmbed(api, options.embed)
    if (options.pages !== undefined) servePages(api, options.pages)
    const listener = getRequestListener(api.fetch)
    const http = createHttpServer(timeoutsOf(limits), (request, response) => {
      this.#hurry(request)
      void listener(request, response)
    })
    // Node drops what is more: one more than the limit tells that there were too many.
    http.maxHeadersCount = limits.maxHeaders + 1
    http.maxConnections = limits.maxConnections + spareSockets
    // Who takes nothing of an answer; WebSockets have timers of their own.
    http.timeout = limits.requestTimeoutMs
    http.on('upgrade', (request, socket, head) => this.#door.upgrade(request, socket, head))
    return http
  }

  /** Node has one time for all bodies, which is that of the largest. */
  #hurry(request: IncomingMessage): void {
    const { method, url = '', headers } = request
    const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined
    if (!hasBody || isUpload(method, url)) return
    const cancel = this.#clock.after(this.#limits.requestTimeoutMs, () => {
      if (!request.complete) request.socket.destroy()
    })
    request.once('close', cancel)
  }

  #authenticationBy({ authenticate }: ServerOptions): Authenticate {
    if (authenticate === undefined) return byPassword(this.#password, addressKey)
    return byHook(authenticate, this.#clock, this.#limits.helloTimeoutMs)
  }

  #addressOf(request: IncomingMessage): string {
    const forwarded = request.headers['x-forwarded-for']
    const text = typeof forwarded === 'string' ? forwarded : forwarded?.join(',')
    return clientAddress(request.socket.remoteAddress ?? '', text, this.#proxies)
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
    this.#door.close()
    this.#conversions.close()
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
      let unfinishedBytes = 0
      for (const connection of this.#connections) {
        connection.tick(now)
        unfinishedBytes += connection.unfinishedBytes
      }
      if (unfinishedBytes > this.#limits.maxUnfinishedTotalBytes) this.#dropUnfinished()
      this.#tickEverySecond()
    })
  }

  #dropUnfinished(): void {
    const queues = Array.from(this.#connections, (connection) => ({
      bufferedBytes: connection.unfinishedBytes,
      shed: () => connection.shedUnfinished(),
    }))
    relieve(queues, this.#limits.maxUnfinishedTotalBytes)
  }

  #connect({ websocket, socket, name, access, address, visit, authenticate }: Arrival): void {
    const portions = new Portions(websocket, (message) => connection.receive(message))
    const connection: Connection = new Connection({
      id: ++this.#connectionsMade,
      name,
      transport: websocketTransport(websocket, socket, portions),
      wire: websocket.protocol === subprotocol ? coscribeWire : yWebsocketWire,
      access,
      authenticate,
      enter: ({ user }) => visit.enter(name, user?.id ?? null),
      open: (document) => this.#hub.open(document),
      gave: (bytes) => this.#outbound.gave(bytes),
      metrics: this.#metrics,
      clock: this.#clock,
      log: this.#log,
      limits: this.#limits,
    })
    this.#connections.add(connection)
    attach({ websocket, socket, portions, connection }, () => this.#connections.delete(connection))
    const fields = { connection: connection.id, document: name, wire: websocket.protocol, address }
    this.#log.debug(fields, 'connected')
  }
}

type Shared = Pick<
  DoorOptions,
  'limits' | 'clock' | 'log' | 'metrics' | 'rates' | 'originRules' | 'addressOf'
>

/** Nobody is asked for anything. */
function isOpen({ password, authenticate }: ServerOptions): boolean {
  return (password ?? null) === null && authenticate === undefined
}

function limitsOf(options: ServerOptions): Limits {
  const limits = { ...defaultLimits, ...options.limits }
  const contradiction = contradictionIn(limits)
  if (contradiction !== null) throw new CoscribeError('config', contradiction)
  return limits
}

function proxiesOf({ trustedProxies }: ServerOptions): Proxies {
  const proxies = parseProxies(trustedProxies ?? [])
  if (!('error' in proxies)) return proxies
  throw new CoscribeError('config', `trustedProxies has "${proxies.error}", which is no address or network`)
}

function timeoutsOf(limits: Limits) {
  return {
    maxHeaderSize: limits.maxHeaderBytes,
    // The head is part of the request: Node refuses to wait longer for it.
    headersTimeout: Math.min(limits.headersTimeoutMs, limits.requestTimeoutMs),
    requestTimeout: Math.max(limits.requestTimeoutMs, limits.uploadTimeoutMs),
    keepAliveTimeout: limits.nextRequestTimeoutMs,
    connectionsCheckingInterval: lookForSlowMs,
  }
}

/** How often slow requests are looked for: what they are allowed takes at most so much longer. */
const lookForSlowMs = 1000

/** Sockets beside the WebSockets, for pages and health. */
const spareSockets = 1000

const restarting = 'the server restarts'

/** When the first client of a stopping server should come back, and how far apart the others: 100 a second. */
const drainFirstMs = 500
const drainStepMs = 10

/** How long clients have to answer when the server says it goes: longer than any round trip. */
const closeGraceMs = 2000
