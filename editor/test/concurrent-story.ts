import { Fragment, Slice, type Node } from 'prosemirror-model'
import { TextSelection } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import * as Y from 'yjs'
import { fragmentName } from '../../server/protocol/document.ts'
import { Random } from '../../test/random.ts'
import type { CommandName, Kit } from './concurrent-kits.ts'

/*
 * People who edit one document without seeing each other, then meet; and what must be true when they have.
 *
 * Every word is written once in the whole story, as `w12;`, so what became of it can be counted.
 */

/** What one person does, as data: a failure prints it, and a regression test repeats it. */
export interface Act {
  readonly writer: number
  readonly kind: Kind
  /** Where, and how much: each picks what it needs from these, as parts of what there is. */
  readonly at: number
  readonly to: number
}

const plain = ['type', 'deleteWord', 'drag', 'cutPaste', 'cutBlocks', 'pasteThree'] as const
const byCommand = [
  'enter',
  'backspace',
  'joinForward',
  'list',
  'style',
  'wrap',
  'retype',
  'indent',
  'undo',
] as const
export type Kind = (typeof plain)[number] | (typeof byCommand)[number]

/** As often as people do them, more or less; but moves are what this is about. */
const kinds: readonly Kind[] = [...plain, ...byCommand, 'type', 'type', 'type', 'type', 'enter', 'drag']

export interface Round {
  readonly acts: readonly Act[]
  /** Who does not meet the others afterwards. */
  readonly away: readonly number[]
  /** Seed of the order in which edits arrive. */
  readonly order: number
}

export interface Story {
  readonly writers: number
  readonly rounds: readonly Round[]
  /** Updates arrive one by one, rather than as one difference. */
  readonly isLive: boolean
}

export interface Outcome {
  readonly lost: string[]
  readonly doubled: string[]
  readonly misplaced: string[]
  readonly unequal: string[]
  readonly invalid: string[]
  /** Repair transactions of one meeting, at most. */
  mostRepairs: number
  meetings: number
  words: number
}

export function makeStory(seed: number, rounds: number): Story {
  const random = new Random(seed)
  const writers = random.chance(0.6) ? 2 : 3 + random.below(2)
  let away: number[] = []
  const list = Array.from({ length: rounds }, (_, index) => {
    const acts = Array.from({ length: writers }, (_, writer) =>
      Array.from({ length: 1 + random.below(3) }, () => ({
        writer,
        kind: random.pick(kinds),
        at: random.next(),
        to: random.next(),
      })),
    ).flat()
    if (away.length > 0 ? random.chance(0.4) : random.chance(0.1))
      away = away.length > 0 ? [] : [random.below(writers)]
    return { acts, away: index === rounds - 1 ? [] : away, order: random.below(2 ** 31) }
  })
  return { writers, rounds: list, isLive: random.chance(0.5) }
}

interface Person {
  readonly doc: Y.Doc
  readonly view: EditorView
  readonly repairs: () => number
  destroy(): void
  /** Words typed since the last meeting. */
  readonly typed: Set<string>
  readonly inbox: Uint8Array[][]
}

const pattern = /w\d+;/g
const wordsIn = (node: Node): string[] => node.textContent.match(pattern) ?? []

/** The words to the left and the right of each, in its block. */
function neighboursIn(doc: Node): Map<string, string[]> {
  const neighbours = new Map<string, string[]>()
  doc.descendants((node) => {
    if (!node.isTextblock) return true
    const words = wordsIn(node)
    words.forEach((word, at) =>
      neighbours.set(
        word,
        [words[at - 1], words[at + 1]].filter((other) => other !== undefined),
      ),
    )
    return false
  })
  return neighbours
}

/** The number of the block that each word stands in. */
function blocksByWord(doc: Node): Map<string, number> {
  const blocks = new Map<string, number>()
  let number = 0
  doc.descendants((node) => {
    if (!node.isTextblock) return true
    number++
    for (const word of wordsIn(node)) blocks.set(word, number)
    return false
  })
  return blocks
}

/** Whether a word and some of the others are there, but in different blocks. */
function isApart(blocks: ReadonlyMap<string, number>, word: string, beside: readonly string[]): boolean {
  const block = blocks.get(word)
  const places = beside.map((other) => blocks.get(other)).filter((place) => place !== undefined)
  return block !== undefined && places.length > 0 && !places.includes(block)
}

/** Plays a story; `tell` hears what every step made of the document. */
export function play(kit: Kit, story: Story, tell?: (line: string) => void): Outcome {
  return new Play(kit, story, tell).run()
}

