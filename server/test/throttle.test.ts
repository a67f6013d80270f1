import { expect, test } from 'vitest'
import { RequestRates, Throttle } from '../throttle.ts'

const limits = {
  maxMessagesPerSecond: 100,
  maxBytesPerSecond: 1000,
  maxThrottledMs: 30_000,
  maxFrameBytes: 2000,
}

test('[L3] ten seconds’ worth of messages may come at once; the next ones wait for as long as they took too much', () => {
  const throttle = new Throttle(limits, 0)
  for (let i = 0; i < 1000; i++) expect(throttle.charge(1, 1, 0)).toBe(0)
  expect(throttle.charge(1, 1, 0)).toBe(10)
  expect(throttle.charge(9, 1, 0)).toBe(100)
  expect(throttle.charge(0, 0, 99)).toBe(1)
  expect(throttle.charge(0, 0, 100)).toBe(0)
})

test('[L3] who sends at the limit for ever never waits', () => {
  const throttle = new Throttle(limits, 0)
  for (let second = 0; second < 1000; second++) expect(throttle.charge(100, 1000, second * 1000)).toBe(0)
})

test('[L3] two of the largest frames never wait, however low the limit for a second is', () => {
  const throttle = new Throttle({ ...limits, maxFrameBytes: 1_000_000 }, 0)
  expect([throttle.charge(1, 1_000_000, 0), throttle.charge(1, 1_000_000, 0)]).toEqual([0, 0])
  expect(throttle.charge(1, 500, 0)).toBe(500)
})

test('[L3] who uses up everything again and again for 30 s is sent away, whoever is quiet for a second is not', () => {
  const flood = (quiet: boolean) => {
    const throttle = new Throttle(limits, 0)
    throttle.charge(1001, 0, 0)
    for (let now = 1000; now < 100_000; now += 1000) {
      if (quiet && now % 10_000 === 0) now += 3000
      if (throttle.charge(101, 0, now) === Infinity) return now
    }
    return null
  }
  expect(flood(false)).toBe(30_000)
  expect(flood(true)).toBeNull()
})

test('[L3] a debt that can not be paid in time is not waited for', () => {
  expect(new Throttle(limits, 0).charge(1000 + 3000, 0, 0)).toBe(30_000)
  expect(new Throttle(limits, 0).charge(1000 + 3001, 0, 0)).toBe(Infinity)
})

test('[L3] a clock that is set back neither gives nor takes', () => {
  const throttle = new Throttle(limits, 1_000_000)
  expect(throttle.charge(1000, 0, 0)).toBe(0)
  expect(throttle.charge(1, 0, 0)).toBe(10)
})

test('[L8] an address may make ten seconds’ worth of requests at once, and then so many each second', () => {
  const rates = new RequestRates(10)
  for (let i = 0; i < 100; i++) expect(rates.waitSeconds('eve', 0)).toBe(0)
  for (let i = 0; i < 100; i++) expect(rates.waitSeconds('eve', 0)).toBe(1)
  expect(rates.waitSeconds('ann', 0)).toBe(0)
  expect(rates.waitSeconds('eve', 99)).toBe(1)
  expect(rates.waitSeconds('eve', 100)).toBe(0)
  expect(rates.waitSeconds('eve', 101)).toBe(1)
})

test('[L8][C1] requests from many addresses do not fill the memory: the longest silent are forgotten', () => {
  const rates = new RequestRates(1)
  const isKnown = (address: string) => rates.waitSeconds(address, 0) > 0
  const useUp = (address: string) => {
    for (let i = 0; i < 10; i++) rates.waitSeconds(address, 0)
  }
  useUp('old')
  useUp('asks on')
  for (let i = 0; i < 9_998; i++) rates.waitSeconds(`${i}`, 0)
  expect(isKnown('asks on')).toBe(true)
  rates.waitSeconds('one more', 0)
  expect([isKnown('asks on'), isKnown('old')]).toEqual([true, false])
})
