import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import * as awarenessProtocol from 'y-protocols/awareness'
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import * as syncProtocol from 'y-protocols/sync'
import { Broadcast, type Down, type Hello } from '../protocol/messages.ts'
import {
  countsAsFrame,
  coscribeWire,
  decodeOurs,
  encodeHello,
  yWebsocketWire,
} from '../protocol/y-websocket.ts'
import {
  awarenessFrame,
  frame,
  helloFrame,
  queryFrame,
  step1Frame,
  step2Frame,
  updateFrame,
} from './wire-frames.ts'
import { Random } from '../../test/random.ts'

const bytes = new Uint8Array([1, 2, 3, 200])
const hello: Hello = { client: 'test 1.0', schema: 3, token: 'a token ünï 😀' }

const clientFrames: [string, Uint8Array, unknown][] = [
  ['sync step 1', step1Frame(bytes), { type: 'sync-step-1', stateVector: bytes }],
  ['sync step 2', step2Frame(bytes), { type: 'sync-step-2', update: bytes }],
  ['an update', updateFrame(bytes), { type: 'update', update: bytes }],
  ['an empty update', updateFrame(new Uint8Array()), { type: 'update', update: new Uint8Array() }],
  ['a long update', updateFrame(new Uint8Array(70_000)), { type: 'update', update: new Uint8Array(70_000) }],
  ['awareness', awarenessFrame(bytes), { type: 'awareness', update: bytes }],
  ['a question for awareness', queryFrame(), { type: 'query-awareness' }],
]

const malformed = { type: 'malformed', reason: expect.any(String) as string }

/** Everywhere a short frame can be cut, and some places in a long one. */
const prefixes = (whole: Uint8Array) =>
  Array.from({ length: Math.min(whole.length, 300) }, (_, end) => whole.subarray(0, end))

describe.each([yWebsocketWire, coscribeWire])('[W2] one message a frame ($name)', (wire) => {
  test.each(clientFrames)('%s is read', (_what, sent, expected) => {
    expect(wire.decode(sent)).toEqual(expected)
  })

  test.each(clientFrames)('%s, cut off anywhere, is malformed', (_what, sent) => {
    for (const cut of prefixes(sent)) expect(wire.decode(cut)).toEqual(malformed)
  })

  test.each(clientFrames)('%s with a byte or a message after it is malformed', (_what, sent) => {
    expect(wire.decode(new Uint8Array([...sent, 0]))).toEqual(malformed)
    expect(wire.decode(new Uint8Array([...sent, ...sent]))).toEqual(malformed)
  })

  test.each([
    ['an unknown type', frame(4)],
    ['auth, which only servers send', frame(2, 0, 'no')],
    ['saved, which only servers send', frame(8, 1)],
    ['refused, which only servers send', frame(9, 1, 0, 'no')],
    ['a notice, which only servers send', frame(11, '{}')],
    ['a type beyond all numbers', new Uint8Array(12).fill(0xff)],
    ['an unknown sync step', frame(0, 3, bytes)],
    ['a length of 2^53', new Uint8Array([0, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f])],
    ['text', new TextEncoder().encode('hello')],
  ])('%s is malformed', (_what, sent) => {
    expect(wire.decode(sent)).toEqual(malformed)
  })
})

test('[W3] hello is unknown on the stock wire', () => {
  expect(yWebsocketWire.decode(helloFrame(hello))).toEqual(malformed)
})

test('[W4] hello is read on coscribe.1, as the client writes it', () => {
  expect(coscribeWire.decode(encodeHello(hello))).toEqual({ type: 'hello', hello })
  const withoutToken = { client: 'test', schema: 0 }
  expect(coscribeWire.decode(encodeHello(withoutToken))).toEqual({ type: 'hello', hello: withoutToken })
  for (const cut of prefixes(encodeHello(hello))) expect(coscribeWire.decode(cut)).toEqual(malformed)
})

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['null', null],
  ['an array', []],
  ['text', 'hello'],
  ['no client', { schema: 1 }],
  ['no schema', { client: 'a' }],
  ['a schema that is no number', { client: 'a', schema: '1' }],
  ['a negative schema', { client: 'a', schema: -1 }],
  ['half a schema', { client: 'a', schema: 0.5 }],
  ['a client without end', { client: 'a'.repeat(101), schema: 1 }],
  ['a token without end', { client: 'a', schema: 1, token: 'a'.repeat(8193) }],
  ['a token that is no text', { client: 'a', schema: 1, token: { toString: 1 } }],
])('[W4] a hello of %s is malformed', (_what, value) => {
  expect(coscribeWire.decode(frame(10, value === undefined ? '' : JSON.stringify(value)))).toEqual(malformed)
})

test('[W4] a hello may know more than this server', () => {
  const sent = frame(10, '{"client":"a","schema":1,"__proto__":{"x":1},"more":true}')
  expect(coscribeWire.decode(sent)).toEqual({ type: 'hello', hello: { client: 'a', schema: 1 } })
})

const ours: Exclude<Down, { type: 'sync-step-1' | 'sync-step-2' | 'update' | 'awareness' }>[] = [
  { type: 'saved', through: 0 },
  { type: 'saved', through: 1 },
  { type: 'saved', through: 2 ** 40 },
  ...(['forbidden', 'malformed', 'missing', 'limit'] as const).map(
    (code) => ({ type: 'refused', frame: 7, code, reason: 'because ünï' }) as const,
  ),
  { type: 'notice', notice: { kind: 'draining', retryAfterMs: 1500 } },
  { type: 'notice', notice: { kind: 'schema-too-old', schema: 99 } },
  { type: 'notice', notice: { kind: 'role', role: 'viewer' } },
]

