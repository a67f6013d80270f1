import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { freePort } from '../free-port.ts'

const root = dirname(dirname(import.meta.dirname))

/** The built server; another build of it can be put to the test with COSCRIBE_MAIN. */
const main = process.env['COSCRIBE_MAIN'] ?? join(root, 'dist/server/main.js')

export interface Memory {
  /** Bytes of objects and buffers that are in use, after a full collection. */
  readonly live: number
  /** Bytes the process has of the system, in use or not. */
  readonly rss: number
}

/** The built server in a process of its own on 127.0.0.1, with a data folder of its own. */
export class ServerChild {
  readonly port: number
  /** Holds the data folder and nothing else. */
  readonly #folder: string
  readonly #options: readonly string[]
  #child: ChildProcess | null = null
  /** Everything it logged, in all its lives. */
  logged = ''

  private constructor(port: number, options: readonly string[]) {
    this.port = port
    this.#options = options
    this.#folder = mkdtempSync(join(tmpdir(), 'coscribe-bad-input-'))
  }

  /** Resolves once it answers. */
  static async start(...options: readonly string[]): Promise<ServerChild> {
    const server = new ServerChild(await freePort(), options)
    await server.#start()
    return server
  }

  get isRunning(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null
  }

  /** Files that are not the store's own. */
  get strangeFiles(): string[] {
    const files = readdirSync(this.#folder, { recursive: true, encoding: 'utf8' })
    const ours =
      /^data(?:\/coscribe\.[\w-]+|\/files(?:\/drafts|\/[0-9a-f]{40}(?:\/(?:document|[\w-]{43}))?)?)?$/
    return files.filter((file) => !ours.test(file))
  }

  async memory(): Promise<Memory> {
    const child = this.#running()
    const answer = once(child, 'message')
    child.send('memory')
    const [memory] = (await answer) as [Memory]
    return memory
  }

  /** Killed without a warning and started again on what it had stored. */
  async restart(): Promise<void> {
    await this.#kill()
    await this.#start()
  }

  /** Ends it and forgets its documents. */
  async end(): Promise<void> {
    await this.#kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #start(): Promise<void> {
    const node = ['--expose-gc', '--import', join(import.meta.dirname, 'memory-probe.mjs'), main]
    const options = ['--port', String(this.port), '--data', join(this.#folder, 'data'), '--log-level', 'warn']
    // All come from one address, faster than anybody: what a case is about should stop it, not this.
    options.push('--max-requests-per-second', '1000000')
    const child = spawn(process.execPath, [...node, ...options, ...this.#options], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#child = child
    child.stderr?.on('data', (chunk: Buffer) => (this.logged += chunk.toString()))
    let printed = ''
    const answers = new Promise<boolean>((resolve) => {
      child.stdout?.on('data', (chunk: Buffer) => {
        printed += chunk.toString()
        if (printed.includes('http://')) resolve(true)
      })
      child.once('exit', () => resolve(false))
    })
    if (!(await answers)) throw new Error(`the server ended before it printed an address:\n${this.logged}`)
  }

  async #kill(): Promise<void> {
    if (!this.isRunning) return
    const child = this.#running()
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  #running(): ChildProcess {
    if (this.#child === null || !this.isRunning) throw new Error(`the server has ended:\n${this.logged}`)
    return this.#child
  }
}
