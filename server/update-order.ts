import * as Y from 'yjs'
import { type Id, isSameId } from './update-structs.ts'

/** What lands in a list: clocks of one client with the neighbours they were written between. */
export interface ListItem extends Id {
  readonly length: number
  readonly origin: Id | null
  readonly rightOrigin: Id | null
  /** The type whose list it is. */
  readonly parent: unknown
}

/** A stretch of the list. `place` grows from left to right. */
interface Run {
  readonly client: number
  readonly clock: number
  length: number
  readonly origin: Id | null
  readonly rightOrigin: Id | null
  next: Run | null
  place: number
}

/**
 * A copy of one list's order that new items can be added to the way Yjs integrates them (Item.js `integrate`). It tells
 * whether an item's origins can have been neighbours. Where they can't, Yjs would order the list by what arrives first:
 * people would see different texts, and the server another one after a restart.
 */
export class ListOrder {
  #first: Run | null = null
  /** By client, sorted by clock. */
  readonly #runs = new Map<number, Run[]>()

  constructor(type: unknown) {
    let last: Run | null = null
    for (let item = type instanceof Y.AbstractType ? type._start : null; item !== null; item = item.right) {
      const { id, length, origin, rightOrigin } = item
      last = this.#insert({ client: id.client, clock: id.clock, length, origin, rightOrigin }, last)
      this.#runsOf(id.client).push(last)
    }
    for (const runs of this.#runs.values()) runs.sort((a, b) => a.clock - b.clock)
  }

  /** Adds an item whose origins are in the list; false if nobody can have seen them side by side. */
  add(item: ListItem): boolean {
    const right = item.rightOrigin && this.#cutBefore(item.rightOrigin)
    const left = item.origin && this.#cutAfter(item.origin)
    if (left !== null && right !== null && !this.#couldBeNeighbours(left, right)) return false
    const run = this.#insert(item, this.#findPlace(item, left, right))
    this.#runsOf(item.client).push(run)
    return true
  }

  #couldBeNeighbours(left: Run, right: Run): boolean {
    const beforeRight = right.origin && this.#find(right.origin)
    return left.place < right.place && (beforeRight === null || beforeRight.place <= left.place)
  }

  /** The run that Yjs would insert the item after: among those between its origins, which were written meanwhile. */
  #findPlace(item: ListItem, left: Run | null, right: Run | null): Run | null {
    let place = left
    const passed = new Set<Run>()
    const conflicting = new Set<Run>()
    for (
      let other = left === null ? this.#first : left.next;
      other !== null && other !== right;
      other = other.next
    ) {
      passed.add(other)
      conflicting.add(other)
      const isSibling = isSameId(other.origin, item.origin)
      if (isSibling && other.client >= item.client) {
        if (isSameId(other.rightOrigin, item.rightOrigin)) break
        continue
      }
      const origin = isSibling ? null : other.origin && this.#find(other.origin)
      if (!isSibling && (origin === null || !passed.has(origin))) break
      if (origin !== null && conflicting.has(origin)) continue
      place = other
      conflicting.clear()
    }
    return place
  }

  #cutAfter({ client, clock }: Id): Run | null {
    const run = this.#find({ client, clock })
    if (run !== null && clock + 1 < run.clock + run.length) this.#cut(run, clock + 1)
    return run
  }

  #cutBefore(id: Id): Run | null {
    const run = this.#find(id)
    return run !== null && run.clock < id.clock ? this.#cut(run, id.clock) : run
  }

  /** Cuts a run in two; returns the right half. */
  #cut(run: Run, clock: number): Run {
    const { client, rightOrigin } = run
    const origin = { client, clock: clock - 1 }
    const half = this.#insert(
      { client, clock, length: run.clock + run.length - clock, origin, rightOrigin },
      run,
    )
    run.length = clock - run.clock
    const runs = this.#runsOf(client)
    runs.splice(indexAt(runs, clock) + 1, 0, half)
    return half
  }

  #insert(
    { client, clock, length, origin, rightOrigin }: Omit<ListItem, 'parent'>,
    previous: Run | null,
  ): Run {
    const next = previous === null ? this.#first : previous.next
    const place = placeBetween(previous, next)
    const run: Run = { client, clock, length, origin, rightOrigin, next, place }
    if (previous === null) this.#first = run
    else previous.next = run
    if (place === previous?.place || place === next?.place) this.#renumber()
    return run
  }

  #renumber(): void {
    let place = 0
    for (let run = this.#first; run !== null; run = run.next) run.place = place++
  }

  #find({ client, clock }: Id): Run | null {
    const runs = this.#runsOf(client)
    return runs[indexAt(runs, clock)] ?? null
  }

  #runsOf(client: number): Run[] {
    const known = this.#runs.get(client)
    if (known !== undefined) return known
    const runs: Run[] = []
    this.#runs.set(client, runs)
    return runs
  }
}

function placeBetween(previous: Run | null, next: Run | null): number {
  if (previous === null) return next === null ? 0 : next.place - 1
  return next === null ? previous.place + 1 : (previous.place + next.place) / 2
}

/** Binary search for the last run that starts at or before `clock`. */
function indexAt(runs: readonly Run[], clock: number): number {
  let low = -1
  let high = runs.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((runs[middle]?.clock ?? Infinity) <= clock) low = middle
    else high = middle - 1
  }
  return low
}
