import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import * as Y from 'yjs'
import { StorageError } from '../persistence/index.ts'
import { readTitle } from '../server/document-title.ts'
import { MoodyStorage } from '../server/test/moody-storage.ts'
import { startServer } from '../server/server.ts'
import { exchange, HandClock, type RunningServer, StockClient, start } from './running-server.ts'
import { until } from './until.ts'

interface Described {
  readonly name: string
  readonly title: string
  readonly createdAt: number
  readonly changedAt: number
}

interface Page {
  readonly documents: readonly Described[]
  readonly next: string | null
}

async function read<T>(response: Response | Promise<Response>, status = 200): Promise<T> {
  const answer = await response
  expect(answer.status).toBe(status)
  return (await answer.json()) as T
}

/** Every error a page has to show comes as JSON with a code. */
async function problem(response: Response | Promise<Response>): Promise<[number, string]> {
  const answer = await response
  expect(answer.headers.get('content-type')).toContain('application/json')
  const { error } = (await answer.json()) as { error: { code: string; message: string } }
  expect(error.message).toMatch(/\w/)
  return [answer.status, error.code]
}

const pathOf = (name: string) => `/api/documents/${encodeURIComponent(name)}`

test('[D1] a document that was made is listed, described and can be opened', async () => {
  const server = await start()
  const made = await read<Described>(server.send('POST', '/api/documents', { title: 'Plan' }), 201)
  expect(made).toEqual({
    name: expect.stringMatching(/^[\w-]{22}$/) as string,
    title: 'Plan',
    createdAt: expect.any(Number) as number,
    changedAt: made.createdAt,
  })
  expect(await read<Described>(server.request(pathOf(made.name)))).toEqual(made)
  expect(await read<Page>(server.request('/api/documents'))).toEqual({ documents: [made], next: null })
  const untitled = await read<Described>(server.request('/api/documents', { method: 'POST' }), 201)
  expect(untitled.title).toBe('')
})

test('[D1] a long list comes in pages, latest change first, each document once', async () => {
  const server = await start()
  for (let i = 0; i < 250; i++)
    await server.storage.append([{ document: `doc ${i}`, records: [], at: i % 7 }])
  const pages: Page[] = []
  for (let next: string | null = ''; next !== null; next = pages.at(-1)!.next) {
    const query: string = next === '' ? '' : `?cursor=${encodeURIComponent(next)}`
    pages.push(await read<Page>(server.request(`/api/documents${query}`)))
  }
  expect(pages.map((page) => page.documents.length)).toEqual([100, 100, 50])
  const listed = pages.flatMap((page) => page.documents)
  expect(new Set(listed.map((document) => document.name)).size).toBe(250)
  expect(listed.map((document) => document.changedAt)).toEqual(
    listed.map((d) => d.changedAt).sort((a, b) => b - a),
  )
})

test('[D3] a new title is seen at once by who is writing in the document, and in the list', async () => {
  const server = await start()
  const name = await server.create('Plan')
  const ann = await new StockClient(server, name).synced()
  const fragment = ann.doc.getXmlFragment('coscribe')
  expect(fragment.toJSON()).toContain('Plan')
  const renamed = await read<Described>(server.send('PATCH', pathOf(name), { title: 'Better plan' }))
  expect(renamed.title).toBe('Better plan')
  await until(() => fragment.toJSON().includes('Better plan'), [ann.doc, 'update'])
  expect((await read<Page>(server.request('/api/documents'))).documents[0]?.title).toBe('Better plan')
})

test('[D3] a title typed in the page is the title in the list', async () => {
  const server = await start()
  const name = await server.create('Plan')
  const ann = await new StockClient(server, name).synced()
  const bob = await new StockClient(server, name).synced()
  const titleOf = (client: StockClient) => client.doc.getXmlFragment('coscribe').get(0).toJSON()
  const text = (ann.doc.getXmlFragment('coscribe').get(0) as Y.XmlElement).get(0)
  ;(text as Y.XmlText).insert(4, ' B')
  await until(() => titleOf(bob).includes('Plan B'), [bob.doc, 'update'])
  expect((await read<Described>(server.request(pathOf(name)))).title).toBe('Plan B')
})

