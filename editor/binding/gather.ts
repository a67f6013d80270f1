import type * as Y from 'yjs'
import { findWinner } from './families.ts'
import { findPlace, type Around, type Found, type Neighbour, type Place, type Stretch } from './find-place.ts'
import { isNextTo, type Letter } from './items.ts'
import { haveMet, isOneText, type Author } from './neighbours.ts'
import type { Id } from './spans.ts'

/** Letters in a row that lost the text around them, and where that is now. */
export interface Orphan {
  readonly block: Y.XmlElement
  readonly letters: Letter[]
  /** Null when nothing of the text around them is left. */
  readonly place: Place | null
  /** What to go to when that is elsewhere, nearest first. */
  readonly around: readonly Tie[]
}

/**
 * A letter that text goes by later: one that stood nearer and comes back, cut text that is pasted mostly; or the one that
 * it follows, as long as nobody parts them knowingly.
 */
export interface Tie extends Around {
  readonly isFollowed: boolean
}

/** So many letters are remembered of where an orphan stood. */
const mostAround = 100

/** Text that is not where it stood, because what was around it is gone. */
export interface Homeless {
  readonly ids: readonly Id[]
  readonly around: readonly Tie[]
}

/** Orphans, and text that stays though something that stood nearer is gone for now. */
export interface Gathered {
  readonly orphans: readonly Orphan[]
  readonly waiting: readonly Homeless[]
}

export interface Rules {
  readonly author: Author
  readonly isOrphan: (letter: Letter) => boolean
  /** What a letter is to an orphan; to any at all when none is given. */
  readonly look: (letter: Letter, orphan: Letter | null) => Neighbour
  readonly isDead: boolean
}

/** The orphans of a block, with the place each follows; those that stand beside each other go together. */
export function gather(block: Y.XmlElement, letters: readonly Letter[], rules: Rules): Gathered {
  const marked = letters.map((letter) => rules.isOrphan(letter))
  const waiting: Homeless[] = []
  const orphans = findRuns(letters, marked, rules.author).flatMap(({ from, to }): Orphan[] => {
    const run = letters.slice(from, to + 1).filter((_, offset) => marked[from + offset] === true)
    const [first, last] = [run[0], run.at(-1)]
    if (first === undefined || last === undefined) return []
    const hasMet = (other: Letter, side: Place['side']): boolean =>
      haveMet(rules.author, other, side === 'after' ? first : last)
    const found = findPlace(
      letters,
      { from, to },
      {
        look: (other, at, side) =>
          marked[at] === true ? 'next' : rules.look(other, side === 'after' ? first : last),
        counts: (other, at, side) => marked[at] !== true && hasMet(other, side),
      },
    )
    const nearer = found.passed
      .filter(({ at, side }) => marked[at] !== true && letters[at] !== undefined && hasMet(letters[at], side))
      .slice(0, mostAround)
      .map(({ id, side }): Tie => ({ id, side, isFollowed: false }))
    if (found.isStaying || (found.place === null && !rules.isDead)) {
      marked.fill(false, from, to + 1)
      const around = nearer.filter(({ id }) => findWinner(rules.author, id) === null)
      const ids = run.map(({ client, clock }) => ({ client, clock }))
      if (around.length > 0) waiting.push({ ids, around })
      return []
    }
    // Beside whatever is there, if all that it stood beside is gone.
    const any =
      found.place === null
        ? findPlace(
            letters,
            { from, to },
            {
              look: (other, at) => (marked[at] === true ? 'next' : rules.look(other, null)),
              counts: (_, at) => marked[at] !== true,
            },
          )
        : found
    const { place } = found
    const followed: Tie[] = place === null ? [] : [{ id: place.beside, side: place.side, isFollowed: true }]
    return [{ block, letters: run, place: placeBeyond(any, rules.author), around: [...nearer, ...followed] }]
  })
  return { orphans, waiting }
}

/** A place beyond what was passed on the way to it and stands there too, so that nothing gets into a word. */
function placeBeyond({ place, passed }: Found, author: Author): Place | null {
  if (place === null) return null
  let { beside } = place
  for (const { id, side } of [...passed].reverse()) {
    const next = side === place.side ? findWinner(author, id) : null
    if (next === null) continue
    const [one, other] = side === 'after' ? [beside, next] : [next, beside]
    if (!isNextTo(author.doc, one, other)) break
    beside = next
  }
  return { ...place, beside }
}

/** Where marked letters stand in a row, with nothing between them that stood there when they were typed. */
function findRuns(letters: readonly Letter[], marked: readonly boolean[], author: Author): Stretch[] {
  const runs: { from: number; to: number }[] = []
  let isOpen = false
  letters.forEach((letter, at) => {
    const open = isOpen ? runs.at(-1) : undefined
    const last = open === undefined ? undefined : letters[open.to]
    if (marked[at] === true) {
      const run = last !== undefined && isOneText(author, last, letter) ? open : undefined
      if (run === undefined) runs.push({ from: at, to: at })
      else run.to = at
      isOpen = true
    } else {
      if (letter.isAlive || (last !== undefined && haveMet(author, letter, last))) isOpen = false
    }
  })
  return runs
}
