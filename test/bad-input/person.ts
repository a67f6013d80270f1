import * as decoding from 'lib0/decoding'
import * as Y from 'yjs'
import { awarenessFrame, step1Frame, step2Frame, updateFrame } from '../../server/test/wire-frames.ts'
import { awarenessUpdate, readEntries } from '../../server/test/awareness-frames.ts'
import { decodeOurs } from '../../server/protocol/y-websocket.ts'
import { type Door, enter, soon } from './guest.ts'
import type { RawSocket } from './raw-socket.ts'

/** Somebody who writes in a document while bad things are sent to it. Has a root of their own to write in. */
export class Person {
  readonly name: string
  readonly doc = new Y.Doc()
  /** Who the server says is here: awareness states as JSON text, by client id. */
  readonly others = new Map<number, string>()
  /** The same, with those who left. */
  readonly everSeen = new Map<number, string>()
  /** Presence messages received. */
  presenceHeard = 0
  readonly #socket: RawSocket
  #framesSent = 0
  /** Frames 1 to this one are saved. */
  #saved = 0
  #isRefused = false
  #read = 0

  private constructor(name: string, client: number, socket: RawSocket) {
    this.name = name
    this.doc.clientID = client
    this.#socket = socket
    socket.on('change', () => this.#readNews())
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== this) this.#sendUpdate(updateFrame(update))
    })
  }

  /** Resolves when they have the document and the others know of them. */
  static async arrive(door: Door, name: string, client: number): Promise<Person> {
    const socket = await enter(door, 'coscribe.1')
    const person = new Person(name, client, socket)
    let hasSynced = false
    person.doc.once('sync', () => (hasSynced = true))
    person.#readNews()
    socket.send(step1Frame())
    const state = JSON.stringify({ user: { name, color: '#336699' } })
    socket.send(awarenessFrame(awarenessUpdate({ client, clock: 1, state })))
    await soon(socket, `${name} to have the document`, () => hasSynced)
    return person
  }

  get client(): number {
    return this.doc.clientID
  }

  get text(): string {
    return this.doc.getText(this.name).toJSON()
  }

  /** Resolves when they have been told of this client. */
  async sees(client: number): Promise<void> {
    await soon(this.#socket, `${this.name} to see ${client}`, () => this.everSeen.has(client))
  }

  types(words: string): void {
    const text = this.doc.getText(this.name)
    text.insert(text.length, words)
  }

  /** Types, and gives the milliseconds until the reader has it. */
  async typesTo(reader: Person, words: string): Promise<number> {
    const start = performance.now()
    this.types(words)
    const root = reader.doc.getText(this.name)
    const { length } = this.text
    await soon(reader.#socket, `${this.name}'s words at ${reader.name}`, () => root.length >= length)
    return performance.now() - start
  }

  /** Resolves when the server has said that everything they wrote is saved. */
  async allSaved(): Promise<void> {
    const isSaved = () => this.#saved >= this.#framesSent
    await soon(this.#socket, `${this.name}'s words to be saved`, isSaved)
  }

  /** What went wrong with their connection, null when nothing did. */
  get trouble(): string | null {
    if (this.#socket.closing !== null) return `closed with ${this.#socket.closing.code}`
    return this.#isRefused ? 'a frame was refused' : null
  }

  leave(): void {
    this.#socket.destroy()
    this.doc.destroy()
  }

  #sendUpdate(frame: Uint8Array): void {
    this.#framesSent++
    this.#socket.send(frame)
  }

  #readNews(): void {
    const news = this.#socket.messages.slice(this.#read)
    this.#read += news.length
    for (const message of news) {
      const own = decodeOurs(message)
      if (own?.type === 'saved') this.#saved = own.through
      if (own?.type === 'refused') this.#isRefused = true
      const decoder = decoding.createDecoder(message)
      const type = decoding.readVarUint(decoder)
      if (type === 0) this.#readSync(decoding.readVarUint(decoder), decoding.readVarUint8Array(decoder))
      if (type === 1) this.#readPresence(decoding.readVarUint8Array(decoder))
    }
  }

  #readSync(step: number, payload: Uint8Array): void {
    if (step === 0) this.#sendUpdate(step2Frame(Y.encodeStateAsUpdate(this.doc, payload)))
    else Y.applyUpdate(this.doc, payload, this)
    if (step === 1) this.doc.emit('sync', [true, this.doc])
  }

  #readPresence(update: Uint8Array): void {
    this.presenceHeard++
    for (const { client, state } of readEntries(update)) {
      if (state === 'null') this.others.delete(client)
      else {
        this.others.set(client, String(state))
        this.everSeen.set(client, String(state))
      }
    }
  }
}
