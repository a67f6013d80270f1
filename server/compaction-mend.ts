import * as Y from 'yjs'
import { type History, type Loaded, type Storage, StorageError } from '../persistence/index.ts'
import { applyQuietly } from './apply-quietly.ts'
import { type CompactionInput, sizeOf } from './compaction-build.ts'
import type { Run } from './compaction-work.ts'
import { CoscribeError } from './errors.ts'
import { replay } from './history.ts'

export interface MendSurroundings {
  readonly storage: Storage
  readonly run: Run
  readonly windowMs: number
}

/**
 * Makes a damaged document one that can be written to: keeps all that is stored of it aside, then puts what precedes
 * the damage in its place, so that nothing written from now on comes after a hole. Whatever ends the process between
 * the steps, the damage is still there to be mended. Rejects with `damaged` when even that can't be made whole.
 */
export async function mend(surroundings: MendSurroundings, document: string): Promise<Loaded> {
  const { storage, run, windowMs } = surroundings
  const loaded = await storage.load(document)
  const history = await storage.history(document)
  const intact = findIntact(loaded, history)
  let reason = ''
  for (const part of [intact, { ...intact, records: [] }]) {
    const input: CompactionInput = { ...part, windowMs, forgetBefore: 0 }
    const bytes = sizeOf(input)
    try {
      const output = await run('build', input, bytes)
      reason = (await run('verify', { input, output }, bytes)) ?? ''
      if (reason !== '') continue
      const segments = output.replacesHistory ? output.segments : [...input.segments, ...output.segments]
      const through = await storage.setAside(document)
      await storage.compact(document, { through, state: output.state, segments, replacesHistory: true })
      return await storage.load(document)
    } catch (error) {
      if (error instanceof StorageError) throw error
      reason = error instanceof Error ? error.message : String(error)
    }
  }
  throw new CoscribeError('damaged', `what is left of the document does not fit together: ${reason}`)
}

type Intact = Pick<CompactionInput, 'state' | 'records' | 'segments'>

/** A damaged state is no loss as long as the history leads to it. */
function findIntact(loaded: Loaded, history: History): Intact {
  const { segments } = history
  if (loaded.damage?.part !== 'state')
    return { state: loaded.state?.bytes ?? null, records: loaded.records, segments }
  const isHistoryWhole = segments.length > 0 && history.damage?.part !== 'segment'
  const past = replay({ segments: segments.map(({ bytes }) => bytes), updates: [] })
  const collected = new Y.Doc()
  applyQuietly(collected, [Y.encodeStateAsUpdate(past)])
  return {
    state: Y.encodeStateAsUpdate(collected),
    records: isHistoryWhole ? history.records : [],
    segments,
  }
}
