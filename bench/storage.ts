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

const keystrokes = 40_000
const wanted = parseDocumentName('typed')
if (typeof wanted !== 'string') throw new Error(wanted.error)
const name = wanted

/** What 40,000 keystrokes take on disk, and how long a cold server takes to open them. */
export interface StorageFigures {
  readonly keystrokes: number
  readonly documentBytes: number
  readonly logBytes: number
  /** State and history, after compaction. */
  readonly compactedBytes: number
  readonly fileBytes: number
  readonly coldOpenOfLogMs: number
  readonly coldOpenMs: number
}

export async function measureStorage(): Promise<StorageFigures> {
  const directory = await mkdtemp(join(tmpdir(), 'coscribe-storage-'))
  const { doc, typed } = typeLikeAPerson(keystrokes, 1)
  const documentBytes = Y.encodeStateAsUpdate(doc).byteLength
  const logBytes = await store(directory, typed)
  const coldOpenOfLogMs = await openCold(directory, documentBytes)
  const compactedBytes = await bytesStored(directory)
  const times = []
  for (let run = 0; run < 3; run++) times.push(await openCold(directory, documentBytes))
  const fileBytes = (await stat(join(directory, 'coscribe.sqlite'))).size
  await rm(directory, { recursive: true, force: true })
  const coldOpenMs = times.toSorted((a, b) => a - b)[1] ?? Number.NaN
  return { keystrokes, documentBytes, logBytes, compactedBytes, fileBytes, coldOpenOfLogMs, coldOpenMs }
}

type Typed = ReturnType<typeof typeLikeAPerson>['typed']

/** Every keystroke as a record of its own; resolves with what they take. */
async function store(directory: string, typed: Typed): Promise<number> {
  const storage = await openSqliteStorage(directory)
  for (let from = 0; from < typed.length; from += 1000) {
    const batch = typed.slice(from, from + 1000)
    await storage.append(batch.map(({ at, update }) => ({ document: name, records: [update], at })))
  }
  await storage.close()
  return bytesStored(directory)
}

async function bytesStored(directory: string): Promise<number> {
  const storage = await openSqliteStorage(directory)
  const meta = await storage.meta(name)
  await storage.close()
  return meta?.bytes ?? 0
}

/** Milliseconds from opening the document on a fresh server to the whole of its first sync step 2; compacts it after. */
async function openCold(directory: string, documentBytes: number): Promise<number> {
  const storage = await openSqliteStorage(directory)
  const hub = new Hub({
    storage,
    clock: systemClock,
    log: silentLog,
    gateLimits: defaultGateLimits,
    maxPresenceBytes: defaultLimits.maxPresenceBytes,
    unloadAfterMs: 1,
    maxUnstoredBytes: defaultLimits.maxUnstoredBytes,
    compaction: { ...defaultLimits, compactAtUnloadRecords: 1 },
  })
  const start = performance.now()
  const room = await hub.open(name)
  const { byteLength } = room.encodeState()
  const ms = performance.now() - start
  if (byteLength < documentBytes * 0.9) throw new Error('the first sync step 2 is not the whole document')
  await hub.whenCompacted()
  // The room is unloaded, and then compacted, a moment after it has become idle.
  await new Promise((resolve) => setTimeout(resolve, 50))
  await hub.whenCompacted()
  await hub.close(closeCodes.restarting, 'done')
  await storage.close()
  return ms
}
