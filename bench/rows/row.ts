import type { ContestantName } from '../servers/contestants.ts'

/** How much of everything: the real thing, or just enough to see that a row works. */
export interface Scale {
  readonly isQuick: boolean
  /** Options of Node for the server, to look into it. */
  readonly nodeOptions?: readonly string[]
}

/** What one run of a row measured, by the name of the figure. */
export type Sample = Readonly<Record<string, number>>

export interface Figure {
  readonly name: string
  /** As the table calls it. */
  readonly label: string
  /** Empty for a mere number. */
  readonly unit: string
  /** Behind the point; 1 when left out. */
  readonly digits?: number
  readonly isBetterHigher?: boolean
}

/** What ours has to keep: a number, or a share of a peer's figure in the same runs, with a little more where said. */
export type Budget =
  | { readonly figure: string; readonly atMost: number }
  | { readonly figure: string; readonly atLeast: number }
  | { readonly figure: string; readonly of: ContestantName; readonly times: number; readonly plus?: number }

export interface Row {
  readonly name: string
  readonly title: string
  readonly figures: readonly Figure[]
  readonly contestants: readonly ContestantName[]
  readonly budgets: readonly Budget[]
  /** Runs of each server; 3 when left out. */
  readonly runs?: number
  /** Flags of ours, where a limit would end the load. */
  readonly flags?: readonly string[]
  /** Figures that are neither good nor bad. */
  readonly isInformation?: readonly string[]
  /** What a reader of the table has to know. */
  readonly note?: string
  run(name: ContestantName, scale: Scale): Promise<Sample>
}
