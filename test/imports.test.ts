import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findBreaches } from './import-rules.ts'

const root = join(import.meta.dirname, '..')

/** Our own sources without their tests. */
function readSources(): Map<string, string> {
  const paths = ['persistence', 'server', 'editor'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`),
  )
  const sources = paths.filter((path) => path.endsWith('.ts') && !path.includes('/test/'))
  return new Map(sources.map((path) => [path, readFileSync(join(root, path), 'utf8')]))
}

test('every import keeps to the design, and no imports form a cycle', () => {
  const sources = readSources()
  expect(sources.size).toBeGreaterThan(60)
  expect(findBreaches(sources)).toEqual([])
})

describe('the check finds', () => {
  const cases: [string, string, string][] = [
    ['a storage that looks into its bytes', 'persistence/memory.ts', "import * as Y from 'yjs'"],
    ['a storage that decodes', 'persistence/memory.ts', "import { x } from 'lib0/decoding'"],
    [
      'a storage that knows the server',
      'persistence/memory.ts',
      "import type { Log } from '../server/log.ts'",
    ],
    ['a server behind the storage’s index', 'server/hub.ts', "import { x } from '../persistence/storage.ts'"],
    ['a type behind it', 'server/hub.ts', "import type { X } from '../persistence/storage.ts'"],
    ['a re-export behind it', 'server/index.ts', "export { x } from '../persistence/memory.ts'"],
    ['a star re-export behind it', 'server/index.ts', "export type * from '../persistence/storage.ts'"],
    ['a dynamic import behind it', 'server/hub.ts', "const x = await import('../persistence/memory.ts')"],
    ['an imported type in a signature', 'server/hub.ts', "let x: import('../persistence/memory.ts').X"],
    ['an editor that knows the server', 'editor/sync/a.ts', "import { x } from '../../server/limits.ts'"],
    [
      'an editor that knows the storage',
      'editor/editor.ts',
      "import type { X } from '../persistence/index.ts'",
    ],
    ['an editor that needs Node', 'editor/editor.ts', "import { x } from 'node:fs'"],
    ['a server that knows the editor', 'server/hub.ts', "import { x } from '../editor/schema/index.ts'"],
    ['a protocol that needs Node', 'server/protocol/a.ts', "import { x } from 'node:buffer'"],
    ['a protocol that needs Node by its old name', 'server/protocol/a.ts', "import { x } from 'buffer'"],
    ['a protocol that uses Node', 'server/protocol/a.ts', 'export const x = Buffer.from([])'],
    ['a protocol that uses a browser', 'server/protocol/a.ts', 'export const x = window.name'],
    ['a protocol that knows more of us', 'server/protocol/a.ts', "import { x } from '../limits.ts'"],
    ['a room that knows its hub', 'server/room.ts', "import type { Hub } from './hub.ts'"],
    ['two that stand side by side', 'server/hub.ts', "import type { X } from './connection.ts'"],
    ['a room that reads files', 'server/room.ts', "import { x } from 'node:fs'"],
    ['a room that knows sockets', 'server/room.ts', "import type { WebSocket } from 'ws'"],
    [
      'a back-end picked too early',
      'server/server.ts',
      "import { openSqliteStorage } from '../persistence/index.ts'",
    ],
    ['a file without a place', 'server/utils.ts', ''],
    ['a plugin that knows the screen', 'editor/plugins/a.ts', "import { x } from '../ui/toolbar.ts'"],
    [
      'a command that makes nodes of one schema',
      'editor/commands/a.ts',
      "import { parseParagraph, schema, type ParagraphAttrs } from '../schema/index.ts'",
    ],
    [
      'a plugin that does, by another name',
      'editor/plugins/a.ts',
      "import { schema as x } from '../schema/index.ts'",
    ],
    ['a menu that takes everything', 'editor/ui/a.ts', "import * as x from '../schema/index.ts'"],
    ['an app that looks inside', 'editor/app/main.ts', "import { x } from '../editor.ts'"],
    ['a long way up', 'editor/ui/deep/a.ts', "import { x } from '../../schema/index.ts'"],
    ['a file without its extension', 'server/hub.ts', "import { x } from './room'"],
  ]
  test.each(cases)('%s', (_what, path, text) => {
    expect(findBreaches(new Map([[path, text]]))).toHaveLength(1)
  })

  test('a cycle, also one of types only', () => {
    const cycle = new Map([
      ['persistence/a.ts', "import type { B } from './b.ts'"],
      ['persistence/b.ts', "export type { C } from './c.ts'"],
      ['persistence/c.ts', "import './a.ts'"],
      ['persistence/d.ts', "import './a.ts'"],
    ])
    expect(findBreaches(cycle)).toEqual([
      'a cycle: persistence/a.ts -> persistence/b.ts -> persistence/c.ts -> persistence/a.ts',
    ])
  })

  test('a file that imports itself', () => {
    expect(findBreaches(new Map([['persistence/a.ts', "import './a.ts'"]]))).toHaveLength(1)
  })
})

test('the check lets on what the design allows', () => {
  const allowed = new Map([
    ['persistence/a.ts', "import Database from 'better-sqlite3'; import { x } from 'node:fs'"],
    ['server/main.ts', "import { openSqliteStorage } from '../persistence/index.ts'"],
    ['server/hub.ts', "import { Room } from './room.ts'; // not import './server.ts', nor openSqliteStorage"],
    ['server/protocol/a.ts', "import * as x from 'lib0/decoding'; /* WebSocket */ import './b.ts'"],
    ['editor/sync/a.ts', "import { x } from '../../server/protocol/version.ts'"],
    ['editor/app/main.ts', "import { x } from '../index.ts'; import './b.ts'"],
    ['editor/commands/a.ts', "import { schemaOf, type CoscribeSchema } from '../schema/index.ts'"],
    ['editor/extensions.ts', "import { schema } from './schema/index.ts'"],
  ])
  expect(findBreaches(allowed)).toEqual([])
})
