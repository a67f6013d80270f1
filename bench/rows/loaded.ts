import { makeDocument } from '../load/made-document.ts'
import type { ContestantName } from '../servers/contestants.ts'
import { seed } from './joins.ts'
import { untilQuiet } from './quiet.ts'
import type { Sample, Scale } from './row.ts'
import { withServer } from './with-server.ts'

/** What one more document in memory costs, with one person in each. */
export async function measureLoaded(
  name: ContestantName,
  count: { few: number; many: number; bytes: number },
  scale: Scale,
): Promise<Sample> {
  const made = { ...makeDocument(count.bytes), edits: [] }
  return withServer({ name, scale, loads: 0 }, async ({ server }) => {
    const bytesWith = async (from: number, to: number) => {
      for (let n = from; n < to; n++) await seed(server, made, `loaded-${n}`)
      await untilQuiet(server)
      return server.settledBytes()
    }
    const few = await bytesWith(0, count.few)
    const many = await bytesWith(count.few, count.many)
    return { kbPerDocument: (many - few) / 1024 / (count.many - count.few) }
  })
}
