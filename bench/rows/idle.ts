import type { ContestantName } from '../servers/contestants.ts'
import { pingMs } from './probe.ts'
import { untilQuiet } from './quiet.ts'
import type { Sample, Scale } from './row.ts'
import { withServer } from './with-server.ts'

/** What one more idle connection costs, from `few` to `many` of them, each in a room of its own. */
export async function measureIdle(
  name: ContestantName,
  count: { few: number; many: number },
  scale: Scale,
): Promise<Sample> {
  return withServer({ name, scale, loads: 1 }, async ({ server, loads: [load] }) => {
    if (load === undefined) throw new Error('a load process is needed')
    const bytesWith = async (people: number) => {
      const { closed } = await load.call('crowd', { target: server.target, firstRoom: 0, people })
      if (closed > 0) throw new Error(`${closed} of ${people} connections were closed`)
      await untilQuiet(server)
      return server.settledBytes()
    }
    const few = await bytesWith(count.few)
    const many = await bytesWith(count.many)
    return { kbPerConnection: (many - few) / 1024 / (count.many - count.few), mb: many / 2 ** 20 }
  })
}

/** As many idle connections as one process may have, held for a while, with somebody who still gets answers. */
export async function holdIdle(name: ContestantName, people: number, scale: Scale): Promise<Sample> {
  return withServer({ name, scale, loads: 2 }, async ({ server, loads }) => {
    const start = performance.now()
    const half = Math.ceil(people / 2)
    const crowd = (firstRoom: number) => ({ target: server.target, firstRoom, people: half })
    await Promise.all(loads.map((load, n) => load.call('crowd', crowd(n * half))))
    const openMs = performance.now() - start
    await untilQuiet(server)
    const cpuBefore = server.cpuMs
    const pings = await pingMs(server, 3000)
    const share = (server.cpuMs - cpuBefore) / 3000
    const all = await Promise.all(loads.map((load, n) => load.call('crowd', crowd(n * half))))
    const closed = all.reduce((sum, one) => sum + one.closed, 0)
    return {
      held: half * 2 - closed,
      mb: (await server.settledBytes()) / 2 ** 20,
      perSecond: (half * 2) / (openMs / 1000),
      idleCpu: share * 100,
      worst: Math.max(...pings),
    }
  })
}
