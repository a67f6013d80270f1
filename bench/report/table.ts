import { cpus, totalmem } from 'node:os'
import type { Figure, Row } from '../rows/row.ts'
import { contestant, type ContestantName } from '../servers/contestants.ts'
import { behindIn, judge, middle, noisy, type Outcome } from './outcome.ts'

export interface Versions {
  readonly [name: string]: string
}

/** The whole of RESULTS.md. NaN, which JSON writes as null, stands for what a server has no figure for. */
export function writeResults(rows: readonly Row[], outcomes: readonly Outcome[], versions: Versions): string {
  const measured = rows.flatMap((row) => {
    const outcome = outcomes.find((one) => one.row === row.name)
    return outcome === undefined ? [] : [{ row, outcome }]
  })
  const dates = [...new Set(measured.map(({ outcome }) => outcome.date))].toSorted()
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GB`
  return [
    '# Measured',
    '',
    `On ${machine}, Node ${process.version}, ${dates.join(' and ')}, by \`npm run bench\`.`,
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ') + '.',
    '',
    ...howToRead,
    '',
    '| row | figure | ours | peers | budget |',
    '|---|---|---|---|---|',
    ...measured.flatMap(({ row, outcome }) => tableRows(row, outcome)),
    '',
    '## Where a peer is ahead',
    '',
    ...ahead(measured),
    '',
    '## About the rows',
    '',
    ...measured.flatMap(({ row, outcome }) => about(row, outcome)),
    '',
    ...notMeasured,
    '',
  ].join('\n')
}

type Measured = { readonly row: Row; readonly outcome: Outcome }

function tableRows(row: Row, outcome: Outcome): string[] {
  return row.figures.map((figure, n) => {
    const budgets = row.budgets.filter((budget) => budget.figure === figure.name)
    const verdicts = budgets.map((budget) => judge(budget, row, outcome))
    const peers = row.contestants
      .filter((name) => name !== 'ours')
      .map((name) => `${name} ${show(figure, outcome, name)}${ratio(figure, outcome, name)}`)
    const met = verdicts.map(({ text, isMet }) => `${isMet ? 'met' : '**missed**'}: ${text}`)
    const cells = [
      n === 0 ? row.title : '',
      figure.label,
      show(figure, outcome, 'ours'),
      peers.join('; '),
      met.join('; '),
    ]
    return `| ${cells.join(' | ')} |`
  })
}

function show({ name, unit, digits = 1 }: Figure, outcome: Outcome, server: ContestantName): string {
  const value = middle(outcome, server, name)
  return Number.isNaN(value) ? '–' : `${value.toFixed(digits)}${unit === '' ? '' : ` ${unit}`}`
}

/** Ours as a share of theirs. */
function ratio({ name }: Figure, outcome: Outcome, server: ContestantName): string {
  const share = middle(outcome, 'ours', name) / middle(outcome, server, name)
  return Number.isFinite(share) ? ` (${share.toFixed(2)}×)` : ''
}

function ahead(measured: readonly Measured[]): string[] {
  const lines = measured.flatMap(({ row, outcome }) => {
    const figures = behindIn(row, outcome)
    return figures.length === 0 ? [] : [`- ${row.title}: ${figures.join('; ')}.`]
  })
  return lines.length === 0 ? ['Nowhere in this table.'] : lines
}

function about(row: Row, outcome: Outcome): string[] {
  const runs = Math.max(...row.contestants.map((name) => outcome.samples[name]?.length ?? 0))
  const apart = noisy(row, outcome)
  const parts = [
    `${runs} ${runs === 1 ? 'run' : 'runs'} each`,
    ...(apart.length === 0 ? [] : [`noisy: ${apart.join(', ')}`]),
    ...((row.flags ?? []).length === 0 ? [] : [`ours with \`${(row.flags ?? []).join(' ')}\``]),
    ...outcome.failures.map((failure) => `failed: ${failure}`),
  ]
  return [
    `- **${row.title}** (\`${row.name}\`). ${row.note ?? ''} ${parts.join('; ')}.`.replaceAll('  ', ' '),
  ]
}

const names = (['ours+acks', 'ref', 'ref+leveldb', 'hoc', 'hoc+files', 'relay', 'tiptap'] as const).map(
  (name) => `\`${name}\`: ${contestant(name).about}`,
)

const howToRead = [
  'How to read: CPU is that of the whole server process and all it started, told by the operating system; every figure',
  'is the median of runs in which the servers took turns; the factor behind a peer is ours divided by it, so below 1 we',
  'are ahead. Ours is the built server with its durable store on, as a user starts it. The same raw clients drove all,',
  'from processes of their own. Every stroke was counted where it arrived and documents were compared in the end.',
  `Also: ${names.join('; ')}.`,
]

const notMeasured = [
  '## Not measured',
  '',
  'Networks: all is loopback on one machine, so clients and server share its cores, and latencies hold the clients’ own',
  'share. TLS and proxies. Several machines. More than one Node version. Hocuspocus with Redis. A disk slower than this',
  'machine’s.',
]
