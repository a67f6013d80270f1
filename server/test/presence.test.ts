import * as encoding from 'lib0/encoding'
import { describe, expect, test } from 'vitest'
import * as awarenessProtocol from 'y-protocols/awareness'
import * as Y from 'yjs'
import { Authorship } from '../authorship.ts'
import { emptyAwareness, Presence } from '../presence.ts'
import { awarenessUpdate, type Entry, readEntries } from './awareness-frames.ts'
import { Random } from '../../test/random.ts'

const maxStateBytes = 4096
const limits = { maxPresenceBytes: maxStateBytes, maxPresenceFrameBytes: 2 ** 20, maxPresenceEntries: 10_000 }

/** A room's presence with some people in it, by the number of their connection: person 1 is client 101. */
function presenceOf(...people: readonly number[]): Presence {
  const presence = new Presence(limits)
  for (const person of people) moves(presence, person, 1)
  presence.takeChanges()
  return presence
}

const idOf = (person: number) => 100 + person
const stateAt = (clock: number) => `{"at":${clock}}`

const moves = (presence: Presence, person: number, clock: number) =>
  presence.receive(person, awarenessUpdate({ client: idOf(person), clock, state: stateAt(clock) }))

const changesOf = (presence: Presence): Entry[] => {
  const update = presence.takeChanges()
  return update === null ? [] : readEntries(update)
}

const everybodyIn = (presence: Presence): Entry[] => [...presence.everybody()].flatMap(readEntries)

test('[P1] a state is relayed as the bytes that came, spaces, key order and escapes included', () => {
  const presence = presenceOf()
  const state = ' {"b" : 1,  "a":"\\u0041", "b":2}\n'
  presence.receive(1, awarenessUpdate({ client: 101, clock: 1, state }))
  expect(changesOf(presence)).toEqual([{ client: 101, clock: 1, state }])
  expect(everybodyIn(presence)).toEqual([{ client: 101, clock: 1, state }])
})

test('[P1] a state outlives the buffer it came in', () => {
  const presence = presenceOf()
  const frame = awarenessUpdate({ client: 101, clock: 1, state: '{"a":1}' })
  presence.receive(1, frame)
  frame.fill(0)
  expect(changesOf(presence)).toEqual([{ client: 101, clock: 1, state: '{"a":1}' }])
})

test('[P2] the latest state of each person wins, and one update carries all changes', () => {
  const presence = presenceOf(1, 2, 3)
  for (const clock of [2, 3, 4]) expect(moves(presence, 1, clock)).toEqual({ type: 'changed' })
  moves(presence, 2, 2)
  expect(changesOf(presence)).toEqual([
    { client: 101, clock: 4, state: stateAt(4) },
    { client: 102, clock: 2, state: stateAt(2) },
  ])
  expect(presence.takeChanges()).toBeNull()
})

test('[P2] a state with an old clock changes nothing, wherever it comes from', () => {
  const presence = presenceOf(1)
  moves(presence, 1, 5)
  presence.takeChanges()
  expect(moves(presence, 1, 4)).toEqual({ type: 'ignored' })
  expect(moves(presence, 1, 5)).toEqual({ type: 'ignored' })
  expect(changesOf(presence)).toEqual([])
  expect(everybodyIn(presence)).toEqual([{ client: 101, clock: 5, state: stateAt(5) }])
})

test('[P3] what stock clients re-broadcast of others is ignored without complaint', () => {
  const presence = presenceOf(1, 2)
  const rebroadcast = awarenessUpdate(
    { client: idOf(1), clock: 9, state: '{"stolen":true}' },
    { client: idOf(77), clock: 1, state: '{"invented":true}' },
  )
  expect(presence.receive(2, rebroadcast)).toEqual({ type: 'ignored' })
  expect(changesOf(presence)).toEqual([])
  expect(everybodyIn(presence).map((entry) => entry.state)).toEqual([stateAt(1), stateAt(1)])
})

test('[P3] among re-broadcast entries a client is still heard about itself', () => {
  const presence = presenceOf(1, 2)
  const frame = awarenessUpdate(
    { client: idOf(1), clock: 9, state: '{}' },
    { client: idOf(2), clock: 2, state: stateAt(2) },
    { client: idOf(77), clock: 9, state: 'null' },
  )
  expect(presence.receive(2, frame)).toEqual({ type: 'changed' })
  expect(changesOf(presence)).toEqual([{ client: 102, clock: 2, state: stateAt(2) }])
})

