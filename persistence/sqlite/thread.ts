import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { StorageError } from '../errors.ts'
import type { Call, Calls, Reply, WorkerData } from './protocol.ts'
import type { DamageReport } from './recovery.ts'

interface Waiting {
  readonly resolve: (value: never) => void
  readonly reject: (error: StorageError) => void
}

interface Live {
  readonly worker: Worker
  readonly waiting: Map<number, Waiting>
  readonly exited: Promise<void>
}

/** The worker thread of one data folder. When it dies, what was under way fails, and the next call starts another. */
export class Thread {
  readonly #data: WorkerData
  readonly #onDamage: (report: DamageReport) => void
  #live: Promise<Live> | null = null
  #lastId = 0

  constructor(data: WorkerData, onDamage: (report: DamageReport) => void) {
    this.#data = data
    this.#onDamage = onDamage
  }

  /** Starts the worker and waits until it has opened the store. */
  async open(): Promise<void> {
    await this.#getLive()
  }

  /** Asks the worker. What is in `transfer` is its own from now on. */
  async call<Name extends Call>(
    name: Name,
    args: Parameters<Calls[Name]>,
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<ReturnType<Calls[Name]>> {
    return this.#ask(await this.#getLive(), name, args, transfer)
  }

  /** Lets the worker close the store and waits until the thread is gone. */
  async close(): Promise<void> {
    if (!this.#live) return
    const live = await this.#live
    await this.#ask(live, 'close', [], [])
    await live.exited
  }

  #getLive(): Promise<Live> {
    this.#live ??= this.#start()
    return this.#live
  }

  async #start(): Promise<Live> {
    const worker = startWorker(this.#data)
    const waiting = new Map<number, Waiting>()
    let cause: unknown = null
    worker.on('message', (reply: Reply) => this.#receive(waiting, reply))
    worker.on('error', (error) => (cause = error))
    const exited = new Promise<void>((resolve) => {
      worker.on('exit', () => {
        this.#live = null
        const error = new StorageError('unavailable', 'the storage thread ended, try again', { cause })
        for (const { reject } of waiting.values()) reject(error)
        waiting.clear()
        resolve()
      })
    })
    const live = { worker, waiting, exited }
    try {
      await this.#ask(live, 'open', [], [])
      return live
    } catch (error) {
      await worker.terminate()
      throw error
    }
  }

  #ask<Name extends Call>(
    { worker, waiting }: Live,
    call: Name,
    args: Parameters<Calls[Name]>,
    transfer: readonly ArrayBuffer[],
  ): Promise<ReturnType<Calls[Name]>> {
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject })
      worker.postMessage({ id, call, args }, transfer)
    })
  }

  #receive(waiting: Map<number, Waiting>, reply: Reply): void {
    if (reply.type === 'damage') {
      this.#onDamage(reply.report)
      return
    }
    const { resolve, reject } = waiting.get(reply.id) ?? {}
    waiting.delete(reply.id)
    if (reply.type === 'done') {
      resolve?.(reply.value)
      return
    }
    const { code, message, cause } = reply.failure
    reject?.(new StorageError(code, message, cause === '' ? {} : { cause }))
  }
}

// Compiled, the worker is JavaScript like this file. From the sources, in tests and scripts, it is read through tsx,
// because Node 20 can't read TypeScript and a thread does not inherit the loader of its parent.
function startWorker(workerData: WorkerData): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL('./worker.js', import.meta.url), { workerData })
  }
  const modules = ['tsx/cjs', './worker.ts'].map((name) => fileURLToPath(import.meta.resolve(name)))
  const script = modules.map((path) => `require(${JSON.stringify(path)})`).join(';')
  return new Worker(script, { eval: true, workerData })
}
