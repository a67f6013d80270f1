import * as encoding from 'lib0/encoding'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { checkUpdate, checkUpdateBy } from '../gate.ts'
import { dump } from './edits.ts'
import { ann, author, bob, expectAccepted, expectRefused, judge, limits } from './gate-scene.ts'
import { load, paragraph, snapshot, withoutGate, withSubdocuments, written } from './gate-scene.ts'
import { Random } from '../../test/random.ts'
import {
  any,
  deleted,
  deletes,
  format,
  gc,
  nested,
  one,
  raw,
  skip,
  text,
  varUints,
  write,
} from './update-writer.ts'

const mallory = 99
const atRoot = { parent: 'text' }
/** After Ann's `hello`. */
const atEnd = { origin: [bob, 4] } as const

describe('bytes that are no update', () => {
  const whole = Y.encodeStateAsUpdate(written())

  test('[#1 B14] nothing at all is refused', () => {
    expectRefused(new Uint8Array(), 'malformed')
  })

  test('[#2 B14] every prefix of an update is refused', () => {
    for (let end = 0; end < whole.length; end++) expectRefused(whole.slice(0, end), 'malformed', new Y.Doc())
  })

  test('[#3 B15] an update with flipped bits is refused, or applies without trace of the flip in the machinery', () => {
    const rng = new Random(3)
    const verdicts = new Set<string>()
    for (let i = 0; i < 3000; i++) {
      const flipped = whole.slice()
      const at = rng.below(whole.length)
      flipped[at] = (flipped[at] ?? 0) ^ (1 << rng.below(8))
      const doc = new Y.Doc()
      const verdict = checkUpdate(flipped, doc, limits)
      verdicts.add(verdict.ok ? 'ok' : verdict.reason)
      if (verdict.ok) expect(withoutGate(flipped, doc)).toBe('fine')
    }
    expect([...verdicts].sort()).toEqual(['malformed', 'missing', 'ok'])
  })

  test('[#4 B14] good structs with a broken delete set are refused before anything is applied', () => {
    const good = one(mallory, 0, text('APPLIED', atEnd))
    const broken = Uint8Array.from([...good.slice(0, -1), 1, ann])
    expect(withoutGate(broken)).toBe('throws')
    expectRefused(broken, 'malformed')
  })

  test('[B16] bytes behind the end are refused', () => {
    expectRefused(Uint8Array.from([...one(mallory, 0, text('x', atEnd)), 0]), 'malformed')
  })

  test('[#5 #6 B17 B18] counts that the bytes can not hold are refused at once', () => {
    expectRefused(varUints(1, 33_554_431, 1, 0), 'malformed')
    expectRefused(varUints(1, 2 ** 32, 1, 0), 'malformed')
    expectRefused(varUints(2 ** 53 - 1, 1, 1, 0), 'malformed')
    expectRefused(varUints(0, 2 ** 32, 1, 1), 'malformed')
    expectRefused(varUints(0, 1, ann, 2 ** 32, 0, 1), 'malformed')
    expectRefused(one(mallory, 0, raw(8, varUints(2 ** 30), atRoot)), 'malformed')
    expectRefused(one(mallory, 0, raw(8, [1, 117, ...varUints(2 ** 30)], atRoot)), 'malformed')
    expectRefused(one(mallory, 0, raw(3, varUints(2 ** 30), atRoot)), 'malformed')
  })

  test('numbers past 2^53 or longer than they need to be are refused', () => {
    expectRefused(Uint8Array.from([0, ...Array<number>(9).fill(0xff), 0x7f]), 'malformed')
    expectRefused(Uint8Array.from([0, ...Array<number>(1000).fill(0x80), 1]), 'malformed')
    expectRefused(Uint8Array.from([0, 0x80, 0]), 'malformed')
    const client = [...Array<number>(7).fill(0x80), 0x10]
    expectRefused(Uint8Array.from([1, 1, ...client, 0, 0, 1, 0]), 'malformed')
    expectAccepted(Uint8Array.from([1, 1, ...client.with(7, 0x0f), 0, 0, 1, 0]))
    expectRefused(write({ blocks: [], deletes: [{ client: ann, ranges: [[2 ** 53 - 1, 1]] }] }), 'malformed')
    expectRefused(one(mallory, 2 ** 53 - 1, text('x', atEnd)), 'malformed')
  })

  test('[B38] the V2 encoding is refused', () => {
    const doc = written()
    for (const update of [Y.encodeStateAsUpdateV2(doc), Y.encodeStateAsUpdateV2(new Y.Doc())]) {
      expectRefused(update, 'malformed', new Y.Doc())
      expectRefused(update, 'malformed', doc)
    }
  })

  test('[#32 B70] the bytes that make mergeUpdatesV2 run for ever are refused unread', () => {
    const hex = '00010000000001000100010200001602000001fdffffffff7f0000'
    expectRefused(Uint8Array.from(Buffer.from(hex, 'hex')), 'malformed')
  })

  test('[#29] text that is not UTF-8 is refused wherever it stands', () => {
    const wrong = [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0x80]]
    for (const bytes of wrong) {
      const bad = [bytes.length, ...bytes]
      expectRefused(one(mallory, 0, raw(4, bad, atRoot)), 'malformed')
      expectRefused(one(mallory, 0, raw(8, [1, 119, ...bad], atRoot)), 'malformed')
      expectRefused(one(mallory, 0, raw(6, [...bad, 1, 0x31], atRoot)), 'malformed')
      expectRefused(one(mallory, 0, raw(5, bad, atRoot)), 'malformed')
    }
  })

  test('text is counted as Yjs counts it', () => {
    for (const sample of ['a', 'é', '漢', '😀', '\u{10ffff}', '\ufeffa', '\u0000', 'a\ud7ff\ue000\ufffd']) {
      const update = one(mallory, 0, text(sample, atEnd))
      expectAccepted(update)
      // The struct after it is only accepted at the clock where Yjs has it.
      const next = text('x', { origin: [mallory, sample.length - 1] })
      expectAccepted(one(mallory, sample.length, next), load(Y.encodeStateAsUpdate(written()), update))
      expectRefused(
        one(mallory, sample.length + 1, next),
        'missing',
        load(Y.encodeStateAsUpdate(written()), update),
      )
    }
  })

  test('[#29] values that are not JSON, or not written back as they were, are refused', () => {
    for (const json of ['', '{', '{"a":1}}', 'undefined', 'NaN', '1e999', '{"a":[-1e999]}']) {
      const bytes = [json.length, ...Buffer.from(json)]
      expectRefused(one(mallory, 0, raw(5, bytes, atRoot)), 'malformed')
      expectRefused(one(mallory, 0, raw(6, [1, 0x62, ...bytes], atRoot)), 'malformed')
    }
    expectAccepted(one(mallory, 0, raw(2, [1, 9, ...Buffer.from('undefined')], atEnd)))
  })

  test('[#29] unknown kinds of content, type, value and parent are refused', () => {
    for (const kind of [11, 16, 31]) expectRefused(one(mallory, 0, raw(kind, [1], atRoot)), 'malformed')
    expectRefused(one(mallory, 0, raw(7, [7], atRoot)), 'malformed')
    for (const value of [0, 115, 128, 255])
      expectRefused(one(mallory, 0, raw(8, [1, value], atRoot)), 'malformed')
    expectRefused(Uint8Array.from([1, 1, mallory, 0, 4, 2, 1, 0x61, 1, 0x61, 0]), 'malformed')
  })
})

