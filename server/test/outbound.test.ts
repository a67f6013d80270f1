import { expect, test } from 'vitest'
import { Outbound, type Queue } from '../outbound.ts'

class QueueDouble implements Queue {
  isShed = false
  bytes: number
  measured = 0

  constructor(bytes: number) {
    this.bytes = bytes
  }

  get bufferedBytes(): number {
    this.measured++
    return this.isShed ? 0 : this.bytes
  }

  shed(): void {
    this.isShed = true
  }
}

const shed = (queues: readonly QueueDouble[]) =>
  queues.filter((queue) => queue.isShed).map((queue) => queue.bytes)

test('[L4] when too much waits for all together, the largest queues go until three quarters of the limit remain', () => {
  const queues = [100, 300, 200, 250, 200].map((bytes) => new QueueDouble(bytes))
  const outbound = new Outbound(1000, () => queues)
  outbound.gave(1000)
  expect(shed(queues)).toEqual([])
  outbound.gave(1)
  expect(shed(queues)).toEqual([300])
})

test('[L4] what has left meanwhile is not held against anybody', () => {
  const queues = [500, 400].map((bytes) => new QueueDouble(bytes))
  const outbound = new Outbound(1000, () => queues)
  for (let i = 0; i < 100; i++) outbound.gave(1000)
  expect(shed(queues)).toEqual([])
  queues.push(new QueueDouble(101))
  outbound.gave(101)
  expect(shed(queues)).toEqual([500])
})

test('[L4] a send does not walk the queues, not even beside the limit', () => {
  const queue = new QueueDouble(100_000)
  const outbound = new Outbound(100_000, () => [queue])
  for (let i = 0; i < 100_000; i++) outbound.gave(10)
  expect(queue.measured).toBeLessThan(1000)
  expect(queue.isShed).toBe(false)
})

test('[L4] what is told while queues go does not let more of them go', () => {
  const queues: QueueDouble[] = [600, 300, 200].map((bytes) => new QueueDouble(bytes))
  const outbound = new Outbound(1000, () => queues)
  queues[0]!.shed = () => {
    queues[0]!.isShed = true
    queues[1]!.bytes = 900
    outbound.gave(2000)
  }
  outbound.gave(1001)
  expect(shed(queues)).toEqual([600])
})
