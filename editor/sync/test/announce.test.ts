import { expect, test } from 'vitest'
import {
  applyAwarenessUpdate,
  Awareness,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from 'y-protocols/awareness'
import * as Y from 'yjs'
import { announceAnew } from '../announce.ts'

function person(name: string): Awareness {
  const awareness = new Awareness(new Y.Doc())
  awareness.setLocalState({ name })
  clearInterval((awareness as unknown as { _checkInterval: NodeJS.Timeout })._checkInterval)
  return awareness
}

const tell = (to: Awareness, of: Awareness) =>
  applyAwarenessUpdate(to, encodeAwarenessUpdate(of, [of.clientID]), 'server')

/** What the provider does when a connection ends: everybody else has left. */
const lose = (awareness: Awareness) =>
  removeAwarenessStates(
    awareness,
    [...awareness.getStates().keys()].filter((id) => id !== awareness.clientID),
    'lost',
  )

test('[P6] after a lost connection people who did not move meanwhile are seen again', () => {
  const [ann, bob] = [person('Ann'), person('Bob')]
  tell(ann, bob)
  lose(ann)
  tell(ann, bob)
  expect(ann.getStates().has(bob.clientID)).toBe(false)
  announceAnew(ann)
  tell(ann, bob)
  expect(ann.getStates().get(bob.clientID)).toEqual({ name: 'Bob' })
})

test('[P6] others who were told that this page left believe that it is back', () => {
  const [ann, bob] = [person('Ann'), person('Bob')]
  tell(bob, ann)
  lose(bob)
  tell(bob, ann)
  expect(bob.getStates().has(ann.clientID)).toBe(false)
  announceAnew(ann)
  tell(bob, ann)
  expect(bob.getStates().get(ann.clientID)).toEqual({ name: 'Ann' })
})

test('[P6] people who are here are not forgotten', () => {
  const [ann, bob] = [person('Ann'), person('Bob')]
  tell(ann, bob)
  announceAnew(ann)
  expect(ann.getStates().get(bob.clientID)).toEqual({ name: 'Bob' })
  expect(ann.meta.has(bob.clientID)).toBe(true)
})

test('[P6] a page that shows nothing of itself goes on doing so', () => {
  const ann = person('Ann')
  ann.setLocalState(null)
  const clock = ann.meta.get(ann.clientID)?.clock
  announceAnew(ann)
  expect(ann.getLocalState()).toBeNull()
  expect(ann.meta.get(ann.clientID)?.clock).toBe(clock)
})
