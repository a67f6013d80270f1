import { test as base } from '@playwright/test'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from '../test/free-port.ts'

/** The built server as a user starts it, in a process of its own that a test can kill. */
export class ServerProcess {
  readonly port: number
  readonly #data: string
  readonly #options: readonly string[]
  #process: ChildProcess | null = null

  constructor(port: number, data: string, options: readonly string[]) {
    this.port = port
    this.#data = data
    this.#options = options
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get webSocketUrl(): string {
    return `ws://127.0.0.1:${this.port}`
  }

  /** Resolves with what the server printed, once it has printed an address. */
  async start(): Promise<string> {
    const options = [
      '--port',
      String(this.port),
      '--data',
      this.#data,
      '--log-level',
      'warn',
      ...this.#options,
    ]
    const child = spawn(process.execPath, ['dist/server/main.js', ...options], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#process = child
    let printed = ''
    for await (const line of createInterface({ input: child.stdout })) {
      printed += `${line}\n`
      if (line.includes('http://')) return printed
    }
    throw new Error(`the server ended before it printed an address:\n${printed}`)
  }

  /** Resolves with the exit code, null when the signal ended it. */
  async stop(signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT'): Promise<number | null> {
    const child = this.#process
    this.#process = null
    if (child === null) return null
    const exited = once(child, 'exit')
    child.kill(signal)
    const [code] = (await exited) as [number | null]
    return code
  }
}

interface Fixtures {
  /** What the server asks for; empty: nothing. */
  password: string
  server: ServerProcess
}

/** Tests that start with a server on an empty data folder. */
export const test = base.extend<Fixtures>({
  password: ['', { option: true }],
  server: async ({ password }, use) => {
    const data = await mkdtemp(join(tmpdir(), 'coscribe-e2e-'))
    const server = new ServerProcess(await freePort(), data, password === '' ? [] : ['--password', password])
    await server.start()
    await use(server)
    await server.stop('SIGKILL')
    await rm(data, { recursive: true, force: true })
  },
})

export { expect } from '@playwright/test'
