#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import {
  type DamageReport,
  openSqliteStorage,
  readSqliteStorage,
  type Storage,
  StorageError,
} from '../persistence/index.ts'
import { commands, exitCodes, runCommand } from './commands/index.ts'
import { type Config, helpText, parseConfig } from './config.ts'
import { CoscribeError } from './errors.ts'
import type { Log } from './log.ts'
import { isLoopbackHost } from './origin.ts'
import { ownPassword } from './password.ts'
import { type CoscribeServer, startServer } from './server.ts'

const print = (text: string) => process.stdout.write(`${text}\n`)

async function main(argv: readonly string[]): Promise<void> {
  const command = commands.find(({ name }) => name === argv[0])
  if (command !== undefined) {
    const surroundings = { print, read: readSqliteStorage, env: process.env }
    process.exitCode = await runCommand(command, argv.slice(1), surroundings).catch((error: unknown) => {
      tell(error)
      return exitCodes.failed
    })
    return
  }
  const config = parseConfig(argv, process.env)
  if (config === 'help') {
    print(helpText(commands))
    return
  }
  await serve(config)
}

async function serve(config: Config): Promise<void> {
  const log = pino({ level: config.logLevel, base: null }, pino.destination(2))
  const storage = await openSqliteStorage(config.data, { onDamage: (report) => tellOfDamage(report, log) })
  const pages = fileURLToPath(new URL('../app', import.meta.url))
  const embed = fileURLToPath(new URL('../embed', import.meta.url))
  const server = await startServer({
    storage,
    host: config.host,
    port: config.port,
    password: await passwordFor(config),
    allowOrigin: config.allowOrigin,
    trustedProxies: config.trustedProxies,
    frameAncestors: config.frameAncestors,
    compression: config.compression,
    limits: config.limits,
    log,
    ...(existsSync(pages) ? { pages } : {}),
    ...(existsSync(embed) ? { embed } : {}),
  })
  printAddresses(server, config)
  stopOnSignal(config.stopTimeoutMs, server, storage)
}

/** Nobody but this machine's people can reach loopback; everybody else must know a password. */
async function passwordFor(config: Config): Promise<string | null> {
  if (config.password !== null) return config.password
  return isLoopbackHost(config.host) ? null : ownPassword(config.data)
}

function printAddresses(server: CoscribeServer, config: Config): void {
  const invite = server.linkPart
  print(`Coscribe is running; documents are in ${config.data}`)
  for (const host of reachableHosts(server.host)) print(`  http://${host}:${server.port}/${invite ?? ''}`)
  if (invite !== null) print('Send a link to let somebody in; without its key nobody gets in.')
}

function reachableHosts(host: string): string[] {
  const isEvery = host === '0.0.0.0' || host === '::'
  if (!isEvery) return [host.includes(':') ? `[${host}]` : host]
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  const outside = own.filter((address) => !address.internal && address.family === 'IPv4')
  return [...outside.map((address) => address.address), 'localhost']
}

function tellOfDamage({ reason, keptAs, recovered, nameless }: DamageReport, log: Log): void {
  const { documents, damaged } = recovered
  log.error(
    { reason, keptAs, documents, damagedDocuments: damaged.map(({ document }) => document), nameless },
    'the stored documents were damaged: what could be read is in use, and the damaged files are kept',
  )
}

/**
 * The first signal stops in order, a second one at once. A disk that does not take what is to be stored is waited for
 * so long: nobody was told that it is saved, and pages that are open still have it.
 */
function stopOnSignal(timeoutMs: number, server: CoscribeServer, storage: Storage): void {
  let isStopping = false
  const onSignal = () => {
    if (isStopping) {
      void exitAtOnce(storage)
      return
    }
    isStopping = true
    setTimeout(() => {
      const waited = `${timeoutMs / 1000} s`
      complain(
        `stopped although the last edits could not be stored within ${waited}; none was shown as saved.`,
      )
      void exitAtOnce(storage)
    }, timeoutMs)
    stop(server, storage).then(() => process.exit(0), fail)
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
}

async function stop(server: CoscribeServer, storage: Storage): Promise<void> {
  await server.close()
  await storage.close()
}

/** Longer than a disk that works takes to close a store. */
const stuckAfterMs = 500

/**
 * Exits with code 1. `process.exit` waits for every thread, and one that waits for a disk which never answers would
 * keep it for ever: then the process has to kill itself.
 */
async function exitAtOnce(storage: Storage): Promise<void> {
  const stuck = setTimeout(() => process.kill(process.pid, 'SIGKILL'), stuckAfterMs)
  await storage.close().catch(() => undefined)
  clearTimeout(stuck)
  process.exit(1)
}

function tell(error: unknown): void {
  const isExpected = error instanceof CoscribeError || error instanceof StorageError
  complain(isExpected ? error.message : String(error instanceof Error ? error.stack : error))
}

function complain(text: string): void {
  process.stderr.write(`coscribe: ${text}\n`)
}

function fail(error: unknown): void {
  tell(error)
  process.exit(1)
}

main(process.argv.slice(2)).catch(fail)
