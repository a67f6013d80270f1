import type { ContestantName } from '../servers/contestants.ts'
import { untilQuiet } from './quiet.ts'
import type { Sample, Scale } from './row.ts'
import { slope } from './statistics.ts'
import { withServer } from './with-server.ts'

const rooms = 50
const steps = 20

/** Visits, a twentieth at a time, with the memory after each; the slope is over the last three quarters. */
export async function measureChurn(name: ContestantName, visits: number, scale: Scale): Promise<Sample> {
  return withServer({ name, scale, loads: 1 }, async ({ server, loads: [load] }) => {
    if (load === undefined) throw new Error('a load process is needed')
    const points: [number, number][] = []
    let cpuMs = 0
    for (let step = 0; step < steps; step++) {
      const some = visits / steps
      const cpuBefore = server.cpuMs
      await load.call('churn', { target: server.target, rooms, visits: some, from: step * some })
      await untilQuiet(server)
      cpuMs += server.cpuMs - cpuBefore
      points.push([(step + 1) * some, await server.settledBytes()])
    }
    return {
      bytesPerVisit: slope(points.slice(steps / 4)),
      firstMb: (points[0]?.[1] ?? 0) / 2 ** 20,
      lastMb: (points.at(-1)?.[1] ?? 0) / 2 ** 20,
      usPerVisit: (cpuMs * 1000) / visits,
    }
  })
}
