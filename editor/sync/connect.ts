import type { Awareness } from 'y-protocols/awareness'
import { WebsocketProvider } from 'y-websocket'
import type * as Y from 'yjs'
import { toPathPart } from '../../server/protocol/document-name.ts'
import type { Down } from '../../server/protocol/messages.ts'
import { closeCodes } from '../../server/protocol/close-codes.ts'
import { announceAnew } from './announce.ts'
import { copyName } from './copy-name.ts'
import { openCopyStore } from './copy-store.ts'
import { KeptCopy } from './kept-copy.ts'
import { afterSaved, afterSending, isAllSaved, nothingSent } from './saved.ts'
import { createSocketClass } from './socket.ts'
import { type Circumstances, decideStatus, type Status } from './status.ts'

export interface ConnectOptions {
  /** The server's address, such as `wss://docs.example.com`; `https:` and `http:` are understood too. */
  readonly server: string
  readonly document: string
  readonly doc: Y.Doc
  readonly awareness: Awareness
  /** Shown to the server when a cookie does not let this page in; a function is asked before every connection. */
  readonly token?: string | (() => string | Promise<string>)
  /**
   * Keeps a copy of the document on this device, so that it can be opened and edited without the server. `key` tells
   * people apart who share a browser. Default: no copy.
   */
  readonly offline?: { readonly key: string }
}

/** A document's connection to its server. */
export interface Sync {
  readonly doc: Y.Doc
  readonly awareness: Awareness
  readonly status: Status
  /** Something was written here that neither the server nor this device is known to hold. */
  readonly hasUnsaved: boolean
  /** Something was written here that the server is not known to hold, whether or not this device does. */
  readonly isLastPlace: boolean
  /** Yjs clients under which this person wrote on this device before, and what the server was not known to have. */
  readonly earlierClients: ReadonlySet<number>
  onStatus(listener: (status: Status) => void): () => void
  /** Resolves once the document's content is here: from this device's copy, or else from the server. */
  readonly ready: Promise<void>
  /**
   * Forgets this device's copy, with everything in it that the server does not have. From then on nothing is kept;
   * open the document again to have the server's version. Rejects when this device refuses.
   */
  discard(): Promise<void>
  destroy(): void
}

/** Connects `doc` to its server and keeps it connected until `destroy`. */
export function connect(options: ConnectOptions): Sync {
  return new Connected(options)
}

