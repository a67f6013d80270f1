import { Latencies } from '../load/latencies.ts'
import type { LoadProcess } from '../load/load-process.ts'
import { makeDocument } from '../load/made-document.ts'
import { Member } from '../load/member.ts'
import { typingHand } from '../load/typist.ts'
import type { ContestantName } from '../servers/contestants.ts'
import type { Sample, Scale } from './row.ts'
import { withServer } from './with-server.ts'

const rooms = 10
const perRoom = 3
const perSecond = 5
const burstSize = 2000
const pastedBytes = 2 ** 20
const readersOfBurst = 20
/** Nobody types with this number. */
const floodAuthor = 4000

/** How long typing takes in ten rooms, alone and while 2,000 keystrokes at once, or a pasted 1 MB, hit another each second. */
export async function measureBurst(name: ContestantName, scale: Scale): Promise<Sample> {
  return withServer({ name, scale, loads: 2 }, async ({ server, loads: [typing, reading] }) => {
    if (typing === undefined || reading === undefined) throw new Error('two load processes are needed')
    const common = { target: server.target, keepers: 0, firstAuthor: 0 }
    const names = Array.from({ length: rooms }, (_, n) => `quiet-${n}`)
    await typing.call('open', { ...common, rooms: names, perRoom, does: 'types' })
    await reading.call('open', { ...common, rooms: ['flood'], perRoom: readersOfBurst, does: 'reads' })
    const ms = scale.isQuick ? 1500 : 5000
    await typed(typing, 1000)
    const alone = await typed(typing, ms)
    const flooder = new Member({ target: server.target, document: 'flood' })
    await flooder.synced
    const burst = await beside(typing, ms, keystrokesOf(flooder))
    const paste = await beside(typing, ms, pastesOf(flooder, Math.ceil(ms / 1000)))
    flooder.leave()
    return {
      delay: burst.quantileMs(0.99) - alone.quantileMs(0.99),
      pasteDelay: paste.quantileMs(0.99) - alone.quantileMs(0.99),
      alone: alone.quantileMs(0.99),
      p50: burst.quantileMs(0.5),
    }
  })
}

/** How long typing takes while something happens each second. */
async function beside(typing: LoadProcess, ms: number, happen: () => void): Promise<Latencies> {
  const timer = setInterval(happen, 1000)
  happen()
  const latencies = await typed(typing, ms)
  clearInterval(timer)
  return latencies
}

function keystrokesOf(member: Member): () => void {
  const hand = typingHand(floodAuthor)
  if (hand.first !== null) member.sendUpdate(hand.first)
  return () => {
    for (let stroke = 0; stroke < burstSize; stroke++) member.sendUpdate(hand.stroke())
  }
}

/** Another document each time, since the same one again would be nothing new; made beforehand. */
function pastesOf(member: Member, count: number): () => void {
  const pasted = Array.from({ length: count }, (_, n) => makeDocument(pastedBytes + n * 10).update)
  return () => {
    const next = pasted.pop()
    if (next !== undefined) member.sendUpdate(next)
  }
}

async function typed(load: LoadProcess, ms: number): Promise<Latencies> {
  await load.call('begin')
  const { strokes } = await load.call('work', perSecond, ms)
  const arrived = await load.call('arrived', strokes, 30_000)
  if (arrived.missing + arrived.extra + arrived.closed > 0)
    throw new Error('strokes were lost beside a burst')
  return new Latencies(arrived.latencies)
}
