import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { ServerProcess } from '../e2e/server.ts'
import { freePort } from '../test/free-port.ts'
import { measureStorage } from './storage.ts'
import { measureTyping } from './typing.ts'

/** Measures what the built product does on this machine; prints it and writes it to RESULTS.md. */
const data = await mkdtemp(join(tmpdir(), 'coscribe-bench-'))
const server = new ServerProcess(await freePort(), data, [])
await server.start()
const rows = await measureTyping(server, 2000).finally(async () => {
  await server.stop('SIGTERM')
  await rm(data, { recursive: true, force: true })
})

const table = [
  '| document | others | keys | key to paint, median | p99 |',
  '|---|---|---|---|---|',
  ...rows.map(({ paragraphs, isRemoteTyping, keys, medianMs, p99Ms }) => {
    const others = isRemoteTyping ? 'typing elsewhere, 20 keys/s' : 'nobody'
    return `| ${paragraphs} paragraphs | ${others} | ${keys} | ${medianMs.toFixed(1)} ms | ${p99Ms.toFixed(1)} ms |`
  }),
]
const stored = await measureStorage()
const kb = (bytes: number) => `${Math.round(bytes / 1024)} KB`
const storageTable = [
  `| ${stored.keystrokes} keystrokes, a document of ${kb(stored.documentBytes)} | measured | at most |`,
  '|---|---|---|',
  `| log, had nothing been compacted | ${kb(stored.logBytes)} | 1024 KB, where a server compacts |`,
  `| state and history | ${kb(stored.compactedBytes)}, ${(stored.compactedBytes / stored.documentBytes).toFixed(2)}x the document | 3x |`,
  `| the database file | ${kb(stored.fileBytes)} | |`,
  `| cold open | ${stored.coldOpenMs.toFixed(0)} ms | 50 ms |`,
  `| cold open of the whole log | ${stored.coldOpenOfLogMs.toFixed(0)} ms | |`,
]
const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`
const results = [
  '# Measured',
  '',
  `On ${machine}, ${new Date().toISOString().slice(0, 10)}.`,
  '',
  '## Typing',
  '',
  ...table,
  '',
  '## Storage',
  '',
  ...storageTable,
  '',
]
console.log(results.join('\n'))
await writeFile(new URL('RESULTS.md', import.meta.url), results.join('\n'))
