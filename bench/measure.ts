import type { Outcome } from './report/outcome.ts'
import type { Row, Sample, Scale } from './rows/row.ts'
import type { ContestantName } from './servers/contestants.ts'

const usualRuns = 3

/** Runs a row: each server in turn, then each again. A run that fails is told and counts for nothing. */
export async function measure(row: Row, scale: Scale, say: (line: string) => void): Promise<Outcome> {
  const samples: Partial<Record<ContestantName, Sample[]>> = {}
  const failures: string[] = []
  const runs = scale.isQuick ? 1 : (row.runs ?? usualRuns)
  for (let run = 0; run < runs; run++) {
    for (const name of row.contestants) {
      const began = performance.now()
      try {
        const sample = await row.run(name, scale)
        samples[name] = [...(samples[name] ?? []), sample]
        say(`  ${name.padEnd(12)} ${told(sample)}  [${((performance.now() - began) / 1000).toFixed(1)} s]`)
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        failures.push(`${name}: ${reason.split('\n', 1)[0] ?? ''}`)
        say(`  ${name.padEnd(12)} failed: ${reason}`)
      }
    }
  }
  return { row: row.name, date: new Date().toISOString().slice(0, 10), samples, failures }
}

function told(sample: Sample): string {
  return Object.entries(sample)
    .map(([figure, value]) => `${figure} ${Number.isInteger(value) ? value : value.toFixed(2)}`)
    .join('  ')
}
