import * as Y from 'yjs'
import { Latencies } from '../load/latencies.ts'
import type { LoadProcess } from '../load/load-process.ts'
import { firstSync, Member } from '../load/member.ts'
import { sleep } from '../machine/clock.ts'
import type { ContestantName } from '../servers/contestants.ts'
import type { RunningServer } from '../servers/running-server.ts'
import type { Sample, Scale } from './row.ts'
import { withServer } from './with-server.ts'

const room = 'slow'
const typists = 10
const perSecond = 10
const readers = 20
const slowReaders = 20
const blockLetters = 50_000
/** Such a block is put in and taken out again so often: 1 MB a second that a document forgets. */
const blocksPerSecond = 20
const letters = 'abcdefghijklmnopqrstuvwxyz'

/** Readers stop reading under load; what do the others feel, and what does the server hold for them? */
export async function measureSlowReaders(name: ContestantName, scale: Scale): Promise<Sample> {
  return withServer({ name, scale, loads: 2 }, async ({ server, loads: [others, slow] }) => {
    if (others === undefined || slow === undefined) throw new Error('two load processes are needed')
    const common = { target: server.target, rooms: [room], keepers: 1 }
    await others.call('open', { ...common, perRoom: typists, does: 'types', firstAuthor: 0 })
    await slow.call('open', { ...common, perRoom: slowReaders + readers, does: 'reads', firstAuthor: 0 })
    const stop = await paste(server)
    const ms = scale.isQuick ? 3000 : 30_000
    await typed(others, 2000)
    const before = await typed(others, ms / 5)
    const held = await server.heldBytes()
    await slow.call('pause', slowReaders)
    const during = await typed(others, ms)
    stop()
    const owed = await server.heldBytes()
    await slow.call('resume', slowReaders)
    await untilSame(server, slow)
    const [p99Before, p99During] = [before.quantileMs(0.99), during.quantileMs(0.99)]
    return {
      before: p99Before,
      during: p99During,
      delay: p99During - p99Before,
      mbPerSlow: (owed - held) / slowReaders / 2 ** 20,
    }
  })
}

async function typed(load: LoadProcess, ms: number): Promise<Latencies> {
  await load.call('begin')
  const { strokes } = await load.call('work', perSecond, ms)
  const arrived = await load.call('arrived', strokes, 30_000)
  if (arrived.missing + arrived.closed > 0)
    throw new Error(`${arrived.missing} strokes never reached a reader who reads`)
  return new Latencies(arrived.latencies)
}

/** Somebody who puts in a large block and takes it out again, over and over. */
async function paste(server: RunningServer): Promise<() => void> {
  const member = new Member({ target: server.target, document: room })
  await member.synced
  const doc = new Y.Doc()
  doc.on('update', (update: Uint8Array) => member.sendUpdate(update))
  const text = doc.getText('pasted')
  let n = 0
  const timer = setInterval(() => {
    if (text.length > 0) text.delete(0, text.length)
    text.insert(0, letters.charAt(n++ % letters.length).repeat(blockLetters))
  }, 1000 / blocksPerSecond)
  return () => clearInterval(timer)
}

const longestMs = 30_000

/** The first of the slow readers has, after all, what somebody who comes now is given. */
async function untilSame(server: RunningServer, slow: LoadProcess): Promise<void> {
  for (let waited = 0; waited < longestMs; waited += 500) {
    const late = new Y.Doc()
    for (const update of await firstSync({ target: server.target, document: room }))
      Y.applyUpdate(late, update)
    const whole = Y.encodeStateVector(late)
    const [kept] = await slow.call('documents')
    if (kept !== undefined && isSameVector(Y.encodeStateVectorFromUpdate(kept), whole)) return
    await sleep(500)
  }
  throw new Error('a reader who had stopped never got the whole document')
}

function isSameVector(one: Uint8Array, other: Uint8Array): boolean {
  const [a, b] = [Y.decodeStateVector(one), Y.decodeStateVector(other)]
  return a.size === b.size && [...a].every(([client, clock]) => b.get(client) === clock)
}
