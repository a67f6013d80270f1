import * as encoding from 'lib0/encoding'
import { expect } from 'vitest'
import { awarenessUpdate, type Entry } from '../../server/test/awareness-frames.ts'
import { awarenessFrame } from '../../server/test/wire-frames.ts'
import { type BadInput, closed, ignored, type Occasion, type Outcome } from './bad-input.ts'
import { once } from './once.ts'
import { wsFrame } from './raw-socket.ts'
import type { Stage } from './stage.ts'
import { badInputSuite } from './suite.ts'

const mallory = (turn: number) => 10_000 + turn

const frameOf = (...entries: readonly Entry[]) => wsFrame(awarenessFrame(awarenessUpdate(...entries)))

const announced = (turn: number) =>
  frameOf({ client: mallory(turn), clock: 1, state: '{"user":{"name":"Mallory"}}' })

/** The presence of somebody who is here says this of themselves. */
const state = (id: string, name: string, text: string, outcome: Outcome): BadInput => ({
  id,
  name,
  wire: 'each',
  bytes: ({ turn }) => frameOf({ client: mallory(turn), clock: 1, state: text }),
  outcome,
})

/** Says something about Eve, after who says it has announced themselves. */
const aboutEve = (id: string, name: string, entry: (stage: Stage) => Omit<Entry, 'client'>): BadInput => ({
  id,
  name,
  wire: 'each',
  bytes: ({ turn, stage }) =>
    Buffer.concat([announced(turn), frameOf({ client: stage.eve.client, ...entry(stage) })]),
  outcome: ignored,
  after: eveIsSeen,
})

function eveIsSeen({ eve, finn }: Stage): void {
  expect(JSON.parse(finn.others.get(eve.client) ?? 'null')).toMatchObject({ user: { name: 'eve' } })
}

/** A frame that tells of so many who are not here. */
const nobody = (count: number) =>
  wsFrame(
    awarenessFrame(
      encoding.encode((encoder) => {
        encoding.writeVarUint(encoder, count)
        for (let i = 0; i < count; i++) {
          encoding.writeVarUint(encoder, 1_000_000 + i)
          encoding.writeVarUint(encoder, 1)
          encoding.writeVarString(encoder, 'null')
        }
      }),
    ),
  )

const large = (id: string, name: string, make: () => Buffer, code: number): BadInput => {
  const bytes = once(make)
  return { id, name, wire: 'each', bytes, outcome: closed(code) }
}

const absent = once(() => nobody(5000))

const seenBy = ({ stage, turn }: Occasion) => stage.finn.sees(mallory(turn))

badInputSuite({
  title: 'presence',
  options: [],
  cases: [
    aboutEve('B48', 'a name for somebody else', () => ({
      clock: 2 ** 30,
      state: '{"user":{"name":"Fake"}}',
    })),
    aboutEve('B49', 'the removal of somebody else', () => ({ clock: 2 ** 30, state: 'null' })),
    {
      id: 'B49',
      name: 'the removal of somebody else, first of all',
      wire: 'each',
      bytes: ({ stage }) => frameOf({ client: stage.eve.client, clock: 2 ** 30, state: 'null' }),
      outcome: ignored,
      after: eveIsSeen,
    },
    {
      id: 'B50',
      name: 'a clock of 2^53 - 1',
      wire: 'each',
      bytes: ({ turn }) => frameOf({ client: mallory(turn), clock: 2 ** 53 - 1, state: '{}' }),
      outcome: closed(4400),
    },
    {
      id: 'B50',
      name: 'a clock of 2^31',
      wire: 'each',
      bytes: ({ turn }) => frameOf({ client: mallory(turn), clock: 2 ** 31, state: '{}' }),
      outcome: closed(4400),
    },
    large(
      'B51',
      'a state of 10 MB',
      () => frameOf({ client: 666, clock: 1, state: JSON.stringify('x'.repeat(10_000_000)) }),
      4413,
    ),
    state('B51', 'a state of 5 KB', JSON.stringify({ much: 'x'.repeat(5000) }), closed(4400)),
    large('B52', '200,000 entries', () => nobody(200_000), 4413),
    large('B52', '20,000 entries', () => nobody(20_000), 4400),
    {
      id: 'B52',
      name: '5,000 people who are not here',
      wire: 'each',
      bytes: ({ turn }) => Buffer.concat([announced(turn), absent()]),
      outcome: ignored,
    },
    state('B53', 'a number', '5', closed(4400)),
    state('B53', 'a text', '"text"', closed(4400)),
    state('B53', 'a list', '[]', closed(4400)),
    state('B53', 'what is no JSON', '{"user":', closed(4400)),
    state('#47', 'a key __proto__', '{"user":{"__proto__":{"isAdmin":true}}}', closed(4400)),
    state('#47', 'a key __proto__, disguised', '{"\\u005f_proto__":{"isAdmin":true}}', closed(4400)),
    state('#48', 'lists in lists', `{"a":${'['.repeat(1000)}${']'.repeat(1000)}}`, closed(4400)),
    {
      ...state(
        'B54',
        'a colour that is more than a colour',
        '{"user":{"name":"Mallory","color":"red;background:url(//e)"},"color":"url(//e)"}',
        ignored,
      ),
      lasts: seenBy,
      after: ({ finn }) => {
        const seen = [...finn.everSeen].filter(([client]) => client >= mallory(0) && client < mallory(2000))
        expect(seen.length).toBeGreaterThan(0)
        for (const [, text] of seen) expect(text).not.toContain('url(')
      },
    },
    state(
      'B55',
      'a name of 10,000 letters',
      JSON.stringify({ user: { name: 'x'.repeat(10_000) } }),
      closed(4400),
    ),
    {
      id: 'B56',
      name: '1,000 moves at once',
      wire: 'each',
      bytes: ({ turn }) =>
        Buffer.concat(
          Array.from({ length: 1000 }, (_, i) =>
            frameOf({ client: mallory(turn), clock: i + 1, state: `{"caret":${i}}` }),
          ),
        ),
      outcome: ignored,
      // Each is told of once when they come and once when they go, and every 40 ms in between.
      after: ({ finn }) => expect(finn.presenceHeard).toBeLessThan(1000),
    },
  ],
})