class Connected implements Sync {
  readonly doc: Y.Doc
  readonly awareness: Awareness
  readonly ready: Promise<void>
  readonly #provider: WebsocketProvider
  readonly #copy: KeptCopy | null
  readonly #listeners = new Set<(status: Status) => void>()
  #saved = nothingSent
  #attempt = 0
  #retryAfterMs: number | null = null
  #hasUnsaved = false
  #status: Status = { state: 'connecting' }
  #circumstances: Circumstances = {
    isConnected: false,
    wasConnected: false,
    isSynced: false,
    isAllSaved: false,
    keeping: 'failing',
    hasUnsaved: false,
    role: 'editor',
    refused: null,
    closed: null,
  }

  constructor(options: ConnectOptions) {
    const { doc, awareness } = options
    this.doc = doc
    this.awareness = awareness
    this.#provider = this.#createProvider(options)
    this.#copy = this.#openCopy(options)
    this.ready = new Promise((resolve) => {
      void this.#copy?.loaded.then((hasContent) => {
        if (hasContent) resolve()
      })
      this.#provider.on('sync', (isSynced) => {
        if (isSynced) resolve()
      })
    })
    this.#listen()
  }

  #createProvider({ server, document, doc, awareness, token }: ConnectOptions): WebsocketProvider {
    const socketClass = createSocketClass({
      token: async () => (typeof token === 'function' ? token() : token),
      attempt: () => this.#attempt++,
      takeRetryAfter: () => {
        const wait = this.#retryAfterMs
        this.#retryAfterMs = null
        return wait
      },
      opened: () => {
        this.#saved = nothingSent
        announceAnew(awareness)
      },
      sent: (kind) => {
        this.#saved = afterSending(this.#saved, kind)
        this.#update({})
      },
      received: (message) => this.#receive(message),
    })
    const provider = new WebsocketProvider(toWebsocketAddress(server), toPathPart(document), doc, {
      awareness,
      WebSocketPolyfill: socketClass,
      // All waiting happens in our socket; see socket.ts.
      maxBackoffTime: 0,
      // Edits that came from another tab would be shown here as saved without this page ever sending them.
      disableBc: true,
    })
    for (const type of ourMessageTypes) provider.messageHandlers[type] = () => {}
    return provider
  }

  #openCopy({ server, document, doc, offline }: ConnectOptions): KeptCopy | null {
    if (offline === undefined) return null
    const name = copyName(offline.key, server, document)
    const copy = new KeptCopy({
      doc,
      open: (lost) => openCopyStore(name, lost),
      changed: () => this.#update({}),
    })
    void copy.loaded.then(() => {
      this.#hasUnsaved ||= copy.hasUnsaved
      this.#update({})
    })
    return copy
  }

  get status(): Status {
    return this.#status
  }

  get hasUnsaved(): boolean {
    return this.#hasUnsaved && this.#copy?.keeping !== 'kept'
  }

  get isLastPlace(): boolean {
    return this.#hasUnsaved
  }

  get earlierClients(): ReadonlySet<number> {
    return this.#copy?.earlierClients ?? noClients
  }

  onStatus(listener: (status: Status) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async discard(): Promise<void> {
    await this.#copy?.discard()
    this.#hasUnsaved = false
    this.#update({})
  }

  destroy(): void {
    this.#listeners.clear()
    globalThis.removeEventListener('offline', this.#loseNetwork)
    this.doc.off('update', this.#noteEdit)
    void this.#copy?.destroy()
    this.#provider.destroy()
  }

  #listen(): void {
    this.#provider.on('status', ({ status }) => {
      const isConnected = status === 'connected'
      this.#update({ isConnected, wasConnected: this.#circumstances.wasConnected || isConnected })
    })
    this.#provider.on('connection-close', (event) => {
      this.#copy?.flush()
      // The first failed attempt ends the hope that "connecting" expresses.
      this.#update({ isConnected: false, wasConnected: true })
      if (event?.code === tooBig) this.#giveUp()
    })
    this.#provider.on('sync', (isSynced) => {
      if (isSynced) this.#attempt = 1
      this.#update({ isSynced })
    })
    this.#provider.on('closed', ({ code, reason }) => {
      this.#update({ closed: { code, reason } })
      if (code === closeCodes.removed) void this.#leaveRemoved()
    })
    this.doc.on('update', this.#noteEdit)
    globalThis.addEventListener('offline', this.#loseNetwork)
  }

  /** The connection itself would notice half a minute later. A server on this machine is back in a moment. */
  readonly #loseNetwork = (): void => {
    if (!this.#circumstances.isConnected) return
    this.#provider.disconnect()
    this.#provider.connect()
  }

  readonly #noteEdit = (update: Uint8Array, origin: unknown): void => {
    // What the copy held may have reached the server long ago; what it knows about that comes when it is loaded.
    if (this.#copy !== null && origin === this.#copy) return
    const isOwn = origin !== this.#provider
    if (isOwn) this.#hasUnsaved = true
    this.#copy?.add(update, isOwn)
    if (isOwn) this.#update({})
  }

  /** Sending it again would end the same way, for ever. */
  #giveUp(): void {
    this.#provider.shouldConnect = false
    this.#update({ closed: { code: tooBig, reason: 'this is more than the server takes at once' } })
  }

  /** The copy of a removed document goes with it, unless it is the last place of something. */
  async #leaveRemoved(): Promise<void> {
    await this.#copy?.loaded
    if (!this.#hasUnsaved) await this.#copy?.discard().catch(() => undefined)
  }

  #receive(message: Extract<Down, { type: 'saved' | 'refused' | 'notice' }>): void {
    switch (message.type) {
      case 'saved':
        this.#saved = afterSaved(this.#saved, message.through)
        this.#update({})
        return
      case 'refused':
        this.#update({ refused: message.reason })
        return
      case 'notice':
        if (message.notice.kind === 'draining') this.#retryAfterMs = message.notice.retryAfterMs
        if (message.notice.kind === 'role') this.#update({ role: message.notice.role })
        return
    }
  }

  #update(change: Partial<Circumstances>): void {
    const allSaved = isAllSaved(this.#saved)
    const keeping = this.#copy?.keeping ?? 'failing'
    const hasUnsaved = this.#hasUnsaved
    this.#circumstances = { ...this.#circumstances, isAllSaved: allSaved, keeping, hasUnsaved, ...change }
    const status = decideStatus(this.#circumstances)
    if (status.state === 'saved') {
      this.#hasUnsaved = false
      this.#copy?.settle()
    }
    if (JSON.stringify(status) === JSON.stringify(this.#status)) return
    this.#status = status
    for (const listener of this.#listeners) listener(status)
  }
}

/** A frame above the server's limit (RFC 6455: Message Too Big). */
const tooBig = 1009

const noClients: ReadonlySet<number> = new Set()

/** saved, refused and notice: read by our socket; the provider only has to know that they exist. */
const ourMessageTypes = [8, 9, 11]

function toWebsocketAddress(server: string): string {
  return server.replace(/^http/, 'ws').replace(/\/+$/, '')
}
