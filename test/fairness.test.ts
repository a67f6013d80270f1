import { expect, onTestFinished, test } from 'vitest'
import * as Y from 'yjs'
import { coscribeWire } from '../server/protocol/y-websocket.ts'
import { updateFrame } from '../server/test/wire-frames.ts'
import { enter } from './bad-input/guest.ts'
import { Person } from './bad-input/person.ts'
import { wsFrame } from './bad-input/raw-socket.ts'
import { ServerChild } from './bad-input/server-child.ts'
import { RawClient, start, StockClient } from './running-server.ts'
import { until } from './until.ts'

/** Frames of somebody who inserts so many texts, one frame each. */
function burst(frames: number, clientId: number, text: string): Uint8Array[] {
  const doc = new Y.Doc()
  doc.clientID = clientId
  const made: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => made.push(updateFrame(update)))
  for (let i = 0; i < frames; i++) doc.getText('burst').insert(0, text)
  return made
}

const p99 = (times: readonly number[]) =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0

test('[R7][R9] a burst in one room delays typing in another by at most 50 ms at p99', async () => {
  const server = await ServerChild.start()
  onTestFinished(() => server.end())
  const [ann, bob] = [
    await Person.arrive({ port: server.port, path: 'quiet' }, 'ann', 1),
    await Person.arrive({ port: server.port, path: 'quiet' }, 'bob', 2),
  ]
  const typing = async (words: number) => {
    const times: number[] = []
    for (let i = 0; i < words; i++) times.push(await ann.typesTo(bob, `word${i} `))
    return times
  }
  await typing(200)
  const calm = await typing(300)
  const stranger = await enter({ port: server.port, path: 'busy' }, 'y-websocket')
  const small = Buffer.concat(burst(20_000, 7, 'abc').map((frame) => wsFrame(frame)))
  const [large] = burst(1, 8, 'x'.repeat(3_000_000))
  const many = new Y.Doc()
  many.clientID = 9
  many.transact(() => {
    for (let i = 0; i < 100_000; i++) many.getText('letters').insert(0, 'y')
  })
  // And some where others have written much: Yjs walks past all of that for every letter.
  many.transact(() => {
    for (let i = 0; i < 300; i++) many.getText('burst').insert(0, 'z')
  })
  const letters = updateFrame(Y.encodeStateAsUpdate(many))
  const busy: number[] = []
  for (const bytes of [small, wsFrame(large ?? letters), wsFrame(letters)]) {
    stranger.write(bytes)
    busy.push(...(await typing(200)))
  }
  // On a machine with other things to do everything takes longer, the calm words, too.
  expect(p99(busy)).toBeLessThan(Math.max(p99(calm) + 50, 5 * p99(calm)))
})

/** A figure of the server's metrics. */
async function figure(host: string, name: string): Promise<number> {
  const text = await (await fetch(`http://${host}/metrics`)).text()
  return Number(new RegExp(`^coscribe_${name} (\\S+)$`, 'm').exec(text)?.[1])
}

test('[C2] readers that stop reading are owed no more than their limit, keep their connection, and catch up', async () => {
  const maxBufferedBytes = 256 * 1024
  const server = await start({ limits: { maxBufferedBytes } })
  const [writer, quick] = [new StockClient(server, 'doc'), new StockClient(server, 'doc')]
  await Promise.all([writer.synced(), quick.synced()])
  const slow = await Promise.all([1, 2, 3].map(() => RawClient.ready(server, 'doc')))
  for (const { socket } of slow) socket.pause()
  const piece = 'x'.repeat(20_000)
  let most = 0
  for (let i = 1; i <= 600; i++) {
    writer.types(piece)
    await quick.reads(piece.repeat(i))
    if (i % 20 === 0) most = Math.max(most, await figure(server.host, 'buffered_bytes'))
  }
  // Each may have been given one more message when it was just below the limit.
  expect(most).toBeGreaterThan(maxBufferedBytes)
  expect(most).toBeLessThan(slow.length * (maxBufferedBytes + 50_000))
  for (const client of slow) {
    const framesBefore = client.frames.length
    client.socket.resume()
    await until(() => readBy(client).length === 600 * piece.length, [client, 'frame'])
    expect(client.closing).toBeNull()
    expect(client.frames.length - framesBefore).toBeLessThan(600)
  }
})

/** What a client reads that applies all that it was sent. */
function readBy({ frames }: RawClient): string {
  const doc = new Y.Doc()
  for (const message of frames.map((each) => coscribeWire.decode(each))) {
    if (message.type === 'sync-step-2' || message.type === 'update') Y.applyUpdate(doc, message.update)
  }
  return doc.getText('text').toJSON()
}
