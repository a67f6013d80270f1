import { execFileSync } from 'node:child_process'
import { existsSync, openSync, closeSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished, type TestContext } from 'vitest'
import { say } from '../server-process.ts'
import { hasTool } from './tools.ts'

/** What the disk does to the calls of the server on it; the bytes disk.c understands. */
const modes = {
  works: '0',
  'fails to sync (EIO)': '1',
  'is full (ENOSPC)': '2',
  'takes two seconds to sync': '3',
  'is read-only (EROFS)': '4',
  'never answers a sync': '5',
} as const

export type Mode = keyof typeof modes

/** Skips the test, and says so, where the shim can't be made: what is missing and how to get it. */
export function needShim(context: TestContext, what: string): void {
  const lack = lackOfShim()
  if (lack === null) return
  say(`NOT RUN: ${what}, because ${lack}`)
  context.skip(lack)
}

function lackOfShim(): string | null {
  if (process.platform !== 'linux') return 'a disk that lies is made with LD_PRELOAD, which only Linux has'
  return hasTool('gcc', ['gcc', 'libc6-dev']) ? null : 'gcc is not installed (apt-get install gcc libc6-dev)'
}

/** A disk for one data folder that writes down what is done to it, or fails as a test tells it to. */
export class Disk {
  readonly folder: string
  /** Everything that was done to the files of the folder, in order. */
  readonly log: string
  readonly #library: string
  readonly #control: string
  readonly #descriptor: number
  readonly #isRecording: boolean

  /** Its own files are put into `workshop`. */
  constructor(folder: string, workshop: string, isRecording: boolean) {
    this.folder = folder
    this.#isRecording = isRecording
    this.log = join(workshop, 'log')
    this.#library = join(workshop, 'disk.so')
    this.#control = join(workshop, 'mode')
    const source = join(import.meta.dirname, 'disk.c')
    if (!existsSync(this.#library)) {
      execFileSync('gcc', ['-O2', '-shared', '-fPIC', '-o', this.#library, source, '-ldl', '-lpthread'])
    }
    writeFileSync(this.#control, modes.works)
    this.#descriptor = openSync(this.#control, 'r+')
    onTestFinished(() => closeSync(this.#descriptor))
  }

  /** What puts it below a process. */
  get env(): Record<string, string> {
    return {
      LD_PRELOAD: this.#library,
      FAULTS_FOLDER: this.folder,
      FAULTS_MODE: this.#control,
      ...(this.#isRecording ? { FAULTS_LOG: this.log } : {}),
    }
  }

  /** From the next call on. */
  turns(mode: Mode): void {
    writeSync(this.#descriptor, modes[mode], 0)
  }
}
