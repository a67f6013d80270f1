import * as decoding from 'lib0/decoding'
import { EventEmitter } from 'node:events'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { decodeOurs } from '../server/protocol/y-websocket.ts'
import { helloFrame, step1Frame, step2Frame, updateFrame } from '../server/test/wire-frames.ts'
import { until } from '../test/until.ts'

const sync = 0
const [step1, step2] = [0, 1]

/**
 * A coscribe.1 client without an editor: it appends tokens to one text and notes which of them the server said are
 * saved. It never reconnects; like a closed browser, it takes its document with it.
 */
export class Writer extends EventEmitter {
  readonly doc = new Y.Doc()
  /** Tokens by the number of the frame they were sent in. */
  readonly sent: string[][] = [[]]
  /** Frames 1 to this one are acknowledged. */
  through = 0
  readonly refusals: unknown[] = []
  readonly notices: unknown[] = []
  closing: { readonly code: number; readonly reason: string } | null = null
  isSynced = false
  readonly #socket: WebSocket
  readonly #name: string

  constructor(host: string, document: string, name = 'w') {
    super()
    this.setMaxListeners(0)
    this.#name = name
    this.#socket = new WebSocket(`ws://${host}/${encodeURIComponent(document)}`, ['coscribe.1'])
    this.#socket.on('open', () => this.#socket.send(helloFrame()))
    this.#socket.on('message', (data: Buffer) => this.#receive(new Uint8Array(data)))
    this.#socket.on('error', () => {})
    this.#socket.on('close', (code, reason) => {
      this.closing = { code, reason: reason.toString() }
      this.emit('change')
    })
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== this) this.#send(updateFrame(update))
    })
  }

  get text(): string {
    return this.doc.getText('ledger').toJSON()
  }

  /** The tokens the server has said it saved. */
  get saved(): string[] {
    return this.sent.slice(0, this.through + 1).flat()
  }

  /** Frames sent and not acknowledged yet. */
  get unsaved(): number {
    return this.sent.length - 1 - this.through
  }

  writes(token: string): void {
    const text = this.doc.getText('ledger')
    const frame = this.sent.length
    text.insert(text.length, `${token} `)
    this.sent[frame]?.push(token)
  }

  /** Resolves when the document is here; rejects when the server has hung up before. */
  async synced(): Promise<this> {
    await this.when(() => this.isSynced)
    return this
  }

  /** Resolves when it holds; rejects when the connection ends before. */
  async when(holds: () => boolean): Promise<void> {
    await until(() => holds() || this.closing !== null, [this, 'change'])
    if (!holds())
      throw new Error(`${this.#name} was closed with ${this.closing?.code} ${this.closing?.reason}`)
  }

  /** Resolves once nothing more can come. */
  async closed(): Promise<number> {
    await until(() => this.closing !== null, [this, 'change'])
    return this.closing?.code ?? 0
  }

  drop(): void {
    this.#socket.terminate()
  }

  #send(frame: Uint8Array): void {
    this.sent.push([])
    this.#socket.send(frame)
  }

  #receive(frame: Uint8Array): void {
    const ours = decodeOurs(frame)
    if (ours === null) this.#receiveSync(frame)
    else if (ours.type === 'saved') this.through = ours.through
    else if (ours.type === 'notice') {
      this.notices.push(ours.notice)
      if (ours.notice.kind === 'role')
        this.#socket.send(step1Frame(new Uint8Array(Y.encodeStateVector(this.doc))))
    } else this.refusals.push(ours)
    this.emit('change')
  }

  #receiveSync(frame: Uint8Array): void {
    const decoder = decoding.createDecoder(frame)
    if (decoding.readVarUint(decoder) !== sync) return
    const type = decoding.readVarUint(decoder)
    const bytes = new Uint8Array(decoding.readVarUint8Array(decoder))
    if (type === step1) this.#send(step2Frame(Y.encodeStateAsUpdate(this.doc, bytes)))
    else Y.applyUpdate(this.doc, bytes, this)
    if (type === step2) this.isSynced = true
  }
}