describe('references', () => {
  test('[#7 B19] an item that builds on its own future is refused', () => {
    const poison = one(mallory, 0, text('x', { origin: [mallory, 10] }))
    expect(withoutGate(poison)).toBe('throws')
    expectRefused(poison, 'malformed')
    expectRefused(one(mallory, 0, text('x', { right: [mallory, 0] })), 'malformed')
  })

  test('[#8] the same in front of an innocent block is refused as a whole', () => {
    const innocent = { client: 1, clock: 0, structs: [text('y', atEnd)] }
    const first = text('x', atEnd)
    const blocks = [
      { client: mallory, clock: 0, structs: [first, text('z', { origin: [mallory, 7] })] },
      innocent,
    ]
    expectRefused(write({ blocks, deletes: [] }), 'malformed')
  })

  test('[#13 B27] a gap in the clocks is missing something, not malformed', () => {
    expect(withoutGate(one(bob, 9, text('x', atEnd)))).toBe('pending')
    expectRefused(one(bob, 9, text('x', atEnd)), 'missing')
    expectRefused(one(mallory, 1, text('x', atEnd)), 'missing')
    expectRefused(one(mallory, 0, text('x', atEnd), skip(3), text('y', atEnd)), 'missing')
  })

  test('an unknown origin, right origin or parent is missing', () => {
    for (const where of [{ origin: [5, 0] }, { right: [ann, 99] }, { parent: [bob, 5] }] as const) {
      expect(withoutGate(one(mallory, 0, text('x', where)))).toBe('pending')
      expectRefused(one(mallory, 0, text('x', where)), 'missing')
    }
  })

  test('what is known can not build on what is new', () => {
    const news = { client: mallory, clock: 0, structs: [text('😀', atEnd)] }
    const known = { client: bob, clock: 0, structs: [text('!', { origin: [mallory, 0] })] }
    expectRefused(write({ blocks: [news, known], deletes: [] }), 'missing')
  })

  test('[#14] gap after gap from ever new client ids leaves nothing behind', () => {
    const doc = written()
    for (let client = 1000; client < 1500; client++) {
      expect(checkUpdate(one(client, 1, text('x', atEnd)), doc, limits)).toMatchObject({ reason: 'missing' })
    }
    expect(snapshot(doc)).toEqual(snapshot(written()))
  })

  test('[#15 B28] 40,000 clients with gaps in one update cost no more than their bytes', () => {
    const blocks = Array.from({ length: 40_000 }, (_, i) => ({
      client: 50_000 - i,
      clock: 1,
      structs: [gc(1)],
    }))
    expectRefused(write({ blocks, deletes: [] }), 'missing')
  })

  test('[B20] an item inside of itself is refused', () => {
    expectRefused(one(mallory, 0, nested(new Y.Map(), { parent: [mallory, 0] })), 'malformed')
  })

  test('[B21] an item inside of something that is no type is refused', () => {
    expectRefused(one(mallory, 0, text('x', { parent: [ann, 0] })), 'malformed')
    expectRefused(one(mallory, 0, text('a', atEnd), text('x', { parent: [mallory, 0] })), 'malformed')
    // What has been deleted and collected may have been a type.
    expectAccepted(one(mallory, 0, text('x', { parent: [bob, 1] })))
  })

  test('[B22] types inside of each other, and any other cycle of references, are refused', () => {
    const ring = (where: (client: number) => Parameters<typeof nested>[1]) =>
      write({
        blocks: [30, 20, 10].map((client) => ({
          client,
          clock: 0,
          structs: [nested(new Y.Map(), where(client))],
        })),
        deletes: [],
      })
    const nextOf = (client: number) => (client === 30 ? 10 : client + 10)
    expect(withoutGate(ring((client) => ({ parent: [nextOf(client), 0] })))).toBe('pending')
    expectRefused(
      ring((client) => ({ parent: [nextOf(client), 0] })),
      'malformed',
    )
    expectRefused(
      ring((client) => ({ origin: [nextOf(client), 0] })),
      'malformed',
    )
    expectRefused(
      ring((client) => ({ right: [nextOf(client), 0] })),
      'malformed',
    )
  })

  test('a long chain of references from client to client neither recurses nor takes quadratic time', () => {
    const client = (i: number) => 60_000 - i
    const last = 30_000
    const blocks = Array.from({ length: last + 1 }, (_, i) => ({
      client: client(i),
      clock: 0,
      structs: [text('x', i === last ? atEnd : { origin: [client(i + 1), 0] })],
    }))
    expect(judge(write({ blocks, deletes: [] }), written())).toEqual({ ok: true })
  })

  test('[#25 B30] a client twice, in the structs or in the delete set, is refused', () => {
    const block = { client: mallory, clock: 0, structs: [text('first', atEnd)] }
    expectRefused(write({ blocks: [block, block], deletes: [] }), 'malformed')
    const range = { client: ann, ranges: [[0, 1]] } as const
    expectRefused(write({ blocks: [], deletes: [range, range] }), 'malformed')
  })

  test('clients out of order, which merging would mix up, are refused', () => {
    const blocks = [1, 2].map((client) => ({ client, clock: 0, structs: [text('x', atEnd)] }))
    expectRefused(write({ blocks, deletes: [] }), 'malformed')
  })
})

