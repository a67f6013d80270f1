import { sleep } from '../machine/clock.ts'
import type { RunningServer } from '../servers/running-server.ts'

const lookEveryMs = 100
/** So little of a core is timers and nothing else. */
const quietShare = 0.03
const timeoutMs = 30_000

/** Resolves once the server has nothing left to do: what it does in the background is not part of what follows. */
export async function untilQuiet(server: RunningServer, quietMs = 300): Promise<void> {
  let quietFor = 0
  for (let waited = 0; quietFor < quietMs && waited < timeoutMs; waited += lookEveryMs) {
    const before = server.cpuMs
    await sleep(lookEveryMs)
    quietFor = server.cpuMs - before < lookEveryMs * quietShare ? quietFor + lookEveryMs : 0
  }
}
