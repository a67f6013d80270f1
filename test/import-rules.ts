import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import ts from 'typescript'

/** Source files by their path from the root of the repository. */
export type Sources = ReadonlyMap<string, string>

/**
 * Who may import whom inside a folder, lowest first: a file or folder may import what stands on a line above its own.
 * Whatever is not in the table has no place in the design yet, and is reported.
 */
export const orders: Readonly<Record<string, readonly string[]>> = {
  server: [
    'protocol',
    'access errors limits clock log metrics client-address outbound update-reader apply-quietly compaction-segment compaction-content',
    'config origin password throttle turnstile population transport document-title file-type move-addresses update-structs state-encoding state-vector',
    'authorship peer presence-state typed-text update-merging update-slices full-state outlet flush-pace',
    'flush-schedule intake presence journal live-document update-order history',
    'compaction-build durability',
    'compaction-work',
    'compaction compaction-mend compaction-thread compaction-worker conversion',
    'update-landing',
    'update-claims',
    'gate room-presence catch-up',
    'document-loading conversion-worker',
    'incoming',
    'inbox',
    'room',
    'hub connection prometheus authentication uploads',
    'document-files file-routes',
    'api pages transports door',
    'server',
    'commands',
    'index main',
  ],
  editor: [
    'address lasting-view unknown-names',
    'schema sync binding',
    'html commands extensions reading',
    'convert',
    'content',
    'plugins',
    'ui',
    'editor-commands',
    'editing-context options',
    'later-plugins',
    'editing-plugins',
    'editor',
    'element react',
    'index',
    'embed',
    'app',
  ],
}

/** Decisions only: they get time, sockets and storage as arguments. */
const pure = `
  access authorship catch-up clock connection document-loading document-title durability errors file-type
  flush-pace flush-schedule full-state gate inbox incoming intake journal limits live-document log
  metrics move-addresses origin outbound outlet peer population presence presence-state room
  room-presence state-encoding state-vector throttle transport turnstile typed-text update-claims update-landing update-merging update-order update-reader
  update-slices update-structs uploads
`
  .trim()
  .split(/\s+/)
  .map((name) => `server/${name}.ts`)

const backEnds = /\b(openSqliteStorage|readSqliteStorage|createMemoryStorage)\b/
const hostGlobals =
  /\b(window|globalThis|navigator|localStorage|location|WebSocket|XMLHttpRequest|fetch|process|Buffer)\b/

