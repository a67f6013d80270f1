import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import * as Y from 'yjs'
import { openSqliteStorage, type Storage } from '../persistence/index.ts'
import { fragmentName } from '../server/protocol/document.ts'
import type { ServerOptions } from '../server/server.ts'
import { type RunningServer, StockClient, start } from './running-server.ts'

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

interface Taken {
  readonly url: string
  readonly type: string
  readonly bytes: number
  readonly name: string
}

/** A server that keeps things on disk. */
async function startOnDisk(
  options: Partial<ServerOptions> = {},
): Promise<{ server: RunningServer; directory: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'coscribe-files-'))
  const storage: Storage = await openSqliteStorage(directory)
  const server = await start({ storage, ...options })
  onTestFinished(async () => {
    await server.server.close()
    await storage.close()
    await rm(directory, { recursive: true })
  })
  return { server, directory }
}

const upload = (server: RunningServer, name: string, body: BodyInit, init: RequestInit = {}) =>
  server.request(`/api/documents/${name}/files?name=a%20picture.png`, { method: 'POST', body, ...init })

async function take(server: RunningServer, name: string, body: BodyInit): Promise<Taken> {
  const answer = await upload(server, name, body)
  expect(answer.status).toBe(201)
  return (await answer.json()) as Taken
}

async function problem(answer: Response | Promise<Response>): Promise<[number, string]> {
  const { status, json } = await Promise.resolve(answer).then((got) => ({
    status: got.status,
    json: got.json(),
  }))
  const { error } = (await json) as { error: { code: string; message: string } }
  expect(error.message).toMatch(/\w/)
  return [status, error.code]
}

/** Asks until it holds; every answer takes its time, so no clock is needed. */
async function eventually(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds()));
}

const drafts = (directory: string) => readdir(join(directory, 'files/drafts')).catch(() => [])

test('[F1] a picture that was uploaded is served as it was, for ever, and asked for once', async () => {
  const { server } = await startOnDisk()
  const name = await server.create('Plan')
  const taken = await take(server, name, png)
  expect(taken).toEqual({
    url: expect.stringMatching(new RegExp(`^/api/documents/${name}/files/[\\w-]{43}$`)) as string,
    type: 'image/png',
    bytes: png.length,
    name: 'a picture.png',
  })
  const answer = await server.request(taken.url)
  expect(answer.status).toBe(200)
  expect(Buffer.from(await answer.arrayBuffer()).equals(png)).toBe(true)
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'image/png',
    'content-length': String(png.length),
    'cache-control': 'private, max-age=31536000, immutable',
    'content-disposition': `inline; filename="a picture.png"; filename*=UTF-8''a%20picture.png`,
  })
  const again = await server.request(taken.url, {
    headers: { 'If-None-Match': answer.headers.get('etag') ?? '' },
  })
  expect(again.status).toBe(304)
})

test('[F4] nothing in a file can run, whatever it is and whatever its sender says', async () => {
  const server = await start()
  const name = await server.create('Plan')
  const html = '<!doctype html><script>alert(1)</script>'
  const cases: [string | Uint8Array<ArrayBuffer>, string][] = [
    [html, 'application/octet-stream'],
    [svg, 'application/octet-stream'],
    ['%PDF-1.7', 'application/octet-stream'],
    [new Uint8Array([...png.subarray(0, 8), ...Buffer.from(html)]), 'image/png'],
    [`GIF89a/*${html}*/`, 'image/gif'],
    ['\ufeff<svg/>', 'application/octet-stream'],
    ['PK\u0003\u0004', 'application/octet-stream'],
  ]
  for (const [content, type] of cases) {
    for (const said of ['text/html', 'image/svg+xml', 'image/png', '']) {
      const taken = await upload(server, name, content, { headers: { 'Content-Type': said } })
      const { url } = (await taken.json()) as Taken
      const answer = await server.request(url)
      expect(Object.fromEntries(answer.headers), String(content)).toMatchObject({
        'content-type': type,
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; sandbox",
        'cross-origin-resource-policy': 'same-origin',
        'content-disposition': expect.stringMatching(
          type.startsWith('image/') ? /^inline; / : /^attachment; /,
        ) as string,
      })
      await answer.arrayBuffer()
    }
  }
})

