// @vitest-environment jsdom
import { joinBackward, wrapIn } from 'prosemirror-commands'
import { TextSelection } from 'prosemirror-state'
import { expect, test } from 'vitest'
import { Random } from '../../test/random.ts'
import { toggleCodeBlock } from '../commands/blocks.ts'
import { moveBlocks } from '../commands/move-blocks.ts'
import { schema } from '../schema/index.ts'
import { p, two, type Writer } from './page.ts'

const seeds = Number(process.env['CARET_SEEDS'] ?? 30)
const firstSeed = Number(process.env['CARET_SEED'] ?? 1)
const lines = ['aaa bbb ccc ddd', 'eee fff ggg', 'hhh iii', 'jjj kkk lll']

/** Cuts up to four letters and pastes them anywhere. */
function cutAndPaste({ state, view }: Writer, from: number, random: Random): void {
  const to = Math.min(from + 4, state.doc.resolve(from).end())
  const tr = state.tr.delete(from, to)
  const places: number[] = []
  tr.doc.descendants((node, position) => {
    if (node.isTextblock) places.push(position + 1 + random.below(node.content.size + 1))
  })
  const place = random.pick(places)
  view.dispatch(tr.replace(place, place, state.doc.slice(from, to)))
}

const acts: ((writer: Writer, random: Random) => unknown)[] = [
  (writer) => writer.press('Enter'),
  (writer) => {
    const start = writer.state.selection.$head.start()
    writer.view.dispatch(writer.state.tr.setSelection(TextSelection.create(writer.doc, start)))
    writer.run(joinBackward)
  },
  (writer, random) => writer.run(moveBlocks(random.chance(0.5) ? 1 : -1)),
  (writer) => writer.run(wrapIn(schema.nodes.callout)),
  (writer) => writer.run(toggleCodeBlock),
  (writer, random) => cutAndPaste(writer, writer.state.selection.head, random),
]

function changeAnything(writer: Writer, random: Random): void {
  const index = random.below(writer.doc.childCount)
  const block = writer.doc.child(index)
  if (block.isTextblock) random.pick(acts)(writer.at(index, random.below(block.content.size + 1)), random)
}

/** Selects what was typed, or stands behind it, as somebody else changes anything; both then hear of each other. */
function play(seed: number): { writer: Writer; isCaret: boolean; next: string } {
  const random = new Random(seed)
  const { ann, bob, same } = two(...lines.map((line) => p(line)))
  const block = random.below(lines.length)
  const offset = random.below(ann.doc.child(block).content.size + 1)
  ann.at(block, offset).type('XYZ')
  const isCaret = random.chance(0.6)
  const head = ann.state.selection.head
  if (random.chance(0.3)) same()
  const selection = TextSelection.create(ann.doc, isCaret ? head : head - 3, head)
  ann.view.dispatch(ann.state.tr.setSelection(selection))
  for (let left = 1 + random.below(3); left > 0; left--) changeAnything(bob, random)
  same()
  return { writer: ann, isCaret, next: lines[block]?.charAt(offset) ?? '' }
}

test(`[E8] whatever somebody else does, the caret is behind what was typed, and nothing else is selected (${seeds} seeds from ${firstSeed})`, () => {
  let selected = 0
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const { writer, isCaret, next } = play(seed)
    const { $head, from, to } = writer.state.selection
    // Somebody may have broken the word: its last letter is the one to go by.
    const before = $head.parent.textBetween(0, $head.parentOffset)
    const after = $head.parent.textBetween($head.parentOffset, $head.parent.content.size)
    const isPastedBetween = isCaret && before.includes('Z') && next !== '' && after.startsWith(next)
    const text = writer.doc.textBetween(from, to, '')
    expect([seed, writer.doc.textContent.split('Z').length]).toEqual([seed, 2])
    if (!isPastedBetween) expect([seed, before.slice(-1)]).toEqual([seed, 'Z'])
    expect([seed, isCaret ? [''] : ['', 'XYZ']]).toEqual([seed, expect.arrayContaining([text])])
    if (text !== '') selected++
  }
  expect(selected).toBeGreaterThan(seeds / 10)
}, 120_000)
