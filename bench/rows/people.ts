import * as Y from 'yjs'
import type { Arrived } from '../load/crew.ts'
import { Latencies } from '../load/latencies.ts'
import type { LoadProcess } from '../load/load-process.ts'
import { firstSync } from '../load/member.ts'
import { sleep } from '../machine/clock.ts'
import type { RunningServer } from '../servers/running-server.ts'
import type { Sample, Scale } from './row.ts'
import { withServer } from './with-server.ts'
import type { ContestantName } from '../servers/contestants.ts'

/** People in rooms. */
export interface People {
  readonly rooms: number
  readonly readersPerRoom: number
  readonly workersPerRoom: number
  readonly does: 'types' | 'points'
  /** Strokes a second of each worker. */
  readonly perSecond: number
  /** Work before what is measured. Where little happens a server takes long to compile what it does often. */
  readonly warmUpMs?: number
}

const defaultWarmUpMs = 5000
const measuredMs = 3000
const arrivalTimeoutMs = 60_000
/** What is still to be stored when the last stroke has arrived. */
const afterMs = 200

/**
 * Lets people work and counts what arrives; fails when a stroke is lost, comes twice, or documents differ in the end.
 * `cpuPerDelivery` is of each stroke that reached somebody else, `cpuPerEdit` of each stroke.
 */
export async function measurePeople(name: ContestantName, people: People, scale: Scale): Promise<Sample> {
  return withServer({ name, scale, loads: 2 }, async ({ server, loads }) => {
    const crews = await seat(server, people, loads)
    const strokesOf = (ms: number) =>
      Promise.all(crews.map((crew) => crew.call('work', people.perSecond, ms)))
    const round = async (ms: number) => {
      await Promise.all(crews.map((crew) => crew.call('begin')))
      const cpuBefore = server.cpuMs
      const worked = await strokesOf(ms)
      const strokes = Array.from({ length: people.rooms }, (_, room) =>
        worked.reduce((sum, { strokes }) => sum + (strokes[room] ?? 0), 0),
      )
      const arrived = await Promise.all(crews.map((crew) => crew.call('arrived', strokes, arrivalTimeoutMs)))
      await sleep(afterMs)
      return {
        cpuMs: server.cpuMs - cpuBefore,
        edits: strokes.reduce((a, b) => a + b, 0),
        arrived: total(arrived),
      }
    }
    await round(scale.isQuick ? 500 : (people.warmUpMs ?? defaultWarmUpMs))
    const { cpuMs, edits, arrived } = await round(scale.isQuick ? 1500 : measuredMs)
    if (people.does === 'types') await checkDocuments(server, crews)
    checkArrivals(arrived, people)
    return {
      cpuPerDelivery: (cpuMs * 1000) / arrived.deliveries,
      cpuPerEdit: (cpuMs * 1000) / edits,
      p50: arrived.latencies.quantileMs(0.5),
      p99: arrived.latencies.quantileMs(0.99),
      framesPerDelivery: arrived.frames / arrived.deliveries,
      bytesPerDelivery: arrived.bytes / arrived.deliveries,
    }
  })
}

/** Readers in one process and those who work in another, so that nobody's reading delays a stroke. */
async function seat(
  server: RunningServer,
  people: People,
  loads: readonly LoadProcess[],
): Promise<LoadProcess[]> {
  const rooms = Array.from({ length: people.rooms }, (_, n) => `room-${n}`)
  const common = { target: server.target, rooms, keepers: 1 }
  const [workers, readers] = loads
  if (workers === undefined || readers === undefined) throw new Error('two load processes are needed')
  await workers.call('open', { ...common, perRoom: people.workersPerRoom, does: people.does, firstAuthor: 0 })
  if (people.readersPerRoom === 0) return [workers]
  await readers.call('open', { ...common, perRoom: people.readersPerRoom, does: 'reads', firstAuthor: 0 })
  return [workers, readers]
}

interface Total extends Omit<Arrived, 'latencies'> {
  readonly latencies: Latencies
}

function total(parts: readonly Arrived[]): Total {
  const sum = (of: (part: Arrived) => number) => parts.reduce((all, part) => all + of(part), 0)
  const latencies = new Latencies()
  for (const part of parts) latencies.addAll(new Latencies(part.latencies))
  return {
    missing: sum(({ missing }) => missing),
    extra: sum(({ extra }) => extra),
    deliveries: sum(({ deliveries }) => deliveries),
    frames: sum(({ frames }) => frames),
    bytes: sum(({ bytes }) => bytes),
    closed: sum(({ closed }) => closed),
    latencies,
  }
}

/** Only the latest place of a caret has to arrive: a server may leave out some that were passed. */
const mayMiss = 0.02

function checkArrivals({ missing, extra, closed, deliveries }: Total, { does }: People): void {
  const allowed = does === 'points' ? deliveries * mayMiss : 0
  if (missing > allowed || extra > allowed || closed > 0)
    throw new Error(
      `${missing} strokes never arrived, ${extra} came twice, ${closed} connections were closed`,
    )
}

/** Everybody who kept all, and somebody who comes now, must have the same document. */
async function checkDocuments(server: RunningServer, crews: readonly LoadProcess[]): Promise<void> {
  // Nothing but a server can tell who comes late of what was before.
  if (!server.target.syncs) return
  const kept = (await Promise.all(crews.map((crew) => crew.call('documents'))))
    .flat()
    .map((update) => textOf([update]))
  kept.push(textOf(await firstSync({ target: server.target, document: 'room-0' })))
  const [first = ''] = kept
  if (first === '' || kept.some((text) => text !== first)) throw new Error('the documents differ in the end')
}

function textOf(updates: readonly Uint8Array[]): string {
  const doc = new Y.Doc()
  for (const update of updates) Y.applyUpdate(doc, update)
  return doc.getXmlFragment('coscribe').toJSON()
}
