import { parentPort, workerData } from 'node:worker_threads'
import { tasks } from './compaction-work.ts'

/** The thread of one task: does it, answers, ends. What it throws reaches the parent as the thread's error. */
const { name, work } = workerData as { name: keyof typeof tasks; work: never }
parentPort?.postMessage(tasks[name](work))
