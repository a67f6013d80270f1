import type { ChurnOptions } from './churn.ts'
import type { Arrived, CrewOptions, Worked } from './crew.ts'
import type { Joined, JoinOptions } from './joins.ts'
import type { Target } from './member.ts'
import type { Stormed, StormOptions } from './storm.ts'

/** What a load process can be asked to do. */
export interface Calls {
  readonly open: (options: CrewOptions) => Promise<void>
  readonly begin: () => Promise<void>
  readonly work: (perSecond: number, ms: number) => Promise<Worked>
  readonly arrived: (strokes: readonly number[], timeoutMs: number) => Promise<Arrived>
  readonly documents: () => Promise<Uint8Array[]>
  /** Opens a document many times at once; who was there from an earlier call leaves. */
  readonly join: (options: JoinOptions) => Promise<Joined>
  /** Adds idle people until there are so many. */
  readonly crowd: (options: {
    target: Target
    firstRoom: number
    people: number
  }) => Promise<{ readonly closed: number }>
  readonly churn: (options: ChurnOptions) => Promise<void>
  readonly settle: (options: StormOptions) => Promise<void>
  readonly storm: () => Promise<Stormed>
  readonly pause: (count: number) => Promise<void>
  readonly resume: (count: number) => Promise<void>
}

export interface Request {
  readonly id: number
  readonly call: keyof Calls
  readonly args: readonly unknown[]
}

export interface Answer {
  readonly id: number
  readonly error?: string
  readonly result?: unknown
}
