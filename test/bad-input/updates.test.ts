import { expect } from 'vitest'
import * as Y from 'yjs'
import type { RefusalCode } from '../../server/protocol/messages.ts'
import { ann, bob, written } from '../../server/test/gate-scene.ts'
import {
  any,
  deleted,
  deletes,
  gc,
  nested,
  one,
  raw,
  skip,
  text,
  varUints,
  type Where,
  write,
} from '../../server/test/update-writer.ts'
import { step2Frame, updateFrame } from '../../server/test/wire-frames.ts'
import { askedToSync, type BadInput, closed, type Occasion, refused, taken } from './bad-input.ts'
import { once } from './once.ts'
import { wsFrame } from './raw-socket.ts'
import type { Person } from './person.ts'
import { badInputSuite } from './suite.ts'

const mallory = 99
const atRoot = { parent: 'text' }
/** Behind what Ann and Bob wrote. */
const atEnd = { origin: [bob, 4] } as const
const letter = text('x', atEnd)

type Make = (occasion: Occasion) => Uint8Array

/** An update that is refused, whatever the document has. Made once: it is the same each time. */
function bad(id: string, name: string, code: RefusalCode, make: () => Uint8Array): BadInput {
  const bytes = once(() => wsFrame(updateFrame(make())))
  return refusable({ id, name, bytes }, code)
}

function badEachTime(id: string, name: string, code: RefusalCode, make: Make): BadInput {
  return refusable({ id, name, bytes: (occasion) => wsFrame(updateFrame(make(occasion))) }, code)
}

/** A stock client can't be told, and is sent away for good; but for a hole, which its next sync mends. */
function refusable(rest: Pick<BadInput, 'id' | 'name' | 'bytes'>, code: RefusalCode): BadInput {
  const stock = closed(code === 'missing' ? 4500 : 4422)
  return { ...rest, wire: 'each', outcome: { 'y-websocket': stock, 'coscribe.1': refused(code) } }
}

/** An update that lacks something: its sender is asked for the rest. */
function holed(id: string, name: string, make: () => Uint8Array): BadInput {
  const bytes = once(() => wsFrame(updateFrame(make())))
  return { id, name, wire: 'each', bytes, outcome: askedToSync }
}

const whole = Y.encodeStateAsUpdate(written())
const blocksOf = (clients: readonly number[], where: (client: number) => Where) =>
  write({
    blocks: clients.map((client) => ({ client, clock: 0, structs: [nested(new Y.Map(), where(client))] })),
    deletes: [],
  })
const ring = [30, 20, 10]
const next = (client: number) => [client === 30 ? 10 : client + 10, 0] as const
const tower = (height: number) =>
  Array.from({ length: height }, (_, i) =>
    nested(new Y.XmlElement('div'), i === 0 ? { parent: 'default' } : { parent: [mallory, i - 1] }),
  )
const valuesIn = (depth: number) => raw(8, [1, ...Array<number[]>(depth).fill([117, 1]).flat(), 126], atEnd)
const many = (count: number) => Array.from({ length: count }, (_, i) => i)
const everything = write({
  blocks: [],
  deletes: [
    { client: ann, ranges: [[0, 13]] },
    { client: bob, ranges: [[0, 5]] },
  ],
})

/** Garbage at the clocks of somebody who is here: what they write at them would be ignored. */
const gapBefore = ({ client, doc }: Person) => one(client, Y.getState(doc.store, client), gc(1000))

