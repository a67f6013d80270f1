import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { Frame } from '../protocol/messages.ts'
import { Portions } from '../transports/portions.ts'
import { websocketTransport } from '../transports/websocket.ts'

/** A client, and the server's transport to it. */
async function pair(perMessageDeflate = false) {
  const http = createServer().listen(0, '127.0.0.1')
  await once(http, 'listening')
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: perMessageDeflate && { threshold: 0 },
  })
  const upgraded = once(http, 'upgrade')
  const client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`, {
    perMessageDeflate,
  })
  const received: Buffer[] = []
  client.on('message', (data: Buffer) => received.push(data))
  const opened = once(client, 'open')
  const [request, raw, head] = (await upgraded) as [
    Parameters<WebSocketServer['handleUpgrade']>[0],
    Duplex,
    Buffer,
  ]
  const socket = await new Promise<WebSocket>((resolve) => sockets.handleUpgrade(request, raw, head, resolve))
  await opened
  onTestFinished(() => {
    client.terminate()
    http.close()
  })
  return {
    client,
    socket,
    received,
    transport: websocketTransport(socket, raw, new Portions(socket, () => {})),
  }
}

const bytes = (length: number, fill: number) => new Uint8Array(length).fill(fill)
const message = (length: number, fill: number) => new Frame(bytes(length, fill))

test('[C5] contract: what is written past ws 8.23 arrives whole and in its place among what ws sends itself', async () => {
  const { client, socket, received, transport } = await pair()
  const lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 200_000]
  for (const [index, length] of lengths.entries()) {
    transport.send(message(length, index))
    socket.send(Buffer.from([200 + index]))
    transport.ping()
  }
  socket.close(4000, 'over')
  transport.send(message(3, 99))
  const [code] = (await once(client, 'close')) as [number]
  expect(code).toBe(4000)
  const wanted = lengths.flatMap((length, index) => [
    Buffer.from(bytes(length, index)),
    Buffer.from([200 + index]),
  ])
  expect(received).toEqual(wanted)
})

test('[C5] where compression was negotiated, ws sends everything', async () => {
  const { client, received, transport } = await pair(true)
  expect(client.extensions).toBe('permessage-deflate')
  for (const [index, length] of [1000, 10, 70_000].entries()) transport.send(message(length, index))
  transport.close(4500, 'over')
  await once(client, 'close')
  expect(received.map((data) => [data.length, data[0]])).toEqual([
    [1000, 0],
    [10, 1],
    [70_000, 2],
  ])
})

test('[C5] a message for many is framed once', async () => {
  const [one, two] = [await pair(), await pair()]
  const shared = message(300, 7)
  const written: unknown[] = []
  for (const { transport, socket } of [one, two]) {
    const raw: unknown = Reflect.get(socket, '_socket')
    if (!(raw instanceof Object) || !('write' in raw)) throw new Error('ws keeps its socket elsewhere')
    const write = raw.write as (...args: unknown[]) => boolean
    Reflect.set(raw, 'write', (...args: unknown[]) => {
      written.push(args[0])
      return write.apply(raw, args)
    })
    transport.send(shared)
  }
  expect(written).toHaveLength(2)
  expect(written[0]).toBe(written[1])
})
