import type { WebSocket } from 'ws'

/**
 * Changes the largest message that an open `ws` socket takes, counted after inflating it. `ws` takes the limit only
 * once for all sockets, and who is not let in yet must not make the server hold as much as others may.
 *
 * Pinned to ws 8.23 by a contract test. Throws when `ws` has moved what it needs. Can go when `ws` has a door for it.
 */
export function setMaxPayload(socket: WebSocket, maxBytes: number): void {
  set(Reflect.get(socket, '_receiver'), maxBytes)
  const extensions: unknown = Reflect.get(socket, '_extensions')
  if (!isObject(extensions)) throw moved
  const deflate: unknown = Reflect.get(extensions, 'permessage-deflate')
  if (deflate !== undefined) set(deflate, maxBytes)
}

/** What an open `ws` socket holds of a message that is not whole yet. Pinned and failing like `setMaxPayload`. */
export function unfinishedBytes(socket: WebSocket): number {
  const receiver: unknown = Reflect.get(socket, '_receiver')
  if (!isObject(receiver)) throw moved
  // What of a frame has come, and the frames of a message that has more.
  const buffered: unknown = Reflect.get(receiver, '_bufferedBytes')
  const fragments: unknown = Reflect.get(receiver, '_messageLength')
  if (typeof buffered !== 'number' || typeof fragments !== 'number') throw moved
  return buffered + fragments
}

function set(target: unknown, maxBytes: number): void {
  if (!isObject(target) || typeof Reflect.get(target, '_maxPayload') !== 'number') throw moved
  Reflect.set(target, '_maxPayload', maxBytes)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

const moved = new Error('this version of ws keeps its limits elsewhere')