test('[D1] a duplicate is another document with the same text', async () => {
  const server = await start()
  const name = await server.create('Plan')
  const ann = await new StockClient(server, name).synced()
  const bob = await new StockClient(server, name).synced()
  ann.types('the text')
  await bob.reads('the text')
  const copy = await read<Described>(server.request(`${pathOf(name)}/duplicate`, { method: 'POST' }), 201)
  expect(copy.title).toBe('Copy of Plan')
  const cat = await new StockClient(server, copy.name).synced()
  expect(cat.text.toJSON()).toBe('the text')
})

test('[D4] a deleted document is out of the list and gone for every request', async () => {
  const server = await start()
  const name = await server.create('Plan')
  const answer = await server.request(pathOf(name), { method: 'DELETE' })
  expect([answer.status, await answer.text()]).toEqual([204, ''])
  expect((await read<Page>(server.request('/api/documents'))).documents).toEqual([])
  expect(await problem(server.request(pathOf(name), { method: 'DELETE' }))).toEqual([410, 'removed'])
  expect(await problem(server.send('PATCH', pathOf(name), { title: 'x' }))).toEqual([410, 'removed'])
  expect(await problem(server.request(`${pathOf(name)}/duplicate`, { method: 'POST' }))).toEqual([
    410,
    'removed',
  ])
  expect(await problem(server.request(pathOf(name)))).toEqual([410, 'removed'])
})

test('[W1] documents with odd names have an address in the API, too', async () => {
  const server = await start()
  for (const name of ['a/b', '😀', 'a b', '%2e%2e', '__proto__', 'duplicate', 'a?b#c']) {
    await server.storage.append([{ document: name, records: [], at: 1, title: `this is ${name}` }])
    expect((await read<Described>(server.request(pathOf(name)))).title).toBe(`this is ${name}`)
    expect((await server.request(pathOf(name), { method: 'DELETE' })).status).toBe(204)
  }
})

describe('errors are JSON with a code', () => {
  const cases: [string, (server: RunningServer) => Promise<Response>, number, string][] = [
    ['an unknown document', (s) => s.request('/api/documents/unknown'), 404, 'unknown'],
    [
      'renaming an unknown one',
      (s) => s.send('PATCH', '/api/documents/unknown', { title: 'x' }),
      404,
      'unknown',
    ],
    [
      'deleting an unknown one',
      (s) => s.request('/api/documents/unknown', { method: 'DELETE' }),
      404,
      'unknown',
    ],
    ['a name that can be none', (s) => s.request('/api/documents/a%00b'), 400, 'invalid'],
    ['a name that is too long', (s) => s.request(`/api/documents/${'x'.repeat(513)}`), 400, 'invalid'],
    ['a way up', (s) => s.request('/api/documents/..%2Fx'), 400, 'invalid'],
    [
      'a body that is no JSON',
      (s) => s.request('/api/documents', { method: 'POST', body: '{' }),
      400,
      'invalid',
    ],
    ['a title that is no text', (s) => s.send('POST', '/api/documents', { title: 7 }), 400, 'invalid'],
    [
      'a title without end',
      (s) => s.send('POST', '/api/documents', { title: 'x'.repeat(501) }),
      400,
      'invalid',
    ],
    ['no title at all', (s) => s.send('PATCH', '/api/documents/a', {}), 400, 'invalid'],
    ['a body that is an array', (s) => s.send('PATCH', '/api/documents/a', ['title']), 400, 'invalid'],
    ['a cursor that is none', (s) => s.request('/api/documents?cursor=x'), 400, 'invalid'],
    [
      'a large body',
      (s) => s.send('POST', '/api/documents', { title: 'x'.repeat(70_000) }),
      413,
      'too-large',
    ],
    ['an address that leads nowhere', (s) => s.request('/api/nowhere'), 404, 'unknown'],
  ]
  test.each(cases)('%s', async (_what, request, status, code) => {
    expect(await problem(request(await start()))).toEqual([status, code])
  })
})