test('[P3] nobody can remove somebody else', () => {
  const presence = presenceOf(1, 2)
  expect(presence.receive(2, awarenessUpdate({ client: idOf(1), clock: 9, state: 'null' }))).toEqual({
    type: 'ignored',
  })
  expect(everybodyIn(presence)).toHaveLength(2)
})

test('[P3] a removal does not make its sender the owner of the id', () => {
  const presence = presenceOf(1)
  presence.receive(2, awarenessUpdate({ client: idOf(1), clock: 1, state: 'null' }))
  expect(moves(presence, 2, 1)).toEqual({ type: 'changed' })
  expect(everybodyIn(presence)).toHaveLength(2)
})

test('[P3] a later close of a half-open predecessor does not remove the state', () => {
  const presence = presenceOf(1)
  // Client 101 comes back as connection 50 before the server has noticed that connection 1 is dead.
  const again = awarenessUpdate({ client: 101, clock: 2, state: stateAt(2) })
  expect(presence.receive(50, again)).toEqual({ type: 'changed' })
  presence.takeChanges()
  expect(presence.leave(1)).toBe(false)
  expect(changesOf(presence)).toEqual([])
  expect(everybodyIn(presence)).toHaveLength(1)
  expect(presence.leave(50)).toBe(true)
  expect(everybodyIn(presence)).toEqual([])
})

test('[P3] the same holds for a stock client, which comes back without a new clock', () => {
  const presence = presenceOf(1)
  moves(presence, 1, 2)
  presence.receive(50, awarenessUpdate({ client: 101, clock: 2, state: stateAt(2) }))
  expect(presence.leave(1)).toBe(false)
  expect(everybodyIn(presence)).toHaveLength(1)
})

test('[P4] a removal by its owner is to be relayed at once, with the clock others believe', () => {
  const presence = presenceOf(1, 2)
  expect(presence.receive(1, awarenessUpdate({ client: 101, clock: 2, state: 'null' }))).toEqual({
    type: 'removed',
  })
  expect(changesOf(presence)).toEqual([{ client: 101, clock: 2, state: 'null' }])
})

test('[P4] y-protocols removes with the clock of the state itself, and is believed', () => {
  const presence = presenceOf(1)
  expect(presence.receive(1, awarenessUpdate({ client: 101, clock: 1, state: 'null' }))).toEqual({
    type: 'removed',
  })
})

test('[P4] whoever leaves is removed for everybody, once', () => {
  const presence = presenceOf(1, 2)
  expect(presence.leave(1)).toBe(true)
  expect(changesOf(presence)).toEqual([{ client: 101, clock: 1, state: 'null' }])
  expect(presence.leave(1)).toBe(false)
  expect(presence.leave(99)).toBe(false)
  expect(everybodyIn(presence).map((entry) => entry.client)).toEqual([102])
})

test('[P4] others take the removal for true', () => {
  const watcher = new awarenessProtocol.Awareness(new Y.Doc())
  const presence = presenceOf(1)
  awarenessProtocol.applyAwarenessUpdate(watcher, [...presence.everybody()][0]!, 'server')
  expect(watcher.getStates().has(101)).toBe(true)
  presence.leave(1)
  awarenessProtocol.applyAwarenessUpdate(watcher, presence.takeChanges()!, 'server')
  expect(watcher.getStates().has(101)).toBe(false)
  watcher.destroy()
})

test('[P6] a real client that comes back with an outdated clock announces itself anew when told so', () => {
  const presence = presenceOf()
  const own = new awarenessProtocol.Awareness(new Y.Doc())
  own.setLocalState({ name: 'Ann' })
  const announce = () => awarenessProtocol.encodeAwarenessUpdate(own, [own.clientID])
  presence.receive(1, announce())
  presence.leave(1)
  const outcome = presence.receive(2, announce())
  expect(outcome.type).toBe('outdated')
  const heard: unknown[] = []
  own.on('update', ({ removed, updated, added }: Record<string, number[]>) =>
    heard.push(removed, updated, added),
  )
  if (outcome.type === 'outdated') awarenessProtocol.applyAwarenessUpdate(own, outcome.update, 'server')
  expect(heard.flat()).toEqual([own.clientID])
  // A stock provider answers every awareness update by sending the clients it names.
  expect(presence.receive(2, announce())).toEqual({ type: 'changed' })
  expect(own.getLocalState()).toEqual({ name: 'Ann' })
  own.destroy()
})

test('[P6] a client that comes back with a newer clock is simply back', () => {
  const presence = presenceOf(1)
  presence.leave(1)
  presence.takeChanges()
  const again = awarenessUpdate({ client: 101, clock: 2, state: stateAt(2) })
  expect(presence.receive(2, again)).toEqual({ type: 'changed' })
})