class Play {
  readonly #kit: Kit
  readonly #story: Story
  readonly #people: Person[] = []
  readonly #deleted = new Set<string>()
  readonly #loose = new Set<string>()
  readonly #written = new Set<string>()
  /** The words beside one that was typed, as its writer saw them last. */
  readonly #beside = new Map<string, string[]>()
  /** The same of words that somebody deleted, as that person saw them: where they were is where text beside them is. */
  readonly #stoodBeside = new Map<string, readonly string[]>()
  readonly #outcome: Outcome = {
    lost: [], doubled: [], misplaced: [], unequal: [], invalid: [], mostRepairs: 0, meetings: 0, words: 0,
  } // prettier-ignore
  #count = 0

  readonly #tell: ((line: string) => void) | undefined

  constructor(kit: Kit, story: Story, tell?: (line: string) => void) {
    this.#tell = tell
    this.#kit = kit
    this.#story = story
  }

  run(): Outcome {
    try {
      this.#begin()
      for (const [index, round] of this.#story.rounds.entries()) this.#round(round, index)
      return this.#outcome
    } finally {
      for (const person of this.#people) person.destroy()
    }
  }

  #word(): string {
    const word = `w${this.#count++};`
    this.#written.add(word)
    return word
  }

  #begin(): void {
    const blocks = Array.from({ length: 12 }, () => Array.from({ length: 8 }, () => this.#word()).join(' '))
    const start = new Y.Doc()
    start.clientID = 1
    const fragment = start.getXmlFragment(fragmentName)
    for (const text of blocks) {
      const element = new Y.XmlElement('paragraph')
      element.insert(0, [new Y.XmlText(text)])
      fragment.insert(fragment.length, [element])
    }
    for (let index = 0; index < this.#story.writers; index++) {
      const doc = new Y.Doc()
      doc.clientID = index + 2
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(start))
      const inbox = Array.from({ length: this.#story.writers }, () => [])
      this.#people.push({ doc, ...this.#kit.open(doc), typed: new Set(), inbox })
    }
    if (this.#story.isLive) this.#listen()
  }

  #listen(): void {
    for (const [from, { doc }] of this.#people.entries()) {
      doc.on('update', (update: Uint8Array, origin: unknown) => {
        if (origin === 'remote') return
        for (const person of this.#people) person.inbox[from]?.push(update)
      })
    }
  }

  #round({ acts, away, order }: Round, index: number): void {
    for (const act of acts) this.#act(act)
    const present = this.#people.filter((_, writer) => !away.includes(writer))
    for (const person of present) this.#noteNeighbours(person)
    this.#forgetMoved(present)
    const before = present.map(({ repairs }) => repairs())
    const random = new Random(order)
    if (this.#story.isLive) this.#deliver(present, random)
    else this.#exchange(present, random)
    const repairs = present.reduce((sum, person, n) => sum + person.repairs() - (before[n] ?? 0), 0)
    this.#outcome.mostRepairs = Math.max(this.#outcome.mostRepairs, repairs)
    this.#outcome.meetings++
    for (const { view } of present) this.#tell?.(`  together: ${outline(view.state.doc)}`)
    this.#check(present, index, away.length > 0)
  }

  #noteNeighbours(person: Person): void {
    const beside = neighboursIn(person.view.state.doc)
    for (const word of person.typed) {
      const others = beside.get(word)
      if (others !== undefined) this.#beside.set(word, others)
    }
    person.typed.clear()
  }

  /** A word that an undo brought back may have been parted from its neighbours by somebody who had it all the time. */
  #forgetMoved(present: readonly Person[]): void {
    for (const { view } of present) {
      const blocks = blocksByWord(view.state.doc)
      for (const [word, beside] of this.#beside) if (isApart(blocks, word, beside)) this.#beside.delete(word)
    }
  }

  /** Everybody's differences, pairwise in any order, until nobody learns anything. */
  #exchange(present: readonly Person[], random: Random): void {
    for (let pass = 0; pass < 30; pass++) {
      let updates = 0
      const count = (): number => updates++
      for (const { doc } of present) doc.on('update', count)
      const pairs = present.flatMap((from) =>
        present.filter((to) => to !== from).map((to) => [from, to] as const),
      )
      for (const [from, to] of random.shuffle(pairs))
        Y.applyUpdate(to.doc, Y.encodeStateAsUpdate(from.doc, Y.encodeStateVector(to.doc)), 'remote')
      for (const { doc } of present) doc.off('update', count)
      if (updates === 0) return
    }
    this.#outcome.unequal.push('no rest after 30 exchanges')
  }

  /** Every update on its own, those of one writer in their order. */
  #deliver(present: readonly Person[], random: Random): void {
    for (let count = 0; count < 5000; count++) {
      const full = present.flatMap((to) =>
        to.inbox.flatMap((queue, from) => {
          const sender = this.#people[from]
          const isHere = sender !== undefined && present.includes(sender) && sender !== to
          return isHere && queue.length > 0 ? [{ to, queue }] : []
        }),
      )
      if (full.length === 0) {
        this.#exchange(present, random)
        return
      }
      const { to, queue } = random.pick(full)
      const update = queue.shift()
      if (update !== undefined) Y.applyUpdate(to.doc, update, 'remote')
    }
    this.#outcome.unequal.push('no rest after 5000 updates')
  }

  #check(present: readonly Person[], round: number, isPartial: boolean): void {
    const [first, ...others] = present
    if (first === undefined) return
    const { doc } = first.view.state
    const json = JSON.stringify(doc.toJSON())
    for (const other of others)
      if (JSON.stringify(other.view.state.doc.toJSON()) !== json) this.#outcome.unequal.push(`round ${round}`)
    try {
      doc.check()
    } catch (error) {
      this.#outcome.invalid.push(String(error))
    }
    this.#checkNeighbours(doc, round)
    // Whoever is away has words of their own.
    if (!isPartial) this.#countWords(doc, round)
  }

  #countWords(doc: Node, round: number): void {
    const counts = new Map<string, number>()
    doc.descendants((node) => {
      if (!node.isTextblock) return true
      for (const word of wordsIn(node)) counts.set(word, (counts.get(word) ?? 0) + 1)
      return false
    })
    for (const word of this.#written) {
      const count = counts.get(word) ?? 0
      if (count > 1) this.#outcome.doubled.push(`${word} (round ${round})`)
      if (count === 0 && !this.#deleted.has(word)) this.#outcome.lost.push(`${word} (round ${round})`)
      // Told once: the next rounds start from what there is.
      if (count === 0) this.#written.delete(word)
      if (count > 1) this.#loose.add(word)
    }
    for (const word of this.#loose) this.#written.delete(word)
  }

  #checkNeighbours(doc: Node, round: number): void {
    const blocks = blocksByWord(doc)
    for (const [word, beside] of this.#beside) {
      const places = beside.flatMap((other) => this.#placeOf(other, blocks))
      if (isApart(blocks, word, beside) && isApart(blocks, word, places))
        this.#outcome.misplaced.push(`${word} not beside ${beside.join(' or ')} (round ${round})`)
    }
    this.#outcome.words += this.#beside.size
    this.#beside.clear()
  }

  /** A word, or what was around it when it was deleted. */
  #placeOf(word: string, blocks: ReadonlyMap<string, number>): readonly string[] {
    return blocks.has(word) ? [word] : (this.#stoodBeside.get(word) ?? [word])
  }

  #act(act: Act): void {
    const person = this.#people[act.writer]
    if (person === undefined) return
    const before = neighboursIn(person.view.state.doc)
    perform(this.#kit, person.view, { ...act, word: () => this.#word() })
    this.#tell?.(`${act.writer} ${act.kind}: ${outline(person.view.state.doc)}`)
    const after = new Set(wordsIn(person.view.state.doc))
    for (const [word, beside] of before) {
      if (after.has(word)) continue
      this.#deleted.add(word)
      this.#stoodBeside.set(word, beside)
    }
    for (const word of after) {
      if (before.has(word)) continue
      person.typed.add(word)
    }
  }
}