describe('lengths and deletions', () => {
  test('[#31 B31] structs without length are refused', () => {
    for (const struct of [
      gc(0),
      skip(0),
      deleted(0, atRoot),
      text('', atRoot),
      any([], atRoot),
      raw(2, [0], atRoot),
    ]) {
      expectRefused(one(mallory, 0, struct), 'malformed')
    }
    expectRefused(deletes(ann, [0, 0]), 'malformed')
  })

  test('[#9 #12 B23 B24] collected content that claims more clocks than anybody writes is over a limit', () => {
    for (const length of [1e9, 2 ** 40, 2 ** 53 - 1]) {
      for (const struct of [gc(length), deleted(length, atEnd)])
        expectRefused(one(mallory, 0, struct), 'limit')
    }
    for (const struct of [gc(1e9), deleted(1e9, atEnd)]) expectRefused(one(ann, 13, struct), 'limit')
  })

  test('[G6][#9 B23] clocks taken in the name of somebody else look legal unless the owner of the id objects', () => {
    expectAccepted(one(ann, 13, gc(1000)))
    const asked: unknown[] = []
    const mayBring = (client: number, bringsGap: boolean) => {
      asked.push([client, bringsGap])
      return 'held' as const
    }
    const verdict = checkUpdateBy(one(ann, 13, gc(1000)), written(), { limits, mayBring })
    expect(verdict).toMatchObject({ ok: false, reason: 'held' })
    expect(asked).toEqual([[ann, true]])
  })

  test('[G5][#24] two clients with one id can not both be right, and the second is told so', () => {
    expectRefused(one(ann, 0, text('other', atRoot)), 'conflict')
    expectRefused(one(ann, 0, text('hello there', atRoot)), 'conflict')
    // Collected text says nothing of what it was, and a bigger part of the same text is only that.
    expectAccepted(one(ann, 0, text('hello', atRoot)))
    expectAccepted(one(ann, 0, gc(13)))
    expectAccepted(one(bob, 1, text('else', { origin: [bob, 0] })))
  })

  test('[#10 #11 #17 B25] deletions of clocks nobody wrote yet are missing them', () => {
    expect(withoutGate(deletes(ann, [13, 1000]))).toBe('pending')
    for (const range of [
      [13, 1],
      [12, 2],
      [0, 2 ** 52],
      [1e9, 1e9],
    ] as const) {
      expectRefused(deletes(ann, [...range]), 'missing')
    }
    expectRefused(deletes(mallory, [0, 1]), 'missing')
    expectAccepted(deletes(ann, [0, 13]))
  })

  test('deletions that overlap or run backwards, which cost Yjs quadratic time, are refused', () => {
    expectRefused(deletes(ann, [0, 3], [2, 2]), 'malformed')
    expectRefused(deletes(ann, [4, 1], [0, 1]), 'malformed')
  })
})