test('[P6] the memory of those who left is bounded; the oldest are forgotten and heard again', () => {
  const presence = presenceOf()
  for (let person = 1; person <= 1000; person++) {
    moves(presence, person, 1)
    presence.leave(person)
    presence.takeChanges()
  }
  const returning = (person: number) =>
    presence.receive(5000 + person, awarenessUpdate({ client: idOf(person), clock: 1, state: '{}' })).type
  expect(returning(1000)).toBe('outdated')
  expect(returning(1000 - 255)).toBe('outdated')
  expect(returning(1000 - 256)).toBe('changed')
  expect(returning(1)).toBe('changed')
})

describe('[P7] what no honest client sends is malformed', () => {
  const whole = awarenessUpdate({ client: 101, clock: 1, state: '{"a":"some text"}' })
  const own = (state: string | Uint8Array, clock = 2) => awarenessUpdate({ client: 101, clock, state })
  const count = (claimed: number) => {
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, claimed)
    encoding.writeUint8Array(encoder, whole.subarray(1))
    return encoding.toUint8Array(encoder)
  }
  const cases: [string, Uint8Array][] = [
    ['no bytes at all', new Uint8Array()],
    ...Array.from(whole, (_, end): [string, Uint8Array] => [
      `cut after ${end} bytes`,
      whole.subarray(0, end),
    ]),
    ['bytes after the last entry', new Uint8Array([...whole, 0])],
    ['one entry more than there are', count(2)],
    ['four thousand million entries', count(2 ** 32)],
    ['as many entries as a number can say', count(Number.MAX_SAFE_INTEGER)],
    ['a count without end', new Uint8Array(20).fill(0xff)],
    ['an array', own('[]')],
    ['a number', own('1')],
    ['a string', own('"a"')],
    ['true', own('true')],
    ['nothing', own('')],
    ['no JSON', own('{a:1}')],
    ['half of JSON', own('{"a":')],
    ['JSON with something behind it', own('{}{}')],
    ['a byte order mark', own(new Uint8Array([0xef, 0xbb, 0xbf, ...new TextEncoder().encode('{"a":')]))],
    ['invalid UTF-8', own(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))],
    ['a lone surrogate in UTF-8', own(new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22]))],
    ['5 KB', own(`{"a":"${'x'.repeat(5000)}"}`)],
    ['one byte more than allowed', own(`{"a":"${'x'.repeat(maxStateBytes - 7)}"}`)],
    ['a null with spaces', own(' null')],
    ['the largest clock a number can say', own('{}', Number.MAX_SAFE_INTEGER)],
    ['the largest clock for a removal', own('null', Number.MAX_SAFE_INTEGER)],
    ['a clock above 2^31', own('{}', 2 ** 31 + 1)],
    ['a clock of 2^31', own('{}', 2 ** 31)],
  ]
  test.each(cases)('%s', (_what, frame) => {
    const presence = presenceOf(1)
    expect(presence.receive(1, frame)).toEqual({ type: 'malformed' })
    expect(changesOf(presence)).toEqual([])
    expect(everybodyIn(presence)).toEqual([{ client: 101, clock: 1, state: stateAt(1) }])
  })

  test('while the largest state and clock that are allowed are taken', () => {
    const presence = presenceOf(1)
    const state = `{"a":"${'x'.repeat(maxStateBytes - 8)}"}`
    expect(presence.receive(1, own(state, 2 ** 31 - 1))).toEqual({ type: 'changed' })
    expect(everybodyIn(presence)).toEqual([{ client: 101, clock: 2 ** 31 - 1, state }])
  })

  test('and no cut, bent or random frame ever throws', () => {
    const presence = presenceOf(1)
    const chance = new Random(1)
    const random = () => chance.below(2 ** 16)
    for (let round = 0; round < 2000; round++) {
      const frame = Uint8Array.from(whole, (byte) => (random() % 4 === 0 ? random() & 0xff : byte))
      presence.receive(1, frame.subarray(0, random() % (frame.length + 1)))
    }
    const states = everybodyIn(presence).map((entry) => JSON.parse(entry.state as string) as unknown)
    for (const state of states) expect(state).toBeTypeOf('object')
  })
})

test('[P7] a bad entry about somebody else is not looked at', () => {
  const presence = presenceOf(1)
  const frame = awarenessUpdate({ client: 7, clock: Number.MAX_SAFE_INTEGER, state: 'x'.repeat(5000) })
  expect(presence.receive(1, frame)).toEqual({ type: 'ignored' })
})