test('[C1] a body without a length is not read past the limit either', async () => {
  const server = await start()
  const chunk = `1000\r\n${'x'.repeat(0x1000)}\r\n`
  const head =
    'POST /api/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n'
  const answer = await exchange(server, `${head}${chunk.repeat(20)}0\r\n\r\n`)
  expect(answer.toString('latin1').split(' ')[1]).toBe('413')
})

interface Listed {
  readonly moments: readonly { readonly moment: string; readonly from: number; readonly to: number }[]
}

test('[H1] the moments of a document are listed, and each can be fetched as a Yjs update', async () => {
  const clock = new HandClock()
  const server = await start({ clock })
  const name = await server.create('Plan')
  const from = clock.now()
  await clock.advance(60_000)
  await read(server.send('PATCH', pathOf(name), { title: 'Better plan' }))
  const { moments } = await read<Listed>(server.request(`${pathOf(name)}/history`))
  expect(moments).toMatchObject([
    { moment: `${from}`, from, to: from },
    { moment: `${from + 60_000}`, from: from + 60_000, to: from + 60_000 },
  ])
  const titles = []
  for (const { moment } of moments) {
    const answer = await server.request(`${pathOf(name)}/history/${moment}`)
    expect(answer.headers.get('content-type')).toBe('application/octet-stream')
    const doc = new Y.Doc()
    Y.applyUpdate(doc, new Uint8Array(await answer.arrayBuffer()))
    titles.push(readTitle(doc))
  }
  expect(titles).toEqual(['Plan', 'Better plan'])
  expect(await problem(server.request(`${pathOf(name)}/history/1`))).toEqual([404, 'unknown'])
  expect(await problem(server.request('/api/documents/never/history'))).toEqual([404, 'unknown'])
  await server.request(pathOf(name), { method: 'DELETE' })
  expect(await problem(server.request(`${pathOf(name)}/history`))).toEqual([410, 'removed'])
  expect(await problem(server.request(`${pathOf(name)}/history/${from}`))).toEqual([410, 'removed'])
})

test('[J7] a damaged document is served with what precedes the damage, and health says that there was one', async () => {
  const storage = new MoodyStorage()
  const server = await start({ storage })
  const name = await server.create('Plan')
  const load = storage.load.bind(storage)
  storage.load = async (document) => {
    storage.load = load
    return { ...(await load(document)), damage: { part: 'record', seq: 2, detail: 'it is missing' } }
  }
  await read(server.send('PATCH', pathOf(name), { title: 'Better plan' }))
  const health = { status: 'degraded', reason: 'stored documents were damaged', damagedDocuments: 1 }
  expect(await read(server.request('/healthz'))).toEqual(health)
  expect(server.log.text).toContain('it is missing')
  expect(server.log.text).not.toContain('Plan')
})

test('[J2] while the disk fails, health says so, requests are answered with 503, and all is well afterwards', async () => {
  const clock = new HandClock()
  const storage = new MoodyStorage()
  const server = await start({ storage, clock })
  expect(await read(server.request('/healthz'))).toEqual({ status: 'ok' })
  const failing = new StorageError('unavailable', 'the disk said no')
  storage.holdCommits()
  const creating = server.send('POST', '/api/documents', { title: 'Plan' })
  // The request travels through the real network: the server is asked until it has arrived.
  while (storage.waitingCommits === 0) await (await server.request('/healthz')).text()
  const since = clock.now()
  storage.end(failing)
  const degraded = { status: 'degraded', reason: 'documents can not be stored', since }
  expect(await read(server.request('/healthz'), 503)).toEqual(degraded)
  await clock.advance(100)
  storage.end()
  expect((await read<Described>(creating, 201)).title).toBe('Plan')
  expect(await read(server.request('/healthz'))).toEqual({ status: 'ok' })
  storage.list = () => Promise.reject(failing)
  expect(await problem(server.request('/api/documents'))).toEqual([503, 'unavailable'])
})

