// Builds examples/ for the end-to-end tests, and installs what they use where it isn't.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const examples = join(dirname(dirname(fileURLToPath(import.meta.url))), 'examples')

function run(command, ...args) {
  const { status } = spawnSync(command, args, { cwd: examples, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

if (!existsSync(join(examples, 'node_modules/.package-lock.json')))
  run('npm', 'ci', '--no-audit', '--no-fund')
run('npm', 'run', '--silent', 'build')
