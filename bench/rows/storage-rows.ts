import { measureGate } from './gate.ts'
import { keystrokeFlags, measureKeystrokes } from './keystrokes.ts'
import { measureLedger } from './ledger.ts'
import type { Row } from './row.ts'

export const storageRows: readonly Row[] = [
  {
    name: 'keystrokes',
    title: '40,000 real keystrokes at full speed',
    contestants: ['ours', 'ref', 'ref+leveldb', 'hoc+files'],
    figures: [
      { name: 'cpuPerEdit', label: 'CPU per edit', unit: 'µs' },
      { name: 'seconds', label: 'until a reader has all', unit: 's', digits: 2 },
      {
        name: 'disk',
        label: 'on disk after compaction, history included',
        unit: '× the document',
        digits: 2,
      },
      { name: 'diskKb', label: 'the same', unit: 'KB', digits: 0 },
      { name: 'logKb', label: 'largest log', unit: 'KB', digits: 0 },
      { name: 'mostKb', label: 'most on disk at any time', unit: 'KB', digits: 0 },
      { name: 'cold', label: 'cold open after a restart', unit: 'ms', digits: 0 },
      {
        name: 'coldIsWhole',
        label: 'whole in the first step 2 (1 = yes)',
        unit: '',
        digits: 0,
        isBetterHigher: true,
      },
    ],
    budgets: [
      { figure: 'cpuPerEdit', of: 'ref', times: 0.4 },
      { figure: 'disk', atMost: 3 },
      { figure: 'logKb', atMost: 1024 },
      { figure: 'cold', atMost: 50 },
    ],
    flags: keystrokeFlags,
    note:
      'One writer, one reader; CPU until the server rests. The flag has the document unloaded, and so compacted, a second ' +
      'after it was left instead of 30. Hocuspocus keeps no history.',
    run: (server, scale) => measureKeystrokes(server, scale.isQuick ? 4000 : 40_000, scale),
  },
  {
    name: 'gate',
    title: 'the gate',
    contestants: ['ours'],
    figures: [
      { name: 'p50', label: 'a keystroke, median', unit: 'µs' },
      { name: 'p99', label: 'a keystroke, p99', unit: 'µs' },
      { name: 'wholeMs', label: 'a 1 MB update', unit: 'ms' },
    ],
    budgets: [{ figure: 'p50', atMost: 5 }],
    runs: 1,
    note: 'In this process, from sources.',
    run: (_server, scale) => Promise.resolve(measureGate(scale)),
  },
  {
    name: 'ledger',
    title: 'acknowledged edits lost to kill -9',
    contestants: ['ours', 'hoc+files'],
    figures: [
      { name: 'lost', label: 'lost', unit: '', digits: 0 },
      { name: 'acknowledged', label: 'of', unit: '', digits: 0 },
      { name: 'kills', label: 'over kills', unit: '', digits: 0 },
    ],
    budgets: [{ figure: 'lost', atMost: 0 }],
    runs: 1,
    isInformation: ['acknowledged', 'kills'],
    note: 'Short; `npm run test:long` does 200 kills. ref acknowledges nothing.',
    run: (server) => measureLedger(server),
  },
]
