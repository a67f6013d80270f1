import * as Y from 'yjs'
import { Random } from '../../test/random.ts'
import { nowUs, sleep } from '../machine/clock.ts'
import { loopback } from './addresses.ts'
import { Latencies } from './latencies.ts'
import { Member, openMembers, type Target } from './member.ts'
import { findStamps } from './stamp.ts'
import { cursorHand, type Hand, typingHand } from './typist.ts'
import type { FrameKind } from './wire.ts'

/** People in rooms, some of whom type or move carets, all of whom count and time what reaches them. */
export interface CrewOptions {
  readonly target: Target
  readonly rooms: readonly string[]
  readonly perRoom: number
  readonly does: 'reads' | 'types' | 'points'
  /** Authors are told apart by number, across all crews of a run. */
  readonly firstAuthor: number
  /** So many members keep all they are sent, to compare documents in the end. */
  readonly keepers: number
}

export interface Worked {
  /** Strokes by room. */
  readonly strokes: readonly number[]
}

export interface Arrived {
  /** Strokes of others that never came, over all members. */
  readonly missing: number
  /** Strokes of others that came more often than once. */
  readonly extra: number
  readonly deliveries: number
  readonly frames: number
  readonly bytes: number
  /** Members whose connection the server has ended. */
  readonly closed: number
  readonly latencies: Latencies['counts']
}

interface Seated {
  readonly member: Member
  readonly hand: Hand | null
  readonly author: number
  readonly room: number
  strokes: number
  heard: number
}

const openedAtOnce = 50
/** Members far from a core's end answer within it. */
const pollMs = 10

export class Crew {
  readonly #options: CrewOptions
  readonly #seats: Seated[] = []
  readonly #latencies = new Latencies()
  readonly #kept: Uint8Array[][] = []
  #frames = 0
  #bytes = 0

  constructor(options: CrewOptions) {
    this.#options = options
  }

  async open(): Promise<void> {
    const { rooms, perRoom, target } = this.#options
    await openMembers(rooms.length * perRoom, openedAtOnce, (n) => {
      const room = n % rooms.length
      const seat = this.#seat(n, room)
      const member = new Member(
        { target, document: rooms[room] ?? '', from: loopback(n) },
        (kind, bytes, start, end) => this.#hear(this.#seats[n], { kind, bytes, start, end }),
      )
      this.#seats[n] = { ...seat, member }
      return member
    })
    this.#seats.forEach(({ member, hand }, n) => {
      if (hand?.first == null) return
      this.#kept[n]?.push(hand.first)
      member.sendUpdate(hand.first)
    })
  }

  /** Forgets what was counted so far. */
  begin(): void {
    for (const seat of this.#seats) {
      seat.strokes = 0
      seat.heard = 0
    }
    this.#latencies.clear()
    this.#frames = 0
    this.#bytes = 0
  }

  /** Everybody makes so many strokes a second for so long, at moments as random as those of people are. */
  async work(perSecond: number, ms: number): Promise<Worked> {
    const workers = this.#seats.filter(({ hand }) => hand !== null)
    const total = Math.round((workers.length * perSecond * ms) / 1000)
    const random = new Random(total)
    const usBetween = (ms * 1000) / total
    let due = nowUs()
    for (let made = 0; made < total;) {
      for (; made < total && due <= nowUs(); made++) {
        this.#stroke(workers[made % workers.length])
        due += -Math.log(1 - random.next()) * usBetween
      }
      await sleep(1)
    }
    const strokes = this.#options.rooms.map(() => 0)
    for (const seat of workers) strokes[seat.room] = (strokes[seat.room] ?? 0) + seat.strokes
    return { strokes }
  }

  /** Waits until everybody has heard all strokes of the others in the room, given by room; says who has not in time. */
  async arrived(strokes: readonly number[], timeoutMs: number): Promise<Arrived> {
    const wanted = (seat: Seated) => (strokes[seat.room] ?? 0) - seat.strokes
    const deadline = nowUs() + timeoutMs * 1000
    while (this.#seats.some((seat) => seat.heard < wanted(seat)) && nowUs() < deadline) await sleep(pollMs)
    const arrived = { missing: 0, extra: 0, deliveries: 0, closed: 0 }
    for (const seat of this.#seats) {
      arrived.missing += Math.max(0, wanted(seat) - seat.heard)
      arrived.extra += Math.max(0, seat.heard - wanted(seat))
      arrived.deliveries += seat.heard
      arrived.closed += seat.member.isClosed ? 1 : 0
    }
    return { ...arrived, frames: this.#frames, bytes: this.#bytes, latencies: this.#latencies.counts }
  }

  /** The documents of those who kept all they were sent, as updates. */
  async documents(): Promise<Uint8Array[]> {
    return Promise.all(
      this.#kept.map(async (updates, n) => {
        const doc = new Y.Doc()
        const seat = this.#seats[n]
        if (seat !== undefined) Y.applyUpdate(doc, await seat.member.synced)
        doc.transact(() => updates.forEach((update) => Y.applyUpdate(doc, update)))
        return Y.encodeStateAsUpdate(doc)
      }),
    )
  }

  /** The first `count` members stop reading, or read on. */
  pause(count: number): void {
    for (const { member } of this.#seats.slice(0, count)) member.socket.pause()
  }

  resume(count: number): void {
    for (const { member } of this.#seats.slice(0, count)) member.socket.resume()
  }

  #seat(n: number, room: number): Omit<Seated, 'member'> {
    const { does, firstAuthor, keepers } = this.#options
    const author = does === 'reads' ? -1 : firstAuthor + n
    const hand = does === 'types' ? typingHand(author) : does === 'points' ? cursorHand(author) : null
    if (n < keepers) this.#kept[n] = []
    return { hand, author, room, strokes: 0, heard: 0 }
  }

  #stroke(seat: Seated | undefined): void {
    if (seat?.hand == null) return
    seat.strokes++
    const { wire, socket } = seat.member
    const stroke = seat.hand.stroke()
    // Servers that don't echo leave it to the author to have it.
    this.#kept[seat.author - this.#options.firstAuthor]?.push(stroke)
    socket.send(this.#options.does === 'types' ? wire.update(stroke) : wire.awareness(stroke))
  }

  #hear(seat: Seated | undefined, frame: Frame): void {
    if (seat === undefined) return
    const { kind, bytes, start, end } = frame
    this.#frames++
    this.#bytes += end - start
    if (kind === 'other' || kind === 'step1') return
    if (kind !== 'awareness') this.#kept[this.#seats.indexOf(seat)]?.push(...this.#copy(seat, frame))
    const us = nowUs()
    findStamps(bytes, { start, end, us }, (author, ageUs) => {
      if (author === seat.author) return
      seat.heard++
      this.#latencies.add(ageUs)
    })
  }

  #copy({ member }: Seated, { bytes, start, end }: Frame): Uint8Array[] {
    return [Uint8Array.from(member.wire.bodyOf(bytes, start, end))]
  }
}

interface Frame {
  readonly kind: FrameKind
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
}
