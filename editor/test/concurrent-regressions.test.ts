// @vitest-environment jsdom
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { fragmentName, movesName } from '../../server/protocol/document.ts'
import { mostRepairs, mostReturns } from '../binding/budget.ts'
import { encodeRecord, type MoveRecord } from '../binding/move-record.ts'
import { ours, stock } from './concurrent-kits.ts'
import { regressions } from './concurrent-regressions.ts'
import { makeStory, play, type Act } from './concurrent-story.ts'

const nothing = { lost: [], doubled: [], misplaced: [], unequal: [], invalid: [] }

describe('Stories that once went wrong', () => {
  for (const { seed, reason, story } of regressions)
    test(`[E37][E38] seed ${seed}: ${reason}`, () => {
      expect(play(ours, story)).toMatchObject(nothing)
    })

  test('[E41] seed 1233: two texts without neighbours followed each other, forever', () => {
    const outcome = play(ours, makeStory(1233, 8))
    expect(outcome).toMatchObject(nothing)
    expect(outcome.mostRepairs).toBeLessThan(20)
  })
})

describe('The count of misplaced words', () => {
  const split: Act = { writer: 0, kind: 'enter', at: 0.05, to: 0.5 }
  const type: Act = { writer: 1, kind: 'type', at: 0.05, to: 0.6 }
  const meet = (...acts: Act[]) =>
    play(stock, { writers: 2, isLive: false, rounds: [{ acts, away: [], order: 1 }] })

  test('[E37] tells a word that its neighbours left behind', () => {
    expect(meet(split, type).misplaced).toEqual(['w96; not beside w3; or w4; (round 0)'])
  })

  test('[E37] tells it when one of those was deleted where it is now', () => {
    const { misplaced } = meet(split, { writer: 0, kind: 'deleteWord', at: 0.1, to: 0.05 }, type)
    expect(misplaced).toEqual(['w96; not beside w3; or w4; (round 0)'])
  })
})

describe('Repairs come to rest', () => {
  test.each(['moved', 'carried'] as const)(
    '[E41] though somebody deletes each copy again, with records of the kind "%s"',
    (kind) => {
      const doc = documentOf('one', 'two')
      const editor = ours.open(doc)
      editor.view.dispatch(editor.view.state.tr.insertText('mine', 7))
      const chaser = new Y.Doc()
      for (let times = 0; times < 2 * mostRepairs; times++) {
        Y.applyUpdate(chaser, Y.encodeStateAsUpdate(doc, Y.encodeStateVector(chaser)))
        deleteUnseen(chaser, kind)
        Y.applyUpdate(doc, Y.encodeStateAsUpdate(chaser, Y.encodeStateVector(doc)), 'remote')
      }
      expect(editor.repairs()).toBeGreaterThan(1)
      expect(editor.repairs()).toBeLessThanOrEqual(mostReturns + 1)
      editor.destroy()
    },
  )

  test('[E41] though records make a letter the copy of itself', () => {
    const doc = documentOf('one', 'two')
    const editor = ours.open(doc)
    editor.view.dispatch(editor.view.state.tr.insertText('mine', 7))
    const chaser = new Y.Doc()
    Y.applyUpdate(chaser, Y.encodeStateAsUpdate(doc))
    const { clientID: client } = doc
    const record = (from: number, to: number, length: number): MoveRecord => ({
      kind: 'carried',
      moves: [{ from: { client, clock: from }, to: { client, clock: to }, length }],
      buried: [],
      seen: [],
      born: null,
    })
    const records = [record(0, 0, 4), record(0, 1, 3), record(1, 0, 3)].map(encodeRecord)
    chaser.getArray(movesName).push(records)
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(chaser, Y.encodeStateVector(doc)), 'remote')
    expect(editor.repairs()).toBeLessThan(10)
    editor.destroy()
  })
})

function documentOf(...texts: string[]): Y.Doc {
  const doc = new Y.Doc()
  doc.getXmlFragment(fragmentName).insert(
    0,
    texts.map((text) => {
      const block = new Y.XmlElement('paragraph')
      block.insert(0, [new Y.XmlText(text)])
      return block
    }),
  )
  const copy = new Y.Doc()
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc))
  return copy
}

const textOf = (block: Y.XmlElement): string =>
  block
    .toArray()
    .map((text) => (text instanceof Y.XmlText ? text.toJSON() : ''))
    .join('')

/** Deletes the block with the word in it, and records that it knew of the block but not of the word. */
function deleteUnseen(doc: Y.Doc, kind: MoveRecord['kind']): void {
  const fragment = doc.getXmlFragment(fragmentName)
  const at = fragment
    .toArray()
    .findIndex((block) => block instanceof Y.XmlElement && textOf(block).includes('mine'))
  const item = fragment.toArray()[at]?._item
  if (item === null || item === undefined) return
  const { client, clock } = item.id
  doc.transact(() => {
    fragment.delete(at, 1)
    const buried = [{ client, clock, length: 1 }]
    doc.getArray(movesName).push([encodeRecord({ kind, moves: [], buried, seen: [], born: null })])
  })
}
