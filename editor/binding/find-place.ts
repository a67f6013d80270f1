import type { Letter } from './items.ts'
import type { Id } from './spans.ts'

/** A letter that stands or stood around an orphan. */
export interface Around {
  readonly id: Id
  readonly side: Place['side']
}

export interface Place {
  readonly beside: Id
  readonly side: 'before' | 'after'
}

/** What a walk along a block's letters finds: a letter to follow, one to stay with, or nothing to go by. */
export type Neighbour = { readonly follow: Id } | 'stay' | 'next'

export interface Stretch {
  readonly from: number
  readonly to: number
}

export interface Found {
  readonly place: Place | null
  /** It stands beside something that stays. */
  readonly isStaying: boolean
  /** Letters that were passed on the way. */
  readonly passed: readonly (Around & { readonly at: number })[]
}

export interface Search {
  readonly look: (letter: Letter, at: number, side: Place['side']) => Neighbour
  /** Whether a letter that is passed counts for how far away those beyond it are. */
  readonly counts: (letter: Letter, at: number, side: Place['side']) => boolean
}

/** The nearest letter to go by, on either side of a stretch; the left one of two that are as near. */
export function findPlace(
  letters: readonly Letter[],
  { from, to }: Stretch,
  { look, counts }: Search,
): Found {
  const passed: (Around & { readonly at: number })[] = []
  const walks: { readonly step: number; readonly side: Place['side']; at: number }[] = [
    { step: -1, side: 'after', at: from - 1 },
    { step: 1, side: 'before', at: to + 1 },
  ]
  while (walks.some(({ at }) => letters[at] !== undefined)) {
    for (const walk of walks) {
      const { step, side } = walk
      for (let hasStepped = false; !hasStepped;) {
        const { at } = walk
        const letter = letters[at]
        if (letter === undefined) break
        const found = look(letter, at, side)
        if (found === 'stay') return { place: null, isStaying: true, passed }
        if (found !== 'next') return { place: { beside: found.follow, side }, isStaying: false, passed }
        const { client, clock } = letter
        passed.push({ id: { client, clock }, side, at })
        walk.at += step
        hasStepped = counts(letter, at, side)
      }
    }
  }
  return { place: null, isStaying: false, passed }
}
