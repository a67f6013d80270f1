import { describe, expect, test } from 'vitest'
import { checkState } from '../presence-state.ts'
import type { User } from '../access.ts'

const bytesOf = (state: unknown) =>
  new TextEncoder().encode(typeof state === 'string' ? state : JSON.stringify(state))

/** What is relayed of a state; null when it is refused. */
function relayed(state: unknown, user?: User, client = 101): unknown {
  const bytes = checkState(bytesOf(state), { client, user })
  return bytes === null ? null : JSON.parse(new TextDecoder().decode(bytes))
}

const ann: User = { id: 'u1', name: 'Ann', color: '#123456' }

describe('[P7] a state is refused', () => {
  const nested = (depth: number) => '{"a":'.repeat(depth - 1) + '{}' + '}'.repeat(depth - 1)
  test.each([
    ['with an own __proto__', '{"__proto__":{"isAdmin":true}}'],
    ['with one that is escaped', '{"\\u005f\\u005fproto__":{"isAdmin":true}}'],
    ['with one deep inside', '{"a":[{"b":{"__proto__":1}}]}'],
    ['with a constructor', '{"user":{"constructor":{"name":"x"}}}'],
    ['with a constructor that is escaped', '{"c\\u006fnstructor":1}'],
    ['with a prototype', '{"a":{"prototype":null}}'],
    ['33 deep', nested(33)],
    ['2,000 deep', nested(2000)],
    ['with 33 arrays in it', `{"a":${'['.repeat(32)}${']'.repeat(32)}}`],
  ])('%s, whoever sends it', (_what, state) => {
    expect(relayed(state)).toBeNull()
    expect(relayed(state, ann)).toBeNull()
  })

  test('but not 32 deep, nor for such words as values', () => {
    expect(relayed(nested(32))).not.toBeNull()
    expect(relayed({ user: { name: '__proto__' } })).toEqual({ user: { name: '__proto__' } })
  })
})

describe('[P8] colours', () => {
  test.each([
    '#abc', '#abcd', '#a1b2c3', '#A1B2C3D4', 'rgb(1, 2, 3)', 'rgb(1 2 3 / 50%)', 'rgba(1,2,3,.5)', 'RGB(10%,20%,30%)',
    'hsl(120deg, 50%, 50%)', 'hsla(120, 50%, 50%, 0.3)', 'hsl( -30 50% 50% )', 'rebeccapurple', 'red',
  ])('%s is one, and stays as it came', (color) => {
    const state = { user: { name: 'x', color, colorLight: color }, color }
    expect(relayed(state)).toEqual(state)
  }) // prettier-ignore

  const wrong = [
    'red;background:url(//e)', 'url(//e)', 'var(--x)', '#12', '#12345', '#gggggg', 'rgb(1,2)', 'rgb(url(//e),1,2)', 'red ',
    'expression(alert(1))', '', 'x'.repeat(200), 'rgb(1,2,3);x', '#fff\n', 5, true, null, {}, [['red']], 'r\u0435d',
    'rgb(' + '1 '.repeat(45) + 'x)',
  ] // prettier-ignore
  test.each(wrong)('%j is none, and is replaced wherever it stands', (color) => {
    const state = relayed({ user: { name: 'x', color, colorLight: color, icon: 1 }, color, other: 'y' })
    const plain: unknown = expect.stringMatching(/^#[0-9a-f]{6}$/)
    const user = { name: 'x', color: plain, colorLight: plain, icon: 1 }
    expect(state).toEqual({ user, color: plain, other: 'y' })
  })

  test('that replace them are always the same for a client, and not for all the same', () => {
    const of = (client: number) => relayed({ user: { color: 'x:y' } }, undefined, client)
    expect(of(1)).toEqual(of(1))
    expect(new Set(Array.from({ length: 50 }, (_, client) => JSON.stringify(of(client)))).size).toBe(8)
  })

  test('are not added to states that have none', () => {
    for (const state of [{}, { user: 'Ann' }, { user: { name: 'Ann' } }])
      expect(relayed(state)).toEqual(state)
  })
})

describe('[P8] a known user', () => {
  test('is who the server says, whatever the client says; the rest of the state is theirs', () => {
    const sent = {
      user: { id: 'u2', name: 'Somebody else', color: '#ffffff', colorLight: 'rgb(1,2,3)', icon: 'cat' },
      cursor: { anchor: 1, head: 2 },
    }
    expect(relayed(sent, ann)).toEqual({
      user: { id: 'u1', name: 'Ann', color: '#123456', colorLight: 'rgb(1,2,3)', icon: 'cat' },
      cursor: { anchor: 1, head: 2 },
    })
  })

  test.each([{}, { user: null }, { user: 'Eve' }, { user: ['Eve'] }, { user: { id: 1 } }])(
    'is named in %j, too',
    (sent) => {
      expect(relayed(sent, ann)).toEqual({ user: { id: 'u1', name: 'Ann', color: '#123456' } })
    },
  )

  test('without a colour keeps the one the client chose, when it is #rrggbb, and else always gets the same', () => {
    const user = { id: 'u1', name: 'Ann' }
    const colorOf = (color: unknown, by: User = user) => relayed({ user: { color } }, by)
    expect(colorOf('#abcdef')).toEqual({ user: { ...user, color: '#abcdef' } })
    for (const color of ['red', '#abc', 'x;y', 7]) expect(colorOf(color)).toEqual(colorOf(undefined))
    expect(colorOf('x;y')).toMatchObject({
      user: { color: expect.stringMatching(/^#[0-9a-f]{6}$/) as unknown },
    })
    expect(colorOf('#abcdef', { ...user, color: 'red;x' })).toEqual(colorOf('#abcdef'))
  })

  test('has a name of at most 100 characters, none of them cut in two', () => {
    const name = '😀'.repeat(200)
    expect(relayed({}, { id: 'u1', name, color: '#123456' })).toMatchObject({
      user: { name: '😀'.repeat(100) },
    })
  })
})
