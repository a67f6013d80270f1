import { connect } from 'node:net'
import { once } from 'node:events'
import { expect, test, type TestContext } from 'vitest'
import { Disk, needShim, type Mode } from './disk/disk.ts'
import { ServerProcess, temporaryFolder } from './server-process.ts'
import { freePort } from '../test/free-port.ts'
import { Writer } from './writer.ts'

/** A server on a disk that can be made to fail. */
async function onFailingDisk(context: TestContext, ...options: string[]): Promise<[ServerProcess, Disk]> {
  needShim(context, 'stopping on a failing disk')
  const folder = temporaryFolder()
  const disk = new Disk(folder, temporaryFolder(), false)
  const server = new ServerProcess(folder, await freePort(), { env: disk.env, options })
  await server.start()
  return [server, disk]
}

test('[C4] SIGTERM commits everything, tells clients, closes with 1012 and exits with 0', async () => {
  const server = new ServerProcess(temporaryFolder(), await freePort())
  await server.start()
  const writers = await Promise.all(
    ['a', 'b', 'c'].map((name) => new Writer(server.host, 'page', name).synced()),
  )
  for (const [index, writer] of writers.entries()) writer.writes(`${index}-1`)
  await Promise.all(writers.map((writer) => writer.when(() => writer.text.split(' ').length === 4)))
  const { code, stderr } = await server.end('SIGTERM')
  expect([code, stderr]).toEqual([0, ''])
  for (const writer of writers) {
    expect(await writer.closed()).toBe(1012)
    expect(writer.unsaved, 'told so before the door closed').toBe(0)
    expect(writer.notices).toContainEqual(expect.objectContaining({ kind: 'draining' }))
  }
  const delays = writers.map((writer) => JSON.stringify(writer.notices.at(-1)))
  expect(new Set(delays).size).toBe(3)
  await server.start()
  const reader = await new Writer(server.host, 'page').synced()
  expect(reader.text.split(' ').sort()).toEqual(['', '0-1', '1-1', '2-1'])
})

test('a stopping server takes no new connections', async (context) => {
  const [server, disk] = await onFailingDisk(context)
  const writer = await new Writer(server.host, 'page').synced()
  disk.turns('never answers a sync')
  writer.writes('a-1')
  server.signal('SIGTERM')
  await writer.when(() => writer.notices.length > 1).catch(() => undefined)
  const socket = connect(server.port, '127.0.0.1')
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
  expect(error.code).toBe('ECONNREFUSED')
  disk.turns('works')
  expect(await server.ended()).toMatchObject({ code: 0 })
})

test.for<Mode>(['fails to sync (EIO)', 'is full (ENOSPC)', 'never answers a sync'])(
  'when the disk %s, SIGTERM ends the server in bounded time, with code 1 and a reason',
  async (mode, context) => {
    needShim(context, `stopping when the disk ${mode}`)
    const folder = temporaryFolder()
    const disk = new Disk(folder, temporaryFolder(), false)
    const options = ['--stop-timeout-ms', '1500']
    const server = new ServerProcess(folder, await freePort(), { env: disk.env, options })
    await server.start()
    const writer = await new Writer(server.host, 'page').synced()
    disk.turns(mode)
    writer.writes('a-1')
    const began = performance.now()
    const { code, signal, stderr } = await server.end('SIGTERM')
    // A thread that never comes back leaves the process no way to end but this.
    const isStuck = mode === 'never answers a sync'
    expect([code, signal]).toEqual(isStuck ? [null, 'SIGKILL'] : [1, null])
    expect(stderr).toContain('could not be stored within 1.5 s')
    expect(performance.now() - began).toBeLessThan(6000)
    expect(await writer.closed()).toBe(1012)
    expect(writer.saved).toEqual([])
  },
)

test.for<[NodeJS.Signals, Mode, number | null]>([
  ['SIGTERM', 'fails to sync (EIO)', 1],
  ['SIGINT', 'fails to sync (EIO)', 1],
  ['SIGTERM', 'never answers a sync', null],
])(
  'a second signal, %s, ends the server at once when the disk %s',
  async ([second, mode, expected], context) => {
    needShim(context, `a second signal when the disk ${mode}`)
    const folder = temporaryFolder()
    const disk = new Disk(folder, temporaryFolder(), false)
    const server = new ServerProcess(folder, await freePort(), { env: disk.env })
    await server.start()
    const writer = await new Writer(server.host, 'page').synced()
    disk.turns(mode)
    writer.writes('a-1')
    server.signal('SIGTERM')
    await writer.closed()
    const began = performance.now()
    const { code } = await server.end(second)
    expect(code).toBe(expected)
    expect(performance.now() - began).toBeLessThan(2000)
  },
)
