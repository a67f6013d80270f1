import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { type Run, type TaskName, tasks, type Tasks } from './compaction-work.ts'

/**
 * Runs tasks on documents beside the event loop: small ones at once, big ones in a thread, one after the other, so that
 * however many documents ask, one more core and the memory of one more document are all that is used. The thread stays
 * for a while: a new one would have to be started and to learn its code again, which takes longer than most documents.
 */
export class TaskThread {
  #last: Promise<unknown> = Promise.resolve()
  #worker: Worker | null = null
  #leaving: NodeJS.Timeout | undefined
  #isClosed = false

  readonly run: Run = (name, work, bytes) => {
    if (this.#isClosed) return Promise.reject(new Error(closing))
    if (bytes <= inlineBytes) return runHere(name, work)
    const mine = this.#last.then(() => this.#runThere(name, work))
    this.#last = mine.catch(() => undefined)
    return mine
  }

  /** Ends what is under way, which rejects, as does everything after it. */
  close(): void {
    this.#isClosed = true
    this.#end()
  }

  async #runThere<Name extends TaskName>(
    name: Name,
    work: Parameters<Tasks[Name]>[0],
  ): Promise<ReturnType<Tasks[Name]>> {
    if (this.#isClosed) throw new Error(closing)
    clearTimeout(this.#leaving)
    this.#worker ??= startWorker()
    const worker = this.#worker
    worker.ref()
    // A document that takes longer than this would hold up all others for ever.
    const deadline = setTimeout(() => this.#end(), deadlineMs)
    try {
      return await new Promise<ReturnType<Tasks[Name]>>((resolve, reject) => {
        worker.on('message', resolve)
        worker.on('error', reject)
        worker.on('exit', () => reject(new Error(this.#isClosed ? closing : 'the thread ended early')))
        worker.postMessage({ name, work })
      })
    } catch (error) {
      this.#end()
      throw error
    } finally {
      clearTimeout(deadline)
      for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event)
      worker.unref()
      this.#leaving = setTimeout(() => this.#end(), idleMs).unref()
    }
  }

  #end(): void {
    clearTimeout(this.#leaving)
    void this.#worker?.terminate()
    this.#worker = null
  }
}

/** As much as a keystroke's pause of a few milliseconds allows; starting a thread takes longer. */
const inlineBytes = 32 * 1024

/** A document of 100 MB takes about a minute. */
const deadlineMs = 5 * 60_000

/** Twice the pause between two compactions of a document that is written in all the time. */
const idleMs = 10_000

const closing = 'the server is stopping'

function runHere<Name extends TaskName>(
  name: Name,
  work: Parameters<Tasks[Name]>[0],
): Promise<ReturnType<Tasks[Name]>> {
  const task = tasks[name] as (work: Parameters<Tasks[Name]>[0]) => ReturnType<Tasks[Name]>
  return new Promise((resolve) => resolve(task(work)))
}

// From the sources, in tests and scripts, the worker is read through tsx, because Node 20 can't read TypeScript and a
// thread does not inherit the loader of its parent.
function startWorker(): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL('./compaction-worker.js', import.meta.url))
  }
  const modules = ['tsx/cjs', './compaction-worker.ts'].map((name) =>
    fileURLToPath(import.meta.resolve(name)),
  )
  const script = modules.map((path) => `require(${JSON.stringify(path)})`).join(';')
  return new Worker(script, { eval: true })
}
