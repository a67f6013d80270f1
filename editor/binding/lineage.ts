import type { Move, MoveRecord } from './move-record.ts'
import { keyOf, plus, SpanIndex, type Id, type Span } from './spans.ts'

/** Copies of one letter that are looked at; more are made only by records that make no sense. */
const mostCopies = 500

/*
 * Which letters are the same letter.
 *
 * Every record of moves says that some ids go on as others. All ids connected that way are one family: one letter that
 * somebody typed once, wherever its copies are. Of a family at most one copy stays in the document.
 */
export class Lineage {
  readonly #next = new SpanIndex<Move>()
  readonly #previous = new SpanIndex<Move>()
  readonly #makers = new SpanIndex<Maker>()
  readonly #buried = new SpanIndex<number | null>()
  readonly #born = new SpanIndex<true>()
  readonly #shelters = new SpanIndex<true>()
  #isEmpty = true

  get isEmpty(): boolean {
    return this.#isEmpty
  }

  add(record: MoveRecord): void {
    const { kind, moves, buried, born, by = null } = record
    this.#isEmpty = false
    const size = moves.reduce((sum, { length }) => sum + length, 0)
    for (const move of moves) {
      this.#next.add({ ...move.from, length: move.length }, move)
      this.#previous.add({ ...move.to, length: move.length }, move)
      if (kind !== 'dropped')
        this.#makers.add({ ...move.to, length: move.length }, { from: move.from, size, record })
    }
    for (const span of buried) this.#buried.add(span, by)
    if (born === null || moves.length === 0) return
    this.#born.add(born, true)
    if (kind === 'carried') this.#shelters.add(born, true)
  }

  /** Whether a dead letter is known to go on somewhere. */
  goesOn(id: Id): boolean {
    return this.#next.has(id)
  }

  isKnown(id: Id): boolean {
    return this.#next.has(id) || this.#previous.has(id)
  }

  /** Whether somebody deleted the element around this id, knowing of it. */
  isBuried(id: Id): boolean {
    return this.#buried.has(id)
  }

  /** The client that did; null when nobody did, or nothing tells. */
  buriedBy(id: Id): number | null {
    return this.#buried.find(id)[0]?.value ?? null
  }

  /** Whether this id was made by a change that moved text: it is a copy, or what a copy was put into. */
  isBornByMove(id: Id): boolean {
    return this.#born.has(id)
  }

  /** Whether the change that made this copy also made another id: the block it was put into, say. */
  isMadeWith(id: Id, copy: Id): boolean {
    return this.#makers
      .find(copy)
      .some(({ value: { record } }) => isIn(record.born === null ? [] : [record.born], id))
  }

  /** All copies of a letter, dead or alive, itself first. */
  family(id: Id): Id[] {
    if (!this.isKnown(id)) return [id]
    const found = new Map([[keyOf(id), id]])
    for (const member of found.values()) {
      if (found.size > mostCopies) break
      for (const { value, offset } of this.#next.find(member)) remember(plus(value.to, offset))
      for (const { value, offset } of this.#previous.find(member)) remember(plus(value.from, offset))
    }
    function remember(other: Id): void {
      found.set(keyOf(other), other)
    }
    return [...found.values()]
  }

  /**
   * Which of two copies stays: the one of the smaller change (who splits a paragraph decides where its tail is, not who
   * moves the whole of it), then any order that all agree on. Negative when it is the first.
   *
   * Whoever wrote that a copy goes on elsewhere has deleted it, even where it still seems alive.
   *
   * What was copied from a copy has that one's rank: two copies are compared where their ways part. So whoever knows only
   * the older ones comes to the same end, and no two editors drop each other's choice.
   */
  compare(one: Id, other: Id): number {
    const difference = Number(this.goesOn(one)) - Number(this.goesOn(other))
    if (difference !== 0) return difference
    return compareWays(this.#wayTo(one), this.#wayTo(other))
  }

  /** What a letter was first, when somebody typed it. */
  rootOf(id: Id): Id {
    return this.#wayTo(id)[0]?.id ?? id
  }

  /** Whether a repair made this block, for text that had nothing left around it. */
  isShelter(block: Id): boolean {
    return this.#shelters.has(block)
  }

  /** How often repairs have carried a letter since a person moved it last; `most` are counted. */
  timesCarried(id: Id, most: number): number {
    let at = id
    for (let times = 0; times < most; times++) {
      const maker = this.#makers.find(at).find(({ value }) => value.record.kind === 'carried')
      if (maker === undefined) return times
      at = plus(maker.value.from, maker.offset)
    }
    return most
  }

  /** Whether somebody who moved this copy, or what it is a copy of, knew another letter: left it, or took it along. */
  isMadeKnowing(copy: Id, other: Id): boolean {
    const members = this.family(other)
    const seen = new Set<string>()
    let copies = [copy]
    while (copies.length > 0 && seen.size <= mostCopies) {
      const makers = copies.flatMap((each) => this.#makers.find(each))
      const byPeople = makers.filter(({ value: { record } }) => record.kind !== 'carried')
      const isKnowing = byPeople.some(({ value: { record } }) =>
        members.some((member) => isIn(record.buried, member) || isIn(record.seen, member)),
      )
      if (isKnowing) return true
      for (const each of copies) seen.add(keyOf(each))
      copies = makers
        .map(({ value, offset }) => plus(value.from, offset))
        .filter((id) => !seen.has(keyOf(id)))
    }
    return false
  }

  /**
   * The copies through which a letter came to be this one, the first first, and how large the changes were. Of several
   * that it is a copy of, the one that stays.
   */
  #wayTo(id: Id, known = new Map<string, readonly Step[]>()): readonly Step[] {
    const found = known.get(keyOf(id))
    if (found !== undefined) return found
    // For records that go round in circles.
    known.set(keyOf(id), [])
    if (known.size > mostCopies) return []
    const ways = this.#makers.find(id).map(({ value: { from, size }, offset }) => {
      return [...this.#wayTo(plus(from, offset), known), { id, size }]
    })
    const [best = [{ id, size: Infinity }]] = ways.sort(compareWays)
    known.set(keyOf(id), best)
    return best
  }
}

/** Where two ways part, the smaller change is first; of one that goes on from the other's end, the longer. */
function compareWays(one: readonly Step[], other: readonly Step[]): number {
  for (const [index, step] of one.entries()) {
    const otherStep = other[index]
    if (otherStep === undefined) return -1
    if (keyOf(step.id) === keyOf(otherStep.id)) continue
    const bySize = step.size === otherStep.size ? 0 : step.size - otherStep.size
    return bySize || step.id.client - otherStep.id.client || step.id.clock - otherStep.id.clock
  }
  return one.length < other.length ? 1 : 0
}

function isIn(spans: readonly Span[], { client, clock }: Id): boolean {
  return spans.some(
    (span) => span.client === client && span.clock <= clock && clock < span.clock + span.length,
  )
}

interface Maker {
  readonly from: Id
  readonly size: number
  readonly record: MoveRecord
}

interface Step {
  readonly id: Id
  readonly size: number
}
