#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { openSqliteStorage, StorageError } from '../persistence/index.ts'
import { type Config, helpText, parseConfig } from './config.ts'
import { CoscribeError } from './errors.ts'
import { isLoopbackHost } from './origin.ts'
import { ownPassword } from './password.ts'
import { type CoscribeServer, startServer } from './server.ts'

const print = (text: string) => process.stdout.write(`${text}\n`)

async function main(): Promise<void> {
  const config = parseConfig(process.argv.slice(2), process.env)
  if (config === 'help') {
    print(helpText())
    return
  }
  const log = pino({ level: config.logLevel, base: null }, pino.destination(2))
  const storage = await openSqliteStorage(config.data)
  const pages = fileURLToPath(new URL('../app', import.meta.url))
  const server = await startServer({
    storage,
    host: config.host,
    port: config.port,
    password: await passwordFor(config),
    allowOrigin: config.allowOrigin,
    limits: config.limits,
    log,
    ...(existsSync(pages) ? { pages } : {}),
  })
  printAddresses(server, config)
  stopOnSignal(async () => {
    await server.close()
    await storage.close()
  })
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

/** The first signal stops in order, a second one at once. */
function stopOnSignal(stop: () => Promise<void>): void {
  let isStopping = false
  const onSignal = () => {
    if (isStopping) process.exit(1)
    isStopping = true
    stop().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    )
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
}

function fail(error: unknown): void {
  const isExpected = error instanceof CoscribeError || error instanceof StorageError
  process.stderr.write(
    `coscribe: ${isExpected ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
  )
  process.exit(1)
}

main().catch(fail)
