import * as decoding from 'lib0/decoding'
import { EventEmitter, once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { createMemoryStorage, type Storage } from '../persistence/index.ts'
import { decodeOurs } from '../server/protocol/y-websocket.ts'
import { toPathPart } from '../server/protocol/document-name.ts'
import { type CoscribeServer, type ServerOptions, startServer } from '../server/server.ts'
import { CollectingLog } from '../server/test/collecting-log.ts'
import { FakeClock } from '../server/test/fake-clock.ts'
import { helloFrame, step1Frame } from '../server/test/wire-frames.ts'
import { until } from './until.ts'

/** A server on a free port of this machine, stopped when the test ends. */
export class RunningServer {
  readonly server: CoscribeServer
  readonly storage: Storage
  readonly log: CollectingLog

  constructor(server: CoscribeServer, storage: Storage, log: CollectingLog) {
    this.server = server
    this.storage = storage
    this.log = log
  }

  get host(): string {
    return `127.0.0.1:${this.server.port}`
  }

  request(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`http://${this.host}${path}`, init)
  }

  /** A request with a JSON body. */
  send(method: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return this.request(path, { method, body: JSON.stringify(body), headers })
  }

  async create(title: string): Promise<string> {
    const response = await this.send('POST', '/api/documents', { title })
    return ((await response.json()) as { name: string }).name
  }
}

export async function start(options: Partial<ServerOptions> = {}): Promise<RunningServer> {
  const storage = options.storage ?? createMemoryStorage()
  const log = new CollectingLog()
  const server = await startServer({ storage, host: '127.0.0.1', port: 0, log, ...options })
  onTestFinished(() => server.close())
  return new RunningServer(server, storage, log)
}

/** Time for a real server: timers wait for the test, the event loop does not. */
export class HandClock extends FakeClock {
  override soon(run: () => void): void {
    setImmediate(run)
  }
}

// Every y-websocket provider listens for the end of the process, and some tests have many.
process.setMaxListeners(0)

/** A y-websocket client as it comes from npm, with one text to type in. */
export class StockClient {
  readonly doc = new Y.Doc()
  readonly provider: WebsocketProvider

  constructor({ host }: { readonly host: string }, document: string, params: Record<string, string> = {}) {
    this.provider = new WebsocketProvider(`ws://${host}`, toPathPart(document), this.doc, {
      WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
      disableBc: true,
      maxBackoffTime: 50,
      params,
    })
    onTestFinished(() => this.destroy())
  }

  get text(): Y.Text {
    return this.doc.getText('text')
  }

  get others(): Record<string, unknown>[] {
    const { awareness } = this.provider
    return [...awareness.getStates()].filter(([id]) => id !== this.doc.clientID).map(([, state]) => state)
  }

  types(text: string): void {
    this.text.insert(this.text.length, text)
  }

  async synced(): Promise<this> {
    await until(() => this.provider.synced, [this.provider, 'sync'])
    return this
  }

  async reads(text: string): Promise<void> {
    await until(() => this.text.toJSON() === text, [this.doc, 'update'])
  }

  async sees(names: readonly string[]): Promise<void> {
    const seen = () => this.others.map((state) => state['name']).sort()
    await until(() => seen().join() === [...names].sort().join(), [this.provider.awareness, 'change'])
  }

  destroy(): void {
    this.provider.destroy()
    this.provider.awareness.destroy()
    this.doc.destroy()
  }
}

export interface Closing {
  readonly code: number
  readonly reason: string
}

/** A client that sends what the test tells it to, and answers nothing by itself but pings. */
export class RawClient extends EventEmitter {
  readonly socket: WebSocket
  readonly frames: Uint8Array[] = []
  closing: Closing | null = null

  constructor(
    address: string,
    protocols: string[] = [],
    headers: Record<string, string> = {},
    autoPong = true,
  ) {
    super()
    this.socket = new WebSocket(address, protocols, { headers, autoPong })
    this.socket.on('message', (data: Buffer) => {
      this.frames.push(new Uint8Array(data))
      this.emit('frame')
    })
    this.socket.on('error', (error) => this.emit('failed', error))
    this.socket.on('close', (code, reason) => {
      this.closing = { code, reason: reason.toString() }
      this.emit('frame')
    })
    this.on('failed', () => {})
    onTestFinished(() => this.socket.terminate())
  }

  /** A coscribe.1 client whose socket is open. */
  static async open(server: RunningServer, document: string, protocols = ['coscribe.1']): Promise<RawClient> {
    const client = new RawClient(`ws://${server.host}/${document}`, protocols)
    await once(client.socket, 'open')
    return client
  }

  /** The same, after hello. */
  static async ready(server: RunningServer, document: string): Promise<RawClient> {
    const client = await RawClient.open(server, document)
    client.send(helloFrame())
    await client.hears((frame) => frame[0] === 11)
    return client
  }

  send(...frames: readonly (Uint8Array | string)[]): void {
    for (const frame of frames) this.socket.send(frame)
  }

  /** The first frame, so far or to come, that the test was waiting for. */
  async hears(isWanted: (frame: Uint8Array) => boolean): Promise<Uint8Array> {
    await until(() => this.frames.some(isWanted) || this.closing !== null, [this, 'frame'])
    const found = this.frames.find(isWanted)
    if (found === undefined) throw new Error(`closed with ${this.closing?.code} ${this.closing?.reason}`)
    return found
  }

  async closed(): Promise<Closing> {
    await until(() => this.closing !== null, [this, 'frame'])
    return this.closing!
  }

  /** saved, refused and notice, as values. */
  get ours(): unknown[] {
    return this.frames.map(decodeOurs).filter((message) => message !== null)
  }

  /** What the server holds of the document, asked for now. */
  async readsAll(): Promise<string> {
    const isStep2 = (frame: Uint8Array) => frame[0] === 0 && frame[1] === 1
    const before = this.frames.filter(isStep2).length
    this.send(step1Frame())
    await until(() => this.frames.filter(isStep2).length > before, [this, 'frame'])
    const decoder = decoding.createDecoder(this.frames.filter(isStep2).at(-1)!)
    for (let i = 0; i < 2; i++) decoding.readVarUint(decoder)
    const doc = new Y.Doc()
    Y.applyUpdate(doc, decoding.readVarUint8Array(decoder))
    return doc.getText('text').toJSON()
  }
}

/** Sends bytes as they are, so that nothing tidies up the request line, and gives back what came until `isEnough`. */
export async function exchange(
  server: RunningServer,
  bytes: string,
  isEnough: (answer: Buffer) => boolean = () => false,
): Promise<Buffer> {
  const socket: Socket = connect(server.server.port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.write(bytes, 'latin1')
  const chunks: Buffer[] = []
  for await (const chunk of socket) {
    chunks.push(chunk as Buffer)
    if (isEnough(Buffer.concat(chunks))) break
  }
  return Buffer.concat(chunks)
}
