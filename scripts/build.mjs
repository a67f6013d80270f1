// Builds dist/: the library and server with tsc, the web app with Vite. `--if-stale` does nothing when dist/ is newer
// than every source.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
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

const katex = join(root, 'node_modules/katex/dist')

/** The editor's style sheet in one file: its parts, in the order it imports them. */
function styleSheet() {
  const sheet = readFileSync(join(root, 'editor/style.css'), 'utf8')
  return sheet.replace(/@import '(.+)';/g, (_, path) =>
    path.startsWith('katex/') ? formulaStyles() : readFileSync(join(root, 'editor', path), 'utf8'),
  )
}

/** KaTeX's styles, with the one kind of font file that every browser of today reads; those stand beside the sheet. */
function formulaStyles() {
  const fonts = join(root, 'dist/editor/fonts')
  mkdirSync(fonts, { recursive: true })
  for (const name of readdirSync(join(katex, 'fonts')))
    if (name.endsWith('.woff2')) copyFileSync(join(katex, 'fonts', name), join(fonts, name))
  const sheet = readFileSync(join(katex, 'katex.min.css'), 'utf8')
  return sheet.replace(/,url\(fonts\/[\w-]+\.(?:woff|ttf)\) format\("\w+"\)/g, '')
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
  run('vite/bin/vite.js', 'build', '--mode', 'embed', '--logLevel', 'warn')
  writeFileSync(join(root, 'dist/editor/style.css'), styleSheet())
  writeFileSync(stamp, '')
}