badInputSuite({
  title: 'updates',
  options: [],
  cases: [
    bad('B14', 'nothing at all', 'malformed', () => new Uint8Array()),
    badEachTime('B14', 'an update cut off anywhere', 'malformed', ({ turn }) =>
      whole.subarray(0, (turn + 1) % whole.length),
    ),
    bad('B14', 'structs in front of broken deletions', 'malformed', () =>
      Uint8Array.from([...one(mallory, 0, text('APPLIED', atEnd)).slice(0, -1), 1, ann]),
    ),
    bad('B16', 'a byte behind the end', 'malformed', () => Uint8Array.from([...one(mallory, 0, letter), 0])),
    bad('B17', '33 million structs in 8 bytes', 'malformed', () => varUints(1, 33_554_431, 1, 0)),
    bad('B18', '2^53 clients', 'malformed', () => varUints(2 ** 53 - 1, 1, 1, 0)),
    bad('B18', '2^32 deletions', 'malformed', () => varUints(0, 1, ann, 2 ** 32, 0, 1)),
    bad('B19', 'an item that builds on its own future', 'malformed', () =>
      one(mallory, 0, text('x', { origin: [mallory, 10] })),
    ),
    bad('B19', 'the same behind somebody innocent', 'malformed', () =>
      write({
        blocks: [
          { client: mallory, clock: 0, structs: [letter, text('z', { origin: [mallory, 7] })] },
          { client: 1, clock: 0, structs: [text('y', atEnd)] },
        ],
        deletes: [],
      }),
    ),
    bad('B20', 'an item inside of itself', 'malformed', () =>
      one(mallory, 0, nested(new Y.Map(), { parent: [mallory, 0] })),
    ),
    bad('B21', 'an item inside of a letter', 'malformed', () =>
      one(mallory, 0, text('x', { parent: [ann, 0] })),
    ),
    bad('B22', 'types inside of each other', 'malformed', () =>
      blocksOf(ring, (client) => ({ parent: next(client) })),
    ),
    bad('B22', 'items behind each other', 'malformed', () =>
      blocksOf(ring, (client) => ({ origin: next(client) })),
    ),
    {
      id: 'B23',
      name: 'a gap where somebody is about to write',
      wire: 'each',
      bytes: ({ stage }) => wsFrame(updateFrame(gapBefore(stage.eve))),
      outcome: askedToSync,
    },
    {
      id: 'B23',
      name: 'the same again when asked to sync',
      wire: 'each',
      bytes: ({ stage }) => {
        const gap = gapBefore(stage.eve)
        return Buffer.concat([wsFrame(updateFrame(gap)), wsFrame(step2Frame(gap))])
      },
      outcome: closed(4500),
    },
    bad('B24', 'a gap of 2^53 clocks', 'limit', () => one(mallory, 0, gc(2 ** 53 - 1))),
    bad('B24', 'a deleted struct of a billion clocks', 'limit', () => one(mallory, 0, deleted(1e9, atEnd))),
    holed('B25', 'deletions of what nobody wrote yet', () => deletes(ann, [13, 1000])),
    holed('B25', 'deletions of all that anybody will write', () => deletes(ann, [0, 2 ** 52])),
    {
      id: 'B26',
      name: 'everything deleted by somebody who may',
      wire: 'coscribe.1',
      bytes: () => wsFrame(updateFrame(everything)),
      outcome: taken,
      isLegal: true,
      after: async (stage) => {
        expect(await stage.past()).toContain('hello')
      },
    },
    {
      id: 'B26',
      name: 'everything deleted by somebody who may only read',
      wire: 'coscribe.1',
      door: { hello: { client: 'test', schema: 0 } },
      bytes: () => wsFrame(updateFrame(everything)),
      outcome: refused('forbidden'),
    },
    holed('B27', 'an update with a hole before it', () => one(bob, 9, letter)),
    holed('B27', 'an update with a hole in it', () => one(mallory, 0, letter, skip(3), letter)),
    refusable(
      {
        id: 'B27',
        name: 'a hole again when asked to sync',
        bytes: () => {
          const update = one(mallory, 1, letter)
          return Buffer.concat([wsFrame(updateFrame(update)), wsFrame(step2Frame(update))])
        },
      },
      'missing',
    ),
    holed('B28', '40,000 clients with holes', () =>
      write({
        blocks: many(40_000).map((i) => ({ client: 50_000 - i, clock: 1, structs: [gc(1)] })),
        deletes: [],
      }),
    ),
    bad('B29', '200,000 root names', 'limit', () =>
      write({
        blocks: [
          {
            client: mallory,
            clock: 0,
            structs: many(200_000).map((i) => text('x', { parent: `root ${i}` })),
          },
        ],
        deletes: [],
      }),
    ),
    bad('B30', 'a client twice', 'malformed', () => {
      const block = { client: mallory, clock: 0, structs: [letter] }
      return write({ blocks: [block, block], deletes: [] })
    }),
    bad('B30', 'a client twice in the deletions', 'malformed', () => {
      const range = { client: ann, ranges: [[0, 1]] } as const
      return write({ blocks: [], deletes: [range, range] })
    }),
    bad('B31', 'a gap of no length', 'malformed', () => one(mallory, 0, gc(0))),
    bad('B31', 'a deleted struct of no length', 'malformed', () => one(mallory, 0, deleted(0, atEnd))),
    bad('B32', 'elements in elements, 5,000 deep', 'limit', () => one(mallory, 0, ...tower(5000))),
    {
      id: 'B32',
      name: 'elements in elements, 100 deep',
      wire: 'coscribe.1',
      bytes: () => wsFrame(updateFrame(one(mallory, 0, ...tower(100)))),
      outcome: taken,
      isLegal: true,
    },
    bad('B33', 'lists in lists, 10,000 deep', 'limit', () => one(mallory, 0, valuesIn(10_000))),
    bad('B34', 'a root named __proto__', 'limit', () => one(mallory, 0, text('x', { parent: '__proto__' }))),
    bad('B34', 'an entry named __proto__', 'limit', () =>
      one(mallory, 0, any([1], { parent: 'map', key: '__proto__' })),
    ),
    bad('B34', 'a value with a key __proto__', 'limit', () =>
      one(mallory, 0, raw(8, [1, 118, 1, 9, ...Buffer.from('__proto__'), 126], atEnd)),
    ),
    bad('B35', 'a key of 10 MB', 'limit', () =>
      one(mallory, 0, any([1], { parent: 'map', key: 'k'.repeat(10_000_000) })),
    ),
    bad('B37', 'a document inside of the document', 'limit', () => {
      const doc = new Y.Doc()
      doc.getMap('map').set('sub', new Y.Doc({ autoLoad: true }))
      return Y.encodeStateAsUpdate(doc)
    }),
    bad('B38', 'the V2 encoding', 'malformed', () => Y.encodeStateAsUpdateV2(written())),
    bad('B70', 'bytes that merging V2 would never end on', 'malformed', () =>
      Buffer.from('00010000000001000100010200001602000001fdffffffff7f0000', 'hex'),
    ),
    bad('#29', 'text that is not UTF-8', 'malformed', () => one(mallory, 0, raw(4, [1, 0xff], atRoot))),
    bad('#29', 'an unknown kind of content', 'malformed', () => one(mallory, 0, raw(31, [1], atRoot))),
  ],
})
