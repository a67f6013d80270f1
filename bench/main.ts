import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measure } from './measure.ts'
import { prepare, versions } from './prepare.ts'
import type { Outcome } from './report/outcome.ts'
import { writeResults } from './report/table.ts'
import { rows } from './rows/index.ts'
import type { Row, Scale } from './rows/row.ts'

/**
 * Measures all rows, or those that are named, and writes RESULTS.md; `--quick` only shows that they work, and
 * `--profile <folder>` writes CPU profiles of our server instead of figures.
 */
const { values, positionals } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
  allowPositionals: true,
})

const results = join(import.meta.dirname, 'RESULTS.md')
/** Every run of every row, so that a row can be measured again without the others. */
const raw = join(import.meta.dirname, 'results.jsonl')

async function main(): Promise<void> {
  if (values.list) {
    for (const { name, title } of rows) console.log(`${name.padEnd(14)} ${title}`)
    return
  }
  const unknown = positionals.filter((name) => !rows.some((row) => row.name === name))
  if (unknown.length > 0)
    throw new Error(`no row is called ${unknown.join(', ')}; --list tells what there is`)
  prepare()
  const chosen = rows.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
  if (values.profile !== undefined) {
    const profiled = chosen.map((row) => ({ ...row, contestants: ['ours'] as const, runs: 1 }))
    const nodeOptions = ['--cpu-prof', `--cpu-prof-dir=${values.profile}`]
    await measureAll(profiled, { isQuick: values.quick, nodeOptions })
    return
  }
  const outcomes = await measureAll(chosen, { isQuick: values.quick })
  const failed = outcomes.filter(({ failures }) => failures.length > 0)
  if (failed.length > 0) process.exitCode = 1
  const isWhole = chosen.length === rows.length
  const table = writeResults(rows, isWhole || values.quick ? outcomes : merged(outcomes), versions())
  console.log(`\n${table}`)
  if (values.quick) return
  const lines = (isWhole ? outcomes : merged(outcomes)).map((outcome) => `${JSON.stringify(outcome)}\n`)
  writeFileSync(raw, lines.join(''))
  writeFileSync(results, table)
}

async function measureAll(chosen: readonly Row[], scale: Scale): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const row of chosen) {
    console.log(`${row.title} (${row.name})`)
    outcomes.push(await measure(row, scale, (line) => console.log(line)))
  }
  return outcomes
}

/** What was measured before, with these rows in place of their like. */
function merged(outcomes: readonly Outcome[]): readonly Outcome[] {
  const lines = existsSync(raw) ? readFileSync(raw, 'utf8').split('\n').filter(Boolean) : []
  const before = lines.map((line) => JSON.parse(line) as Outcome)
  const kept = before.filter(({ row }) => !outcomes.some((outcome) => outcome.row === row))
  return [...kept, ...outcomes]
}

await main()
