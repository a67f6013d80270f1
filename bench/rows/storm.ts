import { Latencies } from '../load/latencies.ts'
import { makeDocument } from '../load/made-document.ts'
import { sleep } from '../machine/clock.ts'
import type { ContestantName } from '../servers/contestants.ts'
import { pingMs } from './probe.ts'
import { untilQuiet } from './quiet.ts'
import type { Sample, Scale } from './row.ts'
import { withServer } from './with-server.ts'

export interface Crowded {
  readonly people: number
  readonly rooms: number
  readonly documentBytes: number
}

const longestMs = 90_000

/** The server is killed and started again; everybody comes back at once, each with an edit it has not. */
export async function measureStorm(name: ContestantName, crowded: Crowded, scale: Scale): Promise<Sample> {
  const { update } = makeDocument(crowded.documentBytes)
  return withServer({ name, scale, loads: 1 }, async ({ server, loads: [load] }) => {
    if (load === undefined) throw new Error('a load process is needed')
    const { people, rooms } = crowded
    await load.call('settle', { target: server.target, people, rooms, update })
    await untilQuiet(server)
    // Hocuspocus stores 2 s after the last edit.
    await sleep(2500)
    await server.stop()
    await server.start()
    const cpuBefore = server.cpuMs
    const storm = load.call('storm')
    const pings = await pingMs(server, longestMs, storm)
    const stormed = await storm
    if (stormed.missing > 0)
      throw new Error(`${stormed.missing} of ${people} were not in sync after a minute`)
    const latencies = new Latencies(stormed.latencies)
    return {
      all: latencies.quantileMs(1),
      p50: latencies.quantileMs(0.5),
      blocked: Math.max(...pings),
      cpu: (server.cpuMs - cpuBefore) / people,
    }
  })
}
