import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import * as Y from 'yjs'
import type { Access } from '../server/access.ts'
import type { AuthenticationRequest } from '../server/authentication.ts'
import { startServer } from '../server/server.ts'
import { MoodyStorage } from '../server/test/moody-storage.ts'
import { helloFrame, queryFrame, step1Frame, updateFrame } from '../server/test/wire-frames.ts'
import { handshake } from './handshake.ts'
import { exchange, HandClock, RawClient, type RunningServer, StockClient, start } from './running-server.ts'
import { until } from './until.ts'

function textUpdate(text: string): Uint8Array {
  const doc = new Y.Doc()
  doc.getText('text').insert(0, text)
  return Y.encodeStateAsUpdate(doc)
}

const proxied = (from: string) => `X-Forwarded-For: ${from}`

/** A handshake as a proxy on this machine passes it on; the socket stays open until the test ends. */
async function knock(server: RunningServer, ...headers: readonly string[]): Promise<string> {
  const answer = await exchange(server, handshake('/doc', ...headers), (bytes) => bytes.includes('\r\n\r\n'))
  return answer.toString().split('\r\n\r\n', 1)[0] ?? ''
}

const statusOf = (head: string) => Number(head.split(' ', 2)[1])

/** A client that is let in, from this address as a trusted proxy says. */
async function from(server: RunningServer, address: string, document = 'doc'): Promise<RawClient> {
  const client = new RawClient(`ws://${server.host}/${document}`, [], { 'X-Forwarded-For': address })
  await client.hears((frame) => frame[0] === 0)
  return client
}

const behindProxy = { trustedProxies: ['127.0.0.1'] }

async function metricsOf(server: RunningServer): Promise<string> {
  return (await server.request('/metrics')).text()
}

describe('[L2] who knocks', () => {
  test('more connections from one address than it may have are refused with 429 before a WebSocket exists', async () => {
    const server = await start({ ...behindProxy, limits: { maxConnectionsPerAddress: 2 } })
    const clients = [await from(server, '1.1.1.1'), await from(server, '1.1.1.1')]
    const refused = await knock(server, proxied('1.1.1.1'))
    expect(refused).toMatch(/^HTTP\/1.1 429 /)
    expect(refused).toMatch(/^Retry-After: \d+$/m)
    await from(server, '2.2.2.2')
    clients[0]!.socket.terminate()
    await until(() => server.log.text.includes('refused'), [clients[0]!, 'frame'])
    await clients[0]!.closed()
    // The server hears of the end in its own time.
    let status = 429
    while (status === 429) status = statusOf(await knock(server, proxied('1.1.1.1')))
    expect(status).toBe(101)
    expect(await metricsOf(server)).toMatch(/coscribe_refused_upgrades_total\{reason="address"\} [1-9]/)
  })

  test('more connections than the server takes are refused with 429, too', async () => {
    const server = await start({ ...behindProxy, limits: { maxConnections: 2 } })
    await from(server, '1.1.1.1')
    await from(server, '2.2.2.2')
    expect(statusOf(await knock(server, proxied('3.3.3.3')))).toBe(429)
    expect(await metricsOf(server)).toMatch(/coscribe_connections 2/)
  })

  test('a full document is 4529, too many documents of one address are 4429', async () => {
    const limits = { maxConnectionsPerDocument: 2, maxDocumentsPerAddress: 2 }
    const server = await start({ ...behindProxy, limits })
    for (const address of ['1.1.1.1', '2.2.2.2']) await from(server, address, 'crowded')
    const third = new RawClient(`ws://${server.host}/crowded`, [], { 'X-Forwarded-For': '3.3.3.3' })
    expect((await third.closed()).code).toBe(4529)
    await from(server, '1.1.1.1', 'another')
    const one = new RawClient(`ws://${server.host}/one-more`, [], { 'X-Forwarded-For': '1.1.1.1' })
    expect((await one.closed()).code).toBe(4429)
    expect(await metricsOf(server)).toContain('coscribe_closed_connections_total{code="4529"} 1')
  })

  test('handshakes that fail are not counted as connections', async () => {
    const server = await start({ limits: { maxConnectionsPerAddress: 1 } })
    for (let i = 0; i < 5; i++) {
      const bad = handshake('/doc').replace(
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        'Sec-WebSocket-Key: no',
      )
      expect((await exchange(server, bad)).toString()).toMatch(/^HTTP\/1.1 400 /)
    }
    await RawClient.ready(server, 'doc')
  })
})

