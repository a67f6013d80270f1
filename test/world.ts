import * as awarenessProtocol from 'y-protocols/awareness'
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import * as syncProtocol from 'y-protocols/sync'
import * as Y from 'yjs'
import { createMemoryStorage, type Storage } from '../persistence/index.ts'
import { editorAccess } from '../server/access.ts'
import { applyQuietly } from '../server/apply-quietly.ts'
import { Connection } from '../server/connection.ts'
import { defaultGateLimits } from '../server/gate.ts'
import { Hub } from '../server/hub.ts'
import { defaultLimits } from '../server/limits.ts'
import { silentLog } from '../server/log.ts'
import { type DocumentName, parseDocumentName } from '../server/protocol/document-name.ts'
import { coscribeWire, countsAsFrame, decodeOurs, encodeHello } from '../server/protocol/y-websocket.ts'
import { silentMetrics } from '../server/metrics.ts'
import { FakeClock } from '../server/test/fake-clock.ts'
import { announceAnew } from '../editor/sync/announce.ts'
import { afterSaved, afterSending, isAllSaved, nothingSent } from '../editor/sync/saved.ts'

/** A connection as two queues that the test empties: to the server and back. Cutting it loses what is under way. */
class Link {
  readonly up: Uint8Array[] = []
  readonly down: Uint8Array[] = []
  readonly connection: Connection
  closedWith: number | null = null

  constructor(world: World) {
    this.connection = new Connection({
      id: ++world.connectionsMade,
      name: world.name,
      transport: {
        send: ({ bytes }) => void this.down.push(bytes.slice()),
        bufferedBytes: 0,
        unfinishedBytes: 0,
        ping: () => {},
        pause: () => {},
        resume: () => {},
        takeFramesUpTo: () => {},
        close: (code) => void (this.closedWith = code),
        terminate: () => void (this.closedWith = 1006),
      },
      wire: coscribeWire,
      access: editorAccess,
      authenticate: () => editorAccess,
      enter: () => null,
      gave: () => {},
      metrics: silentMetrics,
      open: (name) => world.hub.open(name),
      clock: world.clock,
      log: silentLog,
      limits: defaultLimits,
    })
  }
}

/** A client with a stock provider's manners, spoken by hand so that the test decides when each message travels. */
export class Client {
  readonly doc = new Y.Doc()
  readonly awareness: awarenessProtocol.Awareness
  link: Link | null = null
  saved = nothingSent
  readonly #world: World

  constructor(world: World, clientId: number) {
    this.#world = world
    this.doc.clientID = clientId
    this.awareness = new awarenessProtocol.Awareness(this.doc)
    this.awareness.setLocalState({ user: { name: `client ${clientId}` } })
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== this) this.#send((encoder) => syncProtocol.writeUpdate(encoder, update), 0)
    })
  }

  get isConnected(): boolean {
    return this.link !== null
  }

  get isSaved(): boolean {
    return this.isConnected && isAllSaved(this.saved)
  }

  connect(): void {
    this.saved = nothingSent
    this.link = new Link(this.#world)
    announceAnew(this.awareness)
    this.link.up.push(encodeHello({ client: 'world', schema: 1 }))
    this.#send((encoder) => syncProtocol.writeSyncStep1(encoder, this.doc), 0)
    const presence = awarenessProtocol.encodeAwarenessUpdate(this.awareness, [this.doc.clientID])
    this.#send((encoder) => encoding.writeVarUint8Array(encoder, presence), 1)
  }

  /** The network is gone; the server notices, the messages under way are lost. */
  cut(): void {
    this.link?.connection.ended()
    this.link = null
    const others = [...this.awareness.getStates().keys()].filter((client) => client !== this.doc.clientID)
    awarenessProtocol.removeAwarenessStates(this.awareness, others, this)
  }

  deliverUp(count: number): void {
    for (const frame of this.link?.up.splice(0, count) ?? []) this.link?.connection.receive(frame)
  }

  deliverDown(count: number): void {
    for (const frame of this.link?.down.splice(0, count) ?? []) this.#receive(frame)
  }

  destroy(): void {
    this.cut()
    this.awareness.destroy()
    this.doc.destroy()
  }

  #receive(frame: Uint8Array): void {
    const ours = decodeOurs(frame)
    if (ours !== null) {
      if (ours.type === 'saved') this.saved = afterSaved(this.saved, ours.through)
      if (ours.type === 'refused') throw new Error(`refused: ${ours.code} ${ours.reason}`)
      return
    }
    const decoder = decoding.createDecoder(frame)
    const type = decoding.readVarUint(decoder)
    if (type === 1) {
      awarenessProtocol.applyAwarenessUpdate(this.awareness, decoding.readVarUint8Array(decoder), this)
      return
    }
    const reply = encoding.createEncoder()
    syncProtocol.readSyncMessage(decoder, reply, this.doc, this)
    if (encoding.length(reply) > 0)
      this.#send((encoder) => encoding.writeUint8Array(encoder, encoding.toUint8Array(reply)), 0)
  }

  #send(write: (encoder: encoding.Encoder) => void, type: number): void {
    if (this.link === null) return
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, type)
    write(encoder)
    const frame = encoding.toUint8Array(encoder)
    const kind = countsAsFrame(frame)
    if (kind !== null) this.saved = afterSending(this.saved, kind)
    this.link.up.push(frame)
  }
}

