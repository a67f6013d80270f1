import { expect, test } from 'vitest'
import { Portions } from '../transports/portions.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

function scene() {
  const received: number[] = []
  let isRead = true
  const source = { pause: () => void (isRead = false), resume: () => void (isRead = true) }
  const portions = new Portions(source, ([number]) => received.push(number ?? -1))
  return { received, portions, isRead: () => isRead }
}

test('[R7] many messages at once are handed on in order, some every turn, and nothing more is read meanwhile', async () => {
  const { received, portions, isRead } = scene()
  for (let i = 0; i < 250; i++) portions.take(new Uint8Array([i]))
  expect([received.length, isRead()]).toEqual([128, false])
  portions.take(new Uint8Array([250]))
  await turn()
  expect(received).toEqual(Array.from({ length: 251 }, (_, index) => index))
  expect(isRead()).toBe(true)
  portions.take(new Uint8Array([251]))
  expect(received.at(-1)).toBe(251)
})

test('[L3] a socket that is held is not read when a portion ends, and is when it is released', async () => {
  const { portions, isRead } = scene()
  for (let i = 0; i < 130; i++) portions.take(new Uint8Array([i]))
  portions.hold()
  await turn()
  expect(isRead()).toBe(false)
  portions.release()
  expect(isRead()).toBe(true)
})

test('[C1] what waits when the socket ends is handed on before', () => {
  const { received, portions } = scene()
  for (let i = 0; i < 200; i++) portions.take(new Uint8Array([i]))
  portions.end()
  expect(received).toHaveLength(200)
})
