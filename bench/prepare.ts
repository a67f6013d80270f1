import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ourMain } from './servers/contestants.ts'

const here = import.meta.dirname
const root = dirname(here)

/** Installs the peers on first use and builds the product when it is older than its sources. */
export function prepare(): void {
  if (!existsSync(join(here, 'node_modules'))) run('npm', ['ci', '--no-audit', '--no-fund'], here)
  if (process.env['COSCRIBE_MAIN'] === undefined)
    run(process.execPath, [join(root, 'scripts/build.mjs'), '--if-stale'], root)
  if (!existsSync(ourMain)) throw new Error(`there is no ${ourMain}`)
}

/** What was measured, by name. */
export function versions(): Record<string, string> {
  const peers = ['@y/websocket-server', '@hocuspocus/server', '@tiptap/core', 'yjs', 'ws']
  const ours = { coscribe: versionIn(root) }
  return {
    ...ours,
    ...Object.fromEntries(peers.map((name) => [name, versionIn(join(here, 'node_modules', name))])),
  }
}

function versionIn(folder: string): string {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
  return version
}

function run(command: string, args: readonly string[], cwd: string): void {
  const { status } = spawnSync(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed`)
}