test('[F5] who may only read a document may read its files and add none; who may not, neither', async () => {
  const roles = new Map<string | null, 'editor' | 'viewer'>([
    ['ada', 'editor'],
    ['vic', 'viewer'],
  ])
  const server = await start({
    authenticate: ({ token, document }) => {
      const role = roles.get(token)
      return role === undefined || document !== 'plan' ? null : { role }
    },
  })
  await server.storage.append([{ document: 'plan', records: [], at: 1 }])
  const as = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } })
  const taken = await upload(server, 'plan', png, as('ada'))
  expect(taken.status).toBe(201)
  const { url } = (await taken.json()) as Taken
  expect((await server.request(url, as('vic'))).status).toBe(200)
  expect(await problem(upload(server, 'plan', png, as('vic')))).toEqual([403, 'forbidden'])
  for (const init of [as('eve'), {}]) {
    expect(await problem(server.request(url, init))).toEqual([401, 'unauthenticated'])
    expect(await problem(upload(server, 'plan', png, init))).toEqual([401, 'unauthenticated'])
  }
  expect(await problem(upload(server, 'other', png, as('ada')))).toEqual([401, 'unauthenticated'])
})

test('[F5] where there is a password, files need it, as a token or a session', async () => {
  const server = await start({ password: 'a good password' })
  const made = await server.request('/api/session', {
    method: 'POST',
    body: JSON.stringify({ password: 'a good password' }),
  })
  const session = made.headers.get('set-cookie')?.split(';')[0] ?? ''
  await server.storage.append([{ document: 'plan', records: [], at: 1 }])
  expect((await upload(server, 'plan', png)).status).toBe(401)
  expect((await upload(server, 'plan', png, { headers: { Cookie: session } })).status).toBe(201)
  const bearer = { Authorization: 'Bearer a good password' }
  expect((await upload(server, 'plan', png, { headers: bearer })).status).toBe(201)
})

test('[F5] a page of another site can neither add files nor read them', async () => {
  const server = await start({ allowOrigin: ['https://docs.example.com'] })
  const name = await server.create('Plan')
  const { url } = await take(server, name, png)
  const evil = { headers: { Origin: 'https://evil.example' } }
  expect(await problem(upload(server, name, png, evil))).toEqual([403, 'forbidden-origin'])
  expect(await problem(server.request(url, evil))).toEqual([403, 'forbidden-origin'])
  expect((await server.request(url, { ...evil, method: 'OPTIONS' })).status).toBe(403)
  const good = { headers: { Origin: 'https://docs.example.com' } }
  const asked = await server.request(url, { ...good, method: 'OPTIONS' })
  expect(asked.headers.get('access-control-allow-headers')).toContain('Authorization')
  const answer = await upload(server, name, png, good)
  expect(answer.status).toBe(201)
  expect(answer.headers.get('access-control-allow-origin')).toBe('https://docs.example.com')
})

test('[F2] a file is found under its own document only, and by its id only', async () => {
  const { server, directory } = await startOnDisk()
  const [own, other] = [await server.create('Own'), await server.create('Other')]
  const { url } = await take(server, own, png)
  await writeFile(join(directory, 'secret'), 'a secret')
  expect(await problem(server.request(url.replace(own, other)))).toEqual([404, 'unknown'])
  for (const id of [
    '..%2f..%2fsecret',
    '%2e%2e%2f%2e%2e%2fsecret',
    '..%5csecret',
    '%00',
    'document',
    '.',
    'a'.repeat(43),
  ]) {
    const answer = await server.request(`/api/documents/${own}/files/${id}`)
    expect(answer.status, id).toBeGreaterThanOrEqual(400)
    expect(await answer.text(), id).not.toContain('secret')
  }
  expect(await problem(upload(server, 'nobody', png))).toEqual([404, 'unknown'])
  await server.request(`/api/documents/${own}`, { method: 'DELETE' })
  expect(await problem(server.request(url))).toEqual([410, 'removed'])
  expect(await problem(upload(server, own, png))).toEqual([410, 'removed'])
})

