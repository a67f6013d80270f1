import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import * as Y from 'yjs'
import { metaName, schemaKey } from '../server/protocol/document.ts'
import { awarenessUpdate } from '../server/test/awareness-frames.ts'
import {
  awarenessFrame,
  helloFrame,
  step1Frame,
  step2Frame,
  updateFrame,
} from '../server/test/wire-frames.ts'
import { handshake } from './handshake.ts'
import { exchange, HandClock, RawClient, start } from './running-server.ts'
import { until } from './until.ts'

function textUpdate(text: string, clientId = 1): Uint8Array {
  const doc = new Y.Doc()
  doc.clientID = clientId
  doc.getText('text').insert(0, text)
  return Y.encodeStateAsUpdate(doc)
}

const isSaved = (through: number) => (frame: Uint8Array) => frame[0] === 8 && frame[1] === through

test('[W4] a client that says hello is told its role, asked for what it has, and told what is saved', async () => {
  const server = await start()
  const client = await RawClient.open(server, 'doc')
  expect(client.socket.protocol).toBe('coscribe.1')
  client.send(
    helloFrame(),
    step1Frame(),
    step2Frame(new Uint8Array([0, 0])),
    updateFrame(textUpdate('hello')),
  )
  await client.hears(isSaved(2))
  expect(client.frames.slice(0, 3).map((frame) => frame[0])).toEqual([11, 0, 0])
  expect(client.ours[0]).toEqual({ type: 'notice', notice: { kind: 'role', role: 'editor' } })
  const stored = await server.storage.load('doc')
  expect(stored.records).toHaveLength(1)
})

test('[W5] the count starts anew with every connection', async () => {
  const server = await start()
  for (const text of ['a', 'b']) {
    const client = await RawClient.ready(server, 'doc')
    client.send(updateFrame(textUpdate(text, text.charCodeAt(0))))
    await client.hears(isSaved(1))
  }
})

test('[W5] a refused frame is told and the next ones are saved', async () => {
  const server = await start()
  const client = await RawClient.ready(server, 'doc')
  client.send(updateFrame(new Uint8Array([9])), updateFrame(textUpdate('fine')))
  await client.hears(isSaved(2))
  const kinds = client.ours.map((message) => (message as { type: string }).type)
  expect(kinds).toEqual(['notice', 'refused', 'saved'])
  expect(await client.readsAll()).toBe('fine')
})

test('[W4] a first message that is no hello closes with 4400', async () => {
  const server = await start()
  const client = await RawClient.open(server, 'doc')
  client.send(step1Frame())
  expect((await client.closed()).code).toBe(4400)
  expect(client.frames).toEqual([])
})

test('[C1] who says no hello is closed with 4509', async () => {
  const clock = new HandClock()
  const server = await start({ clock })
  const client = await RawClient.open(server, 'doc')
  for (let second = 0; second < 12; second++) await clock.advance(1000)
  expect((await client.closed()).code).toBe(4509)
})

test('[A2] a wrong token closes with 4401; the right one, or a cookie, lets in', async () => {
  const server = await start({ password: 'swordfish' })
  for (const token of ['tuna', '', undefined]) {
    const client = await RawClient.open(server, 'doc')
    client.send(helloFrame({ client: 't', schema: 1, token }))
    expect((await client.closed()).code).toBe(4401)
  }
  const client = await RawClient.open(server, 'doc')
  client.send(helloFrame({ client: 't', schema: 1, token: 'swordfish' }))
  await client.hears((frame) => frame[0] === 11)
  const signIn = await server.send('POST', '/api/session', { password: 'swordfish' })
  const cookie = signIn.headers.get('set-cookie')?.split(';')[0] ?? ''
  const address = `ws://${server.host}/doc`
  const withCookie = new RawClient(address, ['coscribe.1'], { Cookie: `other=1; ${cookie}; more=2` })
  await once(withCookie.socket, 'open')
  withCookie.send(helloFrame())
  await withCookie.hears((frame) => frame[0] === 11)
  const forged = new RawClient(address, [], { Cookie: 'coscribe_session=swordfish' })
  expect((await forged.closed()).code).toBe(4401)
})

test('[A2] a cookie that is no percent-encoding is only a wrong cookie', async () => {
  const server = await start({ password: 'swordfish' })
  const client = new RawClient(`ws://${server.host}/doc`, [], { Cookie: 'coscribe_session=%' })
  const outcome = await Promise.race([
    client.closed().then(({ code }) => code),
    // What is thrown there ends the process of a real server.
    once(process, 'uncaughtException').then(() => 'the server has crashed'),
  ])
  expect(outcome).toBe(4401)
})

test('[A4] after ten wrong tokens not even the right one is listened to', async () => {
  const clock = new HandClock()
  const server = await start({ password: 'swordfish', clock })
  const codeFor = async (token: string) => {
    const client = new RawClient(`ws://${server.host}/doc?token=${token}`)
    await until(() => client.closing !== null || client.frames.length > 0, [client, 'frame'])
    return client.closing?.code ?? 'in'
  }
  for (let guess = 0; guess < 10; guess++) expect(await codeFor(`guess${guess}`)).toBe(4401)
  expect(await codeFor('swordfish')).toBe(4401)
  await clock.advance(60_000)
  expect(await codeFor('swordfish')).toBe('in')
})

