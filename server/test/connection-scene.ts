import { createMemoryStorage, type Storage } from '../../persistence/index.ts'
import { type Access, editorAccess } from '../access.ts'
import { Connection, type ConnectionOptions } from '../connection.ts'
import { defaultGateLimits } from '../gate.ts'
import { Hub } from '../hub.ts'
import { defaultLimits, type Limits } from '../limits.ts'
import type { CloseCode } from '../protocol/close-codes.ts'
import type { Frame, Wire } from '../protocol/messages.ts'
import { coscribeWire, decodeOurs, yWebsocketWire } from '../protocol/y-websocket.ts'
import { CollectingLog } from './collecting-log.ts'
import { CollectingMetrics } from './collecting-metrics.ts'
import { FakeClock } from './fake-clock.ts'
import { nameOf } from './room-scene.ts'
import { helloFrame } from './wire-frames.ts'

/** A client's end of a connection: what reached it, and what became of the socket. */
export class LinkDouble {
  readonly connection: Connection
  readonly frames: Uint8Array[] = []
  bufferedBytes = 0
  pings = 0
  closedWith: CloseCode | null = null
  isTerminated = false
  isPaused = false
  /** The largest frame the transport was told to take. */
  maxFrameBytes = 0

  constructor(options: Omit<ConnectionOptions, 'transport'>) {
    const transport = {
      send: ({ bytes }: Frame) => void this.frames.push(bytes),
      bufferedBytes: 0,
      unfinishedBytes: 0,
      ping: () => {
        this.pings++
      },
      pause: () => void (this.isPaused = true),
      resume: () => void (this.isPaused = false),
      takeFramesUpTo: (maxBytes: number) => void (this.maxFrameBytes = maxBytes),
      close: (code: CloseCode) => void (this.closedWith = code),
      terminate: () => void (this.isTerminated = true),
    }
    // Read whenever the connection asks, not once.
    Object.defineProperty(transport, 'bufferedBytes', { get: () => this.bufferedBytes })
    this.connection = new Connection({ ...options, transport })
  }

  receive(...frames: readonly Uint8Array[]): this {
    for (const frame of frames) this.connection.receive(frame)
    return this
  }

  /** The types of the messages that reached the client; sync messages with their step. */
  get types(): string[] {
    return this.frames.map(([type, step]) => (type === 0 ? `sync ${step}` : String(type)))
  }

  /** saved, refused and notice, as values. */
  get ours(): unknown[] {
    return this.frames.map(decodeOurs).filter((message) => message !== null)
  }
}

export interface LinkOptions {
  readonly wire?: Wire
  readonly access?: Access | null
  readonly limits?: Partial<Limits>
  readonly open?: ConnectionOptions['open']
  readonly authenticate?: ConnectionOptions['authenticate']
  readonly enter?: ConnectionOptions['enter']
  readonly gave?: ConnectionOptions['gave']
}

/** A hub on a storage, and connections to one of its documents. */
export class ConnectionScene {
  readonly clock = new FakeClock()
  readonly log = new CollectingLog()
  readonly metrics = new CollectingMetrics()
  readonly name = nameOf('doc')
  readonly storage: Storage
  readonly hub: Hub
  #made = 0

  constructor(storage: Storage = createMemoryStorage()) {
    this.storage = storage
    const { clock, log } = this
    this.hub = new Hub({
      storage,
      clock,
      log,
      gateLimits: defaultGateLimits,
      unloadAfterMs: defaultLimits.unloadAfterMs,
      maxUnstoredBytes: defaultLimits.maxUnstoredBytes,
      compaction: defaultLimits,
    })
  }

  link(options: LinkOptions = {}): LinkDouble {
    return new LinkDouble({
      id: ++this.#made,
      name: this.name,
      wire: options.wire ?? coscribeWire,
      access: options.access === undefined ? editorAccess : options.access,
      authenticate: options.authenticate ?? ((token) => (token === 'right' ? editorAccess : null)),
      enter: options.enter ?? (() => null),
      gave: options.gave ?? (() => {}),
      metrics: this.metrics,
      open: options.open ?? ((name) => this.hub.open(name)),
      clock: this.clock,
      log: this.log,
      limits: { ...defaultLimits, ...options.limits },
    })
  }
}

/** A client that has said hello, or is a stock one, and whose document is open. */
export async function live(s: ConnectionScene, options: LinkOptions = {}): Promise<LinkDouble> {
  const link = s.link(options)
  if (options.wire !== yWebsocketWire) link.receive(helloFrame())
  await s.clock.turn()
  link.frames.length = 0
  return link
}
