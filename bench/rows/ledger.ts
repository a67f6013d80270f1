import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { ContestantName } from '../servers/contestants.ts'
import type { Sample } from './row.ts'

const root = dirname(dirname(import.meta.dirname))
const timeoutMs = 300_000

/** The ledger of faults/, or the same kept against Hocuspocus: what was shown as saved, and what of it is gone. */
export async function measureLedger(name: ContestantName): Promise<Sample> {
  const args =
    name === 'ours'
      ? [join(root, 'node_modules/vitest/vitest.mjs'), 'run', 'faults/ledger.test.ts']
      : [join(root, 'bench/ledger/hocuspocus.mjs')]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
    cwd: root,
    timeout: timeoutMs,
  })
  const said = /(\d+) of (\d+) acknowledged edits lost over (\d+) kill/.exec(stdout + stderr)
  if (said === null) throw new Error(`the ledger said nothing:\n${stdout}${stderr}`)
  const [, lost, acknowledged, kills] = said.map(Number)
  return { lost: lost ?? Number.NaN, acknowledged: acknowledged ?? Number.NaN, kills: kills ?? Number.NaN }
}
