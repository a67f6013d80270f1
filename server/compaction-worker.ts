import { parentPort } from 'node:worker_threads'
import { tasks } from './compaction-work.ts'

/** The thread of tasks: does each, and answers. What one throws ends the thread, as an error that reaches the parent. */
parentPort?.on('message', ({ name, work }: { name: keyof typeof tasks; work: never }) => {
  parentPort?.postMessage(tasks[name](work))
})
