import { copyFileSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { openStore } from '../persistence/sqlite/open.ts'
import type { Store } from '../persistence/sqlite/store.ts'
import { contentOf, files, type Injury, type Known } from './flip-store.ts'

// Injures a store, opens it, and prints what came of it: one line for each injury of the list it is given.

const [, , folder = '', list = ''] = process.argv
const { known, injuries } = JSON.parse(readFileSync(list, 'utf8')) as { known: Known; injuries: Injury[] }
const scratch = `${list}.scratch`

for (const injury of injuries) {
  rmSync(scratch, { recursive: true, force: true })
  mkdirSync(scratch)
  for (const file of files) copyFileSync(join(folder, file), join(scratch, file))
  injure(injury)
  process.stdout.write(`${JSON.stringify(injury)}\t${open()}\n`)
}
rmSync(scratch, { recursive: true, force: true })

function injure({ file, at, bit }: Injury): void {
  const path = join(scratch, file)
  const content = readFileSync(path)
  if (bit === null) writeFileSync(path, content.subarray(0, at))
  else writeFileSync(path, content.fill((content[at] ?? 0) ^ (1 << bit), at, at + 1))
}

/** `same`, `reported` or `refused`; anything else is what must not be. */
function open(): string {
  const reports: string[] = []
  let store: Store
  try {
    store = openStore(scratch, ({ reason }) => reports.push(reason))
  } catch (error) {
    // The marks of a store of ours can't be told from those of another program's, or of a newer version.
    if (error instanceof Error && 'code' in error && error.code === 'format') return 'refused'
    throw error
  }
  try {
    return judge(store, reports)
  } finally {
    store.close()
  }
}

function judge(store: Store, reports: readonly string[]): string {
  let outcome = reports.length > 0 ? 'reported' : 'same'
  for (const [document, versions] of Object.entries(known)) {
    const { content, damage } = contentOf(store, document)
    if (damage !== null) outcome = 'reported'
    if (versions.at(-1) === content && damage === null) continue
    if (outcome === 'same') return `${document} is not what was acknowledged, and nothing is said about it`
    const isOld = versions.includes(content)
    const isPart = damage !== null && versions.some((version) => version.startsWith(content))
    if (!isOld && !isPart && content !== '') return `${document} is something that it never was: ${content}`
  }
  const { damaged } = store.verify(0)
  return damaged.length > 0 ? 'reported' : outcome
}
