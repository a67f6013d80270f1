import { request } from 'node:http'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freePort } from '../test/free-port.ts'
import { coscribe, ServerProcess, temporaryFolder } from './server-process.ts'

const content = Buffer.alloc(3_000_000, 'a picture of a kestrel ')

async function create(server: ServerProcess): Promise<string> {
  const answer = await fetch(`http://${server.host}/api/documents`, { method: 'POST', body: '{}' })
  return ((await answer.json()) as { name: string }).name
}

const drafts = (folder: string) => {
  const path = join(folder, 'files/drafts')
  return existsSync(path) ? readdirSync(path) : []
}

/** Asks the server until it holds; every answer takes its time, so no clock is needed. */
async function eventually(server: ServerProcess, holds: () => boolean): Promise<void> {
  while (!holds()) await server.health()
}

test('[F1] a server killed in the middle of an upload has what it acknowledged, and nothing of the rest', async () => {
  const folder = temporaryFolder()
  const server = new ServerProcess(folder, await freePort())
  await server.start()
  const name = await create(server)
  const path = `/api/documents/${name}/files`
  const answer = await fetch(`http://${server.host}${path}`, { method: 'POST', body: content })
  const { url } = (await answer.json()) as { url: string }
  const half = request({ port: server.port, path, method: 'POST', headers: { 'Content-Length': 4_000_000 } })
  half.on('error', () => {})
  half.write(content)
  await eventually(server, () => drafts(folder).length === 1)
  await server.end('SIGKILL')
  half.destroy()
  expect(drafts(folder)).toHaveLength(1)
  const verified = await coscribe('verify', '--data', folder)
  expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining('1 files: all good')])
  await server.start()
  expect(drafts(folder)).toEqual([])
  const again = await fetch(`http://${server.host}${url}`)
  expect(Buffer.from(await again.arrayBuffer()).equals(content)).toBe(true)
})

test('[F9] backup and restore bring files along', async () => {
  const folder = temporaryFolder()
  const server = new ServerProcess(folder, await freePort())
  await server.start()
  const path = `/api/documents/${await create(server)}/files`
  const answer = await fetch(`http://${server.host}${path}`, { method: 'POST', body: content })
  const { url } = (await answer.json()) as { url: string }
  const [copy, restored] = [join(temporaryFolder(), 'copy'), join(temporaryFolder(), 'data')]
  expect(await coscribe('backup', '--data', folder, '--to', copy)).toMatchObject({ code: 0 })
  await server.end('SIGTERM')
  expect(await coscribe('restore', '--from', copy, '--data', restored)).toMatchObject({ code: 0 })
  const other = new ServerProcess(restored, await freePort())
  await other.start()
  const again = await fetch(`http://${other.host}${url}`)
  expect(Buffer.from(await again.arrayBuffer()).equals(content)).toBe(true)
})