describe('[L5] where a client comes from', () => {
  test('forged headers change nothing where no proxy is trusted, and other headers nothing anywhere', async () => {
    const names = ['X-Forwarded-For', 'CF-Connecting-IP', 'X-Real-IP', 'Forwarded', 'True-Client-IP']
    for (const trustedProxies of [[], ['127.0.0.1']]) {
      const server = await start({ trustedProxies, limits: { maxConnectionsPerAddress: 1 } })
      await from(server, '127.0.0.1')
      const believed = trustedProxies.length > 0 ? ['X-Forwarded-For'] : []
      for (const name of names.filter((each) => !believed.includes(each)))
        expect(statusOf(await knock(server, `${name}: 9.9.9.9`)), name).toBe(429)
      for (const name of believed) expect(statusOf(await knock(server, `${name}: 9.9.9.9`))).toBe(101)
    }
  })

  test('[A4] password guesses are counted by it, and a forged one does not help', async () => {
    const server = await start({ ...behindProxy, password: 'swordfish' })
    const guess = (address: string, password: string) =>
      server.send('POST', '/api/session', { password }, { 'X-Forwarded-For': address })
    for (let i = 0; i < 10; i++) expect((await guess(`${i}.1.1.1, 6.6.6.6`, `guess ${i}`)).status).toBe(401)
    expect((await guess('8.8.8.8, 6.6.6.6', 'swordfish')).status).toBe(429)
    expect((await guess('7.7.7.7', 'swordfish')).status).toBe(200)
  })

  test('a proxy that is no address is told at the start', async () => {
    const starting = startServer({
      storage: new MoodyStorage(),
      port: 0,
      trustedProxies: ['10.0.0.0/8', 'proxy'],
    })
    await expect(starting).rejects.toMatchObject({ code: 'config' })
    await expect(starting).rejects.toThrow('"proxy"')
  })
})

test('[L1] a server whose largest message can not carry its largest document does not start', async () => {
  const starting = startServer({
    storage: new MoodyStorage(),
    port: 0,
    limits: { maxDocumentBytes: 64 * 1024 * 1024 },
  })
  await expect(starting).rejects.toMatchObject({ code: 'config' })
  await expect(starting).rejects.toThrow('make maxFrameBytes at least')
})

describe('[L6] before a client is let in', () => {
  const megabyte = 1024 * 1024

  test('a message of more than 1 MB ends the connection; afterwards it may be as large as any', async () => {
    const server = await start()
    const eve = await RawClient.open(server, 'doc')
    eve.send(new Uint8Array(megabyte + 1))
    expect((await eve.closed()).code).toBe(1009)
    const ann = await RawClient.ready(server, 'doc')
    ann.send(updateFrame(new Uint8Array(3 * megabyte)))
    await ann.hears((frame) => frame[0] === 9)
    const bob = new RawClient(`ws://${server.host}/doc`)
    await bob.hears((frame) => frame[0] === 0)
    bob.send(updateFrame(new Uint8Array(3 * megabyte)))
    expect((await bob.closed()).code).toBe(4422)
    expect(await metricsOf(server)).toContain('coscribe_closed_connections_total{code="1009"} 1')
  })

  test('[A2] one without a right says hello, and is closed with 4401', async () => {
    const server = await start({ password: 'swordfish' })
    const eve = await RawClient.open(server, 'doc')
    eve.send(helloFrame({ client: 'eve', schema: 1 }))
    expect((await eve.closed()).code).toBe(4401)
  })
})

