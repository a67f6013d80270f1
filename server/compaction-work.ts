import * as Y from 'yjs'
import { buildCompaction, type CompactionInput, type CompactionOutput, findFlaw } from './compaction-build.ts'
import { replay, type Replay } from './history.ts'

/** What takes too long for the event loop when a document is big: tasks by name, bytes in, bytes out. */
export const tasks = {
  build: (input: CompactionInput): CompactionOutput => buildCompaction(input),
  verify: (work: { input: CompactionInput; output: CompactionOutput }): string | null =>
    findFlaw(work.input, work.output),
  replay: (work: Replay): Uint8Array => Y.encodeStateAsUpdate(replay(work)),
} as const

export type Tasks = typeof tasks
export type TaskName = keyof Tasks

/** Runs a task; `bytes` says how much it has to read. */
export type Run = <Name extends TaskName>(
  name: Name,
  work: Parameters<Tasks[Name]>[0],
  bytes: number,
) => Promise<ReturnType<Tasks[Name]>>
