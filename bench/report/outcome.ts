import type { Budget, Row, Sample } from '../rows/row.ts'
import { median, spread } from '../rows/statistics.ts'
import type { ContestantName } from '../servers/contestants.ts'

/** All runs of a row, by server. `failures`: what went wrong in runs that gave no sample. */
export interface Outcome {
  readonly row: string
  readonly date: string
  readonly samples: Partial<Record<ContestantName, readonly Sample[]>>
  readonly failures: readonly string[]
}

export interface Verdict {
  readonly text: string
  readonly isMet: boolean
}

/** Runs this far apart make a row noisy. */
const noisySpread = 0.25

export function middle(outcome: Outcome, name: ContestantName, figure: string): number {
  return median(valuesOf(outcome, name, figure))
}

function valuesOf(outcome: Outcome, name: ContestantName, figure: string): number[] {
  return (outcome.samples[name] ?? []).map((sample) => sample[figure] ?? Number.NaN)
}

/** Servers whose first figure was not the same in all runs, with how far apart they were. */
export function noisy(row: Row, outcome: Outcome): string[] {
  const figure = row.figures[0]?.name ?? ''
  return row.contestants.flatMap((name) => {
    const apart = spread(valuesOf(outcome, name, figure))
    return apart > noisySpread ? [`${name} ±${Math.round(apart * 50)} %`] : []
  })
}

export function judge(budget: Budget, row: Row, outcome: Outcome): Verdict {
  const ours = middle(outcome, 'ours', budget.figure)
  const label = row.figures.find(({ name }) => name === budget.figure)?.label ?? budget.figure
  if ('atMost' in budget) return { text: `${label} ≤ ${budget.atMost}`, isMet: ours <= budget.atMost }
  if ('atLeast' in budget) return { text: `${label} ≥ ${budget.atLeast}`, isMet: ours >= budget.atLeast }
  const theirs = middle(outcome, budget.of, budget.figure)
  const plus = budget.plus ?? 0
  const isMet = ours <= theirs * budget.times + plus
  const more = plus === 0 ? '' : ` + ${plus}`
  const ratio = plus === 0 ? ` (${(ours / theirs).toFixed(2)}×)` : ''
  return { text: `${label} ≤ ${budget.times}× ${budget.of}${more}${ratio}`, isMet }
}

/** Figures in which a peer was ahead of ours, with the peer. */
export function behindIn(row: Row, outcome: Outcome): string[] {
  const compared = row.figures.filter(({ name }) => row.isInformation?.includes(name) !== true)
  return compared.flatMap(({ name: figure, label, isBetterHigher }) => {
    const ours = middle(outcome, 'ours', figure)
    const sign = isBetterHigher === true ? -1 : 1
    const ahead = row.contestants.filter(
      (name) =>
        !name.startsWith('ours') &&
        name !== 'relay' &&
        sign * middle(outcome, name, figure) < sign * ours * 0.95,
    )
    return ahead.length === 0 ? [] : [`${label}: ${ahead.join(', ')}`]
  })
}
