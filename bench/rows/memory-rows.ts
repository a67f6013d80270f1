import { readFileSync } from 'node:fs'
import { measureBurst } from './burst.ts'
import { measureChurn } from './churn.ts'
import { holdIdle, measureIdle } from './idle.ts'
import { measureLoaded } from './loaded.ts'
import type { Row } from './row.ts'
import { measureSlowReaders } from './slow-readers.ts'
import { measureStorm } from './storm.ts'

/** Open files one process may have here, less those that are none of the connections. */
const mostConnections = Math.min(20_000, openFilesAllowed() - 100)

export const memoryRows: readonly Row[] = [
  {
    name: 'idle',
    title: 'idle connection in a room of its own',
    contestants: ['ours', 'ref', 'hoc', 'relay'],
    figures: [{ name: 'kbPerConnection', label: 'memory', unit: 'KB' }],
    budgets: [{ figure: 'kbPerConnection', atMost: 16 }],
    runs: 1,
    note: 'Slope of the resident memory, garbage collected, from 2,000 to 10,000 connections, from 500 loopback addresses.',
    run: (server, scale) =>
      measureIdle(server, scale.isQuick ? { few: 200, many: 1000 } : { few: 2000, many: 10_000 }, scale),
  },
  {
    name: 'idle-20000',
    title: `${mostConnections.toLocaleString('en')} idle connections in one process`,
    contestants: ['ours'],
    figures: [
      { name: 'held', label: 'held', unit: '', digits: 0, isBetterHigher: true },
      { name: 'mb', label: 'memory', unit: 'MB', digits: 0 },
      { name: 'idleCpu', label: 'CPU while idle', unit: '% of a core' },
      { name: 'worst', label: 'longest answer to a ping meanwhile', unit: 'ms' },
    ],
    budgets: [{ figure: 'held', atLeast: mostConnections - 1 }],
    runs: 1,
    note: 'No more than this machine lets a process have open files (`ulimit -Hn`).',
    run: (server, scale) => holdIdle(server, scale.isQuick ? 2000 : mostConnections, scale),
  },
  {
    name: 'loaded',
    title: 'a loaded document of 100 KB',
    contestants: ['ours', 'ref', 'hoc'],
    figures: [{ name: 'kbPerDocument', label: 'memory', unit: 'KB', digits: 0 }],
    budgets: [],
    runs: 1,
    note: 'Slope of the resident memory, garbage collected, from 30 to 150 documents with one person in each.',
    run: (server, scale) =>
      measureLoaded(
        server,
        scale.isQuick ? { few: 5, many: 20, bytes: 1e5 } : { few: 30, many: 150, bytes: 1e5 },
        scale,
      ),
  },
  {
    name: 'churn',
    title: '20,000 visits: open, write, leave',
    contestants: ['ours', 'ref'],
    figures: [
      { name: 'bytesPerVisit', label: 'memory that stays', unit: 'bytes a visit', digits: 0 },
      { name: 'lastMb', label: 'memory in the end', unit: 'MB', digits: 0 },
      { name: 'usPerVisit', label: 'CPU per visit', unit: 'µs', digits: 0 },
    ],
    budgets: [],
    runs: 1,
    note: 'In 50 rooms; each takes back what it wrote, so that only its client id stays in the document. The slope, garbage collected, is over the last three quarters.',
    run: (server, scale) => measureChurn(server, scale.isQuick ? 1000 : 20_000, scale),
  },
  {
    name: 'slow-readers',
    title: '20 of 40 readers stop reading for 30 s',
    contestants: ['ours', 'ref', 'hoc'],
    figures: [
      { name: 'mbPerSlow', label: 'memory per slow reader', unit: 'MB', digits: 2 },
      { name: 'before', label: 'p99 of the others before', unit: 'ms' },
      { name: 'during', label: 'p99 of the others meanwhile', unit: 'ms' },
      { name: 'delay', label: 'more than before', unit: 'ms' },
    ],
    budgets: [
      { figure: 'mbPerSlow', atMost: 4 },
      { figure: 'delay', atMost: 5 },
    ],
    runs: 1,
    note:
      'Ten people type 10/s each and somebody puts in and takes out 50 KB, 20 times a second, so that each reader is owed ' +
      '1 MB a second of which the document keeps nothing. Memory is what the main thread’s objects and buffers take: a ' +
      'frame that waits for many is there once. What the kernel buffers for a socket is not in the figure.',
    run: measureSlowReaders,
  },
  {
    name: 'storm',
    title: '1,000 people come back after a restart',
    contestants: ['ours', 'ref+leveldb', 'hoc+files'],
    figures: [
      { name: 'all', label: 'until all are in sync', unit: 'ms', digits: 0 },
      { name: 'blocked', label: 'longest the event loop was blocked', unit: 'ms', digits: 0 },
      { name: 'cpu', label: 'CPU each', unit: 'ms' },
    ],
    budgets: [
      { figure: 'all', atMost: 15_000 },
      { figure: 'blocked', atMost: 200 },
    ],
    runs: 2,
    note:
      'Killed and started again. 50 documents of 100 KB, 20 people in each, all at once and without any back-off; each ' +
      'brings an edit made meanwhile, and is in sync when it has those of all 19 others. Blocked: the longest answer to a ' +
      'ping on a socket of its own.',
    run: (server, scale) => {
      const full = { people: 1000, rooms: 50, documentBytes: 1e5 }
      return measureStorm(server, scale.isQuick ? { ...full, people: 200, rooms: 10 } : full, scale)
    },
  },
  {
    name: 'burst',
    title: 'a burst in one room, typing in ten others',
    contestants: ['ours', 'ref', 'hoc'],
    figures: [
      { name: 'delay', label: 'p99 delayed by 2,000 keystrokes at once', unit: 'ms' },
      { name: 'pasteDelay', label: 'p99 delayed by a pasted 1 MB', unit: 'ms' },
      { name: 'alone', label: 'p99 without', unit: 'ms' },
    ],
    budgets: [{ figure: 'delay', atMost: 50 }],
    runs: 2,
    note: 'Once a second, in a room of 20 readers; 30 people type 5/s each in the others.',
    run: measureBurst,
  },
]

function openFilesAllowed(): number {
  const limits = readFileSync('/proc/self/limits', 'utf8')
  return Number(/^Max open files\s+\d+\s+(\d+)/m.exec(limits)?.[1] ?? 1024)
}
