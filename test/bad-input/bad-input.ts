import { expect } from 'vitest'
import type { RefusalCode } from '../../server/protocol/messages.ts'
import { step1Frame } from '../../server/test/wire-frames.ts'
import { type Door, enter, ours, soon, syncPayloads, tellOf, type WireName } from './guest.ts'
import { RawSocket } from './raw-socket.ts'
import type { Stage } from './stage.ts'

/** What becomes of whoever sent it. */
export type Outcome =
  /** The connection ends with one of these codes; 1006 is an end without a word. */
  | { readonly kind: 'closed'; readonly codes: readonly number[] }
  /** `coscribe.1` only: told that the frame was not taken, and why; the connection stays. */
  | { readonly kind: 'refused'; readonly code: RefusalCode }
  /** Nothing comes of it; the connection stays. */
  | { readonly kind: 'ignored' }
  /** Refused or not; the connection stays. */
  | { readonly kind: 'heard' }
  /** Asked to say what it has; the connection stays. */
  | { readonly kind: 'asked to sync' }
  /** Taken, because it is legal. */
  | { readonly kind: 'taken' }
  /** An HTTP answer with one of these statuses. */
  | { readonly kind: 'status'; readonly statuses: readonly number[] }

export const closed = (...codes: readonly number[]): Outcome => ({ kind: 'closed', codes })
export const refused = (code: RefusalCode): Outcome => ({ kind: 'refused', code })
export const status = (...statuses: readonly number[]): Outcome => ({ kind: 'status', statuses })
export const ignored: Outcome = { kind: 'ignored' }
export const heard: Outcome = { kind: 'heard' }
export const askedToSync: Outcome = { kind: 'asked to sync' }
export const taken: Outcome = { kind: 'taken' }

/** What is spoken when it comes; `none`: nothing, it is the first that is sent. */
export type Spoken = WireName | 'none'

/** One of the times it is sent. */
export interface Occasion {
  readonly stage: Stage
  /** From 0. */
  readonly turn: number
  readonly wire: Spoken
}

/** One thing that nobody should send, and what comes of it. */
export interface BadInput {
  /** As facts/hostile-input.md numbers them: B in 4.3, # in 3.1. */
  readonly id: string
  readonly name: string
  /** `each`: one wire after the other. */
  readonly wire: Spoken | 'each'
  /** What is written, as it stands on the TCP connection. */
  bytes(occasion: Occasion): Uint8Array | string
  readonly outcome: Outcome | Readonly<Record<WireName, Outcome>>
  /** Where it is sent from and to, and with which hello, when it isn't like the people's. */
  readonly door?: Partial<Door> | ((turn: number) => Partial<Door>)
  /** It is allowed to change the document. */
  readonly isLegal?: boolean
  /** What that takes in memory each time, in bytes. Default 0. */
  readonly addsBytes?: number
  /** On how many connections at once, where one takes long. Divides the number of repetitions. Default 1. */
  readonly atOnce?: number
  /** What is written on each of them whenever people have written a word. */
  readonly trickle?: string
  /** What has to be there first; gives what undoes it. */
  before?(stage: Stage): Promise<() => void | Promise<void>>
  /** What its sender waits for before it leaves. */
  lasts?(occasion: Occasion, socket: RawSocket): void | Promise<void>
  /** What else must hold in the end. */
  after?(stage: Stage): void | Promise<void>
}

export const wiresOf = ({ wire }: BadInput): readonly Spoken[] =>
  wire === 'each' ? ['y-websocket', 'coscribe.1'] : [wire]

export function outcomeOn(wire: Spoken, { outcome }: BadInput): Outcome {
  if ('kind' in outcome) return outcome
  return wire === 'none' ? closed() : outcome[wire]
}

/** Sends it and gives the connection, on which nothing may have come yet. */
export async function send(bad: BadInput, occasion: Occasion): Promise<RawSocket> {
  const { wire, turn } = occasion
  const door = { ...occasion.stage.door, ...(typeof bad.door === 'function' ? bad.door(turn) : bad.door) }
  const socket = wire === 'none' ? new RawSocket(door.port, door.localAddress) : await enter(door, wire)
  socket.write(bad.bytes(occasion))
  return socket
}

/** Resolves when what came of it is as it should be; rejects with what came instead. */
export async function expectOutcome(socket: RawSocket, outcome: Outcome): Promise<void> {
  switch (outcome.kind) {
    case 'closed':
      await soon(socket, `closing with ${outcome.codes.join(' or ')}`, () => socket.closing !== null)
      expect(outcome.codes, tellOf(socket)).toContain(socket.closing?.code)
      return
    case 'status':
      await soon(socket, 'an answer', () => socket.answer !== null || socket.closing !== null)
      expect(outcome.statuses, tellOf(socket)).toContain(socket.answer?.status)
      return
    case 'refused':
      await hears(socket, `refused as ${outcome.code}`, () => refusals(socket).length > 0)
      expect(refusals(socket), tellOf(socket)).toEqual([outcome.code])
      await isHeard(socket)
      return
    case 'asked to sync':
      // The first is what everybody is asked who comes.
      await hears(socket, 'a second sync step 1', () => syncPayloads(socket, 0).length > 1)
      await isHeard(socket)
      return
    case 'taken':
      await hears(socket, 'saved', () => ours(socket).some(({ type }) => type === 'saved'))
      expect(refusals(socket), tellOf(socket)).toEqual([])
      return
    case 'heard':
      await isHeard(socket)
      return
    case 'ignored':
      await isHeard(socket)
      expect(refusals(socket), tellOf(socket)).toEqual([])
      return
  }
}

const refusals = (socket: RawSocket) =>
  ours(socket).flatMap((message) => (message.type === 'refused' ? [message.code] : []))

async function hears(socket: RawSocket, what: string, holds: () => boolean): Promise<void> {
  await soon(socket, what, () => holds() || socket.closing !== null)
  expect(holds(), `${what}: ${tellOf(socket)}`).toBe(true)
}

/** The connection still answers. */
async function isHeard(socket: RawSocket): Promise<void> {
  const before = syncPayloads(socket, 1).length
  socket.send(step1Frame())
  await hears(socket, 'an answer on the same connection', () => syncPayloads(socket, 1).length > before)
}