/** The blocks that aren't as they were at first. */
function outline(doc: Node): string {
  const lines = doc.children.map((block) => block.type.name.slice(0, 1) + '|' + block.textContent)
  return lines.filter((line) => !isUntouched(line)).join(' / ')
}

function isUntouched(line: string): boolean {
  const numbers = [...line.matchAll(/w(\d+);/g)].map(([, digits]) => Number(digits))
  const [first = 1] = numbers
  return first % 8 === 0 && numbers.length === 8 && numbers.every((number, index) => number === first + index)
}

/** Places between words, outside of them, where people type and cut. */
function placesIn(node: Node): number[] {
  const places = [0]
  for (const match of node.textContent.matchAll(pattern)) places.push(match.index + match[0].length)
  if (node.content.size > 0) places.push(node.content.size)
  return places
}

interface Spot {
  readonly block: Node
  readonly start: number
}

function textblocks(doc: Node): Spot[] {
  const spots: Spot[] = []
  doc.descendants((block, position) => {
    if (!block.isTextblock) return true
    spots.push({ block, start: position + 1 })
    return false
  })
  return spots
}

const part = <T>(list: readonly T[], fraction: number): T | undefined =>
  list[Math.floor(fraction * list.length)]

type Doing = Act & { word(): string }

function perform(kit: Kit, view: EditorView, act: Doing): void {
  const spots = textblocks(view.state.doc)
  const spot = part(spots, act.at)
  if (spot === undefined) return
  const within = part(placesIn(spot.block), (act.at * 97 + act.to) % 1) ?? 0
  switch (act.kind) {
    case 'type':
      type(view, spot.start + within, `${act.word()} `)
      return
    case 'deleteWord':
      deleteWord(view, spot, act.to)
      return
    case 'drag':
      drag(view, act)
      return
    case 'cutPaste':
      cutPaste(view, spot, act)
      return
    case 'cutBlocks':
      cutBlocks(view, act)
      return
    case 'pasteThree': {
      const blocks = Fragment.from([0, 1, 2].map(() => kit.block(`${act.word()} ${act.word()}`)))
      const position = spot.start + within
      view.dispatch(
        view.state.tr.replace(position, position, new Slice(blocks, 1, 1)).setMeta('uiEvent', 'paste'),
      )
      return
    }
    case 'enter':
    case 'backspace':
    case 'joinForward':
    case 'list':
    case 'style':
    case 'wrap':
    case 'retype':
    case 'indent':
    case 'undo':
      command(
        kit,
        view,
        act.kind,
        spot.start +
          (['backspace'].includes(act.kind)
            ? 0
            : act.kind === 'joinForward'
              ? spot.block.content.size
              : within),
      )
  }
}

