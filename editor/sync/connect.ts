import type { Awareness } from 'y-protocols/awareness'
import { WebsocketProvider } from 'y-websocket'
import type * as Y from 'yjs'
import { toPathPart } from '../../server/protocol/document-name.ts'
import type { Down } from '../../server/protocol/messages.ts'
import { announceAnew } from './announce.ts'
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
}

/** A document's connection to its server. */
export interface Sync {
  readonly doc: Y.Doc
  readonly awareness: Awareness
  readonly status: Status
  /** Something was written here that neither the server nor this device is known to hold. */
  readonly hasUnsaved: boolean
  onStatus(listener: (status: Status) => void): () => void
  /** Resolves once the document's content is here. */
  readonly ready: Promise<void>
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
    isKept: false,
    role: 'editor',
    refused: null,
    closed: null,
  }

  constructor({ server, document, doc, awareness, token }: ConnectOptions) {
    this.doc = doc
    this.awareness = awareness
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
    this.#provider = new WebsocketProvider(toWebsocketAddress(server), toPathPart(document), doc, {
      awareness,
      WebSocketPolyfill: socketClass,
      // All waiting happens in our socket; see socket.ts.
      maxBackoffTime: 0,
      // Edits that came from another tab would be shown here as saved without this page ever sending them.
      disableBc: true,
    })
    for (const type of ourMessageTypes) this.#provider.messageHandlers[type] = () => {}
    this.ready = new Promise((resolve) => {
      this.#provider.on('sync', (isSynced) => {
        if (isSynced) resolve()
      })
    })
    this.#listen()
  }

  get status(): Status {
    return this.#status
  }

  get hasUnsaved(): boolean {
    return this.#hasUnsaved
  }

  onStatus(listener: (status: Status) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  destroy(): void {
    this.#listeners.clear()
    this.doc.off('update', this.#noteEdit)
    this.#provider.destroy()
  }

  #listen(): void {
    this.#provider.on('status', ({ status }) => {
      const isConnected = status === 'connected'
      this.#update({ isConnected, wasConnected: this.#circumstances.wasConnected || isConnected })
    })
    this.#provider.on('connection-close', () => {
      // The first failed attempt ends the hope that "connecting" expresses.
      this.#update({ isConnected: false, wasConnected: true })
    })
    this.#provider.on('sync', (isSynced) => {
      if (isSynced) this.#attempt = 1
      this.#update({ isSynced })
    })
    this.#provider.on('closed', ({ code, reason }) => this.#update({ closed: { code, reason } }))
    this.doc.on('update', this.#noteEdit)
  }

  readonly #noteEdit = (_update: Uint8Array, origin: unknown): void => {
    if (origin === this.#provider) return
    this.#hasUnsaved = true
    this.#update({})
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
    this.#circumstances = { ...this.#circumstances, isAllSaved: allSaved, ...change }
    const status = decideStatus(this.#circumstances)
    if (status.state === 'saved') this.#hasUnsaved = false
    if (JSON.stringify(status) === JSON.stringify(this.#status)) return
    this.#status = status
    for (const listener of this.#listeners) listener(status)
  }
}

/** saved, refused and notice: read by our socket; the provider only has to know that they exist. */
const ourMessageTypes = [8, 9, 11]

function toWebsocketAddress(server: string): string {
  return server.replace(/^http/, 'ws').replace(/\/+$/, '')
}
