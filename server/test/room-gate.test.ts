import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { checkUpdateBy, defaultGateLimits } from '../gate.ts'
import { closeCodes } from '../protocol/close-codes.ts'
import { awarenessUpdate, readEntries } from './awareness-frames.ts'
import { editorAccess } from '../access.ts'
import { HistoryScene } from './history-scene.ts'
import { type PeerDouble, RoomScene } from './room-scene.ts'
import { ConnectionScene } from './connection-scene.ts'
import { awarenessFrame, helloFrame } from './wire-frames.ts'
import { coscribeWire, yWebsocketWire } from '../protocol/y-websocket.ts'
import { deleted, deletes, gc, one, text, write } from './update-writer.ts'

const scene = () =>
  new RoomScene((update, doc, mayBring) =>
    checkUpdateBy(update, doc, { limits: defaultGateLimits, mayBring }),
  )

const idOf = (peer: PeerDouble) => peer.doc.clientID

/** What stock clients and ours send first: who they are. */
function announces(s: RoomScene, peer: PeerDouble, client = idOf(peer), clock = 1): void {
  s.room.receivePresence(peer, awarenessUpdate({ client, clock, state: '{"user":{"name":"?"}}' }))
}

/** The document, byte by byte, and all that was stored of it. */
const stateOf = (s: RoomScene) => [
  Buffer.from(s.room.encodeState()).toString('hex'),
  s.appends.length,
  s.storedText,
]

/** Runs it and proves that the document is as before and that the others can go on writing. */
async function changesNothing(s: RoomScene, other: PeerDouble, run: () => void): Promise<void> {
  const before = stateOf(s)
  run()
  await s.clock.turn()
  s.makeDurable()
  expect(stateOf(s)).toEqual(before)
  const saved = other.savedThrough.at(-1) ?? 0
  other.types('+')
  await s.clock.turn()
  s.makeDurable()
  expect(other.savedThrough.at(-1)).toBe(saved + 1)
  expect(s.storedText).toBe(other.doc.getText('text').toJSON())
  expect(other.closedWith).toBeNull()
}

/** Ann and Eve are here, and Ann has written `hello`: clocks 0-4. */
async function annAndEve(as: 'known' | 'nameless'): Promise<[RoomScene, PeerDouble, PeerDouble]> {
  const s = scene()
  const [ann, eve] = as === 'known' ? [s.joinAs('ann'), s.joinAs('eve')] : [s.join(), s.join()]
  announces(s, ann)
  announces(s, eve)
  ann.types('hello')
  await s.clock.turn()
  s.makeDurable()
  return [s, ann, eve]
}

const afterHello = (ann: PeerDouble) => ({ origin: [idOf(ann), 4] as const })

