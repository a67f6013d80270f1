import { expect, test } from 'vitest'
import { backoffMs } from '../backoff.ts'

const longest = (attempt: number) => backoffMs(attempt, () => 1)

test('[S2] a page that has just been opened connects at once', () => expect(longest(0)).toBe(0))

test('[S2] the longest wait doubles from half a second and ends at 30 s', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 8, 20, 1000, 1e6].map(longest)
  expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000, 30_000])
})

test('[S2] the wait is a random part of it, down to nothing', () => {
  expect(backoffMs(4, () => 0)).toBe(0)
  expect(backoffMs(4, () => 0.25)).toBe(1000)
})
