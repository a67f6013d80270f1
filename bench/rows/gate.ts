import { checkUpdate, defaultGateLimits } from '../../server/gate.ts'
import { typeLikeAPerson } from '../../server/test/realistic-typing.ts'
import { productYjs as Y } from '../product-yjs.ts'
import { makeDocument } from '../load/made-document.ts'
import { nowUs } from '../machine/clock.ts'
import type { Sample, Scale } from './row.ts'
import { quantile } from './statistics.ts'

const rounds = 10

/** What checking costs, in this process: keystrokes one by one in the order they were typed, and a whole 1 MB at once. */
export function measureGate(scale: Scale): Sample {
  const { typed } = typeLikeAPerson(scale.isQuick ? 2000 : 20_000, 1)
  const doc = new Y.Doc()
  const times: number[] = []
  for (const { update } of typed) {
    const start = nowUs()
    const verdict = checkUpdate(update, doc, defaultGateLimits)
    times.push(nowUs() - start)
    if (!verdict.ok) throw new Error(`the gate refused a keystroke: ${verdict.detail}`)
    Y.applyUpdate(doc, update)
  }
  const { update } = makeDocument(2 ** 20)
  const whole = Array.from({ length: rounds }, () => {
    const start = nowUs()
    checkUpdate(update, new Y.Doc(), defaultGateLimits)
    return (nowUs() - start) / 1000
  })
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99), wholeMs: quantile(whole, 0.5) }
}
