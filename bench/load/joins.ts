import * as Y from 'yjs'
import { nowUs } from '../machine/clock.ts'
import { loopback } from './addresses.ts'
import { Latencies } from './latencies.ts'
import { Member, type Target } from './member.ts'

export interface JoinOptions {
  readonly target: Target
  readonly document: string
  /** What each joiner has already; as many join at once. */
  readonly vectors: readonly Uint8Array[]
  /** What the first step 2 must bring everybody to, checked for some of them by what they have. */
  readonly wanted: Uint8Array
  readonly checks: readonly { readonly joiner: number; readonly has: readonly Uint8Array[] }[]
}

export interface Joined {
  readonly latencies: Latencies['counts']
  /** From the first connect to the last step 2. */
  readonly allMs: number
  /** Of the first step 2s, on average. */
  readonly bytes: number
}

/** Opens the document many times at once and stays in it. */
export async function joinAtOnce(options: JoinOptions): Promise<{ joined: Joined; members: Member[] }> {
  const { target, document, vectors } = options
  const latencies = new Latencies()
  const start = nowUs()
  const members: Member[] = []
  const synced = await Promise.all(
    vectors.map(async (stateVector, n) => {
      const member = new Member({ target, document, stateVector, from: loopback(n) })
      members.push(member)
      const update = await member.synced
      latencies.add(nowUs() - start)
      return [...member.early, update]
    }),
  )
  const allMs = (nowUs() - start) / 1000
  for (const { joiner, has } of options.checks)
    checkWhole([...has, ...(synced[joiner] ?? [])], options.wanted)
  const bytes = synced.flat().reduce((sum, { length }) => sum + length, 0) / synced.length
  return { joined: { latencies: latencies.counts, allMs, bytes }, members }
}

function checkWhole(updates: readonly Uint8Array[], wanted: Uint8Array): void {
  const doc = new Y.Doc()
  for (const update of updates) Y.applyUpdate(doc, update)
  const has = Y.decodeStateVector(Y.encodeStateVector(doc))
  const isWhole = [...Y.decodeStateVector(wanted)].every(([client, clock]) => (has.get(client) ?? 0) >= clock)
  if (!isWhole) throw new Error('the first step 2 was not the whole document')
}
