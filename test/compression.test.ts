import { once } from 'node:events'
import { connect } from 'node:net'
import { createDeflateRaw } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import type { WebSocket } from 'ws'
import { step1Frame } from '../server/test/wire-frames.ts'
import { handshake } from './handshake.ts'
import { exchange, RawClient, type RunningServer, StockClient, start } from './running-server.ts'
import { until } from './until.ts'

const offer = 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits'

async function answerTo(server: RunningServer, ...headers: readonly string[]): Promise<string> {
  const answer = await exchange(server, handshake('/doc', ...headers), (bytes) => bytes.includes('\r\n\r\n'))
  return answer.toString('latin1')
}

test('[L10] without the option nothing is compressed, whatever a client offers', async () => {
  expect(await answerTo(await start(), offer)).not.toContain('permessage-deflate')
})

test('[L10] with it nothing is remembered between messages, in either direction', async () => {
  const answer = await answerTo(await start({ compression: true }), offer)
  expect(answer).toContain('permessage-deflate')
  expect(answer).toContain('server_no_context_takeover')
  expect(answer).toContain('client_no_context_takeover')
  expect(await answerTo(await start({ compression: true }))).not.toContain('permessage-deflate')
})

test('[L10] stock clients write together over compressed sockets, and much less is sent', async () => {
  const server = await start({ compression: true })
  const [ann, bob] = [new StockClient(server, 'doc'), new StockClient(server, 'doc')]
  await Promise.all([ann.synced(), bob.synced()])
  expect((ann.provider.ws as unknown as WebSocket).extensions).toBe('permessage-deflate')
  const long = 'the same words again and again; '.repeat(10_000)
  ann.types(long)
  await bob.reads(long)
  bob.types('!')
  await ann.reads(`${long}!`)
  const cat = new RawClient(`ws://${server.host}/doc`)
  await cat.hears((frame) => frame[0] === 0)
  cat.send(step1Frame())
  const whole = await cat.hears((frame) => frame[0] === 0 && frame[1] === 1)
  const { bytesRead } = (cat.socket as unknown as { _socket: { bytesRead: number } })._socket
  expect(whole.length).toBeGreaterThan(long.length)
  expect(bytesRead).toBeLessThan(long.length / 20)
})

/** So many zeros, deflated without ever being there in one piece. */
async function bomb(megabytes: number): Promise<Buffer> {
  const deflate = createDeflateRaw()
  const chunks: Buffer[] = []
  deflate.on('data', (chunk: Buffer) => chunks.push(chunk))
  const zeros = Buffer.alloc(1024 * 1024)
  for (let i = 0; i < megabytes; i++) if (!deflate.write(zeros)) await once(deflate, 'drain')
  await new Promise<void>((resolve) => deflate.flush(() => resolve()))
  deflate.close()
  // What ends each flush is left out on the wire.
  return Buffer.concat(chunks).subarray(0, -4)
}

/** A compressed binary message as a client sends it; masked with zeros, that is, not at all. */
function compressedFrame(payload: Buffer): Buffer {
  const head = Buffer.alloc(14)
  head[0] = 0x80 | 0x40 | 2
  head[1] = 0x80 | 127
  head.writeBigUInt64BE(BigInt(payload.length), 2)
  return Buffer.concat([head, payload])
}

test('[L10] a deflate bomb ends its connection with 1009, and is never inflated', async () => {
  const megabyte = 1024 * 1024
  const limits = { maxFrameBytes: 4 * megabyte, maxDocumentBytes: 2 * megabyte }
  const server = await start({ compression: true, limits })
  const ann = await new StockClient(server, 'doc').synced()
  const frame = compressedFrame(await bomb(90))
  expect(frame.length).toBeLessThan(100_000)
  const before = process.memoryUsage().rss
  let peak = before
  for (let round = 0; round < 20; round++) {
    const socket = connect(server.server.port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    let answer = Buffer.alloc(0)
    socket.on('data', (chunk) => (answer = Buffer.concat([answer, chunk])))
    socket.write(handshake('/doc', offer))
    await until(() => answer.includes('\r\n\r\n'), [socket, 'data'])
    // The sync step 1 says that it has been let in.
    await until(() => answer.length > answer.indexOf('\r\n\r\n') + 4, [socket, 'data'])
    socket.write(frame)
    const closing = Buffer.from([0x03, 0xf1])
    await until(() => answer.includes(closing), [socket, 'data'])
    peak = Math.max(peak, process.memoryUsage().rss)
    socket.destroy()
  }
  // It grows by 20 MB over all of them; a single one that was inflated would be 90.
  expect(peak - before).toBeLessThan(64 * megabyte)
  ann.types('still here')
  const bob = new StockClient(server, 'doc')
  await bob.reads('still here')
  expect(await (await server.request('/metrics')).text()).toContain('{code="1009"} 20')
})
