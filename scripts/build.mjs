// Builds dist/: the library and server with tsc, the web app with Vite. `--if-stale` does nothing when dist/ is newer
// than every source.
import { spawnSync } from 'node:child_process'
import { copyFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const stamp = join(root, 'dist/.built')
const sources = [
  'server',
  'persistence',
  'editor',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'vite.config.ts',
]

function newest(path) {
  const { mtimeMs } = statSync(path)
  if (!statSync(path).isDirectory()) return mtimeMs
  return Math.max(mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}

function isStale() {
  try {
    const builtAt = statSync(stamp).mtimeMs
    return sources.some((source) => newest(join(root, source)) > builtAt)
  } catch {
    return true
  }
}

function run(command, ...args) {
  const { status } = spawnSync(process.execPath, [join(root, 'node_modules', command), ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (status !== 0) process.exit(status ?? 1)
}

if (!process.argv.includes('--if-stale') || isStale()) {
  console.log('Building Coscribe…')
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  run('typescript/bin/tsc', '-p', 'tsconfig.build.json')
  run('vite/bin/vite.js', 'build', '--logLevel', 'warn')
  copyFileSync(join(root, 'editor/style.css'), join(root, 'dist/editor/style.css'))
  writeFileSync(stamp, '')
}