describe('[G6] an id that is live on another known user’s connection', () => {
  test('[B23] is not written with: the update is refused, and nothing of it is there', async () => {
    const [s, ann, eve] = await annAndEve('known')
    const forgeries = (clock: number) => [
      one(idOf(ann), clock, text('forged', afterHello(ann))),
      one(idOf(ann), clock, gc(1000)),
      one(idOf(ann), clock, deleted(1000, afterHello(ann))),
    ]
    // After each, Ann writes one more letter.
    for (const index of [0, 1, 2]) await changesNothing(s, ann, () => eve.sends(forgeries(5 + index)[index]!))
    expect(eve.refusals.map(({ code }) => code)).toEqual(['conflict', 'conflict', 'conflict'])
  })

  test('[G4] is refused with all that came beside it, one line in the log and one count', async () => {
    const [s, ann, eve] = await annAndEve('known')
    const own = { client: idOf(eve), clock: 0, structs: [text('mine', { origin: [idOf(ann), 4] })] }
    const forged = { client: idOf(ann), clock: 5, structs: [text('forged secret', afterHello(ann))] }
    const blocks = [own, forged].sort((a, b) => b.client - a.client)
    await changesNothing(s, ann, () => eve.sends(write({ blocks, deletes: [] })))
    expect(eve.refusals).toEqual([{ frame: 1, code: 'conflict' }])
    expect(s.metrics.counted).toEqual(['update conflict'])
    expect(s.log.lines.filter((line) => line.includes('refused'))).toHaveLength(1)
    expect(s.log.text).not.toContain('secret')
  })

  test('may be carried in a sync step 2, and written with by the same user in another tab', async () => {
    const [s, ann, eve] = await annAndEve('known')
    Y.applyUpdate(eve.doc, Y.encodeStateAsUpdate(ann.doc))
    const carried = ann.writes(' there')
    Y.applyUpdate(eve.doc, carried)
    eve.sendsAll()
    await s.clock.turn()
    expect(eve.refusals).toEqual([])
    expect(s.text).toBe('hello there')
    const tab = s.joinAs('ann')
    tab.sends(ann.writes('!'))
    await s.clock.turn()
    expect([tab.refusals, s.text]).toEqual([[], 'hello there!'])
  })

  test('[P3] is not announced by anybody else, either', async () => {
    const [s, ann, eve] = await annAndEve('known')
    const mallory = s.joinAs('mallory')
    announces(s, mallory, idOf(ann), 5)
    mallory.sends(one(idOf(ann), 5, text('forged', afterHello(ann))))
    await s.clock.turn()
    expect(mallory.refusals).toEqual([{ frame: 1, code: 'conflict' }])
    s.room.flushPresence()
    const states = eve.told('awareness').flatMap(({ update }) => readEntries(update))
    for (const { client, state } of states)
      expect(String(state)).toContain(client === idOf(ann) ? '"ann"' : '"eve"')
  })
})

describe('[G6] bare gaps in the name of somebody who is here', () => {
  const gaps = (ann: PeerDouble) => [
    one(idOf(ann), 5, gc(1000)),
    one(idOf(ann), 5, deleted(1000, afterHello(ann))),
    write({
      blocks: [{ client: idOf(ann), clock: 5, structs: [text('x', afterHello(ann)), gc(9)] }],
      deletes: [],
    }),
  ]

  test('[#9] are not taken from others, who are asked to sync instead', async () => {
    for (const index of [0, 1, 2]) {
      const [s, ann, eve] = await annAndEve('nameless')
      const steps = eve.told('sync-step-1').length
      await changesNothing(s, ann, () => eve.sends(gaps(ann)[index]!))
      expect(eve.told('sync-step-1')).toHaveLength(steps + 1)
      expect([eve.refusals, eve.savedThrough]).toEqual([[], []])
    }
  })

  test('in a sync step 2 after that end the connection so that its client comes back', async () => {
    const [s, ann, eve] = await annAndEve('nameless')
    await changesNothing(s, ann, () => {
      eve.sends(gaps(ann)[0]!)
      eve.sendsAll(gaps(ann)[0])
    })
    expect([eve.closedWith, eve.refusals]).toEqual([closeCodes.unavailable, []])
    expect(s.metrics.counted).toEqual(['update held'])
  })

  test('[R8] are mended by what that person sends meanwhile', async () => {
    const [s, ann, bob] = await annAndEve('nameless')
    // Bob heard of it past the server, when it was deleted already.
    const typed = ann.writes(' secret')
    const undone = deletes(idOf(ann), [5, 7])
    for (const update of [Y.encodeStateAsUpdate(ann.doc), undone]) Y.applyUpdate(bob.doc, update)
    bob.writes('+')
    bob.sendsAll()
    await s.clock.turn()
    expect(s.text).toBe('hello')
    ann.sends(typed)
    bob.sendsAll()
    await s.clock.turn()
    s.makeDurable()
    expect(s.text).toBe('hello+')
    expect([bob.closedWith, bob.refusals, bob.savedThrough]).toEqual([null, [], [2]])
  })

  test('are taken when that person has left, is the same user, or sends them', async () => {
    const [s, ann, bob] = await annAndEve('nameless')
    s.room.leave(ann)
    bob.sends(one(idOf(ann), 5, gc(3)))
    await s.clock.turn()
    const known = scene()
    const [tab, other] = [known.joinAs('ann'), known.joinAs('ann')]
    announces(known, tab)
    tab.sendsAll()
    other.sends(one(idOf(tab), 0, gc(3)))
    tab.sends(one(idOf(tab), 3, gc(3)))
    await known.clock.turn()
    expect([bob.refusals, other.refusals, tab.refusals]).toEqual([[], [], []])
    expect([s.appends.length, known.appends.length]).toEqual([2, 1])
  })
})

