import { RawSocket } from './raw-socket.ts'
import { emptyStateVector, emptyUpdate, type FrameKind, type Wire, wireOf, type WireName } from './wire.ts'

/** A server as its clients know it. */
export interface Target {
  readonly port: number
  readonly wire: WireName
  /** A bare relay answers nothing: its clients are there as soon as they are connected. */
  readonly syncs: boolean
}

export interface Seat {
  readonly target: Target
  readonly document: string
  readonly from?: string
  /** What the client has already; nothing by default. */
  readonly stateVector?: Uint8Array
  /** What the server gets that asks with its state vector; nothing by default. */
  readonly answer?: (stateVector: Uint8Array) => Uint8Array
}

/** Sees every frame; the bytes are only valid during the call. */
export type OnFrame = (kind: FrameKind, bytes: Buffer, start: number, end: number) => void

/** One client in one document, which answers what a stock client would answer. */
export class Member {
  readonly wire: Wire
  /** Resolves with the first sync step 2, copied; rejects when the connection ends before it. */
  readonly synced: Promise<Uint8Array>
  readonly socket: RawSocket
  /** Updates that came before the first step 2: a server may send an older state and what happened since. */
  readonly early: Uint8Array[] = []
  isClosed = false
  closeCode: number | null = null

  constructor(seat: Seat, onFrame: OnFrame = () => {}) {
    const wire = wireOf(seat.target.wire, seat.document)
    this.wire = wire
    let settle: (update: Uint8Array) => void = () => {}
    let fail: (error: Error) => void = () => {}
    this.synced = new Promise((resolve, reject) => {
      settle = resolve
      fail = reject
    })
    let isSynced = false
    const from = seat.from === undefined ? {} : { from: seat.from }
    this.socket = new RawSocket(
      { port: seat.target.port, path: wire.path, subprotocol: wire.subprotocol, ...from },
      {
        opened: () => {
          if (!seat.target.syncs) settle(emptyUpdate)
          else for (const frame of wire.hello(seat.stateVector ?? emptyStateVector)) this.socket.send(frame)
        },
        message: (bytes, start, end) => {
          const kind = wire.kindOf(bytes, start)
          if (kind === 'step1') {
            const owed = seat.answer?.(wire.bodyOf(bytes, start, end)) ?? emptyUpdate
            this.socket.send(wire.step2(owed))
          }
          if (kind === 'update' && !isSynced) this.early.push(Uint8Array.from(wire.bodyOf(bytes, start, end)))
          if (kind === 'step2' && !isSynced) {
            isSynced = true
            settle(Uint8Array.from(wire.bodyOf(bytes, start, end)))
          }
          onFrame(kind, bytes, start, end)
        },
        closed: (code) => {
          this.isClosed = true
          this.closeCode = code
          fail(new Error(`the server closed the connection to ${seat.document} (${code ?? 'no code'})`))
        },
      },
    )
  }

  sendUpdate(update: Uint8Array): void {
    this.socket.send(this.wire.update(update))
  }

  leave(): void {
    this.socket.destroy()
  }
}

/** What somebody is given who comes now, up to and with the first step 2. */
export async function firstSync(seat: Seat): Promise<readonly Uint8Array[]> {
  const member = new Member(seat)
  const state = await member.synced
  member.leave()
  return [...member.early, state]
}

/** Opens so many at once, no more than `atOnce` of them on their way; resolves when all are in. */
export async function openMembers(
  count: number,
  atOnce: number,
  open: (n: number) => Member,
): Promise<Member[]> {
  const members: Member[] = []
  let next = 0
  const lane = async () => {
    while (next < count) {
      const n = next++
      const member = open(n)
      members[n] = member
      await member.synced
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, lane))
  return members
}
