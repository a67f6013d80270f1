import { type Access, may } from './access.ts'
import type { Clock } from './clock.ts'
import { CoscribeError, nameOf } from './errors.ts'
import { Intake } from './intake.ts'
import type { Limits } from './limits.ts'
import type { Log } from './log.ts'
import { Outlet } from './outlet.ts'
import type { Metrics } from './metrics.ts'
import { crowds, type PopulationRefusal } from './population.ts'
import { emptyAwareness } from './presence.ts'
import { closeCodes, type CloseCode } from './protocol/close-codes.ts'
import type { DocumentName } from './protocol/document-name.ts'
import {
  Broadcast,
  type Hello,
  type Notice,
  type RefusalCode,
  type Up,
  type Wire,
} from './protocol/messages.ts'
import { coscribeWire } from './protocol/y-websocket.ts'
import type { Peer, Room } from './room.ts'
import type { Transport } from './transport.ts'
import { StorageError } from '../persistence/index.ts'

export interface ConnectionOptions {
  readonly id: number
  readonly name: DocumentName
  readonly transport: Transport
  readonly wire: Wire
  /** What the handshake allowed; null when the client still has to say hello, with a token or without one. */
  readonly access: Access | null
  /** What its hello allows: null keeps it out. Rejects when that can't be said just now. */
  authenticate(token: string | null): Access | null | Promise<Access | null>
  /** Counts the connection among those of its person and document. Null, or why it may not stay. */
  enter(access: Access): PopulationRefusal | null
  open(name: DocumentName): Promise<Room>
  /** So many bytes were given to the transport. */
  gave(bytes: number): void
  readonly metrics: Metrics
  readonly clock: Clock
  readonly log: Log
  readonly limits: Limits
}

/**
 * One client of one document.
 *
 * C1 nothing of a client is held without a limit, in either direction.
 * C3 it is sent a message at least every `keepAliveMs`, because stock clients hang up after 30 s without one.
 * C4 close codes: see protocol/close-codes.ts.
 */
export class Connection implements Peer {
  readonly id: number
  readonly #options: ConnectionOptions
  #session: Session
  #access: Access | null
  /** Sync step 2 and update frames received, counted from 1. */
  #frames = 0
  readonly #intake: Intake
  readonly #outlet: Outlet

  constructor(options: ConnectionOptions) {
    this.id = options.id
    this.#options = options
    this.#access = options.access
    const now = options.clock.now()
    const { transport, clock, limits, metrics, wire } = options
    this.#intake = new Intake({ line: transport, clock, limits, throttled: () => metrics.throttled() })
    this.#outlet = new Outlet({ exit: transport, wire, clock, limits, gave: (bytes) => options.gave(bytes) })
    this.#session = { state: 'greeting', since: now }
    if (options.wire !== coscribeWire) this.#enter()
  }

  get access(): Access {
    return this.#access ?? noAccess
  }

  get hearsOfSaving(): boolean {
    return this.#options.wire === coscribeWire
  }

  get name(): DocumentName {
    return this.#options.name
  }