describe('[G5] two clients with one id', () => {
  test('[B67] that wrote at once: the second is told that it can not be merged, and nobody diverges unknowingly', async () => {
    const s = scene()
    const [tab, clone] = [s.join(), s.join()]
    clone.doc.clientID = tab.doc.clientID
    for (const peer of [tab, clone]) announces(s, peer)
    tab.types('AAAA')
    clone.types('BBBBBB')
    await s.clock.turn()
    s.makeDurable()
    expect([tab.refusals, clone.refusals]).toEqual([[], [{ frame: 1, code: 'conflict' }]])
    expect(s.storedText).toBe('AAAA')
  })

  test('[B67] that hear of each other part ways by themselves: Yjs gives the second a new id', async () => {
    const s = scene()
    const [tab, clone] = [s.join(), s.join()]
    clone.doc.clientID = tab.doc.clientID
    tab.types('AAAA')
    await s.clock.turn()
    for (const { update } of clone.told('update')) Y.applyUpdate(clone.doc, update)
    expect(clone.doc.clientID).not.toBe(tab.doc.clientID)
    clone.types('BB')
    await s.clock.turn()
    expect([clone.refusals, s.text]).toEqual([[], 'AAAABB'])
  })

  test('[C4] a stock client is sent away for good, ours is told', async () => {
    for (const wire of [yWebsocketWire, coscribeWire]) {
      const s = new ConnectionScene()
      const link = s.link({ wire, access: editorAccess })
      if (wire === coscribeWire) link.receive(helloFrame())
      await s.clock.turn()
      link.connection.refuse(1, 'conflict', 'somebody else’s')
      expect(link.closedWith).toBe(wire === coscribeWire ? null : closeCodes.conflict)
      if (wire === coscribeWire)
        expect(link.ours).toContainEqual(expect.objectContaining({ code: 'conflict' }))
    }
  })
})

describe('[R5] while the document is being put right', () => {
  /** Yjs takes it into a document and throws halfway. */
  const poison = new Uint8Array([1, 1, 99, 0, 0x84, 99, 10, 1, 0x78, 0])

  test('what arrives is held up to a limit of the room, and who exceeds it comes back', async () => {
    const s = new RoomScene(() => ({ ok: true }))
    const [ann, bob, eve] = [s.join(), s.join(), s.join()]
    s.holdReloads()
    eve.sends(poison)
    await s.clock.turn()
    // The scene's room may hold 10,000 bytes.
    ann.types('a'.repeat(6000))
    bob.types('b'.repeat(6000))
    s.room.receiveStep1(eve, new Uint8Array(5000))
    ann.types('c')
    expect([ann.closedWith, bob.closedWith, eve.closedWith]).toEqual([
      null,
      closeCodes.unavailable,
      closeCodes.unavailable,
    ])
    expect(s.metrics.counted).toEqual(['update limit', 'update limit'])
    s.releaseReloads()
    await s.clock.turn()
    s.makeDurable()
    expect(s.storedText).toBe(`${'a'.repeat(6000)}c`)
    // Nothing of that counts any more.
    const back = s.join()
    s.holdReloads()
    back.sends(poison)
    await s.clock.turn()
    back.types('d'.repeat(9000))
    s.releaseReloads()
    await s.clock.turn()
    expect(back.closedWith).toBeNull()
    expect(s.text).toContain('d'.repeat(9000))
  })
})

