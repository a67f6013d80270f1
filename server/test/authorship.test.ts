import { describe, expect, test } from 'vitest'
import { Authorship } from '../authorship.ts'

const user = (id: string) => ({ id, name: id })
const id = 7

const names = new WeakMap<Authorship, Readonly<Record<number, string | null>>>()

/** Connections by number, with the user they belong to; null has no name. */
function roomOf(people: Readonly<Record<number, string | null>>): Authorship {
  const authorship = new Authorship()
  names.set(authorship, people)
  for (const [peer, name] of Object.entries(people))
    authorship.join(Number(peer), name === null ? undefined : user(name))
  return authorship
}

/** Holds the id if it may. */
function claims(authorship: Authorship, peer: number, client = id): boolean {
  const may = authorship.mayHold(peer, client)
  if (may) authorship.hold(peer, client)
  return may
}

const writer = (authorship: Authorship, id: number) => {
  const name = names.get(authorship)?.[id] ?? null
  return { id, access: { role: 'editor' as const, ...(name === null ? {} : { user: user(name) }) } }
}

const live = (authorship: Authorship, peer: number, client = id, bringsGap = false) =>
  authorship.objection(writer(authorship, peer), true)(client, bringsGap)
const carries = (authorship: Authorship, peer: number, bringsGap = false) =>
  authorship.objection(writer(authorship, peer), false)(id, bringsGap)

describe('[P3] an id', () => {
  test('is shared by the connections of one user, and with no other user, here or gone', () => {
    const room = roomOf({ 1: 'ann', 2: 'ann', 3: 'eve' })
    expect([claims(room, 1), claims(room, 2), claims(room, 3)]).toEqual([true, true, false])
    room.leave(1)
    room.leave(2)
    expect(claims(room, 3)).toBe(false)
    room.join(4, user('ann'))
    expect(claims(room, 4)).toBe(true)
  })

  test('of a known user is not for people without a name', () => {
    const room = roomOf({ 1: 'ann', 2: null })
    expect([claims(room, 1), claims(room, 2)]).toEqual([true, false])
  })

  test('is shared among people without a name: one may be the half-open predecessor of the other', () => {
    const room = roomOf({ 1: null, 2: null })
    expect([claims(room, 1), claims(room, 2)]).toEqual([true, true])
  })
})

describe('[G6] content under an id', () => {
  test('that is live on another known user’s connection is refused in an update, and carried in a step 2', () => {
    const room = roomOf({ 1: 'ann', 2: 'eve', 3: null })
    room.hold(1, id)
    for (const peer of [2, 3]) expect([live(room, peer), carries(room, peer)]).toEqual(['conflict', null])
    room.leave(1)
    expect([live(room, 2), live(room, 3)]).toEqual([null, null])
  })

  test('of the same user in another tab, of one’s own, and of nobody is taken, gaps included', () => {
    const room = roomOf({ 1: 'ann', 2: 'ann' })
    room.hold(1, id)
    for (const peer of [1, 2]) expect(live(room, peer, id, true)).toBeNull()
    expect(live(room, 2, 99, true)).toBeNull()
  })

  test('is judged by who sent it, who may have left since; nobody who left comes to hold anything', () => {
    const room = roomOf({ 1: 'ann', 2: 'ann', 3: 'eve' })
    room.hold(1, id)
    room.hold(2, id)
    room.leave(1)
    expect([live(room, 1), live(room, 1, id, true)]).toEqual([null, null])
    room.leave(3)
    expect([live(room, 3), live(room, 3, 99), room.authorOf(99)]).toEqual(['conflict', null, undefined])
    expect(claims(room, 2, 99)).toBe(true)
  })

  test('of somebody without a name may be carried by others, but no bare gaps once they are synced, while they are here', () => {
    const room = roomOf({ 1: null, 2: null, 3: 'ann' })
    room.hold(1, id)
    expect([live(room, 2, id, true), carries(room, 3, true)]).toEqual([null, null])
    room.accepted(1)
    for (const peer of [2, 3]) {
      expect([live(room, peer), carries(room, peer)]).toEqual([null, null])
      expect([live(room, peer, id, true), carries(room, peer, true)]).toEqual(['held', 'held'])
    }
    room.leave(1)
    expect([carries(room, 3, true), live(room, 2, id, true)]).toEqual([null, null])
  })
})

describe('[G7] who writes live', () => {
  test('with an id first holds it and is its author, if they announced no other', () => {
    const room = roomOf({ 1: 'ann', 2: 'eve' })
    expect([live(room, 1), room.authorOf(id)]).toEqual([null, 'ann'])
    expect(live(room, 2)).toBe('conflict')
  })

  test('with what they carry for others does not hold it: they announced themselves', () => {
    const room = roomOf({ 1: 'ann', 2: 'bob' })
    room.hold(2, 99)
    expect([live(room, 2), room.authorOf(id)]).toEqual([null, undefined])
    expect([claims(room, 1), live(room, 1)]).toEqual([true, null])
  })

  test('is not who carries it in a step 2', () => {
    const room = roomOf({ 1: 'ann' })
    carries(room, 1)
    expect(room.authorOf(id)).toBeUndefined()
  })

  test('stays the author for the life of the room, and is not replaced by another', () => {
    const room = roomOf({ 1: 'ann', 2: 'eve' })
    live(room, 1)
    room.leave(1)
    expect(live(room, 2)).toBeNull()
    expect([room.authorOf(id), room.mayHold(2, id)]).toEqual(['ann', false])
  })
})

test('[G7] the authors that are remembered are bounded; who was not here for longest is forgotten', () => {
  const room = roomOf({ 1: 'ann' })
  for (let client = 1; client <= 50_001; client++) room.hold(1, client)
  expect([room.authorOf(1), room.authorOf(2), room.authorOf(50_001)]).toEqual([undefined, 'ann', 'ann'])
})
