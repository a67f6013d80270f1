import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Access } from './access.ts'
import type { Authenticate, AuthenticationRequest } from './authentication.ts'
import { addressKey } from './client-address.ts'
import type { Clock } from './clock.ts'
import type { Limits } from './limits.ts'
import type { Log } from './log.ts'
import type { Metrics, UpgradeRefusal } from './metrics.ts'
import { type OriginRules, refusalOfOrigin } from './origin.ts'
import { crowds, type Population, type Visit } from './population.ts'
import { closeCodes } from './protocol/close-codes.ts'
import { type DocumentName, documentNameFromPath } from './protocol/document-name.ts'
import { subprotocol } from './protocol/version.ts'
import type { RequestRates } from './throttle.ts'
import { Turnstile } from './turnstile.ts'

/** Somebody who was let through the handshake. */
export interface Arrival {
  readonly websocket: WebSocket
  /** What it writes to. */
  readonly socket: Duplex
  readonly name: DocumentName
  /** What the handshake allowed; null while the client has to say hello. */
  readonly access: Access | null
  readonly address: string
  readonly visit: Visit
  /** What a hello with this token allows. */
  readonly authenticate: (token: string | null) => ReturnType<Authenticate>
}

export interface DoorOptions {
  readonly limits: Limits
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly originRules: OriginRules
  readonly rates: RequestRates
  readonly population: Population
  readonly authenticate: Authenticate
  /** Whether clients that ask for it get permessage-deflate. */
  readonly compression: boolean
  addressOf(request: IncomingMessage): string
  isStopping(): boolean
  arrived(arrival: Arrival): void
}

/** A few milliseconds: each is a handshake and a connection. */
const arrivalsPerTurn = 16

/** What becomes of a request for a WebSocket: an HTTP error, a WebSocket that is closed at once, or an arrival. */
export class Door {
  readonly #options: DoorOptions
  readonly #sockets: WebSocketServer
  /** Those whose token is being checked, and those who came with many others. */
  readonly #waiting = new Set<Duplex>()
  readonly #turnstile: Turnstile