  /** One frame from the client. */
  receive(frame: Uint8Array): void {
    const now = this.#options.clock.now()
    if (!this.#charge(1, frame.length, now)) return
    this.#intake.heardMessage(now)
    const message = this.#options.wire.decode(frame)
    if (message.type === 'malformed') {
      this.close(closeCodes.malformed, message.reason)
      return
    }
    const session = this.#session
    switch (session.state) {
      case 'greeting':
        this.#greet(message)
        return
      case 'checking':
      case 'opening':
        this.#hold(session, message, frame.length)
        return
      case 'live':
        this.#deliver(session.room, message)
        return
      case 'closed':
        return
    }
  }

  /** Whether the ping should be answered. Pings and answers to them count like messages. */
  receivePing(bytes: number): boolean {
    if (!this.#charge(1, bytes)) return false
    if (this.bufferedBytes <= this.#options.limits.maxBufferedBytes) return true
    this.close(closeCodes.tooSlow, slowReader)
    return false
  }

  receivePong(bytes = 0): void {
    if (this.#charge(1, bytes)) this.#intake.heardPong()
  }

  /** The transport has ended, whoever ended it. */
  ended(): void {
    const session = this.#session
    this.#session = { state: 'closed' }
    this.#intake.end()
    if (session.state === 'live') session.room.leave(this)
  }

  /** The transport ended it with this code, because the client broke the rules below ours. */
  broken(code: number): void {
    this.#tellOfClosing(code, 'broke the rules of WebSockets')
  }

  get bufferedBytes(): number {
    // What is given up already is not counted: the transport drops it within seconds.
    return this.#session.state === 'closed' ? 0 : this.#options.transport.bufferedBytes
  }

  /** What its transport holds of a frame that is not whole yet. */
  get unfinishedBytes(): number {
    return this.#session.state === 'closed' ? 0 : this.#options.transport.unfinishedBytes
  }

  /** Lets go of it because too much is arriving from all clients together. */
  shedUnfinished(): void {
    this.close(closeCodes.unavailable, 'too much is being received from all clients at once')
  }

  /** Lets go of it because too much waits for all clients together. */
  shed(): void {
    this.close(closeCodes.tooSlow, 'too much is waiting for clients that read slowly')
  }

  /** Called every second: keeps a quiet connection alive and lets go of a dead one. */
  tick(now: number): void {
    const { limits, transport } = this.#options
    if (this.#session.state === 'closed') return
    if (this.#session.state === 'greeting' && now - this.#session.since > limits.helloTimeoutMs) {
      this.close(closeCodes.timeout, 'no hello in time')
      return
    }
    const life = this.#intake.look(now, transport.bufferedBytes > 0)
    if (life === 'idle') this.close(closeCodes.timeout, 'nothing was heard for too long')
    else if (life === 'dead') transport.terminate()
    else if (now - this.#outlet.lastSentAt >= limits.keepAliveMs) this.send(keepAlive)
  }

  send(message: Broadcast): void {
    this.#give(message)
  }

  answer(message: Broadcast): void {
    this.#charge(0, this.#give(message))
  }

  /** Returns how many bytes were given to the transport. */
  #give(message: Broadcast): number {
    if (this.#session.state === 'closed') return 0
    const isPresence = message.message.type === 'awareness'
    return isPresence ? this.#outlet.relayPresence(message) : this.#outlet.send(message)
  }

  relay(message: Broadcast, before: () => ReadonlyMap<number, number>): void {
    if (this.#session.state !== 'closed') this.#outlet.relay(message, before)
  }

  isBehind(known: ReadonlyMap<number, number>): boolean {
    return this.#outlet.isBehind(known)
  }

  /** Everything that waited for the client has left. */
  drained(): void {
    const debt = this.#outlet.settle()
    if (debt !== null && this.#session.state === 'live') this.#session.room.catchUp(this, debt.known)
  }

  saved(frame: number): void {
    this.send(new Broadcast({ type: 'saved', through: frame }))
  }

  refuse(frame: number, code: RefusalCode, reason: string): void {
    if (this.#options.wire === coscribeWire) {
      this.send(new Broadcast({ type: 'refused', frame, code, reason }))
      return
    }
    // A stock client can't be told. What it sends will never be taken, so it is sent away, but for two cases: a
    // viewer may go on reading, and a hole is mended by the sync that a new connection starts with.
    if (code === 'forbidden') return
    if (code === 'missing') this.close(closeCodes.unavailable, reason)
    else if (code === 'conflict') this.close(closeCodes.conflict, reason)
    else this.close(closeCodes.invalidUpdate, reason)
  }

  notify(notice: Notice): void {
    this.send(new Broadcast({ type: 'notice', notice }))
  }

  close(code: CloseCode, reason: string): void {
    if (this.#session.state === 'closed') return
    this.#tellOfClosing(code, reason)
    this.ended()
    this.#options.transport.close(code, reason)
  }

  #tellOfClosing(code: number, reason: string): void {
    const { log, metrics } = this.#options
    const isOrdinary = code === closeCodes.restarting || code === closeCodes.removed
    const fields = { connection: this.id, document: this.name, code, reason }
    if (isOrdinary) log.debug(fields, 'closing')
    else log.info(fields, 'closing')
    metrics.closed(code)
  }

  /** False when the connection has ended, by this charge or before. */
  #charge(messages: number, bytes: number, now = this.#options.clock.now()): boolean {
    if (this.#session.state === 'closed') return false
    if (this.#intake.charge(messages, bytes, now)) return true
    this.close(closeCodes.tooMuch, 'more was sent than the server takes')
    return false
  }

  /** Drops the connection without a word, if the other side never answered a close. */
  terminate(): void {
    this.#options.transport.terminate()
  }

  #greet(message: Up): void {
    if (message.type !== 'hello') {
      this.close(closeCodes.malformed, 'the first message must be hello')
      return
    }
    const { hello } = message
    const answer = this.#access ?? this.#options.authenticate(hello.token ?? null)
    if (answer instanceof Promise) {
      this.#check(answer, hello)
      return
    }
    this.#access = answer
    this.#enter(hello)
  }

  /** Waits for the answer to a token, reading nothing more. */
  #check(answer: Promise<Access | null>, hello: Hello): void {
    const { limits } = this.#options
    const held: Held = { messages: [], bytes: 0, maxBytes: limits.maxUnauthenticatedBytes }
    this.#session = { state: 'checking', held }
    this.#intake.check()
    answer.then(
      (access) => {
        if (this.#session.state !== 'checking') return
        this.#access = access
        this.#intake.checked()
        this.#enter(hello, held.messages)
      },
      (error: unknown) => {
        this.#options.log.error({ document: this.name, error: nameOf(error) }, 'a token could not be checked')
        this.close(closeCodes.unavailable, 'the token could not be checked just now')
      },
    )
  }

  #enter(hello?: Hello, messages: Up[] = []): void {
    const { limits, transport } = this.#options
    if (this.#access === null) {
      this.close(closeCodes.unauthenticated, 'a password or token is needed')
      return
    }
    const refusal = this.#options.enter(this.#access)
    if (refusal !== null) {
      this.close(refusal === 'full' ? closeCodes.full : closeCodes.tooMuch, crowds[refusal])
      return
    }
    transport.takeFramesUpTo(limits.maxFrameBytes)
    const held: Held = { messages, bytes: 0, maxBytes: limits.maxHeldBytes }
    this.#session = { state: 'opening', held }
    this.#options.open(this.name).then(
      (room) => this.#begin(room, held, hello),
      (error: unknown) => this.#fail(error),
    )
  }

  #begin(room: Room, held: Held, hello: Hello | undefined): void {
    if (this.#session.state !== 'opening') return
    if (hello !== undefined) this.#settleRole(room, hello)
    this.#session = { state: 'live', room }
    room.join(this)
    for (const message of held.messages) {
      // `deliver` may close the connection in between.
      if (this.#isLive()) this.#deliver(room, message)
    }
  }

  /** A client that would delete what it does not know may look, but not edit. */
  #settleRole(room: Room, hello: Hello): void {
    const schema = room.schemaVersion
    if (hello.schema < schema) {
      this.#access = { ...this.access, role: 'viewer' }
      this.notify({ kind: 'schema-too-old', schema })
    }
    this.notify({ kind: 'role', role: may(this.access, 'write') ? 'editor' : 'viewer' })
  }

  #isLive(): boolean {
    return this.#session.state === 'live'
  }

  #fail(error: unknown): void {
    const isRemoved =
      (error instanceof StorageError || error instanceof CoscribeError) && error.code === 'removed'
    if (isRemoved) {
      this.close(closeCodes.removed, 'the document was deleted')
      return
    }
    this.#options.log.error(
      { document: this.name, reason: String(error) },
      'the document could not be opened',
    )
    this.close(closeCodes.unavailable, 'the document could not be opened just now')
  }

  #hold({ held }: { readonly held: Held }, message: Up, bytes: number): void {
    held.bytes += bytes
    if (held.bytes > held.maxBytes) {
      this.close(closeCodes.unavailable, 'too much was sent before the document was open')
      return
    }
    held.messages.push(message)
  }

  #deliver(room: Room, message: Up): void {
    switch (message.type) {
      case 'hello':
        this.close(closeCodes.malformed, 'a second hello')
        return
      case 'sync-step-1':
        if (this.#charge(step1Messages - 1, 0)) room.receiveStep1(this, message.stateVector)
        return
      case 'sync-step-2':
      case 'update': {
        const isWhole = message.type === 'sync-step-2'
        room.receiveUpdate(this, { number: ++this.#frames, isWhole, update: message.update })
        return
      }
      case 'awareness':
        room.receivePresence(this, message.update)
        return
      case 'query-awareness':
        room.receivePresenceQuery(this)
        return
    }
  }
}

interface Held {
  readonly messages: Up[]
  bytes: number
  readonly maxBytes: number
}

type Session =
  | { readonly state: 'greeting'; readonly since: number }
  | { readonly state: 'checking'; readonly held: Held }
  | { readonly state: 'opening'; readonly held: Held }
  | { readonly state: 'live'; readonly room: Room }
  | { readonly state: 'closed' }

const noAccess: Access = { role: 'viewer' }

/** How many messages a sync step 1 counts for: it takes as long to answer. */
const step1Messages = 50

const slowReader = 'this client reads too slowly'

const keepAlive = new Broadcast({ type: 'awareness', update: emptyAwareness })
