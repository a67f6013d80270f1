import { parentPort, workerData } from 'node:worker_threads'
import type { Database } from 'better-sqlite3'
import { StorageError } from '../errors.ts'
import { isDamage, toStorageError } from './damage.ts'
import { lockDirectory, makeDirectory } from './file.ts'
import { backUp, openStore } from './open.ts'
import { readStore, toUnreadable } from './read-only.ts'
import { buffersOf, pack, packLog, toOwn, unpackBatch } from './protocol.ts'
import type { Reply, Request, WorkerData } from './protocol.ts'
import { recover } from './recovery.ts'
import type { Store } from './store.ts'

/*
 * The thread that owns the database. While a commit is under way, requests pile up at the port; all the appends
 * among them that follow one another then share the next commit, and with it one sync to disk.
 */

interface Answer {
  readonly value: unknown
  readonly transfer?: readonly ArrayBuffer[]
}

const NOTHING: Answer = { value: undefined }

type AppendRequest = Extract<Request, { call: 'append' }>

const { directory, isReadOnly } = workerData as WorkerData
const port = parentPort
if (!port) throw new Error('this file runs in a worker thread only')

let lock: Database | null = null
let store: Store | null = null
let queue: Request[] = []

port.on('message', (request: Request) => {
  if (queue.length === 0) setImmediate(drain)
  queue.push(request)
})

function drain(): void {
  const requests = queue
  queue = []
  let appends: AppendRequest[] = []
  for (const request of requests) {
    if (request.call === 'append') {
      appends.push(request)
      continue
    }
    append(appends)
    appends = []
    void answer(request)
  }
  append(appends)
}

function append(requests: readonly AppendRequest[]): void {
  if (requests.length === 0) return
  try {
    const outcomes = getStore().append(requests.map((request) => unpackBatch(request.args[0])))
    for (const [index, { id }] of requests.entries()) {
      const error = outcomes[index]
      if (error) fail(id, error)
      else finish(id, NOTHING)
    }
  } catch (error) {
    const reason = recoverFrom(error)
    for (const { id } of requests) fail(id, reason)
  }
}

async function answer(request: Exclude<Request, AppendRequest>): Promise<void> {
  try {
    const done = handle(request)
    finish(request.id, done instanceof Promise ? await done : done)
  } catch (error) {
    fail(request.id, recoverFrom(error))
  }
  if (request.call === 'close') port?.close()
}

function handle(request: Exclude<Request, AppendRequest>): Answer | Promise<Answer> {
  switch (request.call) {
    case 'open':
      open()
      return NOTHING
    case 'load': {
      const { state, records, damage } = getStore().load(...request.args)
      const log = packLog(records)
      const own = state && { through: state.through, bytes: toOwn(state.bytes) }
      return { value: { state: own, log, damage }, transfer: buffersOf(log.packed, ...(own ? [own] : [])) }
    }
    case 'history': {
      const { segments, records, damage } = getStore().history(...request.args)
      const packed = pack(segments.map((segment) => segment.bytes))
      const log = packLog(records)
      const times = segments.map(({ from, to, clients }) => ({ from, to, clients }))
      return { value: { segments: times, packed, log, damage }, transfer: buffersOf(packed, log.packed) }
    }
    case 'compact':
      getStore().compact(...request.args)
      return NOTHING
    case 'setAside':
      return { value: getStore().setAside(...request.args) }
    case 'meta':
      return { value: getStore().meta(...request.args) }
    case 'standing':
      return { value: getStore().standing(...request.args) }
    case 'list':
      return { value: getStore().list(...request.args) }
    case 'remove':
      getStore().remove(...request.args)
      return NOTHING
    case 'verify':
      return { value: getStore().verify(...request.args) }
    case 'backup':
      return backUp(getStore(), directory, ...request.args).then(() => NOTHING)
    case 'close':
      close()
      return NOTHING
  }
}

function open(): void {
  if (isReadOnly) {
    store = readStore(directory)
    return
  }
  makeDirectory(directory)
  lock = lockDirectory(directory)
  getStore()
}

function close(): void {
  store?.close()
  lock?.close()
}

function getStore(): Store {
  if (isReadOnly && store) return store
  if (!lock) throw new StorageError('unavailable', `${directory} is not open`)
  store ??= openStore(directory, (report) => post({ type: 'damage', report }))
  return store
}

/** Rebuilds the store if the error says that it is damaged. Returns what to tell those who met with the error. */
function recoverFrom(error: unknown): unknown {
  if (!isDamage(error)) return error
  if (isReadOnly) return toUnreadable(directory, error)
  if (!store) return error
  try {
    store.close()
    store = null
    post({ type: 'damage', report: recover(directory, error instanceof Error ? error.message : 'damaged') })
    return error
  } catch (failure) {
    return failure
  }
}

function finish(id: number, { value, transfer = [] }: Answer): void {
  post({ type: 'done', id, value: value as never }, transfer)
}

function fail(id: number, error: unknown): void {
  const { code, message, cause } = toStorageError(error)
  const failure = { code, message, cause: cause instanceof Error ? (cause.stack ?? cause.message) : '' }
  post({ type: 'failed', id, failure })
}

function post(reply: Reply, transfer: readonly ArrayBuffer[] = []): void {
  port?.postMessage(reply, transfer)
}
