import { expect, test } from 'vitest'
import { afterSaved, afterSending, isAllSaved, nothingSent, type SavedState } from '../saved.ts'

/** What became of a connection: `whole` and `update` were sent, numbers are what the server said to be saved. */
const after = (...story: readonly ('whole' | 'update' | number)[]): SavedState =>
  story.reduce<SavedState>((state, event) => {
    if (typeof event === 'number') return afterSaved(state, event)
    return afterSending(state, event === 'whole' ? 'sync-step-2' : 'update')
  }, nothingSent)

test.each<[string, SavedState, boolean]>([
  ['nothing was sent', after(), false],
  ['the server was not given all this page had', after('update', 1), false],
  ['all was given and not acknowledged', after('whole'), false],
  ['all was given and acknowledged', after('whole', 1), true],
  ['something newer is not acknowledged', after('whole', 1, 'update'), false],
  ['something newer is acknowledged', after('whole', 1, 'update', 2), true],
  ['an edit overtook the sync, and only it is acknowledged', after('update', 'whole', 1), false],
  ['both are', after('update', 'whole', 1, 2), true],
  ['acknowledgements skip some', after('whole', 'update', 'update', 3), true],
  ['an old acknowledgement comes late', after('whole', 'update', 2, 1), true],
  ['the server asked again, and the answer is under way', after('whole', 1, 'whole'), false],
  ['the server asked again, and has it', after('whole', 1, 'whole', 2), true],
])('[S1] when %s', (_story, state, isSaved) => expect(isAllSaved(state)).toBe(isSaved))

test('[S1] telling of an event leaves the state before it as it was', () => {
  const before = after('whole')
  afterSaved(before, 1)
  afterSending(before, 'update')
  expect(before).toEqual({ sent: 1, through: 0, gaveAll: true })
})
