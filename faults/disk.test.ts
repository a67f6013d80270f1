import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Disk, needShim, type Mode } from './disk/disk.ts'
import { faultsOf } from './ledger.ts'
import { say, ServerProcess, temporaryFolder } from './server-process.ts'
import { freePort } from '../test/free-port.ts'
import { Writer } from './writer.ts'

/** How long one client's edits take to reach another, in milliseconds, the median of some. */
async function relayTime(from: Writer, to: Writer, name: string): Promise<number> {
  const times: number[] = []
  for (let number = 1; number <= 15; number++) {
    const began = performance.now()
    from.writes(`${name}-${number}`)
    await to.when(() => to.text.includes(`${name}-${number} `))
    times.push(performance.now() - began)
  }
  return times.sort((a, b) => a - b)[7] ?? Infinity
}

/** Asks until the server says so; every answer is a round trip, so no clock is needed. */
async function healthBecomes(server: ServerProcess, status: string): Promise<{ reason?: string }> {
  for (;;) {
    const health = await server.health()
    if (health.status === status) return health
  }
}

const failing: Mode[] = [
  'fails to sync (EIO)',
  'is full (ENOSPC)',
  'is read-only (EROFS)',
  'takes two seconds to sync',
]

test.for(failing)(
  '[J1 J2] when the disk %s, people go on, nothing is called saved, and all is made good',
  async (mode, context) => {
    needShim(context, `a disk that ${mode}`)
    const folder = temporaryFolder()
    const disk = new Disk(folder, temporaryFolder(), false)
    const server = new ServerProcess(folder, await freePort(), { env: disk.env })
    await server.start()
    const ann = await new Writer(server.host, 'page').synced()
    const bob = await new Writer(server.host, 'page').synced()
    const before = await relayTime(ann, bob, 'before')
    await ann.when(() => ann.unsaved === 0)

    disk.turns(mode)
    const saved = ann.saved.length
    const during = await relayTime(ann, bob, 'during')
    const isSlow = mode === 'takes two seconds to sync'
    expect(isSlow || ann.saved.length === saved, 'acknowledged on a failing disk').toBe(true)
    // The other document is on the same disk; opening it and writing goes on, too.
    const eve = await new Writer(server.host, 'another').synced()
    eve.writes('eve-1')
    if (!isSlow) {
      expect(await healthBecomes(server, 'degraded')).toMatchObject({
        reason: expect.stringMatching(/stored/) as string,
      })
      expect(ann.saved.length + eve.saved.length).toBe(saved)
    }

    disk.turns('works')
    await Promise.all([ann, eve].map((writer) => writer.when(() => writer.unsaved === 0)))
    expect(await server.health()).toMatchObject({ status: 'ok' })
    say(
      `a disk that ${mode}: an edit takes ${before.toFixed(1)} ms to the others before, ${during.toFixed(1)} ms during`,
    )
    expect(during).toBeLessThan(20 + 10 * before)
    const written = ann.saved
    await server.end('SIGKILL')
    await server.start()
    const reader = await new Writer(server.host, 'page').synced()
    expect(faultsOf(reader.text, written)).toEqual([])
  },
)

test('[J2] on a file system that is really full nothing is called saved, and with space again everything is', async (context) => {
  const folder = temporaryFolder()
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder])
  if (mounted.status !== 0) {
    say('NOT RUN: a small tmpfs, because it takes root to mount one')
    context.skip('it takes root to mount a tmpfs')
  }
  onTestFinished(() => void spawnSync('umount', ['-l', folder]))
  const server = new ServerProcess(folder, await freePort())
  await server.start()
  const ann = await new Writer(server.host, 'page').synced()
  const bob = await new Writer(server.host, 'page').synced()
  ann.writes('ann-1')
  await ann.when(() => ann.unsaved === 0)
  const filler = join(folder, 'filler')
  spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4096'])
  const saved = () => ann.saved.length
  let number = 1
  // What is free inside the files is used up first.
  while ((await server.health()).status === 'ok') {
    ann.writes(`ann-${++number}`)
    await bob.when(() => bob.text.includes(`ann-${number} `))
  }
  const atFailure = saved()
  ann.writes(`ann-${++number}`)
  await bob.when(() => bob.text.includes(`ann-${number} `))
  expect([saved(), (await server.health()).status]).toEqual([atFailure, 'degraded'])
  expect(saved()).toBeLessThan(number)
  rmSync(filler)
  await ann.when(() => ann.unsaved === 0)
  expect(saved()).toBe(number)
  await server.end('SIGKILL')
  await server.start()
  const reader = await new Writer(server.host, 'page').synced()
  expect(faultsOf(reader.text, ann.saved)).toEqual([])
})

test('a server whose data folder can not be made says so and ends with code 1', async () => {
  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  const server = new ServerProcess(join(file, 'data'), await freePort())
  await expect(server.start()).rejects.toThrow(/coscribe: .*(ENOTDIR|not a directory)/)
})
