import { HocuspocusProvider } from '@hocuspocus/provider'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import * as Y from 'yjs'

/**
 * What faults/ledger.test.ts does to our server, done to Hocuspocus with its defaults: four writers keep account of
 * every token that was shown to them as synced, the server is killed, and a fresh client looks for the tokens.
 */
const documents = ['ledger/one', 'ledger/two']
const writersPerDocument = 2
/** Between two tokens of one writer, in ms. */
const [quickest, slowest] = [40, 120]
const seed = Number(process.env.SEED ?? 20_261)

const folder = mkdtempSync(join(tmpdir(), 'coscribe-hocuspocus-'))
const children = new Set()
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1))
setTimeout(() => {
  process.stderr.write('not done after 58 s\n')
  process.exit(1)
}, 58_000).unref()

/** The same numbers for the same seed (mulberry32). */
let state = seed
function random() {
  state = (state + 0x6d2b79f5) | 0
  let t = Math.imul(state ^ (state >>> 15), 1 | state)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
}
const between = (low, high) => low + random() * (high - low)

class HocuspocusProcess {
  #child
  #data

  constructor() {
    this.#data = mkdtempSync(join(folder, 'data-'))
  }

  async start() {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'server.mjs'), this.#data], {
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    children.add(child)
    this.#child = child
    let stderr = ''
    child.stderr.on('data', (chunk) => (stderr += chunk))
    child.stdin.on('error', () => {})
    for await (const line of createInterface({ input: child.stdout })) {
      Object.assign(this, JSON.parse(line))
      return
    }
    throw new Error(`the server ended before it listened:\n${stderr}`)
  }

  async kill() {
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
    children.delete(this.#child)
  }
}

/** A provider, the tokens it wrote and how many of the first of them it has shown as synced. */
class Writer {
  acknowledged = 0
  tokens = []
  #doc = new Y.Doc()
  #provider
  #synced
  #closed

  constructor(server, name) {
    this.name = name
    this.#provider = new HocuspocusProvider({
      url: `ws://127.0.0.1:${server.port}`,
      name,
      document: this.#doc,
      WebSocketPolyfill: WebSocket,
    })
    this.#synced = new Promise((resolve) => this.#provider.on('synced', resolve))
    this.#closed = new Promise((resolve) => this.#provider.on('close', resolve))
    this.#provider.on('unsyncedChanges', ({ number }) => {
      if (number === 0) this.acknowledged = this.tokens.length
    })
  }

  get text() {
    return this.#doc.getText('ledger').toJSON()
  }

  get saved() {
    return this.tokens.slice(0, this.acknowledged)
  }

  synced() {
    return this.#synced
  }

  writes(token) {
    const text = this.#doc.getText('ledger')
    // Noted before it is sent; the acknowledgement can only come in a later turn.
    this.tokens.push(token)
    text.insert(text.length, `${token} `)
  }

  /** What was acknowledged before the kill and is still on its way counts, too. */
  closed() {
    return this.#closed
  }

  /** Like a closed browser: the document goes with it, and nothing is sent again. */
  drop() {
    this.#provider.destroy()
    this.#doc.destroy()
  }
}

class Ledger {
  #acknowledged = new Map(documents.map((document) => [document, []]))
  #numbers = new Map()

  get size() {
    return [...this.#acknowledged.values()].reduce((sum, tokens) => sum + tokens.length, 0)
  }

  /** Four writers type until `isEnough(acknowledged, ms)`, rest, and lose the server. */
  async write(server, isEnough, restMs = 0) {
    const writers = documents.flatMap((document) =>
      Array.from({ length: writersPerDocument }, () => new Writer(server, document)),
    )
    await Promise.all(writers.map((writer) => writer.synced()))
    const begin = performance.now()
    const acknowledged = () => writers.reduce((sum, writer) => sum + writer.acknowledged, 0)
    const isOver = () => isEnough(acknowledged(), performance.now() - begin)
    const typing = writers.map(async (writer, index) => {
      while (!isOver()) {
        const number = (this.#numbers.get(index) ?? 0) + 1
        this.#numbers.set(index, number)
        writer.writes(`${index}-${number}`)
        await sleep(between(quickest, slowest))
      }
    })
    // Ends with the first who has seen enough: the others are still typing, unless there is a rest.
    await (restMs > 0 ? Promise.all(typing) : Promise.race(typing))
    await sleep(restMs)
    await server.kill()
    await Promise.all(writers.map((writer) => writer.closed()))
    for (const writer of writers) {
      this.#acknowledged.get(writer.name).push(...writer.saved)
      writer.drop()
    }
    await Promise.all(typing)
  }

  /** How many acknowledged tokens a fresh client does not find. */
  async lost(server) {
    let lost = 0
    for (const [document, tokens] of this.#acknowledged) {
      const reader = new Writer(server, document)
      await reader.synced()
      const present = new Set(reader.text.split(' '))
      lost += tokens.filter((token) => !present.has(token)).length
      reader.drop()
    }
    return lost
  }
}

/** One server, killed at each of these moments and started again on the same data. */
async function killed(moments, restMs) {
  const server = new HocuspocusProcess()
  const ledger = new Ledger()
  for (const moment of moments) {
    await server.start()
    await ledger.write(server, moment, restMs)
  }
  await server.start()
  const lost = await ledger.lost(server)
  await server.kill()
  return { size: ledger.size, lost, debounce: server.debounce, maxDebounce: server.maxDebounce }
}

/** After 1 to 250 acknowledgements, up to 5 s of typing; like faults/ledger.test.ts, but it has to end in a minute. */
function anyMoment() {
  const enough = 1 + Math.floor(random() * 250)
  return (acknowledged) => acknowledged >= enough
}

/** Longer than maxDebounce, so that a part of it has been stored. */
function longMoment() {
  const enoughMs = between(10_000, 30_000)
  return (_, ms) => ms >= enoughMs
}

const threeSeconds = (_, ms) => ms >= 3000

const { version } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../node_modules/@hocuspocus/server/package.json'), 'utf8'),
)
// All drawn before anybody types: they depend on the seed alone.
const moments = Array.from({ length: 10 }, anyMoment)
const longMoments = Array.from({ length: 5 }, longMoment)
const [bursts, long, rested] = await Promise.all([
  killed(moments),
  Promise.all(longMoments.map((moment) => killed([moment]))),
  killed([threeSeconds], 12_000),
])
const sum = (runs, key) => runs.reduce((total, run) => total + run[key], 0)
const defaults = `defaults: debounce ${bursts.debounce / 1000} s, maxDebounce ${bursts.maxDebounce / 1000} s`
const lines = [
  `Hocuspocus ${version}: ${bursts.lost} of ${bursts.size} acknowledged edits lost over ${moments.length} kill -9 (${defaults})`,
  `  control, 10 to 30 s of typing without a pause: ${sum(long, 'lost')} of ${sum(long, 'size')} lost over ${longMoments.length} kill -9`,
  `  control, 12 s of idle before the kill: ${rested.lost} of ${rested.size} lost over 1 kill -9`,
]
process.stdout.write(`${lines.join('\n')}\n`)
process.exit()