test('[F2] names are kept as far as they can be shown and saved under', async () => {
  const server = await start()
  const name = await server.create('Plan')
  const names: [string, string][] = [
    ['../../etc/passwd', 'passwd'],
    ['C:\\Windows\\win.ini', 'win.ini'],
    ['a\r\nX-Evil: yes', 'aX-Evil: yes'],
    ['cod\u202egnp.exe', 'codgnp.exe'],
    ['Grüße "1" 📝.png', 'Grüße "1" 📝.png'],
    ['', 'file'],
    ['\u0000', 'file'],
    ['..', 'file'],
    [`${'x'.repeat(400)}.png`, `${'x'.repeat(116)}.png`],
  ]
  for (const [given, kept] of names) {
    const path = `/api/documents/${name}/files?name=${encodeURIComponent(given)}`
    const taken = (await (await server.request(path, { method: 'POST', body: png })).json()) as Taken
    expect(taken.name).toBe(kept)
    const answer = await server.request(taken.url)
    expect(answer.headers.get('x-evil')).toBeNull()
    const shown = /filename\*=UTF-8''(.*)$/.exec(answer.headers.get('content-disposition') ?? '')?.[1]
    expect(decodeURIComponent(shown ?? '')).toBe(kept)
    await answer.arrayBuffer()
  }
})

test('[F6] a file that is too large is refused, said so or not, and leaves nothing', async () => {
  const { server, directory } = await startOnDisk({ limits: { maxFileBytes: 100_000 } })
  const name = await server.create('Plan')
  const large = Buffer.alloc(100_001, png)
  expect(await problem(upload(server, name, large))).toEqual([413, 'too-large'])
  const streamed = new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (let at = 0; at < large.length; at += 5000) controller.enqueue(large.subarray(at, at + 5000))
      controller.close()
    },
  })
  const init: RequestInit & { duplex: 'half' } = { duplex: 'half' }
  expect(await problem(upload(server, name, streamed, init))).toEqual([413, 'too-large'])
  expect((await take(server, name, large.subarray(1))).bytes).toBe(100_000)
  expect(await problem(upload(server, name, ''))).toEqual([400, 'invalid'])
  await eventually(async () => (await drafts(directory)).length === 0)
  expect(await server.storage.files.use()).toEqual({ files: 1, bytes: 100_000 })
})

test('[F6] a document, the server, an address and a moment have only so many files', async () => {
  const limits = {
    maxFilesPerDocument: 3,
    maxFileBytesPerDocument: 3000,
    maxFileBytesTotal: 5000,
    maxUploadsPerSecond: 2,
  }
  const server = await start({ limits })
  const [one, two] = [await server.create('One'), await server.create('Two')]
  const send = (name: string, bytes: number, letter: string) => upload(server, name, letter.repeat(bytes))
  expect((await send(one, 1000, 'a')).status).toBe(201)
  expect((await send(one, 1000, 'b')).status).toBe(201)
  expect(await problem(send(one, 1001, 'c'))).toEqual([413, 'too-large'])
  expect((await send(one, 500, 'd')).status).toBe(201)
  expect(await problem(send(one, 1, 'e'))).toEqual([413, 'too-large'])
  expect((await send(two, 2000, 'f')).status).toBe(201)
  expect(await problem(send(two, 501, 'g'))).toEqual([413, 'too-large'])
  const refused = await Promise.all(Array.from({ length: 30 }, () => send(two, 501, 'h')))
  const last = refused.find(({ status }) => status === 429)
  expect(last?.headers.get('retry-after')).toMatch(/^\d+$/)
  expect(last && (await problem(last))).toEqual([429, 'throttled'])
})

test('[F7] an upload that is broken off leaves nothing', async () => {
  const { server, directory } = await startOnDisk()
  const name = await server.create('Plan')
  const socket = connect(server.server.port, '127.0.0.1')
  const head = [
    `POST /api/documents/${name}/files?name=x HTTP/1.1`,
    'Host: 127.0.0.1',
    'Content-Length: 90000',
    '',
    '',
  ]
  socket.write(head.join('\r\n'))
  socket.write(Buffer.alloc(50_000, png))
  await eventually(async () => (await drafts(directory)).length === 1)
  socket.destroy()
  await eventually(async () => (await drafts(directory)).length === 0)
  expect(await server.storage.files.use()).toEqual({ files: 0, bytes: 0 })
})