test('[W6] a document of a newer schema is read-only to this client, and it is told why', async () => {
  const server = await start()
  const future = new Y.Doc()
  future.getMap(metaName).set(schemaKey, 99)
  future.getText('text').insert(0, 'from the future')
  await server.storage.append([{ document: 'doc', records: [Y.encodeStateAsUpdate(future)], at: 0 }])
  const client = await RawClient.ready(server, 'doc')
  client.send(updateFrame(textUpdate('damage')))
  await client.hears((frame) => frame[0] === 9)
  expect(client.ours).toEqual([
    { type: 'notice', notice: { kind: 'schema-too-old', schema: 99 } },
    { type: 'notice', notice: { kind: 'role', role: 'viewer' } },
    expect.objectContaining({ type: 'refused', frame: 1, code: 'forbidden' }),
  ])
  expect(client.frames.some((frame) => frame[0] === 0 && frame[1] === 0)).toBe(false)
  expect(await client.readsAll()).toBe('from the future')
})

test('[W2] a text frame closes with 1003', async () => {
  const client = await RawClient.ready(await start(), 'doc')
  client.send('hello')
  expect((await client.closed()).code).toBe(1003)
})

test('[C1] a frame above the limit closes with 1009, one at the limit does not', async () => {
  const maxFrameBytes = 64 * 1024 + 1000
  const server = await start({ limits: { maxDocumentBytes: 1000, maxFrameBytes } })
  const client = await RawClient.ready(server, 'doc')
  const textFrame = (length: number) => updateFrame(textUpdate('x'.repeat(length)))
  const fitting = textFrame(maxFrameBytes - (textFrame(50_000).length - 50_000))
  expect(fitting.length).toBe(maxFrameBytes)
  client.send(fitting, updateFrame(textUpdate('fine', 2)))
  await client.hears(isSaved(2))
  client.send(new Uint8Array(maxFrameBytes + 1))
  expect((await client.closed()).code).toBe(1009)
})

test('[W2] a malformed frame closes with 4400 and leaves the others alone', async () => {
  const server = await start()
  const [eve, ann] = [await RawClient.ready(server, 'doc'), await RawClient.ready(server, 'doc')]
  eve.send(new Uint8Array([77]))
  expect((await eve.closed()).code).toBe(4400)
  ann.send(updateFrame(textUpdate('fine')))
  await ann.hears(isSaved(1))
})

test('[C3] a client that only listens hears something every 20 s', async () => {
  const clock = new HandClock()
  const server = await start({ clock })
  const client = new RawClient(`ws://${server.host}/doc`)
  await client.hears((frame) => frame[0] === 0)
  for (let second = 0; second < 41; second++) {
    const pinged = second === 24 ? once(client.socket, 'ping') : null
    await clock.advance(1000)
    await pinged
    if (pinged !== null) await server.request('/healthz')
  }
  await until(() => client.frames.length >= 3, [client, 'frame'])
  expect(client.frames.slice(1).map((frame) => [...frame])).toEqual([
    [1, 1, 0],
    [1, 1, 0],
  ])
})

test('[C3] a client that stops answering pings is dropped, and the others see it go', async () => {
  const clock = new HandClock()
  const server = await start({ clock })
  const dead = new RawClient(`ws://${server.host}/doc`, [], {}, false)
  const alive = new RawClient(`ws://${server.host}/doc`)
  await Promise.all([dead, alive].map((client) => client.hears((frame) => frame[0] === 0)))
  dead.send(awarenessFrame(awarenessUpdate({ client: 1, clock: 1, state: '{}' })))
  // Its presence and the answer to a ping travel one after the other, so an answered ping means it arrived.
  for (let second = 0; second < 52 && dead.closing === null; second++) {
    const pinged = second === 24 || second === 49 ? once(alive.socket, 'ping') : null
    await clock.advance(1000)
    await pinged
    if (pinged !== null) await (await server.request('/healthz')).text()
  }
  expect((await dead.closed()).code).toBe(1006)
  await alive.hears((frame) => frame[0] === 1 && new TextDecoder().decode(frame).endsWith('null'))
  expect(alive.closing).toBeNull()
})

test('[A5] a stranger’s page gets 403 before a WebSocket exists; so does a name made to point here', async () => {
  const server = await start({ allowOrigin: ['https://docs.example.com'] })
  const answerTo = async (...headers: string[]) => {
    const answer = await exchange(server, handshake('/doc', ...headers), (sofar) =>
      sofar.includes('\r\n\r\n'),
    )
    return answer.toString('latin1').split('\r\n')[0]
  }
  expect(await answerTo('Origin: https://evil.test')).toBe('HTTP/1.1 403 Forbidden')
  expect(await answerTo('Origin: null')).toBe('HTTP/1.1 403 Forbidden')
  expect(await answerTo('Origin: https://docs.example.com')).toBe('HTTP/1.1 101 Switching Protocols')
  expect(await answerTo('Origin: http://localhost:5173')).toBe('HTTP/1.1 101 Switching Protocols')
  expect(await answerTo()).toBe('HTTP/1.1 101 Switching Protocols')
  const rebound = handshake('/doc', 'Origin: http://evil.test').replace('Host: 127.0.0.1', 'Host: evil.test')
  expect((await exchange(server, rebound)).toString()).toContain('403 Forbidden')
  expect(server.log.text).toContain('refused')
})

