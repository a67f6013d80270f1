import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from '../../test/free-port.ts'
import { sleep } from '../machine/clock.ts'
import type { Target } from '../load/member.ts'
import { cpuMs, residentBytes } from '../machine/process-tree.ts'
import { Inspector } from './inspector.ts'
import { type Contestant, contestant, type ContestantName } from './contestants.ts'

export interface StartOptions {
  /** Further flags of ours, where a limit would end the load; they are told in the results. */
  readonly flags?: readonly string[]
  /** Options of Node itself, for profiles. */
  readonly nodeOptions?: readonly string[]
}

const inspectorTimeoutMs = 5000

/** Whoever ends this must not leave a server or its data behind. */
const living = new Set<ChildProcess>()
const folders = new Set<string>()
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL')
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1))

/** One server in a process of its own on loopback, with a data folder that outlives a restart. */
export class RunningServer {
  readonly contestant: Contestant
  readonly port: number
  readonly data: string
  readonly #options: StartOptions
  #child: ChildProcess | null = null
  #said = ''
  #inspector: Inspector | null = null

  private constructor(contestant: Contestant, place: { port: number; data: string }, options: StartOptions) {
    this.contestant = contestant
    this.port = place.port
    this.data = place.data
    this.#options = options
  }

  static async start(name: ContestantName, options: StartOptions = {}): Promise<RunningServer> {
    const place = { port: await freePort(), data: await mkdtemp(join(tmpdir(), 'coscribe-bench-')) }
    folders.add(place.data)
    const server = new RunningServer(contestant(name), place, options)
    await server.start()
    return server
  }

  get target(): Target {
    const { wire, syncs } = this.contestant
    return { port: this.port, wire, syncs }
  }

  get cpuMs(): number {
    return cpuMs(this.#pid)
  }

  get residentBytes(): number {
    return residentBytes(this.#pid)
  }

  get #pid(): number {
    const pid = this.#child?.pid
    if (pid === undefined) throw new Error(`${this.contestant.name} is not running`)
    return pid
  }

  /** Bytes it holds when it has collected its garbage: when it does so by itself is chance. */
  async settledBytes(): Promise<number> {
    this.#inspector ??= await this.#inspect()
    await this.#inspector.collectGarbage()
    return this.residentBytes
  }

  /** Without what its threads need for a while, and what the allocator keeps for later. */
  async heldBytes(): Promise<number> {
    this.#inspector ??= await this.#inspect()
    await this.#inspector.collectGarbage()
    return this.#inspector.heldBytes()
  }

  /** Resolves once it says that it listens. */
  async start(): Promise<void> {
    const { args, env = {}, ready } = this.contestant.command({ port: this.port, data: this.data })
    const { flags = [], nodeOptions = [] } = this.#options
    const own = this.contestant.name.startsWith('ours') ? flags : []
    // Any free port, should it ever be looked into.
    const child = spawn(process.execPath, ['--inspect-port=0', ...nodeOptions, ...args, ...own], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    })
    this.#child = child
    living.add(child)
    child.once('exit', () => living.delete(child))
    this.#said = ''
    child.stderr.on('data', (chunk: Buffer) => (this.#said = (this.#said + chunk.toString()).slice(-4000)))
    const lines = createInterface({ input: child.stdout })
    // Listening on keeps what it says later from filling the pipe.
    const isReady = await new Promise<boolean>((resolve) => {
      lines.on('line', (line) => line.includes(ready) && resolve(true))
      lines.on('close', () => resolve(false))
    })
    if (!isReady) throw new Error(`${this.contestant.name} ended before it listened:\n${this.#said}`)
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGKILL'): Promise<void> {
    const child = this.#child
    this.#child = null
    this.#inspector?.detach()
    this.#inspector = null
    if (child === null || child.exitCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }

  /** Every Node opens its inspector when it gets this signal. */
  async #inspect(): Promise<Inspector> {
    process.kill(this.#pid, 'SIGUSR1')
    for (let waited = 0; waited < inspectorTimeoutMs; waited += 20) {
      const url = /Debugger listening on (\S+)/.exec(this.#said)?.[1]
      if (url !== undefined) return Inspector.attach(url)
      await sleep(20)
    }
    throw new Error(`${this.contestant.name} did not open its inspector`)
  }

  /** Stops it and throws its data away. */
  async end(): Promise<void> {
    await this.stop()
    await rm(this.data, { recursive: true, force: true, maxRetries: 3 })
    folders.delete(this.data)
  }
}