/** A server, its storage and some clients, all in one process and in the test's hands. */
export class World {
  readonly clock = new FakeClock()
  readonly storage: Storage = createMemoryStorage()
  readonly name: DocumentName
  readonly clients: Client[] = []
  connectionsMade = 0
  /** How often a log was replaced by a state. */
  compactions = 0
  hub: Hub
  #servers = 0

  constructor() {
    const name = parseDocumentName('world')
    if (typeof name !== 'string') throw new Error(name.error)
    this.name = name
    this.hub = this.#startServer()
  }

  join(count: number): void {
    for (let i = 0; i < count; i++) {
      const client = new Client(this, 100 + this.clients.length)
      this.clients.push(client)
      client.connect()
    }
  }

  /** The server dies with everything it had in memory, and another one starts on the same storage. */
  restartServer(): void {
    for (const client of this.clients) client.cut()
    this.hub = this.#startServer()
  }

  /** Everybody connects and everything under way arrives, until nothing is left to say. */
  async settle(): Promise<void> {
    for (const client of this.clients) if (!client.isConnected) client.connect()
    let isQuiet = false
    while (!isQuiet) {
      for (const client of this.clients) client.deliverUp(Infinity)
      await this.clock.turn()
      await this.clock.advance(50)
      for (const client of this.clients) client.deliverDown(Infinity)
      isQuiet = this.clients.every(
        ({ link }) => link !== null && link.up.length === 0 && link.down.length === 0,
      )
    }
  }

  /** The document as a server that has just started would read it. */
  async stored(): Promise<Y.Doc> {
    const loaded = await this.storage.load(this.name)
    const doc = new Y.Doc()
    const state = loaded.state === null ? [] : [loaded.state.bytes]
    applyQuietly(doc, [...state, ...loaded.records.map(({ bytes }) => bytes)])
    return doc
  }

  /** The document at each moment of its past, oldest first, as the server gives it back. */
  async past(): Promise<Y.Doc[]> {
    const moments = await this.hub.moments(this.name)
    const updates = await Promise.all(moments.map(({ moment }) => this.hub.at(this.name, moment)))
    return updates.map((update) => {
      const doc = new Y.Doc()
      applyQuietly(doc, [update])
      return doc
    })
  }

  destroy(): void {
    for (const client of this.clients) client.destroy()
  }

  #startServer(): Hub {
    const server = ++this.#servers
    return new Hub({
      storage: this.storage,
      clock: this.clock,
      log: silentLog,
      gateLimits: defaultGateLimits,
      unloadAfterMs: defaultLimits.unloadAfterMs,
      maxUnstoredBytes: defaultLimits.maxUnstoredBytes,
      // So early that every story has some.
      compaction: { ...defaultLimits, compactAfterRecords: 1, compactPauseMs: 1, historyWindowMs: 20 },
      failpoint: (name) => {
        // A server that died does nothing more, not even on the storage.
        if (server !== this.#servers) return new Promise(() => {})
        if (name === 'compaction:after-store') this.compactions++
        return undefined
      },
    })
  }
}