test.each(ours.map((message) => [JSON.stringify(message), message] as const))(
  '[W4] the client reads %s as it was sent, and malformed when it is cut or followed',
  (_what, message) => {
    const sent = coscribeWire.encode(message)!
    expect(decodeOurs(sent)).toEqual(message)
    for (const cut of prefixes(sent).slice(1)) expect(decodeOurs(cut)).toEqual(malformed)
    expect(decodeOurs(new Uint8Array([...sent, 0]))).toEqual(malformed)
  },
)

test('[W3] none of them exists on the stock wire', () => {
  for (const message of ours) expect(yWebsocketWire.encode(message)).toBeNull()
})

test('[W4] the numbers on the wire are the ones in SPEC.md', () => {
  const bytesOf = (message: Down) => [...(coscribeWire.encode(message) ?? [])]
  expect(bytesOf({ type: 'saved', through: 300 })).toEqual([8, 0xac, 2])
  expect(bytesOf({ type: 'refused', frame: 2, code: 'limit', reason: 'x' })).toEqual([9, 2, 3, 1, 0x78])
  expect(bytesOf({ type: 'refused', frame: 2, code: 'forbidden', reason: '' })).toEqual([9, 2, 0, 0])
  expect(bytesOf({ type: 'notice', notice: { kind: 'role', role: 'editor' } })[0]).toBe(11)
  expect(encodeHello(hello)[0]).toBe(10)
})

test('[W4] a client is not confused by codes and notices that are newer than itself', () => {
  expect(decodeOurs(frame(9, 1, 77, 'new'))).toEqual({
    type: 'refused',
    frame: 1,
    code: 'malformed',
    reason: 'new',
  })
  expect(decodeOurs(frame(11, '{"kind":"new"}'))).toEqual(malformed)
  expect(decodeOurs(frame(11, 'no json'))).toEqual(malformed)
})

test('[W4] the client leaves the messages of y-websocket to its provider', () => {
  for (const sent of [new Uint8Array(), ...clientFrames.map(([, each]) => each)])
    expect(decodeOurs(sent)).toBeNull()
})

test('[W5] exactly sync step 2 and update frames count', () => {
  const counted = clientFrames.map(([what, sent]) => [what, countsAsFrame(sent)])
  expect(Object.fromEntries(counted)).toEqual({
    'sync step 1': null,
    'sync step 2': 'sync-step-2',
    'an update': 'update',
    'an empty update': 'update',
    'a long update': 'update',
    awareness: null,
    'a question for awareness': null,
  })
  expect(countsAsFrame(encodeHello(hello))).toBeNull()
  expect(countsAsFrame(new Uint8Array())).toBeNull()
})

test('[W3] what y-protocols writes is read, and what is written y-protocols reads', () => {
  const [ann, bob] = [new Y.Doc(), new Y.Doc()]
  ann.getText('text').insert(0, 'hello')
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, 0)
  syncProtocol.writeSyncStep1(encoder, ann)
  const stateVector = Y.encodeStateVector(ann)
  expect(yWebsocketWire.decode(encoding.toUint8Array(encoder))).toEqual({ type: 'sync-step-1', stateVector })
  const reply = yWebsocketWire.encode({ type: 'sync-step-2', update: Y.encodeStateAsUpdate(ann) })!
  const decoder = decoding.createDecoder(reply)
  expect(decoding.readVarUint(decoder)).toBe(0)
  expect(syncProtocol.readSyncMessage(decoder, encoding.createEncoder(), bob, null)).toBe(1)
  expect(bob.getText('text').toJSON()).toBe('hello')
  const awareness = new awarenessProtocol.Awareness(ann)
  const update = awarenessProtocol.encodeAwarenessUpdate(awareness, [ann.clientID])
  expect(yWebsocketWire.decode(awarenessFrame(update))).toEqual({ type: 'awareness', update })
  awareness.destroy()
})

test('[C5] a broadcast is encoded at most once for each wire, also when a wire has no such message', () => {
  let encoded = 0
  const counting = (wire: typeof coscribeWire) => ({
    ...wire,
    encode: (message: Down) => {
      encoded++
      return wire.encode(message)
    },
  })
  const [stock, own] = [counting(yWebsocketWire), counting(coscribeWire)]
  const broadcast = new Broadcast({ type: 'saved', through: 1 })
  for (let i = 0; i < 3; i++) {
    expect(broadcast.frameFor(stock)).toBeNull()
    expect(broadcast.frameFor(own)).toBe(broadcast.frameFor(own))
  }
  expect(encoded).toBe(2)
})

test('[W2] no random frame makes a decoder throw', () => {
  const chance = new Random(7)
  const random = () => chance.below(2 ** 16)
  for (let round = 0; round < 5000; round++) {
    const sent = Uint8Array.from({ length: random() % 12 }, () =>
      random() % 3 === 0 ? random() % 12 : random() & 0xff,
    )
    for (const wire of [yWebsocketWire, coscribeWire]) expect(wire.decode(sent).type).toBeTypeOf('string')
    decodeOurs(sent)
    countsAsFrame(sent)
  }
})
