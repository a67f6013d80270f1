import { parseArgs } from 'node:util'
import { openSqliteStorage } from '../persistence/index.ts'
import { startServer } from '../server/server.ts'

// A server that compacts all the time, and kills itself when it comes to the step FAILPOINT for the COUNTth time.

const { values } = parseArgs({
  strict: false,
  options: { port: { type: 'string' }, data: { type: 'string' } },
})
const [step, count] = [process.env['FAILPOINT'] ?? '', Number(process.env['COUNT'] ?? 1)]
let reached = 0

const server = await startServer({
  storage: await openSqliteStorage(String(values['data'])),
  port: Number(values['port']),
  limits: { compactAfterRecords: 16, compactPauseMs: 1, historyWindowMs: 50 },
  failpoint: (name) => {
    if (name === step && ++reached === count) process.kill(process.pid, 'SIGKILL')
  },
})
process.stdout.write(`http://127.0.0.1:${server.port}\n`)
