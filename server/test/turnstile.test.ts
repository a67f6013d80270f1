import { expect, test } from 'vitest'
import { Turnstile } from '../turnstile.ts'
import { FakeClock } from './fake-clock.ts'

/** Time that goes on while things are done, and turns that end when the test says so. */
class BusyClock extends FakeClock {
  spentMs = 0
  #due: (() => void)[] = []

  override now(): number {
    return super.now() + this.spentMs
  }

  override soon(run: () => void): void {
    this.#due.push(run)
  }

  /** Ends this turn. */
  async next(): Promise<void> {
    for (const run of this.#due.splice(0)) run()
    await Promise.resolve()
  }
}

test('[R12] a few pass at once, a crowd a few a turn in its order, and whoever comes later queues up', async () => {
  const clock = new BusyClock()
  const turnstile = new Turnstile(clock, 2)
  const passed: string[] = []
  const come = (...names: readonly string[]) => {
    for (const name of names) {
      const wait = turnstile.pass()
      if (wait === null) passed.push(name)
      else void wait.then(() => passed.push(name))
      clock.spentMs += 5
    }
  }
  come('a', 'b', 'c', 'd', 'e')
  expect(passed).toEqual(['a', 'b'])
  await clock.next()
  expect(passed).toEqual(['a', 'b', 'c', 'd'])
  come('f')
  expect(passed).toEqual(['a', 'b', 'c', 'd'])
  await clock.next()
  expect(passed).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  await clock.next()
  come('g')
  expect(passed.at(-1)).toBe('g')
})
