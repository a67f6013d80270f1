import { type Access, may } from './access.ts'
import type { Clock } from './clock.ts'
import { CoscribeError } from './errors.ts'
import type { Limits } from './limits.ts'
import type { Log } from './log.ts'
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
import { StorageError } from '../persistence/index.ts'

/** The bytes of one client, whatever carries them. */
export interface Transport {
  send(frame: Uint8Array): void
  /** Bytes given to `send` that have not left yet. */
  readonly bufferedBytes: number
  ping(): void
  close(code: CloseCode, reason: string): void
  /** Drops it without a word. */
  terminate(): void
}

export interface ConnectionOptions {
  readonly id: number
  readonly name: DocumentName
  readonly transport: Transport
  readonly wire: Wire
  /** What the handshake allowed; null when the client still has to show a token in its hello. */
  readonly access: Access | null
  /** What a token allows; null when it is wrong. */
  authenticate(token: string): Access | null
  open(name: DocumentName): Promise<Room>
  readonly clock: Clock
  readonly log: Log
  readonly limits: Limits
}

/**
 * One client of one document.
 *
 * C1 nothing of a client is held without a limit, in either direction.
 * C3 a client is pinged every `pingEveryMs` and dropped after one missed answer; it is sent a message at least every
 *    `keepAliveMs`, because stock clients hang up after 30 s without one.
 * C4 close codes: see protocol/close-codes.ts.
 */
export class Connection implements Peer {
  readonly id: number
  readonly #options: ConnectionOptions
  #session: Session
  #access: Access | null
  /** Sync step 2 and update frames received, counted from 1. */
  #frames = 0
  #lastSentAt: number
  #lastPingAt: number
  #answeredPing = true

  constructor(options: ConnectionOptions) {
    this.id = options.id
    this.#options = options
    this.#access = options.access
    const now = options.clock.now()
    this.#lastSentAt = now
    this.#lastPingAt = now
    this.#session = { state: 'greeting', since: now }
    if (options.wire !== coscribeWire) this.#enter()
  }

  get access(): Access {
    return this.#access ?? noAccess
  }

  get name(): DocumentName {
    return this.#options.name
  }

  /** One frame from the client. */
  receive(frame: Uint8Array): void {
    if (this.#session.state === 'closed') return
    const message = this.#options.wire.decode(frame)
    if (message.type === 'malformed') {
      this.close(closeCodes.malformed, message.reason)
      return
    }
    if (this.#session.state === 'greeting') this.#greet(message)
    else if (this.#session.state === 'opening') this.#hold(message, frame.length)
    else this.#deliver(this.#session.room, message)
  }

  receivePong(): void {
    this.#answeredPing = true
  }

  /** The transport has ended, whoever ended it. */
  ended(): void {
    const session = this.#session
    this.#session = { state: 'closed' }
    if (session.state === 'live') session.room.leave(this)
  }

  /** Called every second: keeps a quiet connection alive and lets go of a dead one. */
  tick(now: number): void {
    const { limits, transport } = this.#options
    if (this.#session.state === 'closed') return
    if (this.#session.state === 'greeting' && now - this.#session.since > limits.helloTimeoutMs) {
      this.close(closeCodes.timeout, 'no hello in time')
      return
    }
    if (now - this.#lastPingAt >= limits.pingEveryMs) {
      if (!this.#answeredPing) {
        transport.terminate()
        return
      }
      this.#answeredPing = false
      this.#lastPingAt = now
      transport.ping()
    }
    if (now - this.#lastSentAt >= limits.keepAliveMs) this.send(keepAlive)
  }

  send(message: Broadcast): void {
    const { wire, transport, clock, limits } = this.#options
    if (this.#session.state === 'closed') return
    const frame = message.frameFor(wire)
    if (frame === null) return
    if (transport.bufferedBytes > limits.maxBufferedBytes) {
      this.close(closeCodes.tooSlow, 'this client reads too slowly')
      return
    }
    this.#lastSentAt = clock.now()
    transport.send(frame)
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
    else this.close(closeCodes.invalidUpdate, reason)
  }

  notify(notice: Notice): void {
    this.send(new Broadcast({ type: 'notice', notice }))
  }

  close(code: CloseCode, reason: string): void {
    if (this.#session.state === 'closed') return
    this.#options.log.debug({ connection: this.id, document: this.name, code, reason }, 'closing')
    this.ended()
    this.#options.transport.close(code, reason)
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
    const { token } = message.hello
    if (this.#access === null && token !== undefined) this.#access = this.#options.authenticate(token)
    this.#enter(message.hello)
  }

  #enter(hello?: Hello): void {
    if (this.#access === null) {
      this.close(closeCodes.unauthenticated, 'a password or token is needed')
      return
    }
    const held: Held = { messages: [], bytes: 0 }
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
      this.#access = { role: 'viewer' }
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

  #hold(message: Up, bytes: number): void {
    if (this.#session.state !== 'opening') return
    const { held } = this.#session
    held.bytes += bytes
    if (held.bytes > this.#options.limits.maxHeldBytes) {
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
        room.receiveStep1(this, message.stateVector)
        return
      case 'sync-step-2':
      case 'update':
        this.#frames++
        room.receiveUpdate(this, {
          number: this.#frames,
          isWhole: message.type === 'sync-step-2',
          update: message.update,
        })
        return
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
}

type Session =
  | { readonly state: 'greeting'; readonly since: number }
  | { readonly state: 'opening'; readonly held: Held }
  | { readonly state: 'live'; readonly room: Room }
  | { readonly state: 'closed' }

const noAccess: Access = { role: 'viewer' }

const keepAlive = new Broadcast({ type: 'awareness', update: emptyAwareness })