describe('[G3] limits', () => {
  test('[#16 B29] 200,000 root names are over a limit, and none of them stays', () => {
    const structs = Array.from({ length: 200_000 }, (_, i) => text('x', { parent: `root ${i}` }))
    expectRefused(write({ blocks: [{ client: mallory, clock: 1, structs }], deletes: [] }), 'limit')
  })

  test('[#16] as many roots as allowed are allowed, also when the structs that name them are known', () => {
    const doc = written()
    const by = { ...limits, maxRoots: doc.share.size + 2 }
    const roots = (count: number) =>
      Array.from({ length: count }, (_, i) => text('x', { parent: `root ${i}` }))
    expectAccepted(one(mallory, 0, ...roots(2)), written(), by)
    expectRefused(one(mallory, 0, ...roots(3)), 'limit', doc, by)
    expectRefused(one(ann, 0, ...roots(3)), 'limit', doc, by)
  })

  test('[#22 B32] types nested 5,000 deep are over a limit, 100 are not', () => {
    const tower = (height: number, first: Parameters<typeof nested>[1]) => {
      const inner = (i: number) => ({ parent: [mallory, i - 1] as const })
      const element = (i: number) => nested(new Y.XmlElement('div'), i === 0 ? first : inner(i))
      return one(mallory, 0, ...Array.from({ length: height }, (_, i) => element(i)))
    }
    expectRefused(tower(5000, { parent: 'default' }), 'limit')
    expectRefused(tower(101, { parent: 'other' }), 'limit')
    expectAccepted(tower(100, { parent: 'other' }))
    // What it is put into counts.
    expectAccepted(tower(99, { origin: [ann, 6] }), written(), { ...limits, maxDepth: 100 })
    expectAccepted(tower(98, { origin: [ann, 6] }))
    expectRefused(tower(100, { origin: [ann, 6] }), 'limit')
  })

  test('[#23 B33] values nested 10,000 deep are over a limit, 64 are not', () => {
    const lists = (depth: number) => raw(8, [1, ...Array<number[]>(depth).fill([117, 1]).flat(), 126], atEnd)
    const objects = (depth: number) =>
      raw(8, [1, ...Array<number[]>(depth).fill([118, 1, 1, 0x61]).flat(), 126], atEnd)
    const json = (depth: number) => {
      const value = '['.repeat(depth) + ']'.repeat(depth)
      return raw(5, [...varUints(value.length), ...Buffer.from(value)], atEnd)
    }
    for (const value of [lists, objects, json]) {
      expectRefused(one(mallory, 0, value(10_000)), 'limit')
      expectRefused(one(mallory, 0, value(65)), 'limit')
      expectAccepted(one(mallory, 0, value(64)))
    }
  })

  test('[#26 B34] keys that reach a prototype are refused wherever a key can stand', () => {
    for (const key of ['__proto__', 'prototype', 'constructor']) {
      const object = [1, 118, 1, key.length, ...Buffer.from(key), 126]
      const json = `{"a":[{"${key}":1}]}`
      const places = [
        text('x', { parent: key }),
        any([1], { parent: 'map', key }),
        raw(8, object, atEnd),
        raw(5, [json.length, ...Buffer.from(json)], atEnd),
        format(key, true, atEnd),
        nested(new Y.XmlElement(key), atEnd),
        nested(new Y.XmlHook(key), atEnd),
      ]
      for (const struct of places) expectRefused(one(mallory, 0, struct), 'limit')
    }
    const escaped = '{"\\u005f_proto__":1}'
    expectRefused(one(mallory, 0, raw(5, [escaped.length, ...Buffer.from(escaped)], atEnd)), 'limit')
  })

  test('[#27 B37] subdocuments are refused unless they are enabled', () => {
    const doc = author(mallory)
    doc.getMap('map').set('sub', new Y.Doc({ autoLoad: true, gc: false, meta: { a: 1 } }))
    expectRefused(Y.encodeStateAsUpdate(doc), 'limit')
    expect(judge(Y.encodeStateAsUpdate(doc), written(), withSubdocuments)).toEqual({ ok: true })
  })

  test('[#27] the options of a subdocument can not make it another document', () => {
    const options = (value: unknown) =>
      encoding.encode((encoder) => encoding.writeAny(encoder, value as string))
    const subdocument = (value: unknown) => one(mallory, 0, raw(9, [1, 0x61, ...options(value)], atEnd))
    for (const value of [{ guid: 'other' }, { gcFilter: 1 }, null, undefined, 'text', [1]]) {
      expectRefused(subdocument(value), 'malformed', written(), withSubdocuments)
    }
    expect(withoutGate(subdocument(null))).toBe('throws')
  })

  test('[B35] a map key of 10 MB is over a limit', () => {
    expectRefused(one(mallory, 0, any([1], { parent: 'map', key: 'k'.repeat(10_000_000) })), 'limit')
    expectAccepted(one(mallory, 0, any([1], { parent: 'map', key: 'k'.repeat(limits.maxKeyBytes) })))
  })

  test('[#15 B36] client ids are counted in the document as it would be', () => {
    const by = { ...limits, maxClients: 3 }
    expectAccepted(one(mallory, 0, text('x', atEnd)), written(), by)
    const blocks = [200, 100].map((client) => ({ client, clock: 0, structs: [text('x', atEnd)] }))
    expectRefused(write({ blocks, deletes: [] }), 'limit', written(), by)
    expectAccepted(one(ann, 13, text('x', atEnd)), written(), { ...limits, maxClients: 2 })
  })
})

