import * as decoding from 'lib0/decoding'
import * as Y from 'yjs'
import type { Down, Hello } from '../../server/protocol/messages.ts'
import { decodeOurs } from '../../server/protocol/y-websocket.ts'
import { subprotocol } from '../../server/protocol/version.ts'
import { helloFrame, step1Frame } from '../../server/test/wire-frames.ts'
import { until } from '../until.ts'
import { handshake } from '../handshake.ts'
import { RawSocket } from './raw-socket.ts'

export type WireName = 'y-websocket' | 'coscribe.1'

export interface Door {
  readonly port: number
  /** Percent-encoded, without the slash. */
  readonly path: string
  readonly localAddress?: string
  /** What is said first on `coscribe.1`; its token stands in the address on the other wire. */
  readonly hello?: Hello | undefined
}

/** Longer than any answer takes on a busy machine. Only a test that fails waits for it. */
const patienceMs = 10_000

/** Resolves when it holds; rejects with what it was waiting for, and what came instead, when it will not. */
export async function soon(socket: RawSocket, what: string, holds: () => boolean): Promise<void> {
  let isLate = false
  const late = setTimeout(() => {
    isLate = true
    socket.emit('change')
  }, patienceMs)
  await until(() => isLate || holds(), [socket, 'change'])
  clearTimeout(late)
  if (!holds()) throw new Error(`${what}: not within ${patienceMs} ms; ${tellOf(socket)}`)
}

/** What came over a connection, for messages. */
export function tellOf({ answer, closing, messages }: RawSocket): string {
  const heard = messages.slice(-5).map((message) => Buffer.from(message.subarray(0, 24)).toString('hex'))
  return JSON.stringify({ status: answer?.status ?? null, closing, messages: messages.length, heard })
}

/** A connection on which everything that comes before the first message has been said. */
export async function enter({ port, path, localAddress, hello }: Door, wire: WireName): Promise<RawSocket> {
  const socket = new RawSocket(port, localAddress)
  const isOurs = wire === 'coscribe.1'
  const query = isOurs || hello?.token === undefined ? '' : `?token=${hello.token}`
  socket.write(handshake(`/${path}${query}`, ...(isOurs ? [`Sec-WebSocket-Protocol: ${subprotocol}`] : [])))
  await soon(socket, 'a handshake', () => socket.answer !== null || socket.closing !== null)
  if (!isOurs) return socket
  socket.send(helloFrame(hello))
  const isIn = () => ours(socket).some((message) => message.type === 'notice')
  await soon(socket, 'a role', () => isIn() || socket.closing !== null)
  return socket
}

/** saved, refused and notice, as values. */
export function ours({ messages }: RawSocket): Exclude<Down, { type: 'update' }>[] {
  return messages.flatMap((message) => {
    const value = decodeOurs(message)
    return value === null || value.type === 'malformed' ? [] : [value]
  })
}

const sync = 0
/** The payloads of sync messages of one kind: 0 is step 1, 1 is step 2, 2 an update. */
export function syncPayloads({ messages }: RawSocket, step: number): Uint8Array[] {
  return messages
    .filter((message) => message[0] === sync && message[1] === step)
    .map((message) => decoding.readVarUint8Array(decoding.createDecoder(message.subarray(2))))
}

/** The document as somebody finds it who comes now and has nothing of it. */
export async function readDocument(door: Door): Promise<Y.Doc> {
  const socket = await enter(door, 'coscribe.1')
  socket.send(step1Frame())
  await soon(socket, 'the document', () => syncPayloads(socket, 1).length > 0)
  const doc = new Y.Doc()
  for (const update of syncPayloads(socket, 1)) Y.applyUpdate(doc, update)
  socket.destroy()
  return doc
}