test('[C3] the frame that keeps a client from hanging up is an awareness update about nobody', () => {
  expect([...emptyAwareness]).toEqual([0])
  const awareness = new awarenessProtocol.Awareness(new Y.Doc())
  awarenessProtocol.applyAwarenessUpdate(awareness, emptyAwareness, 'server')
  expect(awareness.getStates().size).toBe(1)
  awareness.destroy()
})

test('[P3] a stock client that re-broadcast others before it spoke of itself is heard when it speaks', () => {
  const presence = presenceOf(1)
  // Its own state is null, so the first presence frame it sends repeats what it has just been told of client 101.
  presence.receive(2, [...presence.everybody()][0]!)
  expect(moves(presence, 2, 1)).toEqual({ type: 'changed' })
  expect(presence.leave(1)).toBe(true)
  expect(everybodyIn(presence).map((entry) => entry.client)).toEqual([102])
})

describe('[P3] with known users', () => {
  const known = (people: Readonly<Record<number, string>>): Presence => {
    const authorship = new Authorship()
    const presence = new Presence(limits, authorship)
    for (const [peer, id] of Object.entries(people)) {
      authorship.join(Number(peer), { id, name: id })
      presence.join(Number(peer), { id, name: id })
    }
    return presence
  }
  const announces = (presence: Presence, peer: number, clock = 1) =>
    presence.receive(peer, awarenessUpdate({ client: 101, clock, state: '{"user":{"name":"x"}}' })).type

  test('[B48] an id that another user holds is neither shared nor taken over', () => {
    const presence = known({ 1: 'ann', 2: 'eve', 3: 'ann' })
    expect([announces(presence, 1, 1), announces(presence, 2, 2)]).toEqual(['changed', 'ignored'])
    expect(everybodyIn(presence).map(({ state }) => JSON.parse(String(state)) as unknown)).toMatchObject([
      { user: { id: 'ann', name: 'ann' } },
    ])
    // The same user may, as after a loss of the network that the server has not noticed.
    expect(announces(presence, 3, 3)).toBe('changed')
    expect(presence.leave(1)).toBe(false)
    expect(everybodyIn(presence)).toHaveLength(1)
  })

  test('[B49] nor removed, and its rightful owner is still heard afterwards', () => {
    const presence = known({ 1: 'ann', 2: 'eve' })
    announces(presence, 1)
    presence.receive(2, awarenessUpdate({ client: 101, clock: 9, state: 'null' }))
    announces(presence, 2, 2 ** 31 - 1)
    expect(announces(presence, 1, 2)).toBe('changed')
  })

  test('somebody whose first frame repeats others is heard when they speak of themselves', () => {
    const presence = known({ 1: 'ann', 2: 'bob' })
    announces(presence, 1)
    for (const echo of presence.everybody()) expect(presence.receive(2, echo).type).toBe('ignored')
    expect(moves(presence, 2, 1)).toEqual({ type: 'changed' })
  })
})

describe('[P7] one frame', () => {
  const crowd = (people: number, state = '{}') =>
    awarenessUpdate(...Array.from({ length: people }, (_, i) => ({ client: 1000 + i, clock: 1, state })))

  test('[B52] tells of at most 10,000 people', () => {
    expect(presenceOf(1).receive(1, crowd(10_000))).toEqual({ type: 'ignored' })
    expect(presenceOf(1).receive(1, crowd(10_001))).toEqual({ type: 'malformed' })
    expect(presenceOf(1).receive(1, crowd(100_000))).toEqual({ type: 'malformed' })
  })

  test('[B51] is at most a megabyte, whomever it is about', () => {
    const frame = awarenessUpdate({ client: 7, clock: 1, state: 'x'.repeat(2 ** 20) })
    expect(presenceOf(1).receive(1, frame)).toEqual({ type: 'too-large' })
  })

  test('of ours is so small that a stock client may send it back', () => {
    const presence = presenceOf()
    const state = `{"a":"${'x'.repeat(4000)}"}`
    for (let peer = 1; peer <= 500; peer++)
      presence.receive(peer, awarenessUpdate({ client: idOf(peer), clock: 1, state }))
    const frames = [...presence.everybody()]
    expect(frames.length).toBeGreaterThan(10)
    expect(frames.flatMap(readEntries)).toHaveLength(500)
    const changes: Uint8Array[] = []
    for (let part = presence.takeChanges(); part !== null; part = presence.takeChanges()) changes.push(part)
    expect(changes).toEqual(frames)
    const joiner = 9000
    for (const frame of frames) expect(presence.receive(joiner, frame).type).toBe('ignored')
  })
})
