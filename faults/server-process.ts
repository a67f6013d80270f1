import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

/** The built server; another build of it can be put to the test with COSCRIBE_MAIN. */
export const main = process.env['COSCRIBE_MAIN'] ?? join(dirname(import.meta.dirname), 'dist/server/main.js')

/** Whether the long version of the suite was asked for. */
export const isLong = process.env['COSCRIBE_LONG'] === '1'

/** What a run depends on; SEED repeats one. */
export const seed = Number(process.env['SEED'] ?? 20_261)

/** Says a figure, whatever the reporter makes of the rest. */
export function say(figure: string): void {
  process.stderr.write(`  ${figure}\n`)
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'coscribe-faults-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
}

export interface Wrapping {
  /** Stands before the command line, such as strace and its options. */
  readonly command?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly options?: readonly string[]
  /** Node's options and a script, instead of the built server. */
  readonly script?: readonly string[]
}

/** The built server in a process of its own, on one data folder, started and killed as often as need be. */
export class ServerProcess {
  readonly data: string
  readonly port: number
  readonly #wrapping: Wrapping
  #running: Running | null = null

  constructor(data: string, port: number, wrapping: Wrapping = {}) {
    this.data = data
    this.port = port
    this.#wrapping = wrapping
    onTestFinished(() => this.kill())
  }

  get host(): string {
    return `127.0.0.1:${this.port}`
  }

  /** Resolves once the server has printed where it can be found. */
  async start(): Promise<void> {
    const options = ['--port', String(this.port), '--data', this.data, '--log-level', 'warn']
    const { command = [], env = {}, options: more = [], script = [main] } = this.#wrapping
    const running = run([...command, process.execPath, ...script, ...options, ...more], env)
    this.#running = running
    const lines = createInterface({ input: running.child.stdout ?? failing('no output') })
    const ready = (async () => {
      for await (const line of lines) if (line.includes('http://')) return true
      return false
    })()
    if (await ready) return
    const { stderr } = await running.ended
    throw new Error(`the server ended before it printed an address:\n${stderr}`)
  }

  /** Sends the signal and resolves when the process is gone. */
  async end(signal: NodeJS.Signals): Promise<Ended> {
    const running = this.#running ?? failing('not running')
    running.child.kill(signal)
    return this.ended()
  }

  signal(signal: NodeJS.Signals): void {
    this.#running?.child.kill(signal)
  }

  async ended(): Promise<Ended> {
    const ended = await (this.#running ?? failing('not running')).ended
    this.#running = null
    return ended
  }

  async kill(): Promise<void> {
    if (this.#running !== null) await this.end('SIGKILL')
  }

  /** What /healthz says. */
  async health(): Promise<{ readonly status: string; readonly reason?: string }> {
    const response = await fetch(`http://${this.host}/healthz`)
    return (await response.json()) as { status: string; reason?: string }
  }
}

/** Runs the command line tool to its end. */
export async function coscribe(...args: readonly string[]): Promise<Ended> {
  const running = run([process.execPath, main, ...args], {})
  onTestFinished(() => void running.child.kill('SIGKILL'))
  return running.ended
}

/** Runs a command to its end, for whoever wants to see what came of it. */
export function run(
  [command = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
): Running {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const ended = once(child, 'close').then((args): Ended => {
    const [code, signal] = args as [number | null, NodeJS.Signals | null]
    return { code, signal, stdout, stderr }
  })
  return { child, ended }
}

export function failing(message: string): never {
  throw new Error(message)
}