/** What works in an editor whose schema has nodes and marks of others, too. */
const ofAnySchema = ['binding', 'commands', 'html', 'plugins', 'reading', 'ui']
const takesOwnSchema =
  /\bimport\s*(?:\*[^;]*?|\{(?:[^}]*[\s,{])?schema\b[^}]*\}\s*)from\s*['"][./]+schema\/index\.ts['"]/

/** Everything that is wrong, one line each; nothing when all rules hold. */
export function findBreaches(sources: Sources): string[] {
  const breaches: string[] = []
  for (const [path, text] of sources) {
    for (const specifier of importsOf(text)) {
      const why = specifier.startsWith('.') ? wrongOfOurs(path, specifier) : wrongPackage(path, specifier)
      if (why !== null) breaches.push(`${path} imports ${specifier}: ${why}`)
    }
    const code = withoutComments(text)
    if (path.startsWith('server/') && path !== 'server/main.ts' && backEnds.test(code))
      breaches.push(`${path}: only main.ts picks a back-end`)
    if (path.startsWith('server/protocol/') && hostGlobals.test(code))
      breaches.push(`${path}: the protocol uses what only a browser or only Node has`)
    if (takesOwnSchema.test(code))
      for (const folder of ofAnySchema)
        if (path.startsWith(`editor/${folder}/`))
          breaches.push(`${path}: an editor may have an extended schema, which schemaOf tells`)
  }
  return [...breaches, ...unplaced(sources), ...findCycles(sources)]
}

function wrongOfOurs(path: string, specifier: string): string | null {
  const target = posix.join(posix.dirname(path), specifier)
  const [from, to] = [topOf(path), topOf(target)]
  if (specifier.endsWith('.css'))
    return path.startsWith('editor/app/') || path === 'editor/embed.ts'
      ? null
      : 'stylesheets are imported where pages are built'
  if (!specifier.endsWith('.ts')) return 'name the file with its extension'
  if (from !== to) return wrongAcross(path, target)
  if (specifier.includes('../../')) return 'one step up is enough inside a folder'
  if (path.startsWith('server/protocol/') && !target.startsWith('server/protocol/'))
    return 'the protocol stands alone'
  if (path.startsWith('editor/app/') && !target.startsWith('editor/app/') && target !== 'editor/index.ts')
    return 'the app uses the editor as others do, by its index'
  return wrongOrder(path, target)
}

function wrongAcross(path: string, target: string): string | null {
  const [from, to] = [topOf(path), topOf(target)]
  if (from === 'server' && to === 'persistence')
    return target === 'persistence/index.ts' ? null : 'the storage is used by its index'
  if (from === 'editor' && to === 'server')
    return target.startsWith('server/protocol/')
      ? null
      : 'the editor shares only server/protocol/ with the server'
  if (from === 'server' && to === 'editor')
    return target === 'editor/convert/index.ts' && path === 'server/conversion-worker.ts'
      ? null
      : 'the server knows what a document means only where it converts one'
  return `${from} knows nothing of ${to}`
}

function wrongOrder(path: string, target: string): string | null {
  const order = orders[topOf(path)]
  const [own, other] = [unitOf(path), unitOf(target)]
  if (order === undefined || own === other) return null
  const lineOf = (unit: string) => order.findIndex((line) => line.split(' ').includes(unit))
  return lineOf(other) < lineOf(own) ? null : `${own} stands below or beside ${other}`
}

function wrongPackage(path: string, specifier: string): string | null {
  const name = specifier.startsWith('@')
    ? specifier.split('/').slice(0, 2).join('/')
    : (specifier.split('/')[0] ?? '')
  const isBuiltIn = specifier.startsWith('node:') || builtinModules.includes(name)
  if (isBuiltIn && !specifier.startsWith('node:')) return 'write node: in front of it'
  if (path.startsWith('persistence/') && ['yjs', 'lib0', 'y-protocols'].includes(name))
    return 'a storage keeps bytes and does not look into them'
  if (path.startsWith('server/protocol/') && isBuiltIn) return 'browsers load the protocol, too'
  if (path.startsWith('editor/') && isBuiltIn) return 'browsers have no such module'
  const isOutside = isBuiltIn || ['ws', 'hono', '@hono/node-server', 'pino', 'prom-client'].includes(name)
  return pure.includes(path) && isOutside ? 'this file decides; effects are given to it' : null
}

function unplaced(sources: Sources): string[] {
  return [...sources.keys()].flatMap((path) => {
    const order = orders[topOf(path)]
    const isPlaced = order === undefined || order.some((line) => line.split(' ').includes(unitOf(path)))
    return isPlaced ? [] : [`${path} has no place in the order of imports (test/import-rules.ts)`]
  })
}

/** Cycles of files, types included, each told once as the way around. */
function findCycles(sources: Sources): string[] {
  const cycles: string[] = []
  const done = new Set<string>()
  const visit = (path: string, way: readonly string[]) => {
    const start = way.indexOf(path)
    if (start !== -1) cycles.push(`a cycle: ${[...way.slice(start), path].join(' -> ')}`)
    if (start !== -1 || done.has(path)) return
    for (const specifier of importsOf(sources.get(path) ?? '')) {
      if (specifier.startsWith('.')) visit(posix.join(posix.dirname(path), specifier), [...way, path])
    }
    done.add(path)
  }
  for (const path of sources.keys()) visit(path, [])
  return cycles
}

/** Every module the text names: imports, re-exports, dynamic imports and imported types. */
function importsOf(text: string): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map((file) => file.fileName)
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[^]*?\*\/|\/\/.*$/gm, '')
}

const topOf = (path: string) => path.split('/')[0] ?? ''

/** The folder or file of a top folder that a path belongs to, as the table names it. */
const unitOf = (path: string) => (path.split('/')[1] ?? '').replace(/\.ts$/, '')
