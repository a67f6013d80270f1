import { Latencies } from '../load/latencies.ts'
import { makeDocument, type MadeDocument } from '../load/made-document.ts'
import { Member } from '../load/member.ts'
import { emptyStateVector } from '../load/wire.ts'
import { sleep } from '../machine/clock.ts'
import type { ContestantName } from '../servers/contestants.ts'
import type { RunningServer } from '../servers/running-server.ts'
import { untilQuiet } from './quiet.ts'
import type { Sample, Scale } from './row.ts'
import { withServer } from './with-server.ts'

export interface Opening {
  readonly people: number
  readonly documentBytes: number
  /** Up to so many edits they lack; 0 when they have nothing of the document. */
  readonly mostBehind: number
}

const document = 'large'
const large = 2 * 2 ** 20
const afterMs = 200

/**
 * Many people open one large document at once, on a server that has done so before. With one that knows no documents
 * they only connect: what nobody can do without.
 */
export async function measureJoins(name: ContestantName, opening: Opening, scale: Scale): Promise<Sample> {
  const made = documentOf(opening.documentBytes)
  return withServer({ name, scale, loads: 1 }, async ({ server, loads: [load] }) => {
    if (load === undefined) throw new Error('a load process is needed')
    const { syncs } = server.target
    const author = syncs ? await seed(server, made, document) : null
    const { people, mostBehind } = opening
    const { update, edits, vectorsBehind } = made
    const behind = (n: number) => Math.floor((n * mostBehind) / people)
    const isNew = mostBehind === 0
    const vectors = Array.from({ length: people }, (_, n) =>
      isNew ? emptyStateVector : vectorsBehind[behind(n)],
    )
    // To apply a document takes long; the first joiner is enough of a large one.
    const checked = update.length > large ? [0] : [0, people - 1]
    const checks = (syncs ? checked : []).map((joiner) => ({
      joiner,
      has: isNew ? [] : [update, ...edits.slice(0, -1 - behind(joiner))],
    }))
    const common = {
      target: server.target,
      document,
      wanted: made.vector,
      vectors: vectors.filter(isThere),
      checks,
    }
    const few = Math.ceil(people / 5)
    await load.call('join', { ...common, vectors: common.vectors.slice(0, few), checks: [] })
    // What was prepared for those who came before is out of date for those who come now.
    author?.sendUpdate(made.extra)
    await untilQuiet(server)
    const cpuBefore = server.cpuMs
    const joined = await load.call('join', common)
    await sleep(afterMs)
    const latencies = new Latencies(joined.latencies)
    const cpuPerJoin = (server.cpuMs - cpuBefore) / people
    author?.leave()
    return {
      cpuPerJoin,
      p50: latencies.quantileMs(0.5),
      p99: latencies.quantileMs(0.99),
      kb: joined.bytes / 1024,
    }
  })
}

const isThere = <T>(value: T | undefined): value is T => value !== undefined

interface Prepared extends MadeDocument {
  /** One edit more. */
  readonly extra: Uint8Array
}

const prepared = new Map<number, Prepared>()

function documentOf(bytes: number): Prepared {
  const known = prepared.get(bytes)
  if (known !== undefined) return known
  const made = makeDocument(bytes)
  const whole = { ...made, extra: makeDocument(2000).update }
  prepared.set(bytes, whole)
  return whole
}

/** Puts the document on the server and resolves, with its author still there, when the server has all of it. */
export async function seed(server: RunningServer, made: MadeDocument, document: string): Promise<Member> {
  const author = new Member({ target: server.target, document })
  await author.synced
  author.sendUpdate(made.update)
  for (const edit of made.edits) author.sendUpdate(edit)
  if (made.update.length > large) await untilQuiet(server)
  const whole = made.update.length
  for (let size = 0; size < whole;) {
    const reader = new Member({ target: server.target, document })
    size = (await reader.synced).length
    reader.leave()
    if (size < whole) await sleep(50)
  }
  return author
}
