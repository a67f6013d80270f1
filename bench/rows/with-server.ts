import { LoadProcess } from '../load/load-process.ts'
import type { ContestantName } from '../servers/contestants.ts'
import { RunningServer } from '../servers/running-server.ts'
import type { Scale } from './row.ts'

export interface Stage {
  readonly server: RunningServer
  readonly loads: readonly LoadProcess[]
}

export interface StageOptions {
  readonly name: ContestantName
  readonly scale: Scale
  readonly loads: number
  readonly flags?: readonly string[]
}

/** A fresh server and load processes for one run; gone after it, however it ends. */
export async function withServer<T>(options: StageOptions, run: (stage: Stage) => Promise<T>): Promise<T> {
  const { name, scale, flags = [], loads: count } = options
  const loads = Array.from({ length: count }, () => new LoadProcess())
  const server = await RunningServer.start(name, { flags, nodeOptions: scale.nodeOptions ?? [] })
  try {
    return await run({ server, loads })
  } finally {
    await Promise.all(loads.map((load) => load.end()))
    // A profile is only written by a server that may end by itself.
    if (scale.nodeOptions !== undefined) await server.stop('SIGTERM')
    await server.end()
  }
}
