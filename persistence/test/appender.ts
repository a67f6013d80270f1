import { openSqliteStorage } from '../index.ts'
import { bytes } from './inputs.ts'

// Appends for ever, from several places at once, and prints each record when it is safe: a victim for kill -9.

const [, , directory = ''] = process.argv
const storage = await openSqliteStorage(directory)

async function appendForEver(writer: number): Promise<never> {
  for (let index = 0; ; index++) {
    const record = `${process.pid} ${writer} ${index}`
    await storage.append([
      { document: 'log', records: [bytes(record)], at: 1 },
      { document: `other ${writer}`, records: [bytes(record.repeat(20))], at: 1 },
    ])
    process.stdout.write(`${record}\n`)
  }
}

await Promise.all([0, 1, 2].map(appendForEver))
