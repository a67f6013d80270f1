import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { connect, type ConnectOptions, type Sync } from '../editor/sync/connect.ts'
import type { Status } from '../editor/sync/status.ts'
import { PageDouble } from '../editor/sync/test/page-double.ts'
import { createMemoryStorage, type Storage } from '../persistence/index.ts'
import { metaName, schemaKey } from '../server/protocol/document.ts'
import { startServer } from '../server/server.ts'
import { MoodyStorage } from '../server/test/moody-storage.ts'
import { type RunningServer, StockClient, start } from './running-server.ts'

beforeEach(() => {
  vi.stubGlobal('WebSocket', WebSocket)
  // Nobody waits for dice in a test.
  vi.spyOn(Math, 'random').mockReturnValue(0)
  new PageDouble()
  // Runs last, when the pages of the test have been closed.
  onTestFinished(() => {
    vi.restoreAllMocks()
    vi.unstubAllGlobals()
  })
})

/** An editor's page without the editor: its document, its connection, and what its status said, in order. */
class Page {
  readonly doc = new Y.Doc()
  readonly sync: Sync
  readonly statuses: Status['state'][] = []
  #looks: (() => void)[] = []

  constructor(options: Pick<ConnectOptions, 'server' | 'document' | 'token'>) {
    this.sync = connect({ ...options, doc: this.doc, awareness: new Awareness(this.doc) })
    this.sync.onStatus((status) => {
      this.statuses.push(status.state)
      for (const look of this.#looks) look()
    })
    onTestFinished(() => {
      this.sync.destroy()
      this.sync.awareness.destroy()
    })
  }

  get text(): Y.Text {
    return this.doc.getText('text')
  }

  async becomes(state: Status['state']): Promise<Status> {
    if (this.sync.status.state !== state) {
      await new Promise<void>((resolve) =>
        this.#looks.push(() => this.sync.status.state === state && resolve()),
      )
    }
    return this.sync.status
  }
}

const pageOf = ({ host }: Pick<RunningServer, 'host'>, document = 'doc', token?: ConnectOptions['token']) =>
  new Page({ server: `http://${host}/`, document, ...(token === undefined ? {} : { token }) })

test('[S1] a page is connecting, then syncing, then saved, and never the other way round', async () => {
  const page = pageOf(await start())
  expect(page.sync.status).toEqual({ state: 'connecting' })
  await page.becomes('saved')
  await page.sync.ready
  const order = ['syncing', 'saving', 'saved']
  expect(page.statuses).toEqual(order.filter((state) => page.statuses.includes(state as Status['state'])))
})

test('[S1] an edit is saved once the disk has it, and not before', async () => {
  const storage = new MoodyStorage()
  const server = await start({ storage })
  const page = pageOf(server)
  await page.becomes('saved')
  storage.holdCommits()
  page.text.insert(0, 'hello')
  expect([page.sync.status.state, page.sync.hasUnsaved]).toEqual(['saving', true])
  const reader = new StockClient(server, 'doc')
  await reader.reads('hello')
  expect([page.sync.status.state, page.sync.hasUnsaved]).toEqual(['saving', true])
  storage.end()
  await page.becomes('saved')
  expect(page.sync.hasUnsaved).toBe(false)
})

test('[S1] what was written before the first connection is saved only after it was sent', async () => {
  const storage = new MoodyStorage()
  storage.holdCommits()
  const server = await start({ storage })
  const page = pageOf(server)
  page.text.insert(0, 'early')
  await page.becomes('saving')
  await new StockClient(server, 'doc').reads('early')
  expect(page.statuses).not.toContain('saved')
  storage.end()
  await page.becomes('saved')
})

test('[S1][S2] edits made while the server was away are kept and saved when it is back', async () => {
  const storage: Storage = createMemoryStorage()
  const server = await start({ storage })
  const page = pageOf(server)
  await page.becomes('saved')
  const { port } = server.server
  await server.server.close()
  expect(await page.becomes('offline')).toEqual({ state: 'offline', kept: false })
  page.text.insert(0, 'offline')
  expect(page.sync.hasUnsaved).toBe(true)
  const again = await start({ storage, port })
  await page.becomes('saved')
  expect(page.sync.hasUnsaved).toBe(false)
  await new StockClient(again, 'doc').reads('offline')
})

test('[P6] after the server was away everybody sees everybody again', async () => {
  const server = await start()
  const [ann, bob] = [pageOf(server), pageOf(server)]
  ann.sync.awareness.setLocalState({ name: 'Ann' })
  bob.sync.awareness.setLocalState({ name: 'Bob' })
  const see = (page: Page, name: string) =>
    vi.waitFor(() => expect([...page.sync.awareness.getStates().values()]).toContainEqual({ name }), 5000)
  await Promise.all([see(ann, 'Bob'), see(bob, 'Ann')])
  const { port } = server.server
  await server.server.close()
  await Promise.all([ann.becomes('offline'), bob.becomes('offline')])
  expect([ann.sync.awareness.getStates().size, bob.sync.awareness.getStates().size]).toEqual([1, 1])
  await start({ storage: server.storage, port })
  await Promise.all([see(ann, 'Bob'), see(bob, 'Ann')])
})

test('[D4] a deleted document closes the page for good; its text can still be copied', async () => {
  const server = await start()
  const name = await server.create('Plan')
  const page = pageOf(server, name)
  await page.becomes('saved')
  await server.request(`/api/documents/${name}`, { method: 'DELETE' })
  expect(await page.becomes('closed')).toMatchObject({ state: 'closed', code: 4410 })
  expect(page.doc.getXmlFragment('coscribe').toJSON()).toContain('Plan')
  page.text.insert(0, 'more')
  expect(page.sync.status.state).toBe('closed')
  expect(await server.storage.standing(name)).toBe('removed')
})

test('[A2] the token lets in, also one that is fetched anew for every connection; a wrong one closes', async () => {
  const server = await start({ password: 'swordfish' })
  await pageOf(server, 'doc', 'swordfish').becomes('saved')
  const fetchToken = vi.fn(() => Promise.resolve('swordfish'))
  await pageOf(server, 'doc', fetchToken).becomes('saved')
  expect(fetchToken).toHaveBeenCalledOnce()
  expect(await pageOf(server, 'doc', 'tuna').becomes('closed')).toMatchObject({ code: 4401 })
})

test('[W6] a document of a newer schema is read-only, and what was written here is not sent', async () => {
  const server = await start()
  const future = new Y.Doc()
  future.getMap(metaName).set(schemaKey, 99)
  future.getText('text').insert(0, 'from the future')
  await server.storage.append([{ document: 'doc', records: [Y.encodeStateAsUpdate(future)], at: 0 }])
  const page = pageOf(server)
  await page.becomes('read-only')
  await page.sync.ready
  expect(page.text.toJSON()).toBe('from the future')
  expect(page.statuses).not.toContain('saved')
})

test('[S1] an update the server does not take shows as refused', async () => {
  const server = await start()
  const page = pageOf(server)
  await page.becomes('saved')
  page.doc.getMap('map').set('child', new Y.Doc())
  expect(await page.becomes('refused')).toMatchObject({
    state: 'refused',
    reason: expect.stringMatching(/\w/) as string,
  })
  expect(page.sync.hasUnsaved).toBe(true)
})

test('[S2] a server that is not there makes the page offline, and it goes on trying', async () => {
  const gone = await startServer({ storage: createMemoryStorage(), port: 0 })
  const { port } = gone
  await gone.close()
  const page = pageOf({ host: `127.0.0.1:${port}` })
  await page.becomes('offline')
  await start({ port })
  await page.becomes('saved')
})

test('[S3] two pages of one browser hear of each other through the server only', async () => {
  const storage = new MoodyStorage()
  const server = await start({ storage })
  const [ann, tab] = [pageOf(server), pageOf(server)]
  await Promise.all([ann.becomes('saved'), tab.becomes('saved')])
  await server.server.close()
  await Promise.all([ann.becomes('offline'), tab.becomes('offline')])
  ann.text.insert(0, 'only here')
  await new Promise((resolve) => setImmediate(resolve))
  expect(tab.text.toJSON()).toBe('')
})

test('[W1] odd names lead to the same document as for everybody else', async () => {
  const server = await start()
  for (const name of ['a/b?c#d', '%2e%2e', '😀 ü']) {
    const page = pageOf(server, name)
    page.text.insert(0, name)
    await page.becomes('saved')
    await new StockClient(server, name).reads(name)
  }
})
