/** The messages of one document as values, whatever wire carries them. */

/** From a client. `update` and `sync-step-2` are V1 Yjs updates nobody has looked into yet. */
export type Up =
  | { readonly type: 'hello'; readonly hello: Hello }
  | { readonly type: 'sync-step-1'; readonly stateVector: Uint8Array }
  | { readonly type: 'sync-step-2'; readonly update: Uint8Array }
  | { readonly type: 'update'; readonly update: Uint8Array }
  | { readonly type: 'awareness'; readonly update: Uint8Array }
  | { readonly type: 'query-awareness' }

/** Bytes that are no message of the wire. `reason` is for the log and the close frame; it holds no content. */
export interface Malformed {
  readonly type: 'malformed'
  readonly reason: string
}

/** The first message of a `coscribe.1` client. */
export interface Hello {
  /** Name and version of the client, for the log. */
  readonly client: string
  /** Version of the document schema the client can edit; see version.ts. */
  readonly schema: number
  /** What the client shows instead of a cookie. */
  readonly token?: string | undefined
}

/** Why the server did not take a frame; the document is unchanged by it. */
export type RefusalCode = 'forbidden' | 'malformed' | 'missing' | 'limit' | 'conflict'

/** Things a `coscribe.1` client is told beside the document. */
export type Notice =
  /** The server is going away; come back after `retryAfterMs`. */
  | { readonly kind: 'draining'; readonly retryAfterMs: number }
  /** The document was written with a newer schema than the client knows: it may look, not edit. */
  | { readonly kind: 'schema-too-old'; readonly schema: number }
  /** What this connection may do, told after hello and when it changes. */
  | { readonly kind: 'role'; readonly role: 'editor' | 'viewer' }

/** To a client. */
export type Down =
  | { readonly type: 'sync-step-1'; readonly stateVector: Uint8Array }
  | { readonly type: 'sync-step-2'; readonly update: Uint8Array }
  | { readonly type: 'update'; readonly update: Uint8Array }
  | { readonly type: 'awareness'; readonly update: Uint8Array }
  | { readonly type: 'saved'; readonly through: number }
  | { readonly type: 'refused'; readonly frame: number; readonly code: RefusalCode; readonly reason: string }
  | { readonly type: 'notice'; readonly notice: Notice }

/** How messages look as bytes: one message a frame, both ways. */
export interface Wire {
  readonly name: string
  /** Never throws. */
  decode(frame: Uint8Array): Up | Malformed
  /** Null when this wire has no such message: then nothing is sent. */
  encode(message: Down): Uint8Array | null
}

/** A message as bytes. */
export class Frame {
  readonly bytes: Uint8Array
  /** The bytes as a transport puts them on the line, kept for the next peer that is sent the same. */
  onTheLine: Uint8Array | null = null

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
}

/** A message for many peers, encoded at most once for each wire. */
export class Broadcast {
  readonly message: Down
  #wire: Wire | null = null
  #frame: Frame | null = null
  /** Its frames on further wires. */
  #others: Map<Wire, Frame | null> | null = null

  constructor(message: Down) {
    this.message = message
  }

  frameFor(wire: Wire): Frame | null {
    if (wire === this.#wire) return this.#frame
    const known = this.#others?.get(wire)
    if (known !== undefined) return known
    const bytes = wire.encode(this.message)
    const frame = bytes === null ? null : new Frame(bytes)
    if (this.#wire === null) {
      this.#wire = wire
      this.#frame = frame
    } else {
      this.#others ??= new Map()
      this.#others.set(wire, frame)
    }
    return frame
  }
}