function type(view: EditorView, position: number, text: string): void {
  view.dispatch(view.state.tr.setSelection(TextSelection.create(view.state.doc, position)))
  for (const letter of text) view.dispatch(view.state.tr.insertText(letter))
}

function deleteWord(view: EditorView, { block, start }: Spot, fraction: number): void {
  const match = part([...block.textContent.matchAll(/w\d+; ?/g)], fraction)
  if (match !== undefined)
    view.dispatch(view.state.tr.delete(start + match.index, start + match.index + match[0].length))
}

function childStart(doc: Node, index: number): number {
  let position = 0
  for (let at = 0; at < index; at++) position += doc.child(at).nodeSize
  return position
}

/** Moves a whole block, as its handle does. */
function drag(view: EditorView, { at, to }: Act): void {
  const { doc, tr } = view.state
  const index = Math.floor(at * doc.childCount)
  const start = childStart(doc, index)
  const block = doc.child(index)
  tr.delete(start, start + block.nodeSize)
  tr.insert(childStart(tr.doc, Math.floor(to * (tr.doc.childCount + 1))), block)
  view.dispatch(tr.setMeta('uiEvent', 'drop'))
}

function cutPaste(view: EditorView, { block, start }: Spot, { at, to }: Act): void {
  const places = placesIn(block)
  const from = part(places, (at * 31) % 1) ?? 0
  const end = places[Math.min(places.length - 1, places.indexOf(from) + 1 + Math.floor(to * 3))] ?? from
  if (end <= from) return
  const slice = view.state.doc.slice(start + from, start + end)
  view.dispatch(view.state.tr.delete(start + from, start + end).setMeta('uiEvent', 'cut'))
  paste(view, slice, to)
}

/** From the middle of one block to the middle of the next. */
function cutBlocks(view: EditorView, { at, to }: Act): void {
  const { doc } = view.state
  if (doc.childCount < 2) return
  const index = Math.floor(at * (doc.childCount - 1))
  const [first, second] = [doc.child(index), doc.child(index + 1)]
  if (!first.isTextblock || !second.isTextblock) return
  const start = childStart(doc, index)
  const from = start + 1 + (part(placesIn(first), (at * 13) % 1) ?? 0)
  const end = start + first.nodeSize + 1 + (part(placesIn(second), (at * 17) % 1) ?? 0)
  const slice = doc.slice(from, end)
  view.dispatch(view.state.tr.delete(from, end).setMeta('uiEvent', 'cut'))
  paste(view, slice, to)
}

function paste(view: EditorView, slice: Slice, fraction: number): void {
  const target = part(textblocks(view.state.doc), fraction)
  if (target === undefined) return
  const position = target.start + (part(placesIn(target.block), (fraction * 53) % 1) ?? 0)
  view.dispatch(view.state.tr.replaceRange(position, position, slice).setMeta('uiEvent', 'paste'))
}

function command(kit: Kit, view: EditorView, name: CommandName, position: number): void {
  if (name !== 'undo')
    view.dispatch(view.state.tr.setSelection(TextSelection.create(view.state.doc, position)))
  kit.commands[name](view.state, view.dispatch, undefined)
}
