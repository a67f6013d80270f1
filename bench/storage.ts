import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as Y from 'yjs'
import { openSqliteStorage } from '../persistence/index.ts'
import { systemClock } from '../server/clock.ts'
import { defaultGateLimits } from '../server/gate.ts'
import { Hub } from '../server/hub.ts'
import { defaultLimits } from '../server/limits.ts'
import { silentLog } from '../server/log.ts'
import { parseDocumentName } from '../server/protocol/document-name.ts'
import { closeCodes } from '../server/protocol/close-codes.ts'
import { typeLikeAPerson } from '../server/test/realistic-typing.ts'

/** Prints what 40,000 keystrokes take on disk and how long a cold server takes to open them. */
const keystrokes = 40_000
const directory = await mkdtemp(join(tmpdir(), 'coscribe-storage-'))
const name = parseDocumentName('typed')
if (typeof name !== 'string') throw new Error(name.error)
const { doc, typed } = typeLikeAPerson(keystrokes, 1)
const document = Y.encodeStateAsUpdate(doc).byteLength

let storage = await openSqliteStorage(directory)
const startHub = () =>
  new Hub({
    storage,
    clock: systemClock,
    log: silentLog,
    gateLimits: defaultGateLimits,
    maxPresenceBytes: defaultLimits.maxPresenceBytes,
    unloadAfterMs: 1,
    maxUnstoredBytes: defaultLimits.maxUnstoredBytes,
    compaction: { ...defaultLimits, compactAtUnloadRecords: 1 },
  })

/** Opens the document as a server does that has just started, up to the whole of its first sync step 2. */
async function openCold(): Promise<number> {
  await storage.close()
  storage = await openSqliteStorage(directory)
  const hub = startHub()
  const start = performance.now()
  const room = await hub.open(name as Exclude<typeof name, { error: string }>)
  const bytes = room.encodeState().byteLength
  const ms = performance.now() - start
  if (bytes < document * 0.9) throw new Error('the first sync step 2 is not the whole document')
  await hub.whenCompacted()
  await new Promise((resolve) => setTimeout(resolve, 50))
  await hub.whenCompacted()
  await hub.close(closeCodes.restarting, 'done')
  return ms
}

const bytesStored = async () => (await storage.meta('typed'))?.bytes ?? 0
const kb = (bytes: number) => `${(bytes / 1024).toFixed(0)} KB`

for (let from = 0; from < typed.length; from += 1000) {
  await storage.append(
    typed.slice(from, from + 1000).map(({ at, update }) => ({ document: 'typed', records: [update], at })),
  )
}
const logBytes = await bytesStored()
const first = await openCold()
const compacted = await bytesStored()
const { state } = await storage.load('typed')
const times = [await openCold(), await openCold(), await openCold()].sort((a, b) => a - b)
await storage.close()
const file = (await stat(join(directory, 'coscribe.sqlite'))).size
await rm(directory, { recursive: true, force: true })

console.log(
  `${keystrokes} keystrokes, ${typed.at(-1)!.at - typed[0]!.at} ms of typing, document ${kb(document)}`,
)
console.log(`log before compaction:       ${kb(logBytes)} (most: ${kb(Math.max(1024 * 1024, document))})`)
console.log(
  `state and history after it:  ${kb(compacted)}, ${(compacted / document).toFixed(2)} times the document (most: 3)`,
)
console.log(`  of it state ${kb(state?.bytes.byteLength ?? 0)}; the database file: ${kb(file)}`)
console.log(
  `cold open with a log of ${keystrokes} records: ${first.toFixed(0)} ms; compacted: ${times[1]!.toFixed(0)} ms (most: 50)`,
)