test('[A2] beyond loopback every document request needs the password; health and the page do not', async () => {
  const server = await start({ password: 'swordfish' })
  const name = 'any'
  for (const request of [
    server.request('/api/documents'),
    server.send('POST', '/api/documents', {}),
    server.request(pathOf(name)),
    server.send('PATCH', pathOf(name), { title: 'x' }),
    server.request(`${pathOf(name)}/duplicate`, { method: 'POST' }),
    server.request(pathOf(name), { method: 'DELETE' }),
    server.request(`${pathOf(name)}/history`),
    server.request(`${pathOf(name)}/history/1`),
    server.request('/api/documents', { headers: { Cookie: 'coscribe_session=wrong' } }),
    server.request('/api/documents', { headers: { Authorization: 'Bearer swordfish' } }),
  ])
    expect(await problem(request)).toEqual([401, 'unauthenticated'])
  expect((await server.request('/healthz')).status).toBe(200)
  expect((await server.storage.list(10)).documents).toEqual([])
})

test('[A3] the password is exchanged for a cookie that scripts can not read and other sites do not send', async () => {
  const server = await start({ password: 'swordfish' })
  const before = await read(server.request('/api/session'))
  expect(before).toEqual({ needsPassword: true, isLetIn: false, linkPart: '' })
  const signIn = await server.send('POST', '/api/session', { password: 'swordfish' })
  const cookie = signIn.headers.get('set-cookie') ?? ''
  expect(signIn.status).toBe(200)
  for (const part of ['HttpOnly', 'SameSite=Strict', 'Path=/']) expect(cookie).toContain(part)
  expect(cookie).not.toContain('swordfish')
  const headers = { Cookie: cookie.split(';')[0] ?? '' }
  const after = await read(server.request('/api/session', { headers }))
  expect(after).toEqual({ needsPassword: true, isLetIn: true, linkPart: '#key=swordfish' })
  expect((await server.request('/api/documents', { headers })).status).toBe(200)
  const out = await server.request('/api/session', { method: 'DELETE', headers })
  expect(out.headers.get('set-cookie')).toMatch(/coscribe_session=;.*Max-Age=0/)
})

test('[A4] after ten wrong passwords a minute the door stays shut, and opens again', async () => {
  const clock = new HandClock()
  const server = await start({ password: 'swordfish', clock })
  const guess = (password: string) => server.send('POST', '/api/session', { password })
  for (let i = 0; i < 10; i++) expect(await problem(guess(`guess ${i}`))).toEqual([401, 'unauthenticated'])
  expect(await problem(guess('swordfish'))).toEqual([429, 'throttled'])
  await clock.advance(60_000)
  expect((await guess('swordfish')).status).toBe(200)
})

test('[A1] on loopback nobody is asked for a password', async () => {
  const server = await start()
  expect(await read(server.request('/api/session'))).toEqual({
    needsPassword: false,
    isLetIn: true,
    linkPart: '',
  })
  expect(server.server.linkPart).toBeNull()
})

test('[A1] a server that would listen beyond this machine without a password does not start', async () => {
  const starting = startServer({ storage: new MoodyStorage(), host: '0.0.0.0', port: 0 })
  await expect(starting).rejects.toMatchObject({ code: 'config' })
})

test('a port that is taken is an error that says so', async () => {
  const server = await start()
  const second = startServer({ storage: server.storage, port: server.server.port })
  await expect(second).rejects.toMatchObject({ code: 'address' })
  await expect(second).rejects.toThrow('taken')
})

test('[A5] other sites’ pages change and read nothing', async () => {
  const server = await start({ allowOrigin: ['https://docs.example.com'] })
  const name = await server.create('Plan')
  for (const origin of ['https://evil.test', 'null', `http://127.0.0.1.evil.test`]) {
    const headers = { Origin: origin }
    expect(await problem(server.send('POST', '/api/documents', {}, headers))).toEqual([
      403,
      'forbidden-origin',
    ])
    const remove = server.request(pathOf(name), { method: 'DELETE', headers })
    expect(await problem(remove)).toEqual([403, 'forbidden-origin'])
    expect(await problem(server.request('/api/documents', { headers }))).toEqual([403, 'forbidden-origin'])
  }
  for (const origin of ['https://docs.example.com', 'http://localhost:5173', `http://${server.host}`])
    expect((await server.request('/api/documents', { headers: { Origin: origin } })).status).toBe(200)
  expect((await server.storage.list(10)).documents).toHaveLength(1)
})