describe('[B26] deleting all of a document', () => {
  test('is an editor’s right, and the history gives it back', async () => {
    const s = new HistoryScene()
    await s.join(2)
    const [ann, eve] = s.writers
    ann!.text.insert(0, 'years of work')
    ann!.sends()
    await s.flush(5 * 60_000)
    eve!.reads()
    eve!.text.delete(0, eve!.text.length)
    eve!.sends()
    await s.flush()
    ann!.reads()
    expect([eve!.refused, ann!.text.toJSON()]).toEqual([[], ''])
    const [before] = await s.hub.moments(s.name)
    const then = await s.at(before!.moment)
    expect(then.getText('text').toJSON()).toBe('years of work')
    // Whoever restores it writes it anew, so that it merges with what others do meanwhile.
    ann!.text.insert(0, then.getText('text').toJSON())
    ann!.sends()
    await s.flush()
    eve!.reads()
    expect(eve!.text.toJSON()).toBe('years of work')
  })

  test('is refused to a viewer, with one line and one count', async () => {
    const s = scene()
    const [ann, viewer] = [s.join(), s.join('viewer')]
    ann.types('years of work')
    await s.clock.turn()
    s.makeDurable()
    await changesNothing(s, ann, () => viewer.sends(deletes(idOf(ann), [0, 13])))
    expect(viewer.refusals).toEqual([{ frame: 1, code: 'forbidden' }])
    expect(s.metrics.counted).toEqual(['update forbidden'])
    expect(s.log.lines.filter((line) => line.includes('refused'))).toHaveLength(1)
  })
})

describe('presence that does harm', () => {
  test('[P7] ends the connection with 4400, or 4413 when it is too large, and is logged and counted once', () => {
    const s = scene()
    const cases: [Uint8Array, number, string][] = [
      [
        awarenessUpdate({ client: 1, clock: 1, state: '{"__proto__":{}}' }),
        closeCodes.malformed,
        'malformed',
      ],
      [awarenessUpdate({ client: 1, clock: 1, state: 'x'.repeat(2 ** 20) }), closeCodes.tooLarge, 'limit'],
    ]
    const ann = s.join()
    for (const [update, code] of cases) {
      const eve = s.join()
      s.room.receivePresence(eve, update)
      expect(eve.closedWith).toBe(code)
    }
    s.room.flushPresence()
    expect(s.metrics.counted).toEqual(cases.map(([, , reason]) => `presence ${reason}`))
    expect(s.log.lines.filter((line) => line.includes('presence refused'))).toHaveLength(2)
    expect([ann.closedWith, ann.told('awareness')]).toEqual([null, []])
  })

  /** What a second of 1,000 such frames brings to somebody else in the room. */
  async function heardInASecond(stateAt: (i: number) => string): Promise<number> {
    const s = new ConnectionScene()
    const [flooder, other] = [s.link().receive(helloFrame()), s.link().receive(helloFrame())]
    await s.clock.turn()
    const heard = () => other.types.filter((type) => type === '1').length
    const before = heard()
    for (let i = 1; i <= 1000; i++) {
      flooder.receive(awarenessFrame(awarenessUpdate({ client: 7, clock: i, state: stateAt(i) })))
      await s.clock.advance(1)
    }
    expect(flooder.closedWith).toBeNull()
    return heard() - before
  }

  test('[P2][B56] a thousand moves in a second are at most 25 messages to the others', async () => {
    const heard = await heardInASecond((i) => `{"at":${i}}`)
    expect(heard).toBeGreaterThan(20)
    expect(heard).toBeLessThanOrEqual(25)
  })

  test('[P4][B56] coming and going all the time is at most two messages a round', async () => {
    const heard = await heardInASecond((i) => (i % 2 === 0 ? 'null' : '{}'))
    expect(heard).toBeGreaterThan(20)
    expect(heard).toBeLessThanOrEqual(51)
  })
})