test('[F6] uploads at once are limited, and one that never ends is ended', async () => {
  const limits = { maxUploadsPerAddress: 2, uploadTimeoutMs: 500, requestTimeoutMs: 400 }
  const { server, directory } = await startOnDisk({ limits })
  const name = await server.create('Plan')
  const sockets = [1, 2].map(() => {
    const socket = connect(server.server.port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => {})
    const head = [
      `POST /api/documents/${name}/files HTTP/1.1`,
      'Host: 127.0.0.1',
      'Content-Length: 90000',
      '',
      'x',
    ]
    socket.write(head.join('\r\n'))
    return socket
  })
  await eventually(async () => (await drafts(directory)).length === 2)
  const closings = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)))
  const trickles = sockets.map((socket) => setInterval(() => socket.write('x'), 50))
  expect(await problem(upload(server, name, png))).toEqual([429, 'throttled'])
  await Promise.all(closings)
  for (const trickle of trickles) clearInterval(trickle)
  await eventually(async () => (await drafts(directory)).length === 0)
  expect((await upload(server, name, png)).status).toBe(201)
})

test('[F8] a duplicate has the pictures and files of the original, also when that is deleted', async () => {
  const { server } = await startOnDisk()
  const name = await server.create('Plan')
  const { url } = await take(server, name, png)
  const writer = await new StockClient(server, name).synced()
  const fragment = writer.doc.getXmlFragment(fragmentName)
  const element = new Y.XmlElement('image')
  element.setAttribute('src', url)
  const foreign = new Y.XmlElement('image')
  foreign.setAttribute('src', 'https://example.com/a.png')
  const paragraph = new Y.XmlElement('paragraph')
  const text = new Y.XmlText()
  paragraph.insert(0, [text])
  fragment.insert(fragment.length, [element, foreign, paragraph])
  text.insert(0, 'see the plan')
  text.format(4, 3, { link: { href: url, v: 1 }, strong: { v: 1 } })
  const copied = await server.request(`/api/documents/${name}/duplicate`, { method: 'POST' })
  const { name: copy } = (await copied.json()) as { name: string }
  await server.request(`/api/documents/${name}`, { method: 'DELETE' })
  const reader = await new StockClient(server, copy).synced()
  const moved = url.replace(name, copy)
  const xml = reader.doc.getXmlFragment(fragmentName)
  const blocks = xml.toArray().slice(-3) as Y.XmlElement[]
  expect(blocks.slice(0, 2).map((block) => block.getAttribute('src'))).toEqual([
    moved,
    'https://example.com/a.png',
  ])
  expect((blocks[2]!.firstChild as Y.XmlText).toDelta()).toEqual([
    { insert: 'see ' },
    { insert: 'the', attributes: { link: { href: moved, v: 1 }, strong: { v: 1 } } },
    { insert: ' plan' },
  ])
  expect((await server.request(moved)).status).toBe(200)
  expect((await server.request(url)).status).toBe(410)
})

test('[F3] a damaged file is never served as whole', async () => {
  const { server, directory } = await startOnDisk()
  const name = await server.create('Plan')
  const { url } = await take(server, name, Buffer.alloc(900_000, png))
  const files = join(directory, 'files')
  const folder = (await readdir(files)).find((entry) => entry !== 'drafts') ?? ''
  const path = join(files, folder, url.split('/').at(-1) ?? '')
  const kept = await readFile(path)
  await writeFile(path, kept.fill(1, 500_000, 500_001))
  const answer = await server.request(url)
  await expect(answer.arrayBuffer()).rejects.toThrow()
  expect(server.log.text).toMatch(/^error a file could not be served /)
  const small = await take(server, name, png)
  const smallPath = join(files, folder, small.url.split('/').at(-1) ?? '')
  await writeFile(smallPath, (await readFile(smallPath)).fill(1, 530, 531))
  await expect(server.request(small.url).then((got) => got.arrayBuffer())).rejects.toThrow()
})

test('[F7] a reader who leaves is no error', async () => {
  const { server } = await startOnDisk()
  const name = await server.create('Plan')
  const { url } = await take(server, name, Buffer.alloc(8_000_000, png))
  const leaving = new AbortController()
  const answer = await server.request(url, { signal: leaving.signal })
  await answer.body?.getReader().read()
  leaving.abort()
  await eventually(async () => (await server.request('/healthz')).ok && server.log.text.includes('a file'))
  expect(server.log.text).toMatch(/^debug a file was not read to its end /m)
  expect(server.log.text).not.toMatch(/^error/m)
})

test('[F7] a disk that can not take a file says so, and goes on when it can', async () => {
  const { server, directory } = await startOnDisk()
  const name = await server.create('Plan')
  await writeFile(join(directory, 'files'), 'no folder')
  expect(await problem(upload(server, name, png))).toEqual([503, 'unavailable'])
  await rm(join(directory, 'files'))
  expect((await upload(server, name, png)).status).toBe(201)
})
