import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSqliteStorage } from '../persistence/index.ts'
import { startServer } from '../server/server.ts'
import { RunningServer, StockClient, start } from './running-server.ts'
import { CollectingLog } from '../server/test/collecting-log.ts'
import { until } from './until.ts'

test('[W3] stock clients see each other’s edits, and a later one sees them all', async () => {
  const server = await start()
  const [ann, bob] = [new StockClient(server, 'doc'), new StockClient(server, 'doc')]
  await Promise.all([ann.synced(), bob.synced()])
  ann.types('hello ')
  await bob.reads('hello ')
  bob.types('world')
  await ann.reads('hello world')
  const cat = await new StockClient(server, 'doc').synced()
  expect(cat.text.toJSON()).toBe('hello world')
})

test('[W3] what a client wrote before it connected reaches the others', async () => {
  const server = await start()
  const ann = new StockClient(server, 'doc')
  ann.types('written before the handshake')
  const bob = new StockClient(server, 'doc')
  await bob.reads('written before the handshake')
})

test('[R6] stock clients see who is here, who moves and who leaves', async () => {
  const server = await start()
  const [ann, bob] = [new StockClient(server, 'doc'), new StockClient(server, 'doc')]
  ann.provider.awareness.setLocalState({ name: 'Ann' })
  bob.provider.awareness.setLocalState({ name: 'Bob' })
  await Promise.all([ann.sees(['Bob']), bob.sees(['Ann'])])
  ann.provider.awareness.setLocalStateField('name', 'Anna')
  await bob.sees(['Anna'])
  ann.destroy()
  await bob.sees([])
})

test('[P4] a client whose network dies is gone for the others', async () => {
  const server = await start()
  const [ann, bob] = [new StockClient(server, 'doc'), new StockClient(server, 'doc')]
  ann.provider.awareness.setLocalState({ name: 'Ann' })
  await bob.sees(['Ann'])
  ann.provider.shouldConnect = false
  ;(ann.provider.ws as unknown as { terminate(): void }).terminate()
  await bob.sees([])
})

test('[P6] a client that comes back is seen again without making a move', async () => {
  const server = await start()
  const [ann, bob] = [new StockClient(server, 'doc'), new StockClient(server, 'doc')]
  ann.provider.awareness.setLocalState({ name: 'Ann' })
  await bob.sees(['Ann'])
  ;(ann.provider.ws as unknown as { terminate(): void }).terminate()
  await bob.sees([])
  await bob.sees(['Ann'])
})

test('[D4] deleting stops a stock client for good', async () => {
  const server = await start()
  const name = await server.create('Plan')
  const ann = await new StockClient(server, name).synced()
  const closed = new Promise<{ code: number }>((resolve) => ann.provider.on('closed', resolve))
  expect((await server.request(`/api/documents/${name}`, { method: 'DELETE' })).status).toBe(204)
  expect((await closed).code).toBe(4410)
  expect(ann.provider.shouldConnect).toBe(false)
  const late = new StockClient(server, name)
  expect(await new Promise((resolve) => late.provider.on('closed', ({ code }) => resolve(code)))).toBe(4410)
})

test('[W1] every odd name is a document of its own, for stock clients, too', async () => {
  const server = await start()
  const names = [
    'a',
    'a/b',
    'a b',
    'a?b',
    'a#b',
    '%2e%2e',
    '__proto__',
    'constructor',
    '😀',
    'café',
    'api/documents',
    '...',
  ]
  const writers = names.map((name) => new StockClient(server, name))
  for (const [index, writer] of writers.entries()) writer.types(`this is ${names[index]}`)
  const readers = names.map((name) => new StockClient(server, name))
  await Promise.all(readers.map((reader, index) => reader.reads(`this is ${names[index]}`)))
  const composed = new StockClient(server, 'cafe\u0301')
  await composed.reads('this is café')
})

test('[A2] a stock client gets in with the password as its token parameter, and is stopped without it', async () => {
  const server = await start({ password: 'sword & fish' })
  const ann = await new StockClient(server, 'doc', { token: 'sword & fish' }).synced()
  for (const params of [{ token: 'wrong' }, {}] as Record<string, string>[]) {
    const eve = new StockClient(server, 'doc', params)
    expect(await new Promise((resolve) => eve.provider.on('closed', ({ code }) => resolve(code)))).toBe(4401)
    expect(eve.text.toJSON()).toBe('')
  }
  expect(ann.provider.wsconnected).toBe(true)
})

test('[W5][C4] a stock client that sends what can never be applied is stopped, and the others go on', async () => {
  const server = await start()
  const [ann, eve] = [
    await new StockClient(server, 'doc').synced(),
    await new StockClient(server, 'doc').synced(),
  ]
  eve.provider.ws!.send(new Uint8Array([0, 2, 3, 1, 2, 3]))
  expect(await new Promise((resolve) => eve.provider.on('closed', ({ code }) => resolve(code)))).toBe(4422)
  const bob = new StockClient(server, 'doc')
  ann.types('fine')
  await bob.reads('fine')
})

let folder: string
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'coscribe-restart-'))))
afterEach(() => rm(folder, { recursive: true }))

/** A server with everything on disk, which can die and come back on the same port. */
async function onDisk(port = 0): Promise<RunningServer & { stop(): Promise<void> }> {
  const storage = await openSqliteStorage(folder)
  const server = await startServer({ storage, port })
  const stop = async () => {
    await server.close()
    await storage.close()
  }
  return Object.assign(new RunningServer(server, storage, new CollectingLog()), { stop })
}

test('[R4][ST1] edits made while the server was down reach everybody once it is back, on what it had kept', async () => {
  const first = await onDisk()
  const { port } = first.server
  const [ann, bob] = [
    await new StockClient(first, 'doc').synced(),
    await new StockClient(first, 'doc').synced(),
  ]
  ann.types('kept ')
  await bob.reads('kept ')
  await first.stop()
  await until(
    () => !ann.provider.wsconnected && !bob.provider.wsconnected,
    [ann.provider, 'status'],
    [bob.provider, 'status'],
  )
  ann.types('offline')
  bob.text.insert(0, 'also ')
  const second = await onDisk(port)
  try {
    await Promise.all([ann.reads('also kept offline'), bob.reads('also kept offline')])
    const cat = await new StockClient(second, 'doc').synced()
    expect(cat.text.toJSON()).toBe('also kept offline')
  } finally {
    await second.stop()
  }
})

test('[ST1] what the server was given is there after a restart, for clients that never saw it', async () => {
  const first = await onDisk()
  const ann = await new StockClient(first, 'doc').synced()
  const name = await first.create('Plan')
  ann.types('kept')
  const bob = new StockClient(first, 'doc')
  await bob.reads('kept')
  for (const client of [ann, bob]) client.destroy()
  await first.stop()
  const second = await onDisk()
  try {
    const cat = await new StockClient(second, 'doc').synced()
    expect(cat.text.toJSON()).toBe('kept')
    const listed = (await (await second.request('/api/documents')).json()) as {
      documents: { name: string }[]
    }
    expect(listed.documents.map((document) => document.name).sort()).toEqual([name, 'doc'].sort())
  } finally {
    await second.stop()
  }
})