test.each([
  '/',
  '/..',
  '/a/../b',
  '/%2e%2e%2fa',
  '/a%00',
  '/%',
  '/a%0d%0aX:%20y',
  `/${'x'.repeat(513)}`,
  '/?token=x',
  '//../..',
])(
  '[W1] %s in the request line is closed with 4404, after a handshake so that a browser can tell',
  async (path) => {
    const server = await start()
    const hasClose = (answer: Buffer) =>
      answer.indexOf('\r\n\r\n') !== -1 && answer.length >= answer.indexOf('\r\n\r\n') + 8
    const answer = await exchange(server, handshake(path), hasClose)
    const frame = answer.subarray(answer.indexOf('\r\n\r\n') + 4)
    expect(answer.toString('latin1')).toMatch(/^HTTP\/1.1 101 /)
    expect([frame[0], frame.readUInt16BE(2)]).toEqual([0x88, 4404])
    expect((await server.storage.list(10)).documents).toEqual([])
  },
)

test('[W4] a token offered as a subprotocol never comes back', async () => {
  const server = await start()
  const answers = await Promise.all(
    ['secret-token', 'secret-token, coscribe.1', 'coscribe.1, secret-token'].map((offered) =>
      exchange(server, handshake('/doc', `Sec-WebSocket-Protocol: ${offered}`), (sofar) =>
        sofar.includes('\r\n\r\n'),
      ),
    ),
  )
  const heads = answers.map((answer) => answer.toString('latin1').split('\r\n\r\n')[0] ?? '')
  for (const head of heads) {
    expect(head).toMatch(/^HTTP\/1.1 101 /)
    expect(head).not.toContain('secret-token')
  }
  expect(heads.map((head) => head.includes('coscribe.1'))).toEqual([false, true, true])
  expect(server.log.text).not.toContain('secret-token')
})

test('[A6] no token, query, address or text of a document is in the log, whatever goes wrong', async () => {
  const server = await start({ password: 'swordfish' })
  const ann = await RawClient.open(server, 'doc')
  ann.send(helloFrame({ client: 'secret-client', schema: 1, token: 'swordfish' }))
  ann.send(updateFrame(textUpdate('secret-text')), updateFrame(new TextEncoder().encode('secret-text')))
  await ann.hears((frame) => frame[0] === 9)
  const clients = [
    new RawClient(`ws://${server.host}/doc?token=secret-token`),
    new RawClient(`ws://${server.host}/..%00?token=secret-token`),
    new RawClient(`ws://${server.host}/doc?token=swordfish`, [], {
      Cookie: 'coscribe_session=secret-cookie',
    }),
  ]
  await once(clients[2]!.socket, 'open')
  clients[2]!.send(awarenessFrame(new TextEncoder().encode('secret-presence')))
  await Promise.all(clients.map((client) => client.closed()))
  await server.send('POST', '/api/session', { password: 'secret-guess' })
  await server.request('/api/documents?token=secret-token&cursor=secret-cursor')
  expect(server.log.lines.length).toBeGreaterThan(5)
  for (const secret of ['swordfish', 'secret', '?token']) expect(server.log.text).not.toContain(secret)
})

test('[C4] a server that stops tells its clients to come back, and what they sent is durable', async () => {
  const server = await start()
  const client = await RawClient.ready(server, 'doc')
  client.send(updateFrame(textUpdate('last words')))
  await client.hears(isSaved(1))
  await Promise.all([server.server.close(), server.server.close()])
  expect((await client.closed()).code).toBe(1012)
  const doc = new Y.Doc()
  for (const { bytes } of (await server.storage.load('doc')).records) Y.applyUpdate(doc, bytes)
  expect(doc.getText('text').toJSON()).toBe('last words')
})

test('[C4] a client that does not even answer a closing does not keep the server from stopping', async () => {
  const clock = new HandClock()
  const server = await start({ clock })
  const asleep = connect(server.server.port, '127.0.0.1')
  onTestFinished(() => void asleep.destroy())
  asleep.write(handshake('/doc'))
  await once(asleep, 'data')
  const closing = server.server.close()
  for (let second = 0; second < 30; second++) await clock.advance(1000)
  await closing
}, 8000)

// Fails: server.ts never sends `draining`, so the wait a client is asked for is always its own (SPEC S2).
test('[S2] a server that stops says when to come back', async () => {
  const server = await start()
  const client = await RawClient.ready(server, 'doc')
  await server.server.close()
  await client.closed()
  expect(client.ours.at(-1)).toMatchObject({ type: 'notice', notice: { kind: 'draining' } })
})
