import { expect, test } from 'vitest'
import { Random } from '../test/random.ts'
import { faultsOf, Ledger } from './ledger.ts'
import { isLong, say, seed, ServerProcess, temporaryFolder } from './server-process.ts'
import { freePort } from '../test/free-port.ts'

const kills = isLong ? 200 : 20

test(`[J1 ST1] nothing acknowledged is lost over ${kills} kill -9`, { timeout: kills * 15_000 }, async () => {
  const random = new Random(seed)
  const server = new ServerProcess(temporaryFolder(), await freePort())
  const ledger = new Ledger(random)
  for (let kill = 0; kill < kills; kill++) {
    await server.start()
    expect(await ledger.check(server), `seed ${seed}, after kill ${kill}`).toEqual([])
    await ledger.write(server, 1 + random.below(400), () => server.end('SIGKILL'))
  }
  await server.start()
  const faults = await ledger.check(server)
  const lost = faults.filter((fault) => fault.endsWith('is lost')).length
  say(`${lost} of ${ledger.size} acknowledged edits lost over ${kills} kill -9 (seed ${seed})`)
  expect(faults, `seed ${seed}`).toEqual([])
  expect(ledger.size).toBeGreaterThan(kills * 20)
})

test('the ledger finds what is missing, doubled, cut and out of order', () => {
  expect(faultsOf('a-1 b-1 a-2 ', ['a-1', 'a-2', 'b-1'])).toEqual([])
  expect(faultsOf('a-1 ', ['a-1', 'a-2'])).toEqual(['a-2 was acknowledged and is lost'])
  expect(faultsOf('a-1 a-1 ', ['a-1'])).toEqual(['a-1 is doubled'])
  expect(faultsOf('a-2 a-1 ', [])).toEqual(['a-1 comes after a-2'])
  expect(faultsOf('a-1 a- ', [])).toEqual(['a- was never written'])
})
