import { beforeEach, describe, expect, test } from 'vitest'
import { FlushPace } from '../flush-pace.ts'
import { FlushSchedule } from '../flush-schedule.ts'
import { FakeClock } from './fake-clock.ts'

describe('[R10] the pace', () => {
  const pace = new FlushPace()
  pace.flushed(1000)

  test('is at once after a pause, and always where few listen', () => {
    expect(new FlushPace().delay(1000, 200, 1)).toBe(0)
    expect(pace.delay(1000, 6, 1)).toBe(0)
    expect(pace.delay(1100, 200, 1)).toBe(0)
  })

  test.each([
    [2, 20, 4.8],
    [2, 60, 14.4],
    [2, 105, 23],
    [4, 150, 18],
    [6, 200, 13],
    [7, 208, 10.5],
    [48, 1000, 8],
  ])('is at the %s. edit for %s peers, or after %s ms', (edits, peers, ms) => {
    expect(pace.delay(1000, peers, edits)).toBe(0)
    expect(pace.delay(1000, peers, edits - 1)).toBeCloseTo(ms)
    expect(pace.delay(1000 + ms, peers, 1)).toBe(0)
  })
})

describe('[R10] the schedule', () => {
  let clock: FakeClock
  let flushes: number
  let schedule: FlushSchedule

  beforeEach(() => {
    clock = new FakeClock()
    flushes = 0
    schedule = new FlushSchedule(clock, () => {
      flushes++
      schedule.flushed()
    })
  })

  const arrive = (edits: number) => schedule.arrived(edits, 200)

  test('takes all that comes in one turn into one flush', async () => {
    arrive(1)
    arrive(2)
    await clock.turn()
    expect(flushes).toBe(1)
  })

  test('flushes for a last edit when its time has come', async () => {
    arrive(1)
    await clock.turn()
    arrive(1)
    await clock.advance(12)
    expect(flushes).toBe(1)
    await clock.advance(1)
    expect([flushes, clock.timers]).toEqual([2, 0])
  })

  test('does not wait for the time when enough have come, and then not for it again', async () => {
    arrive(1)
    await clock.turn()
    for (let edits = 1; edits <= 6; edits++) arrive(edits)
    await clock.turn()
    expect([flushes, clock.timers]).toEqual([2, 0])
  })

  test('has no timer left when somebody else flushed', () => {
    schedule.flushed()
    arrive(1)
    schedule.flushed()
    expect(clock.timers).toBe(0)
  })
})