test('[A1] a name that was made to point at this machine gets nothing, not even the page', async () => {
  const server = await start({ pages: await pagesFolder() })
  for (const path of ['/', '/d/x', '/api/documents', '/healthz', '/assets/app-1.js']) {
    const request = `GET ${path} HTTP/1.1\r\nHost: evil.test:${server.server.port}\r\nConnection: close\r\n\r\n`
    const answer = (await exchange(server, request)).toString()
    expect(answer).toMatch(/^HTTP\/1.1 403 /)
    expect(answer).not.toContain('the page')
  }
})

async function pagesFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'coscribe-pages-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await mkdir(join(folder, 'app', 'assets'), { recursive: true })
  await writeFile(join(folder, 'secret.txt'), 'a secret beside the pages')
  await writeFile(join(folder, 'app', 'index.html'), '<title>the page</title>')
  await writeFile(join(folder, 'app', 'favicon.svg'), '<svg/>')
  await writeFile(join(folder, 'app', 'assets', 'app-1.js'), 'the script')
  return join(folder, 'app')
}

test('the page is served for every address a person can open, hashed files for ever', async () => {
  const server = await start({ pages: await pagesFolder() })
  for (const path of ['/', '/d/name', '/d/a%2Fb', '/d/%F0%9F%98%80']) {
    const answer = await server.request(path, { headers: { Origin: 'https://evil.test' } })
    expect([answer.status, await answer.text()]).toEqual([200, '<title>the page</title>'])
    expect(answer.headers.get('cache-control')).toBe('no-cache')
  }
  const script = await server.request('/assets/app-1.js')
  expect([await script.text(), script.headers.get('cache-control')]).toEqual([
    'the script',
    'public, max-age=31536000, immutable',
  ])
  expect(script.headers.get('content-type')).toContain('javascript')
  expect((await server.request('/favicon.svg')).status).toBe(200)
  expect((await server.request('/assets/none.js')).status).toBe(404)
})

test.each([
  '/assets/../../secret.txt',
  '/assets/..%2f..%2fsecret.txt',
  '/assets/%2e%2e/%2e%2e/secret.txt',
  '/..%5c..%5csecret.txt',
  '//secret.txt',
])('no file outside the pages is served: %s', async (path) => {
  const server = await start({ pages: await pagesFolder() })
  const request = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`
  const answer = (await exchange(server, request)).toString()
  expect(answer).toMatch(/^HTTP\/1.1 4/)
  expect(answer).not.toContain('a secret')
})

test('every answer carries headers that keep strangers’ code out of the page', async () => {
  const server = await start({ pages: await pagesFolder() })
  for (const path of ['/', '/d/x', '/api/documents', '/healthz', '/nowhere', '/api/documents/unknown']) {
    const { headers } = await server.request(path)
    const policy = headers.get('content-security-policy') ?? ''
    for (const part of [
      "default-src 'self'",
      "object-src 'none'",
      "base-uri 'none'",
      "frame-ancestors 'self'",
    ])
      expect(policy).toContain(part)
    expect(policy).not.toContain('unsafe')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-frame-options')).toBe('SAMEORIGIN')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('x-powered-by')).toBeNull()
    expect(headers.get('access-control-allow-origin')).toBeNull()
  }
})

test('[A6] a request that fails is logged without its query, body or cookie', async () => {
  const storage = new MoodyStorage()
  storage.list = () => Promise.reject(new Error('the disk said no'))
  const server = await start({ storage })
  const headers = { Cookie: 'coscribe_session=secret-cookie' }
  const failed = await server.request('/api/documents?cursor=secret-cursor', { headers })
  expect(await problem(failed)).toEqual([500, 'internal'])
  await server.send('POST', '/api/documents?x=secret-query', { title: 'secret-title' })
  expect(server.log.text).toContain('a request failed')
  expect(server.log.text).not.toContain('secret')
})
