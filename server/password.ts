import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Access, editorAccess } from './access.ts'
import type { Clock } from './clock.ts'

/**
 * The one password that everybody beyond this machine must know. Whoever knows it may do everything; roles for people
 * come with the access issue.
 */
export class SharedPassword {
  readonly #password: string
  readonly #session: string
  readonly #guesses: Guesses

  constructor(password: string, guesses: Guesses) {
    this.#password = password
    this.#session = createHmac('sha256', password).update('coscribe session').digest('base64url')
    this.#guesses = guesses
  }

  /** `throttled` when this address has guessed too often lately; the guess is not looked at then. */
  check(guess: string, address: string): Access | 'wrong' | 'throttled' {
    if (this.#guesses.areTooMany(address)) return 'throttled'
    if (isSame(guess, this.#password)) return editorAccess
    this.#guesses.add(address)
    return 'wrong'
  }

  /** What a browser keeps in a cookie once its person has shown the password. Holds across restarts. */
  get session(): string {
    return this.#session
  }

  checkSession(session: string): Access | null {
    return isSame(session, this.#session) ? editorAccess : null
  }

  /** The part of an invite link that lets its reader in. Browsers do not send it to any server by themselves. */
  get linkPart(): string {
    return `#key=${encodeURIComponent(this.#password)}`
  }
}

/** Wrong passwords by address, forgotten after a minute. */
export class Guesses {
  readonly #clock: Clock
  readonly #perMinute: number
  readonly #byAddress = new Map<string, { count: number; since: number }>()

  constructor(clock: Clock, perMinute: number) {
    this.#clock = clock
    this.#perMinute = perMinute
  }

  areTooMany(address: string): boolean {
    const entry = this.#byAddress.get(address)
    if (entry === undefined) return false
    if (this.#clock.now() - entry.since >= 60_000) {
      this.#byAddress.delete(address)
      return false
    }
    return entry.count >= this.#perMinute
  }

  add(address: string): void {
    const entry = this.#byAddress.get(address)
    if (entry !== undefined) {
      entry.count++
      return
    }
    if (this.#byAddress.size >= maxAddresses) this.#dropOldest()
    this.#byAddress.set(address, { count: 1, since: this.#clock.now() })
  }

  #dropOldest(): void {
    const [oldest] = this.#byAddress.keys()
    if (oldest !== undefined) this.#byAddress.delete(oldest)
  }
}

/** Addresses remembered at once: a few megabytes at most, whoever tries. */
const maxAddresses = 10_000

/** Compares in the same time wherever the two differ. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}

/**
 * The password this server made up for itself, kept in its data folder so that links go on working after a restart.
 * Made on first use: 128 random bits.
 */
export async function ownPassword(directory: string): Promise<string> {
  const file = join(directory, 'password')
  const kept = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  })
  if (kept.trim() !== '') return kept.trim()
  const password = randomBytes(16).toString('base64url')
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await writeFile(file, `${password}\n`, { mode: 0o600 })
  return password
}
