import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import * as Y from 'yjs'
import { Member } from '../load/member.ts'
import { nowUs, sleep } from '../machine/clock.ts'
import { readSqliteStorage } from '../../persistence/index.ts'
import { parseDocumentName } from '../../server/protocol/document-name.ts'
import { typeLikeAPerson } from '../../server/test/realistic-typing.ts'
import type { ContestantName } from '../servers/contestants.ts'
import type { RunningServer } from '../servers/running-server.ts'
import { untilQuiet } from './quiet.ts'
import type { Sample, Scale } from './row.ts'
import { withServer } from './with-server.ts'

const document = 'typed'
/** Between two looks at the folder. */
const lookMs = 100
/** Hocuspocus stores at the latest so long after an edit, ours compacts when a document was left for a second. */
const storedQuietMs = 2500
const timeoutMs = 120_000
/** Sent at once, before the sender lets the network have its turn. */
const atOnce = 100

/** Somebody's whole afternoon of typing, sent at full speed with one reader beside; then what is on disk, and a cold open. */
export async function measureKeystrokes(
  name: ContestantName,
  keystrokes: number,
  scale: Scale,
): Promise<Sample> {
  const { doc, typed } = typeLikeAPerson(keystrokes, 1)
  const documentBytes = Y.encodeStateAsUpdate(doc).length
  return withServer({ name, scale, loads: 0, flags: keystrokeFlags }, async ({ server }) => {
    const folder = watchFolder(server.data)
    const log = name === 'ours' ? watchLog(server.data) : null
    const sent = await send(
      server,
      doc,
      typed.map(({ update }) => update),
    )
    await untilQuiet(server, storedQuietMs)
    const most = await folder.stop()
    const logBytes = (await log?.stop()) ?? Number.NaN
    const { stores } = server.contestant
    await server.stop('SIGTERM')
    const bytes = await bytesIn(server.data)
    const cold = stores ? await openCold(server, doc) : { ms: Number.NaN, isWhole: Number.NaN }
    return {
      cpuPerEdit: (sent.cpuMs * 1000) / keystrokes,
      seconds: sent.ms / 1000,
      logKb: logBytes / 1024,
      mostKb: stores ? most / 1024 : Number.NaN,
      diskKb: stores ? bytes / 1024 : Number.NaN,
      disk: stores ? bytes / documentBytes : Number.NaN,
      cold: cold.ms,
      coldIsWhole: cold.isWhole,
      documentKb: documentBytes / 1024,
    }
  })
}

/** A document that was left is compacted when it is unloaded: 30 s later by default. */
export const keystrokeFlags = ['--unload-after-ms', '1000']

/** CPU until there is nothing left to do, and the time until the reader had all. */
async function send(server: RunningServer, doc: Y.Doc, updates: readonly Uint8Array[]) {
  const author = new Member({ target: server.target, document })
  const reading = readTo(server, doc)
  await Promise.all([author.synced, reading.member.synced])
  await untilQuiet(server)
  const cpuBefore = server.cpuMs
  const start = nowUs()
  for (const [n, update] of updates.entries()) {
    author.sendUpdate(update)
    if (n % atOnce === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await reading.whole
  const ms = (nowUs() - start) / 1000
  await untilQuiet(server)
  const cpuMs = server.cpuMs - cpuBefore
  author.leave()
  reading.member.leave()
  return { cpuMs, ms }
}

/** Somebody who reads until the document is what it should be. */
function readTo(server: RunningServer, wanted: Y.Doc) {
  const doc = new Y.Doc()
  const vector = Y.encodeStateVector(wanted)
  const text = wanted.getXmlFragment('coscribe').toJSON()
  let settle: () => void = () => {}
  let step2s = 0
  let lastKind = ''
  const whole = new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('the reader never had the whole document')), timeoutMs)
    settle = () => {
      clearTimeout(late)
      resolve()
    }
  })
  const member: Member = new Member({ target: server.target, document }, (kind, bytes, start, end) => {
    if (kind !== 'update' && kind !== 'step2') return
    if (kind === 'step2') step2s++
    lastKind = kind
    Y.applyUpdate(doc, member.wire.bodyOf(bytes, start, end))
    // The last keystroke is an insertion or comes after one; comparing texts each time would take minutes.
    const hasAll = Buffer.compare(Y.encodeStateVector(doc), vector) === 0
    if (hasAll && doc.getXmlFragment('coscribe').toJSON() === text) settle()
  })
  return { member, whole, isFirstSync: () => step2s === 1 && lastKind === 'step2' }
}

/** From the connect to the whole document, on a server that has just started. */
async function openCold(server: RunningServer, wanted: Y.Doc): Promise<{ ms: number; isWhole: number }> {
  await server.start()
  await untilQuiet(server)
  const start = nowUs()
  const { member, whole, isFirstSync } = readTo(server, wanted)
  await whole
  const ms = (nowUs() - start) / 1000
  member.leave()
  return { ms, isWhole: isFirstSync() ? 1 : 0 }
}

const watchFolder = (folder: string) => watchMost(() => bytesIn(folder))

/** What our store counts as log, state and history of the document; it can be read beside its server. */
const watchLog = (folder: string) =>
  watchMost(async () => {
    const storage = await readSqliteStorage(folder).catch(() => null)
    const wanted = parseDocumentName(document)
    const meta = typeof wanted === 'string' ? await storage?.meta(wanted) : null
    await storage?.close()
    return meta?.bytes ?? 0
  })

/** The most that `look` ever said. */
function watchMost(look: () => Promise<number>): { stop(): Promise<number> } {
  let most = 0
  const stopping = new AbortController()
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      most = Math.max(most, await look())
      await sleep(lookMs)
    }
  })()
  return {
    stop: async () => {
      stopping.abort()
      await watching
      return Math.max(most, await look())
    },
  }
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue
    // A file may go between the list and the look.
    bytes += await stat(join(entry.parentPath, entry.name)).then(
      ({ size }) => size,
      () => 0,
    )
  }
  return bytes
}
