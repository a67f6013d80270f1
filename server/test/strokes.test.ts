import { beforeEach, describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { checkUpdate, defaultGateLimits } from '../gate.ts'
import type { Peer } from '../peer.ts'
import { closeCodes } from '../protocol/close-codes.ts'
import { fragmentName } from '../protocol/document.ts'
import { readStroke } from '../typed-text.ts'
import { author } from './gate-scene.ts'
import { type PeerDouble, RoomScene } from './room-scene.ts'
import { deletes, format, one, skip, text, write } from './update-writer.ts'

const client = 7

describe('[R13] a stroke', () => {
  test('is text right behind what its client wrote last', () => {
    const doc = author(client)
    const typed: Uint8Array[] = []
    doc.on('update', (update: Uint8Array) => typed.push(update))
    doc.getText('text').insert(0, 'ac')
    doc.getText('text').insert(2, '😀')
    doc.getText('text').insert(1, 'b')
    expect(typed.map((update) => readStroke(update))).toEqual([
      null,
      expect.objectContaining({ client, clock: 2, length: 2, rightClient: -1, rightClock: -1 }),
      null,
    ])
  })

  const behind = { origin: [client, 4] as const }
  const stroke = one(client, 5, text('a', behind))

  test.each<[string, Uint8Array]>([
    ['text elsewhere', one(client, 5, text('a', { origin: [client, 3] }))],
    ['text behind what somebody else wrote', one(client, 5, text('a', { origin: [8, 4] }))],
    ['no text', one(client, 5, format('bold', true, behind))],
    ['no letter', one(client, 5, text('', behind))],
    ['two items', one(client, 5, text('a', behind), text('b', { origin: [client, 5] }))],
    ['a deletion', deletes(client, [1, 1])],
    [
      'text and a deletion',
      write({
        blocks: [{ client, clock: 5, structs: [text('a', behind)] }],
        deletes: [{ client, ranges: [[0, 1]] }],
      }),
    ],
    ['cut off', stroke.slice(0, -2)],
    ['too long', Uint8Array.of(...stroke, 0)],
    ['no UTF-8', stroke.map((byte) => (byte === 97 ? 0xff : byte))],
    ['nothing', new Uint8Array()],
  ])('is not %s', (_, update) => {
    expect(readStroke(stroke)).not.toBeNull()
    expect(readStroke(update)).toBeNull()
  })
})

describe('[R13] strokes in a room', () => {
  let scene: RoomScene
  let ann: PeerDouble
  let bob: PeerDouble

  beforeEach(async () => {
    scene = new RoomScene((update, doc) => checkUpdate(update, doc, defaultGateLimits), { commitsLate: true })
    ann = scene.join()
    bob = scene.join()
    ann.types('a')
    await scene.clock.turn()
    scene.commit()
    scene.makeDurable()
  })

  const typeInTurns = async (letters: string) => {
    for (const letter of letters) {
      ann.types(letter)
      await scene.clock.turn()
    }
  }

  test('are told as they came, to all but their author', async () => {
    const before = bob.told('update').length
    const update = ann.writes('b')
    ann.sends(update)
    await scene.clock.turn()
    expect(bob.told('update').slice(before)).toEqual([{ type: 'update', update }])
    expect(ann.told('update')).toEqual([])
  })

  test('of one turn are told as one, and of one author to all others', async () => {
    const before = bob.told('update').length
    for (const letter of 'bcd') ann.types(letter)
    await scene.clock.turn()
    expect(bob.told('update')).toHaveLength(before + 1)
    expect(ann.told('update')).toEqual([])
    expect(bob.reads).toBe('abcd')
  })

  test('[J1] are one record of the next commit, and acknowledged once it is durable', async () => {
    await typeInTurns('bcd')
    expect(ann.savedThrough).toEqual([1])
    scene.commit()
    expect(scene.appends.at(-1)?.records).toHaveLength(1)
    expect(ann.savedThrough).toEqual([1])
    scene.makeDurable()
    expect(ann.savedThrough).toEqual([1, 4])
    expect(scene.storedText).toBe('abcd')
  })

  test('are stored before what follows them', async () => {
    await typeInTurns('bc')
    ann.doc.getText('text').delete(0, 1)
    ann.sendsAll()
    await scene.clock.turn()
    await typeInTurns('d')
    scene.commit()
    const doc = new Y.Doc()
    const texts = scene.appends
      .flatMap(({ records }) => records)
      .map((record) => {
        Y.applyUpdate(doc, record)
        return doc.getText('text').toJSON()
      })
    expect(texts).toEqual(['a', 'abc', 'bc', 'bcd'])
  })

  test('do not outlive their room', async () => {
    await typeInTurns('bc')
    expect(scene.clock.timers).toBe(1)
    scene.room.close(closeCodes.removed, 'the document was deleted')
    expect(scene.clock.timers).toBe(0)
  })

  test('[R4] are in what a joiner gets', async () => {
    await typeInTurns('bc')
    const carl = scene.join()
    carl.asksForAll()
    expect(carl.reads).toBe('abc')
  })

  test('[C2] who is behind is caught up from the clocks before them', async () => {
    const slow: ReadonlyMap<number, number>[] = []
    const relay: Peer['relay'] = (_, before) => void slow.push(before())
    Object.assign(bob, { relay })
    await typeInTurns('bc')
    ann.types('d')
    ann.types('e')
    await scene.clock.turn()
    const id = ann.doc.clientID
    expect(slow.map((clocks) => clocks.get(id))).toEqual([1, 2, 3])
  })

  test('[R11] are not taken where the document would be too large', async () => {
    scene = new RoomScene((update, doc) => checkUpdate(update, doc, defaultGateLimits), {
      limits: { maxDocumentBytes: 60 },
    })
    ann = scene.join()
    await typeInTurns('x'.repeat(100))
    expect(ann.refusals.length).toBeGreaterThan(0)
    expect(scene.room.encodeState().length).toBeLessThanOrEqual(60)
    expect(scene.text).toBe('x'.repeat(100 - ann.refusals.length))
  })

  test('[R5] are still there when the document goes back to what is stored', async () => {
    scene = new RoomScene((update, doc) => checkUpdate(update, doc, defaultGateLimits), { commitsLate: true })
    ann = scene.join()
    ann.types('a')
    await scene.clock.turn()
    await typeInTurns('bc')
    await expect(
      scene.room.edit(() => {
        throw new Error('a bug')
      }),
    ).rejects.toThrow('a bug')
    await scene.clock.turn()
    expect(scene.reloads).toBe(1)
    expect(scene.text).toBe('abc')
    await typeInTurns('d')
    expect(scene.text).toBe('abcd')
  })
})

test('an update without anything in it is acknowledged, and nothing is relayed or stored', async () => {
  const scene = new RoomScene((update, doc) => checkUpdate(update, doc, defaultGateLimits))
  const [ann, bob] = [scene.join(), scene.join()]
  ann.sendsAll(new Uint8Array([0, 0]))
  await scene.clock.turn()
  expect([ann.savedThrough, bob.told('update'), scene.appends]).toEqual([[1], [], []])
})

describe('[R13] strokes in a title', () => {
  let scene: RoomScene
  let ann: PeerDouble
  let title: Y.XmlText

  beforeEach(async () => {
    scene = new RoomScene((update, doc) => checkUpdate(update, doc, defaultGateLimits))
    ann = scene.join()
    title = new Y.XmlText('P')
    ann.doc.getXmlFragment(fragmentName).insert(0, [paragraphOf(title)])
    title.insert(1, 'l')
    ann.sendsAll()
    await scene.clock.turn()
  })

  const paragraphOf = (content: Y.XmlText) => {
    const paragraph = new Y.XmlElement('paragraph')
    paragraph.setAttribute('style', 'title')
    paragraph.insert(0, [content])
    return paragraph
  }

  const type = async (letter: string) => {
    const before = Y.encodeStateVector(ann.doc)
    title.insert(title.length, letter)
    const update = Y.encodeStateAsUpdate(ann.doc, before)
    expect(readStroke(update)).not.toBeNull()
    ann.sends(update)
    await scene.clock.turn()
  }

  const storedTitle = () => scene.appends.findLast((append) => append.title !== undefined)?.title

  test('are in it for who asks', async () => {
    await type('a')
    expect(scene.room.title).toBe('Pla')
  })

  test('are stored as part of it in a while', async () => {
    await type('a')
    await type('n')
    expect(storedTitle()).toBe('Pl')
    await scene.clock.advance(5000)
    expect(storedTitle()).toBe('Plan')
  })

  test('are stored as part of it when the last one leaves', async () => {
    await type('a')
    scene.room.leave(ann)
    expect(storedTitle()).toBe('Pla')
  })
})

test('[J5] what an update skips is not taken for known: what comes there in the same flush is stored', async () => {
  const scene = new RoomScene((update, doc) => checkUpdate(update, doc, defaultGateLimits))
  const ann = scene.join()
  const eve = scene.join()
  const doc = author(client)
  const step = (change: () => void) => {
    const before = Y.encodeStateVector(doc)
    change()
    return Y.encodeStateAsUpdate(doc, before)
  }
  ann.sends(step(() => doc.getText('text').insert(0, 'a')))
  await scene.clock.turn()
  const [b, gone] = ['b', 'c'].map((letter, index) =>
    step(() => doc.getText('text').insert(index + 1, letter)),
  )
  // Eve says the same 'b' of Ann's, and that the next clocks are skipped.
  eve.sends(
    write({
      blocks: [{ client, clock: 1, structs: [text('b', { origin: [client, 0] }), skip(5)] }],
      deletes: [],
    }),
  )
  ann.sends(b ?? new Uint8Array())
  ann.sends(gone ?? new Uint8Array())
  ann.sends(step(() => doc.getText('text').insert(0, 'x')))
  ann.sends(step(() => doc.getText('text').delete(0, 1)))
  await scene.clock.turn()
  expect(scene.text).toBe('abc')
  scene.makeDurable()
  expect(scene.storedText).toBe('abc')
})
