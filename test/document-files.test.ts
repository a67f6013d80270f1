import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { readSchemaVersion } from '../server/document-title.ts'
import { schemaVersion } from '../server/protocol/version.ts'
import { type RunningServer, start, StockClient } from './running-server.ts'

const pathOf = (name: string) => `/api/documents/${encodeURIComponent(name)}`

function send(
  server: RunningServer,
  type: string,
  body: string | Uint8Array<ArrayBuffer>,
): Promise<Response> {
  return server.request('/api/documents', { method: 'POST', body, headers: { 'Content-Type': type } })
}

async function make(
  server: RunningServer,
  type: string,
  body: string,
): Promise<{ name: string; title: string }> {
  const response = await send(server, type, body)
  expect(response.status).toBe(201)
  return (await response.json()) as { name: string; title: string }
}

async function problem(response: Response): Promise<[number, string]> {
  const { error } = (await response.json()) as { error: { code: string; message: string } }
  expect(error.message).toMatch(/\w/)
  return [response.status, error.code]
}

const markdown = '# Plan\n\nA **bold** [link](https://a.example/?a=1\\&b=2)\n\n- [x] done\n  1. one\n'

describe('A document as a file', () => {
  test('[D10] what was imported as Markdown is exported as the same Markdown, as HTML, JSON and text', async () => {
    const server = await start()
    const { name, title } = await make(server, 'text/markdown', markdown)
    expect(title).toBe('Plan')
    const get = async (ending: string) => server.request(`${pathOf(name)}.${ending}`)
    const file = await get('md')
    expect(file.headers.get('content-type')).toBe('text/markdown; charset=utf-8')
    expect(file.headers.get('content-disposition')).toBe(
      `attachment; filename="Plan.md"; filename*=UTF-8''Plan.md`,
    )
    expect(file.headers.get('cache-control')).toBe('no-store')
    expect(await file.text()).toBe(markdown)
    const html = await (await get('html')).text()
    expect(html).toContain('<title>Plan</title>')
    expect(html).toContain('<strong>bold</strong>')
    expect(html).toContain('Content-Security-Policy')
    const json: unknown = await (await get('json')).json()
    expect(json).toMatchObject({ type: 'doc', content: [{ attrs: { style: 'title' } }, {}, {}, {}] })
    expect(await (await get('txt')).text()).toBe('Plan\n\nA bold link\n\n[x] done\n  1. one\n')
    const copy = await make(server, 'application/json', JSON.stringify(json))
    expect(await (await server.request(`${pathOf(copy.name)}.md`)).text()).toBe(markdown)
  })

  test('[D10] a title that no file may have gives a name that every system takes', async () => {
    const server = await start()
    const name = await server.create('a/b: "Ünï"\r\n文')
    const header = (await server.request(`${pathOf(name)}.md`)).headers.get('content-disposition')
    expect(header).toBe(
      `attachment; filename="a b _n_ _.md"; filename*=UTF-8''a%20b%20%C3%9Cn%C3%AF%20%E6%96%87.md`,
    )
  })

  test('[D10] a document whose name looks like a file’s is itself', async () => {
    const server = await start()
    const client = new StockClient(server, 'plan.md')
    client.types('x')
    await client.synced()
    await new StockClient(server, 'plan.md').reads('x')
    expect((await server.request(pathOf('plan.md'))).headers.get('content-type')).toContain(
      'application/json',
    )
    expect(await problem(await server.request(pathOf('other.md')))).toEqual([404, 'unknown'])
  })

  test('[D11] exporting writes nothing', async () => {
    const server = await start()
    const { name } = await make(server, 'text/markdown', markdown)
    const before = await server.storage.load(name)
    for (const ending of ['md', 'html', 'json', 'txt'])
      expect((await server.request(`${pathOf(name)}.${ending}`)).status).toBe(200)
    const after = await server.storage.load(name)
    expect(after.records.map(({ bytes }) => [...bytes])).toEqual(
      before.records.map(({ bytes }) => [...bytes]),
    )
  })

  test('[D12] an imported document is as the editor writes it: a text in every block, the schema version', async () => {
    const server = await start()
    const { name } = await make(server, 'text/html', '<h1>A</h1><ul><li></li></ul><pre><code></code></pre>')
    const ydoc = new Y.Doc()
    for (const { bytes } of (await server.storage.load(name)).records) Y.applyUpdate(ydoc, bytes)
    expect(readSchemaVersion(ydoc)).toBe(schemaVersion)
    const blocks = ydoc.getXmlFragment('coscribe').toArray()
    expect(blocks.map((block) => block instanceof Y.XmlElement && block.get(0) instanceof Y.XmlText)).toEqual(
      [true, true, true],
    )
  })

  test('[D12] a form with a file makes a document by the file’s ending', async () => {
    const server = await start()
    const form = new FormData()
    form.set('file', new File(['# From a form'], 'x.md'))
    const response = await server.request('/api/documents', { method: 'POST', body: form })
    expect(((await response.json()) as { title: string }).title).toBe('From a form')
  })

  test('[D12] no body, and JSON without a document, mean a new empty document as before', async () => {
    const server = await start()
    expect((await server.request('/api/documents', { method: 'POST' })).status).toBe(201)
    expect((await send(server, 'application/json', '{"title":"T"}')).status).toBe(201)
    expect(await problem(await send(server, 'application/json', '[1'))).toEqual([400, 'invalid'])
  })
})