  constructor(options: DoorOptions) {
    this.#options = options
    const { limits, compression } = options
    this.#turnstile = new Turnstile(options.clock, arrivalsPerTurn)
    const socketOptions = {
      noServer: true,
      clientTracking: false,
      // Until the client is let in; see `takeFramesUpTo`.
      maxPayload: Math.min(limits.maxUnauthenticatedBytes, limits.maxFrameBytes),
      // The types of ws 8.18 do not know it yet.
      closeTimeout: closeTimeoutMs,
      // Pings count like messages; see `attach`.
      autoPong: false,
      perMessageDeflate: compression ? deflateOptions(limits) : false,
      // Never another one: a client may offer a token as a subprotocol, which must not come back in a header.
      handleProtocols: (offered: Set<string>) => (offered.has(subprotocol) ? subprotocol : false),
    } as const
    this.#sockets = new WebSocketServer(socketOptions)
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    destroyOnError(socket)
    const address = this.#options.addressOf(request)
    const visit = this.#receive(request, address)
    if ('status' in visit) {
      this.#refuse(socket, visit, address)
      return
    }
    leaveWithSocket(visit, socket)
    const name = documentNameFromPath(request.url ?? '')
    if (typeof name !== 'string') {
      this.#sockets.handleUpgrade(request, socket, head, (websocket) =>
        turnAway(websocket, closeCodes.badName, name.error),
      )
      return
    }
    const { headers } = request
    const authenticate = this.#asker({ token: tokenOf(request), document: name, address, headers })
    const complete = (access: Access | null | 'failed') => {
      this.#sockets.handleUpgrade(request, socket, head, (websocket) => {
        if (access === 'failed') turnAway(websocket, closeCodes.unavailable, 'the token could not be checked')
        else this.#options.arrived({ websocket, socket, name, access, address, visit, authenticate })
      })
    }
    const answer = isStock(request) ? authenticate(null) : null
    if (answer instanceof Promise) {
      this.#wait(socket, answer, complete)
      return
    }
    const turn = this.#turnstile.pass()
    if (turn === null) complete(answer)
    else
      this.#wait(
        socket,
        turn.then(() => answer),
        complete,
      )
  }

  /** What a token allows: the one it is given, or else the one that stood in the request. */
  #asker(request: AuthenticationRequest): (own: string | null) => ReturnType<Authenticate> {
    return (own) => this.#options.authenticate({ ...request, token: own ?? request.token })
  }

  /** Nobody who waits is let in any more. */
  close(): void {
    for (const socket of this.#waiting) this.#refuse(socket, stopping)
  }

  /** A stock client can't say hello: what it may do is known before its WebSocket exists. */
  #wait(
    socket: Duplex,
    answer: Promise<Access | null>,
    complete: (answer: Access | null | 'failed') => void,
  ): void {
    this.#waiting.add(socket)
    const isHere = () => this.#waiting.delete(socket) && !socket.destroyed
    answer.then(
      (access) => {
        if (isHere()) complete(access)
      },
      (error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error)
        this.#options.log.error({ reason }, 'a token could not be checked')
        if (isHere()) complete('failed')
      },
    )
  }

  #receive(request: IncomingMessage, address: string): Visit | Refusal {
    const { limits, clock, rates, population, originRules } = this.#options
    const key = addressKey(address)
    const waitSeconds = rates.waitSeconds(key, clock.now())
    if (waitSeconds > 0) return { ...tooMany, why: 'rate', text: 'too many requests', waitSeconds }
    if (request.rawHeaders.length > 2 * limits.maxHeaders) return tooManyHeaders
    const text = refusalOfOrigin(request.headers, originRules)
    if (text !== null) return { status: '403 Forbidden', why: 'origin', text }
    if (this.#options.isStopping()) return stopping
    const visit = population.arrive(key)
    if (typeof visit !== 'string') return visit
    return { ...tooMany, why: visit, text: crowds[visit], waitSeconds: crowdWaitSeconds }
  }

  #refuse(socket: Duplex, { status, why, text, waitSeconds }: Refusal, address?: string): void {
    this.#waiting.delete(socket)
    this.#options.log.warn({ address, reason: text }, 'a WebSocket was refused')
    this.#options.metrics.refusedUpgrade(why)
    const retry = waitSeconds === undefined ? '' : `Retry-After: ${waitSeconds}\r\n`
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n${retry}Content-Type: text/plain\r\n\r\n${text}\n`)
  }
}

interface Refusal {
  readonly status: string
  readonly why: UpgradeRefusal
  readonly text: string
  readonly waitSeconds?: number
}

const tooMany = { status: '429 Too Many Requests' }

const tooManyHeaders: Refusal = {
  status: '431 Request Header Fields Too Large',
  why: 'headers',
  text: 'too many headers',
}

const stopping: Refusal = {
  status: '503 Service Unavailable',
  why: 'stopping',
  text: 'the server is stopping',
}

/** People close tabs every few seconds; asking more often helps nobody. */
const crowdWaitSeconds = 10

/** How long a client may take to answer a close, and what it was still owed may stay in memory. */
const closeTimeoutMs = 2000

/** Nothing is remembered from one message to the next: a window for each direction is 100 KB for each connection. */
function deflateOptions(limits: Limits) {
  return {
    threshold: limits.compressionThresholdBytes,
    concurrencyLimit: limits.compressionConcurrency,
    serverNoContextTakeover: true,
    clientNoContextTakeover: true,
  }
}

/** Only a close code reaches a page: a browser hides the status of a refused handshake. */
function turnAway(websocket: WebSocket, code: number, reason: string): void {
  websocket.on('error', () => {})
  websocket.close(code, reason)
}

function isStock(request: IncomingMessage): boolean {
  const offered = request.headers['sec-websocket-protocol'] ?? ''
  return !offered.split(',').some((each) => each.trim() === subprotocol)
}

function tokenOf(request: IncomingMessage): string | null {
  return new URLSearchParams((request.url ?? '').split('?')[1] ?? '').get('token')
}

/*
 * In functions of their own: a listener keeps everything that any function beside it uses, here the request, for as
 * long as the socket is open.
 */

function destroyOnError(socket: Duplex): void {
  socket.on('error', () => socket.destroy())
}

function leaveWithSocket(visit: Visit, socket: Duplex): void {
  socket.once('close', () => visit.leave())
}