/** A hook that the test answers, and what it was asked. */
function hookDouble() {
  const asked: AuthenticationRequest[] = []
  const answers: ((access: Access | null) => void)[] = []
  const authenticate = (request: AuthenticationRequest) => {
    asked.push(request)
    return new Promise<Access | null>((resolve) => answers.push(resolve))
  }
  return { asked, answers, authenticate }
}

const ann: Access = { role: 'editor', user: { id: 'ann', name: 'Ann' } }

describe('[L6] a login of the embedding program', () => {
  const byToken = ({ token }: AuthenticationRequest) => {
    if (token === 'throws') throw new Error('the login is down')
    return token === 'rejects' ? Promise.reject(new Error('the login is down')) : token === 'ann' ? ann : null
  }

  test.each([
    ['wrong', 4401],
    ['throws', 4500],
    ['rejects', 4500],
  ])('the token %j ends in %i on both wires, and is not in the log', async (token, code) => {
    const server = await start({ authenticate: byToken, host: '127.0.0.1' })
    const stock = new RawClient(`ws://${server.host}/doc?token=${token}`)
    expect((await stock.closed()).code).toBe(code)
    const ours = await RawClient.open(server, 'doc')
    ours.send(helloFrame({ client: 't', schema: 1, token }))
    expect((await ours.closed()).code).toBe(code)
    expect(server.log.text).not.toContain(token)
  })

  test('it is told the token, the document, the address and the headers, once for each connection', async () => {
    const { asked, answers, authenticate } = hookDouble()
    const server = await start({ ...behindProxy, authenticate })
    const headers = { 'X-Forwarded-For': '1.2.3.4', Cookie: 'own=1' }
    const stock = new RawClient(`ws://${server.host}/a%2Fb?token=t1`, [], headers)
    const ours = new RawClient(`ws://${server.host}/a%2Fb?token=t2`, ['coscribe.1'], headers)
    await once(ours.socket, 'open')
    expect(asked).toHaveLength(1)
    expect(stock.socket.readyState).toBe(stock.socket.CONNECTING)
    ours.send(helloFrame(), step1Frame())
    while (asked.length < 2) await (await server.request('/healthz')).text()
    for (const answer of answers) answer(ann)
    await Promise.all([stock, ours].map((client) => client.hears((frame) => frame[0] === 0)))
    expect(asked.map(({ token, document, address }) => [token, document, address])).toEqual([
      ['t1', 'a/b', '1.2.3.4'],
      ['t2', 'a/b', '1.2.3.4'],
    ])
    expect(asked[0]?.headers.cookie).toBe('own=1')
    expect(asked).toHaveLength(2)
  })

  test('one that takes longer than a hello may keeps its client out for the moment', async () => {
    const clock = new HandClock()
    const { asked, authenticate } = hookDouble()
    const server = await start({ authenticate, clock })
    const stock = new RawClient(`ws://${server.host}/doc`)
    const ours = await RawClient.open(server, 'doc')
    ours.send(helloFrame())
    while (asked.length < 2) await (await server.request('/healthz')).text()
    await clock.advance(10_000)
    expect([(await stock.closed()).code, (await ours.closed()).code]).toEqual([4500, 4500])
  })

  test('who waits for it does not keep the server from stopping', async () => {
    const { asked, authenticate } = hookDouble()
    const server = await start({ authenticate, limits: { helloTimeoutMs: 600_000 } })
    const stock = new RawClient(`ws://${server.host}/doc`)
    while (asked.length < 1) await (await server.request('/healthz')).text()
    await server.server.close()
    await stock.closed()
  })

  test('[L2] a user is counted wherever they come from', async () => {
    const server = await start({
      ...behindProxy,
      authenticate: byToken,
      limits: { maxConnectionsPerUser: 2 },
    })
    const join = (address: string) =>
      new RawClient(`ws://${server.host}/doc?token=ann`, [], { 'X-Forwarded-For': address })
    for (const address of ['1.1.1.1', '2.2.2.2']) await join(address).hears((frame) => frame[0] === 0)
    expect((await join('3.3.3.3').closed()).code).toBe(4429)
  })

  test('the HTTP API is shut to everybody without a password, and opened by one', async () => {
    const shut = await start({ authenticate: byToken })
    expect((await shut.request('/api/documents')).status).toBe(401)
    expect((await shut.send('POST', '/api/session', { password: '' })).status).toBe(401)
    expect(await (await shut.request('/api/session')).json()).toMatchObject({
      needsPassword: true,
      isLetIn: false,
    })
    const open = await start({ authenticate: byToken, password: 'swordfish' })
    const signedIn = await open.send('POST', '/api/session', { password: 'swordfish' })
    const headers = { Cookie: (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '' }
    expect((await open.request('/api/documents', { headers })).status).toBe(200)
    const stock = new RawClient(`ws://${open.host}/doc?token=swordfish`, [], headers)
    expect((await stock.closed()).code).toBe(4401)
  })
})

describe('[L3] a flood', () => {
  test('stays where it comes from until it may go on, loses nothing, and does not hold up others', async () => {
    const limits = {
      maxDocumentBytes: 50_000,
      maxFrameBytes: 120_000,
      maxBytesPerSecond: 100_000,
      maxThrottledMs: 1e9,
    }
    const clock = new HandClock()
    const server = await start({ limits, clock })
    const [eve, bob] = [await RawClient.ready(server, 'doc'), await RawClient.ready(server, 'doc')]
    const large = updateFrame(textUpdate('x'.repeat(20_000)))
    for (let i = 0; i < 1000; i++) eve.send(large)
    while (!(await metricsOf(server)).includes('throttled_connections_total 1')) await bob.readsAll()
    expect(await bob.readsAll()).toHaveLength(20_000)
    expect(eve.socket.bufferedAmount).toBeGreaterThan(0)
    const isSaved = (frame: Uint8Array) =>
      frame[0] === 8 && frame[1] === (1000 % 128) + 128 && frame[2] === 1000 >> 7
    while (eve.closing === null && !eve.frames.some(isSaved)) {
      await clock.advance(1000)
      await server.request('/healthz')
    }
    expect([eve.closing, bob.closing]).toEqual([null, null])
  })

  test('that can not be mended by waiting ends with 4429', async () => {
    const server = await start({ limits: { maxMessagesPerSecond: 10, maxThrottledMs: 1000 } })
    const eve = await RawClient.ready(server, 'doc')
    for (let i = 0; i < 1000; i++) eve.send(queryFrame())
    expect((await eve.closed()).code).toBe(4429)
  })

  test('of pings does, too', async () => {
    const server = await start({ limits: { maxMessagesPerSecond: 10, maxThrottledMs: 1000 } })
    const eve = await RawClient.ready(server, 'doc')
    for (let i = 0; i < 1000; i++) eve.socket.ping()
    expect((await eve.closed()).code).toBe(4429)
  })

  test('[C3] pings are answered with what they bring', async () => {
    const eve = await RawClient.ready(await start(), 'doc')
    const pong = once(eve.socket, 'pong')
    eve.socket.ping('abc')
    expect(String(((await pong) as [Buffer])[0])).toBe('abc')
  })
})

test('[L4] when too much is arriving at once, the largest message is dropped, and its client may try again', async () => {
  const clock = new HandClock()
  const server = await start({ clock, limits: { maxUnfinishedTotalBytes: 150_000 } })
  const clients = [await RawClient.ready(server, 'doc'), await RawClient.ready(server, 'doc')] as const
  clients[0].socket.send(Buffer.alloc(100_000), { fin: false })
  clients[1].socket.send(Buffer.alloc(60_000), { fin: false })
  for (const client of clients) {
    // The pong comes when the server has what was sent before.
    const pong = once(client.socket, 'pong')
    client.socket.ping()
    await pong
  }
  await clock.advance(1000)
  expect((await clients[0].closed()).code).toBe(4500)
  clients[1].socket.send(Buffer.alloc(1))
  expect((await clients[1].closed()).code).toBe(4400)
})

test('[L4] who does not answer a close is dropped after 2 s, with all it was owed', async () => {
  const server = await start()
  const from = performance.now()
  const malformed = String.fromCharCode(0x82, 0x81, 0, 0, 0, 0, 77)
  const answer = await exchange(server, handshake('/doc') + malformed)
  expect(answer.includes(Buffer.from([0x11, 0x30]))).toBe(true)
  const tookMs = performance.now() - from
  // ws would wait for 30 s.
  expect([tookMs > 1900, tookMs < 15_000]).toEqual([true, true])
})

describe('[L8] HTTP', () => {
  test('an address that asks too often gets 429 with Retry-After, others do not, and it may come back', async () => {
    const clock = new HandClock()
    const server = await start({ ...behindProxy, clock, limits: { maxRequestsPerSecond: 2 } })
    const ask = (address: string) => server.request('/healthz', { headers: { 'X-Forwarded-For': address } })
    for (let i = 0; i < 20; i++) expect((await ask('1.1.1.1')).status).toBe(200)
    const refused = await ask('1.1.1.1')
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
    expect(await refused.json()).toMatchObject({ error: { code: 'throttled' } })
    expect((await ask('2.2.2.2')).status).toBe(200)
    expect(statusOf(await knock(server, proxied('1.1.1.1')))).toBe(429)
    await clock.advance(1000)
    expect((await ask('1.1.1.1')).status).toBe(200)
    expect(await metricsOf(server)).toContain('coscribe_throttled_requests_total 1')
  })

  const request = (...headers: readonly string[]) =>
    ['GET /healthz HTTP/1.1', 'Host: localhost', 'Connection: close', ...headers, '', ''].join('\r\n')
  const some = (count: number) => Array.from({ length: count }, (_, i) => `X-${i}: 1`)

  test('a hundred headers are taken, more are not, for pages and WebSockets alike', async () => {
    const server = await start()
    expect(statusOf((await exchange(server, request(...some(98)))).toString())).toBe(200)
    for (const count of [99, 500, 1500])
      expect(statusOf((await exchange(server, request(...some(count)))).toString()), `${count}`).toBe(431)
    expect(statusOf(await knock(server, ...some(95)))).toBe(101)
    expect(statusOf(await knock(server, ...some(96)))).toBe(431)
  })

  test('a head of more than 16 KB is refused', async () => {
    const server = await start()
    expect(statusOf((await exchange(server, request(`X: ${'x'.repeat(17_000)}`))).toString())).toBe(431)
    expect(statusOf(await knock(server, `Sec-WebSocket-Protocol: ${'x'.repeat(17_000)}`))).toBe(431)
    // Blanks are gone before anybody has to look through them.
    expect(statusOf(await knock(server, `Sec-WebSocket-Protocol: ${' '.repeat(32_000)}`))).toBe(400)
    expect((await server.request('/healthz')).status).toBe(200)
  })

  test.each([
    ['nothing at all', '', { headersTimeoutMs: 200, requestTimeoutMs: 600_000 }],
    [
      'half a handshake',
      handshake('/doc').slice(0, 60),
      { headersTimeoutMs: 200, requestTimeoutMs: 600_000 },
    ],
    [
      'half a body',
      'POST /api/documents HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{',
      { requestTimeoutMs: 400 },
    ],
  ])('who sends %s is let go of in time', async (_what, bytes, limits) => {
    const server = await start({ limits })
    const answer = (await exchange(server, bytes)).toString()
    expect(answer === '' || answer.startsWith('HTTP/1.1 408 ')).toBe(true)
  })

  test('who takes nothing of an answer is, too', async () => {
    const pages = await mkdtemp(join(tmpdir(), 'coscribe-limits-'))
    onTestFinished(() => rm(pages, { recursive: true }))
    await mkdir(join(pages, 'assets'))
    await writeFile(join(pages, 'index.html'), '')
    await writeFile(join(pages, 'assets', 'large'), Buffer.alloc(50_000_000))
    const server = await start({ pages, limits: { headersTimeoutMs: 300, requestTimeoutMs: 300 } })
    const socket = connect(server.server.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write('GET /assets/large HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await once(socket, 'readable')
    // Who does not read does not see the end: these take as long to be closed, one after the other.
    for (let i = 0; i < 3; i++) await exchange(server, '')
    socket.resume()
    await once(socket, 'close')
    expect(socket.bytesRead).toBeLessThan(50_000_000)
  })

  test('who sends a byte now and then is, too', async () => {
    const server = await start({ limits: { headersTimeoutMs: 300, requestTimeoutMs: 600 } })
    const socket = connect(server.server.port, '127.0.0.1')
    const bytes = handshake('/doc').split('')
    const drip = setInterval(() => socket.write(bytes.shift() ?? 'x'), 50)
    onTestFinished(() => clearInterval(drip))
    socket.on('error', () => {})
    socket.resume()
    await once(socket, 'close')
    expect(bytes.length).toBeGreaterThan(100)
  })
})

describe('[L9] pages', () => {
  const framing = async (frameAncestors: readonly string[]) => {
    const server = await start({ frameAncestors })
    const { headers } = await server.request('/healthz')
    const policy = headers.get('content-security-policy') ?? ''
    return [/frame-ancestors ([^;]*)/.exec(policy)?.[1], headers.get('x-frame-options')]
  }

  test('are framed by whom the operator names, by default by themselves', async () => {
    expect(await framing(["'none'"])).toEqual(["'none'", 'DENY'])
    expect(await framing(["'self'"])).toEqual(["'self'", 'SAMEORIGIN'])
    expect(await framing(["'self'", 'https://a.test'])).toEqual(["'self' https://a.test", null])
  })

  test('may use no camera, microphone or place, and share no window with others', async () => {
    const { headers } = await (await start()).request('/healthz')
    expect(headers.get('permissions-policy')).toContain('camera=()')
    expect(headers.get('permissions-policy')).toContain('geolocation=()')
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
  })
})

describe('[L11] metrics', () => {
  test('are there for this machine, not for what a proxy passes on, and counted where something is refused', async () => {
    const server = await start()
    const client = await RawClient.ready(server, 'doc')
    client.send(new Uint8Array([77]))
    await client.closed()
    const answer = await server.request('/metrics')
    expect(answer.headers.get('content-type')).toContain('text/plain')
    const text = await answer.text()
    expect(text).toContain('coscribe_closed_connections_total{code="4400"} 1')
    expect(text).toContain('coscribe_open_documents 1')
    expect(text).toMatch(/coscribe_buffered_bytes \d/)
    const headers = { 'X-Forwarded-For': '127.0.0.1' }
    expect((await server.request('/metrics', { headers })).status).toBe(401)
  })

  test('beyond loopback need the password as a bearer token', async () => {
    const server = await start({ host: '0.0.0.0', password: 'swordfish' })
    const ask = (authorization: string) => server.request('/metrics', { headers: { authorization } })
    expect((await server.request('/metrics')).status).toBe(401)
    for (const wrong of ['Bearer tuna', 'swordfish', 'Basic swordfish'])
      expect((await ask(wrong)).status).toBe(401)
    expect((await ask('Bearer swordfish')).status).toBe(200)
    for (let i = 0; i < 10; i++) await ask(`Bearer ${i}`)
    expect((await ask('Bearer swordfish')).status).toBe(401)
  })

  test('a stock client is one connection, until it has gone', async () => {
    const server = await start()
    const stock = await new StockClient(server, 'doc').synced()
    expect(await metricsOf(server)).toContain('coscribe_connections 1\n')
    stock.destroy()
    while (!(await metricsOf(server)).includes('coscribe_connections 0\n')) await server.request('/healthz')
  })
})