describe('[D13] what can’t be imported', () => {
  const form = 'multipart/form-data; boundary=x'
  const bad: readonly (readonly [
    name: string,
    type: string,
    body: string | Uint8Array<ArrayBuffer>,
    answer: [number, string],
  ])[] = [
    ['a picture', 'image/png', 'x', [415, 'unsupported']],
    ['an archive', 'application/zip', 'PK\u0003\u0004', [415, 'unsupported']],
    ['no type of file', 'application/octet-stream', 'x', [415, 'unsupported']],
    ['bytes that are no text', 'text/markdown', new Uint8Array([0xff, 0xfe, 0x41]), [400, 'invalid']],
    ['text with zeros', 'text/markdown', 'a\0b', [400, 'invalid']],
    [
      'a form without a file',
      form,
      '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n',
      [400, 'invalid'],
    ],
    ['a form that is none', form, 'nonsense', [400, 'invalid']],
    ['more than 10 MB', 'text/markdown', 'x'.repeat(10 * 1024 * 1024 + 1), [413, 'too-large']],
    [
      'a large JSON that is no document',
      'application/json',
      `{"a":"${'x'.repeat(70_000)}"}`,
      [400, 'invalid'],
    ],
    ['quotes in quotes', 'text/markdown', '>'.repeat(3000), [400, 'invalid']],
    ['elements in elements', 'text/html', '<div>'.repeat(100_000), [400, 'invalid']],
    ['lists in lists', 'text/html', '<ul><li>'.repeat(50_000), [400, 'invalid']],
  ]

  test('each is told what is wrong with it', async () => {
    const server = await start()
    for (const [name, type, body, answer] of bad)
      expect(await problem(await send(server, type, body)), name).toEqual(answer)
  })

  test('what takes too long is given up, and the server goes on meanwhile', async () => {
    const server = await start({ limits: { conversionTimeoutMs: 6000 } })
    const slow = send(server, 'text/markdown', '['.repeat(5 * 1024 * 1024))
    for (let asked = 0; asked < 20; asked++) {
      const before = performance.now()
      expect((await server.request('/healthz')).status).toBe(200)
      expect(performance.now() - before).toBeLessThan(1000)
    }
    expect(await problem(await slow)).toEqual([413, 'too-large'])
    await make(server, 'text/markdown', '# after')
  })

  test('more at once than may wait are refused for the moment', async () => {
    const server = await start({ limits: { maxConversions: 2 } })
    const answers = await Promise.all(Array.from({ length: 6 }, () => send(server, 'text/markdown', '# x')))
    const statuses = answers.map(({ status }) => status)
    expect(new Set(statuses)).toEqual(new Set([201, 503]))
    await make(server, 'text/markdown', '# after')
  })
})