describe('what Yjs would read back differently', () => {
  test('an item between items of two lists is refused', () => {
    expectRefused(one(mallory, 0, text('x', { origin: [ann, 0], right: paragraph })), 'malformed')
  })

  test('an item between items that were never neighbours is refused', () => {
    expectRefused(one(mallory, 0, text('x', { origin: [ann, 3], right: [ann, 1] })), 'malformed')
    expectRefused(one(mallory, 0, text('x', { origin: [ann, 0], right: [ann, 4] })), 'malformed')
    expectRefused(one(mallory, 0, text('x', { origin: null, right: [ann, 4] })), 'malformed')
    const swapped = [
      text('a', { ...atEnd }),
      text('b', { origin: [mallory, 0] }),
      text('c', { origin: [mallory, 1] }),
    ]
    const lie = text('x', { origin: [mallory, 2], right: [mallory, 1] })
    expectRefused(one(mallory, 0, ...swapped, lie), 'malformed')
  })

  test('an item known in part that goes on in another list is refused', () => {
    const known = one(ann, 0, text('he', atRoot), text('x', { parent: 'other' }))
    const lie = one(ann, 0, text('hexy', atRoot))
    expectRefused(lie, 'malformed', load(known))
  })

  test('an item known in part whose beginning was collected goes on as garbage or not at all', () => {
    const inElement = (content: string) =>
      one(ann, 0, nested(new Y.XmlElement('p'), { parent: 'default' }), text(content, { parent: [ann, 0] }))
    const doc = load(inElement('known'), deletes(ann, [0, 1]))
    expect(doc.store.clients.get(ann)?.[1]).toBeInstanceOf(Y.GC)
    const state = Y.encodeStateAsUpdate(doc)
    expectAccepted(inElement('known and more'), load(state))
    const lie = one(ann, 1, text('known and more', atRoot))
    expect(withoutGate(lie, load(state))).toBe('throws')
    expectRefused(lie, 'malformed', load(state))
  })

  test('a map entry of several live values, or with a right origin, is refused', () => {
    expectRefused(one(mallory, 0, any([1, 2], { parent: 'map', key: 'k' })), 'malformed')
    expectRefused(one(mallory, 0, any([1, 2], { origin: [ann, 12] })), 'malformed')
    expectRefused(one(mallory, 0, any([1], { right: [ann, 12] })), 'malformed')
    expectAccepted(one(mallory, 0, deleted(2, { parent: 'map', key: 'k' })))
  })

  test('a known item that cuts a character in two is left out: only the server would lose the character', () => {
    const news = { client: mallory, clock: 0, structs: [text('x', atEnd)] }
    const known = { client: bob, clock: 0, structs: [text('!', { origin: [ann, 10] })] }
    const update = write({ blocks: [news, known], deletes: [] })
    const doc = written()
    Y.applyUpdate(doc, update)
    expect(JSON.stringify(dump(doc))).toContain('\ufffd')
    const saved = written()
    const verdict = judge(update, saved)
    if (!verdict.ok || verdict.instead === undefined) throw new Error('nothing was left out')
    Y.applyUpdate(saved, verdict.instead)
    expect(JSON.stringify(dump(saved))).toContain('😀')
    expect(JSON.stringify(dump(saved))).toContain('hello!x')
  })

  test('garbage that cuts a character in two is refused', () => {
    const doc = load(Y.encodeStateAsUpdate(written()), one(mallory, 0, gc(1)))
    expectRefused(one(mallory, 1, text('x', { origin: [ann, 10], right: [mallory, 0] })), 'malformed', doc)
  })

  test('[#30] content that an XML fragment can not show is legal Yjs: the schema is checked elsewhere', () => {
    expectAccepted(one(mallory, 0, text('x', { parent: paragraph, right: null, origin: [ann, 6] })))
    expectAccepted(
      one(mallory, 0, any([null], { origin: paragraph }), nested(new Y.Map(), { origin: [mallory, 0] })),
    )
  })
})
