import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Sample, Scale } from '../rows/row.ts'

/** What the binding costs beside stock y-prosemirror, measured in a process of its own. */
export async function measureBinding(paragraphs: number, { isQuick }: Scale): Promise<Sample> {
  const script = join(import.meta.dirname, 'binding-process.ts')
  const args = ['--import', 'tsx', script, String(paragraphs), isQuick ? 'quick' : 'whole']
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return JSON.parse(stdout) as Sample
}
