import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { setMaxPayload, unfinishedBytes } from '../transports/ws-internals.ts'

async function pair(perMessageDeflate: boolean) {
  const http = createServer().listen(0, '127.0.0.1')
  await once(http, 'listening')
  const sockets = new WebSocketServer({ server: http, maxPayload: 1000, perMessageDeflate })
  const client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`, {
    perMessageDeflate,
  })
  const [server] = (await once(sockets, 'connection')) as [WebSocket]
  onTestFinished(() => {
    client.terminate()
    sockets.close()
    http.close()
  })
  client.on('error', () => {})
  server.on('error', () => {})
  if (client.readyState !== client.OPEN) await once(client, 'open')
  return { client, server }
}

const deflated = (yes: boolean) => (yes ? 'deflated' : 'plain')

test.each([false, true])(
  '[L6] contract: ws 8.23 takes larger messages once it is told to (deflate: %s)',
  async (yes) => {
    const { client, server } = await pair(yes)
    expect(client.extensions, deflated(yes)).toBe(yes ? 'permessage-deflate' : '')
    setMaxPayload(server, 5000)
    client.send(Buffer.alloc(5000, 1))
    const [data] = (await once(server, 'message')) as [Buffer]
    expect(data.length).toBe(5000)
    client.send(Buffer.alloc(5001, 1))
    expect((await once(client, 'close'))[0]).toBe(1009)
  },
)

test.each([false, true])('[L6] contract: ws 8.23 takes only smaller ones then (deflate: %s)', async (yes) => {
  const { client, server } = await pair(yes)
  setMaxPayload(server, 10)
  client.send(Buffer.alloc(11))
  expect((await once(client, 'close'))[0]).toBe(1009)
})

test('[L4] contract: ws 8.23 tells how much it holds of a message that is not whole', async () => {
  const { client, server } = await pair(false)
  setMaxPayload(server, 1_000_000)
  expect(unfinishedBytes(server)).toBe(0)
  const first = Buffer.alloc(1000)
  client.send(first, { fin: false })
  // The ping travels behind it.
  client.ping()
  await once(server, 'ping')
  expect(unfinishedBytes(server)).toBe(1000)
  const socket: unknown = Reflect.get(client, '_socket')
  // A frame of 100,000 bytes, of which a part has come.
  const part = Buffer.concat([
    Buffer.from([0x80, 0xff, 0, 0, 0, 0, 0, 1, 0x86, 0xa0, 0, 0, 0, 0]),
    Buffer.alloc(5000),
  ])
  ;(socket as Socket).write(part)
  while (unfinishedBytes(server) < 6000) await new Promise((resolve) => setImmediate(resolve))
  expect(unfinishedBytes(server)).toBe(6000)
  for (const moved of [{}, { _receiver: { _bufferedBytes: 1 } }])
    expect(() => unfinishedBytes(moved as WebSocket)).toThrow('elsewhere')
})

test('[L6] contract: a ws that keeps its limits elsewhere is noticed', () => {
  const moved: unknown[] = [
    {},
    { _receiver: {} },
    { _receiver: { _maxPayload: 1 } },
    { _receiver: null, _extensions: {} },
  ]
  for (const socket of moved) expect(() => setMaxPayload(socket as WebSocket, 1)).toThrow('elsewhere')
})
