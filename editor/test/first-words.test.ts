// @vitest-environment jsdom
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { writeFirstBlocks } from '../../server/document-title.ts'
import { Random } from '../../test/random.ts'
import { Writer } from './page.ts'

const seeds = 60

/** One editor and one program without any, both starting in the same empty paragraph, unseen by each other. */
function race(seed: number): string[] {
  const random = new Random(seed)
  const [page, program, other] = [new Y.Doc(), new Y.Doc(), new Y.Doc()]
  for (const doc of [page, program, other]) doc.clientID = 1 + random.below(1_000_000)
  const start = new Y.Doc()
  writeFirstBlocks(start, '')
  for (const doc of [page, program, other]) Y.applyUpdate(doc, Y.encodeStateAsUpdate(start))
  const ann = new Writer(page)
  const bob = new Writer(other)
  const exchange = (from: Y.Doc, to: Y.Doc) =>
    Y.applyUpdate(to, Y.encodeStateAsUpdate(from, Y.encodeStateVector(to)), 'remote')
  const docs = [page, program, other]
  // In the block that the server made, or in one that somebody has just made with Enter.
  const block = random.below(2) + 1
  if (block === 2) ann.at(1).press('Enter')
  for (let n = 0; n < 2; n++) for (const doc of docs) exchange(page, doc)
  for (let word = 1; word <= 6; word++) {
    ann.at(block, -1).type(`a${word} `)
    if (random.chance(0.5)) bob.at(block, -1).type(`b${word} `)
    const element = program.getXmlFragment('coscribe').get(block)
    if (element instanceof Y.XmlElement) {
      if (!(element.firstChild instanceof Y.XmlText)) element.insert(0, [new Y.XmlText()])
      const text = element.firstChild
      if (text instanceof Y.XmlText) text.insert(0, `c${word} `)
    }
    for (let n = random.below(4); n > 0; n--) exchange(random.pick(docs), random.pick(docs))
  }
  for (let round = 0; round < 4; round++) for (const from of docs) for (const to of docs) exchange(from, to)
  expect(bob.doc.textContent).toBe(ann.doc.textContent)
  return ann.doc.textContent.split(/\s+/).filter(Boolean)
}

test(`[E36] everybody’s first words in the same empty paragraph stand there once (${seeds} seeds)`, () => {
  for (let seed = 1; seed <= seeds; seed++) {
    const words = race(seed)
    expect({ seed, doubled: words.filter((word, index) => words.indexOf(word) !== index) }).toEqual({
      seed,
      doubled: [],
    })
    expect({ seed, count: words.filter((word) => /^[ac]/.test(word)).length }).toEqual({ seed, count: 12 })
  }
})
