import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openSqliteStorage } from '../persistence/index.ts'
import { Random } from '../test/random.ts'
import { Ledger } from './ledger.ts'
import { coscribe, isLong, say, seed, ServerProcess, temporaryFolder } from './server-process.ts'
import { freePort } from '../test/free-port.ts'

const steps = ['loaded', 'built', 'verified', 'before-store', 'after-store'].map(
  (step) => `compaction:${step}`,
)
const rounds = isLong ? 25 : 2

test(
  `[J4 ST3] nothing is lost when the server is killed at any step of a compaction, ${rounds} times each`,
  { timeout: 1_200_000 },
  async () => {
    const random = new Random(seed)
    const folder = temporaryFolder()
    const port = await freePort()
    const ledger = new Ledger(random)
    const script = ['--import', 'tsx', join(import.meta.dirname, 'compaction-child.ts')]
    for (let round = 0; round < rounds; round++) {
      for (const step of steps) {
        const hint = `seed ${seed}, round ${round}, before ${step}`
        const plain = new ServerProcess(folder, port)
        await plain.start()
        expect(await ledger.check(plain), hint).toEqual([])
        await plain.kill()
        const env = { FAILPOINT: step, COUNT: String(1 + random.below(4)) }
        const server = new ServerProcess(folder, port, { env, script })
        await server.start()
        await ledger.write(server, Infinity, async () => {
          expect(await server.ended(), hint).toMatchObject({ signal: 'SIGKILL' })
        })
      }
    }
    const server = new ServerProcess(folder, port)
    await server.start()
    const faults = await ledger.check(server)
    await server.end('SIGTERM')
    const lost = faults.filter((fault) => fault.endsWith('is lost')).length
    const kills = rounds * steps.length
    say(
      `${lost} of ${ledger.size} acknowledged edits lost over ${kills} kills inside a compaction (seed ${seed})`,
    )
    expect(faults).toEqual([])
    expect(await coscribe('verify', '--data', folder)).toMatchObject({ code: 0 })
    const storage = await openSqliteStorage(folder)
    for (const document of ledger.acknowledged.keys()) {
      expect((await storage.load(document)).state?.through).toBeGreaterThan(16)
      expect((await storage.history(document)).damage).toBeNull()
    }
    await storage.close()
  },
)
