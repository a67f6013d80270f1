import * as Y from 'yjs'
import { loopback } from './addresses.ts'
import { Member, type Seat, type Target } from './member.ts'

export interface ChurnOptions {
  readonly target: Target
  readonly rooms: number
  readonly visits: number
  /** Visits that came before, so that nobody is the same person twice. */
  readonly from: number
}

const atOnce = 20

/** So many visits: somebody opens a document, writes, sees that it arrived, and leaves. */
export async function churn({ target, rooms, visits, from }: ChurnOptions): Promise<void> {
  let next = from
  const lane = async () => {
    while (next < from + visits) {
      const n = next++
      await visit({ target, document: `churn-${n % rooms}`, from: loopback(n) })
    }
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
}

async function visit(seat: Seat): Promise<void> {
  let heard: () => void = () => {}
  const answered = new Promise<void>((resolve) => (heard = resolve))
  let steps = 0
  const member = new Member(seat, (kind) => {
    if (kind === 'step2' && ++steps === 2) heard()
  })
  const vector = Y.encodeStateVectorFromUpdate(await member.synced)
  for (const update of writtenAndTakenBack()) member.sendUpdate(update)
  // Asked for once more: messages of one client are taken in order, so the answer comes after the edit was.
  member.socket.send(member.wire.step1(vector))
  await answered
  member.leave()
}

/** Updates that leave the document as it was, but for the bare fact that somebody was there. */
function writtenAndTakenBack(): Uint8Array[] {
  const doc = new Y.Doc()
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  const fragment = doc.getXmlFragment('coscribe')
  const paragraph = new Y.XmlElement('paragraph')
  paragraph.insert(0, [new Y.XmlText('Somebody was here.')])
  fragment.insert(0, [paragraph])
  fragment.delete(0, 1)
  return updates
}
