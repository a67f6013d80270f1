import { encodeHello, countsAsFrame, decodeOurs } from '../../server/protocol/y-websocket.ts'
import type { Down } from '../../server/protocol/messages.ts'
import { schemaVersion, subprotocol } from '../../server/protocol/version.ts'
import { backoffMs } from './backoff.ts'

/** What the sockets of one provider, one after the other, have in common. */
export interface SocketHost {
  /** Shown to the server when its cookie is not enough; asked for before every connection. */
  token(): Promise<string | undefined>
  /** Failed connections since the last good one. */
  attempt(): number
  /** A wait the server asked for, in milliseconds; it replaces the usual one. */
  takeRetryAfter(): number | null
  opened(): void
  /** A frame that counts towards `saved` was sent. */
  sent(kind: 'sync-step-2' | 'update'): void
  /** One of our messages came. */
  received(message: Extract<Down, { type: 'saved' | 'refused' | 'notice' }>): void
}

/**
 * A class to give to y-websocket's provider as its `WebSocketPolyfill`: a WebSocket that speaks `coscribe.1`, waits
 * its turn before it connects (backoff, or what a draining server asked for; not at all once the browser is online
 * again or the page is looked at again), says hello, and counts frames. Everything else is the provider's work.
 */
export function createSocketClass(host: SocketHost): typeof WebSocket {
  class DocumentSocket {
    static readonly OPEN = 1
    readonly OPEN = 1
    binaryType = 'arraybuffer'
    onopen: (() => void) | null = null
    onmessage: ((event: { data: ArrayBuffer }) => void) | null = null
    onerror: ((event: Event) => void) | null = null
    onclose: ((event: CloseEvent) => void) | null = null
    readonly #url: string
    #socket: WebSocket | null = null
    #isClosed = false
    readonly #stopWaiting: () => void

    constructor(url: string) {
      this.#url = url
      const delay = host.takeRetryAfter() ?? backoffMs(host.attempt(), Math.random)
      this.#stopWaiting = waitFor(delay, () => void this.#connect())
    }

    get readyState(): number {
      if (this.#isClosed) return 3
      return this.#socket?.readyState ?? 0
    }

    send(frame: Uint8Array<ArrayBuffer>): void {
      if (this.#socket?.readyState !== 1) return
      this.#socket.send(frame)
      const kind = countsAsFrame(frame)
      if (kind !== null) host.sent(kind)
    }

    close(): void {
      this.#isClosed = true
      this.#stopWaiting()
      this.#socket?.close()
    }

    async #connect(): Promise<void> {
      const token = await host.token().catch(() => undefined)
      if (this.#isClosed) return
      const socket = new WebSocket(this.#url, [subprotocol])
      socket.binaryType = 'arraybuffer'
      this.#socket = socket
      socket.onopen = () => {
        socket.send(helloFrame(token))
        host.opened()
        this.onopen?.()
      }
      socket.onmessage = (event: MessageEvent<ArrayBuffer>) => {
        const message = decodeOurs(new Uint8Array(event.data))
        if (message !== null && message.type !== 'malformed') host.received(message)
        // The provider hears our messages too: they tell it that the server is alive.
        this.onmessage?.(event)
      }
      socket.onerror = (event) => this.onerror?.(event)
      socket.onclose = (event) => {
        this.#isClosed = true
        this.onclose?.(event)
      }
    }
  }
  // The provider uses no more of a WebSocket than is here.
  return DocumentSocket as unknown as typeof WebSocket
}

function helloFrame(token: string | undefined): Uint8Array<ArrayBuffer> {
  const hello = { client: 'coscribe', schema: schemaVersion, ...(token === undefined ? {} : { token }) }
  return new Uint8Array(encodeHello(hello))
}

/** Calls `run` once, after `ms` or as soon as there is a reason to hope. Returns its cancellation. */
function waitFor(ms: number, run: () => void): () => void {
  const page = globalThis.document
  const stop = () => {
    clearTimeout(timer)
    for (const type of hopes) globalThis.removeEventListener(type, now)
    for (const type of wakings) page.removeEventListener(type, nowIfVisible)
  }
  const now = () => {
    stop()
    run()
  }
  const nowIfVisible = () => {
    if (page.visibilityState === 'visible') now()
  }
  const timer = setTimeout(now, ms)
  for (const type of hopes) globalThis.addEventListener(type, now)
  for (const type of wakings) page.addEventListener(type, nowIfVisible)
  return stop
}

const hopes = ['online', 'pageshow']

/** A page that the browser froze wakes with `resume`. */
const wakings = ['visibilitychange', 'resume']
