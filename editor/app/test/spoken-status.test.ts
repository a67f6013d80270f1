import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Status } from '../../index.ts'
import { SpokenStatus } from '../spoken-status.ts'
import { describeStatus } from '../status-text.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('[E77] of the status, only troubles that last are told, and that they are over', () => {
  const said: string[] = []
  const spoken = new SpokenStatus((words) => said.push(words))
  const show = (state: Status, ms: number): void => {
    spoken.show(describeStatus(state, true), state.state === 'saved')
    vi.advanceTimersByTime(ms)
  }
  for (let key = 0; key < 5; key++) {
    show({ state: 'saving' }, 2000)
    show({ state: 'saved' }, 2000)
  }
  show({ state: 'offline', kept: true }, 200)
  show({ state: 'saved' }, 5000)
  expect(said).toEqual([])
  show({ state: 'offline', kept: true }, 5000)
  show({ state: 'connecting' }, 5000)
  show({ state: 'saving' }, 5000)
  show({ state: 'saved' }, 5000)
  show({ state: 'saving' }, 5000)
  show({ state: 'saved' }, 5000)
  expect(said).toEqual(['Offline, kept on this device', 'Saved'])
  spoken.stop()
})
