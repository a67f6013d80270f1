import { measureJoins, type Opening } from './joins.ts'
import { measurePeople, type People } from './people.ts'
import type { Figure, Row } from './row.ts'

const MB = 2 ** 20

/** After 5 s a quarter of what few strokes cost is still the compiling of what handles them; after 20 next to nothing. */
const warmUpMs = 20_000

const latencies: readonly Figure[] = [
  { name: 'p50', label: 'latency p50', unit: 'ms' },
  { name: 'p99', label: 'latency p99', unit: 'ms' },
]
const perDelivery: Figure = { name: 'cpuPerDelivery', label: 'CPU per delivery', unit: 'µs', digits: 2 }
const perEdit: Figure = { name: 'cpuPerEdit', label: 'CPU per edit', unit: 'µs' }
const perJoin: Figure = { name: 'cpuPerJoin', label: 'CPU per join', unit: 'ms', digits: 2 }

const fan = (readers: number, perSecond: number, writers: number): Pick<Row, 'name' | 'title' | 'run'> => {
  const people: People = {
    rooms: 1,
    readersPerRoom: readers,
    workersPerRoom: writers,
    does: 'types',
    perSecond: perSecond / writers,
  }
  return {
    name: `fan-${readers}`,
    title: `1 room, ${readers} readers, ${perSecond} edits/s`,
    run: (server, scale) => measurePeople(server, people, scale),
  }
}

const joining = (opening: Opening): Pick<Row, 'contestants' | 'figures' | 'run'> => ({
  contestants: ['ours', 'ref', 'hoc'],
  figures: [perJoin, ...latencies],
  run: (server, scale) => {
    const people = scale.isQuick ? Math.ceil(opening.people / 5) : opening.people
    return measureJoins(server, { ...opening, people }, scale)
  },
})

const delivered = [perDelivery, ...latencies]
const aboutFans =
  'Writers are connections beside the readers; an edit is 9 letters typed at the end of the writer’s own paragraph, at ' +
  'random moments. A delivery is an edit that reached somebody else, in whatever frame.'

export const updateRows: readonly Row[] = [
  {
    ...fan(200, 800, 8),
    contestants: ['ours', 'ref', 'hoc', 'relay'],
    figures: delivered,
    budgets: [
      { figure: 'cpuPerDelivery', of: 'ref', times: 0.25 },
      { figure: 'cpuPerDelivery', of: 'hoc', times: 0.6 },
      { figure: 'p99', atMost: 15 },
    ],
    note: `8 writers. ${aboutFans}`,
  },
  {
    ...fan(150, 400, 8),
    contestants: ['ours', 'ref', 'hoc'],
    figures: delivered,
    budgets: [
      { figure: 'cpuPerDelivery', of: 'ref', times: 0.5 },
      { figure: 'cpuPerDelivery', of: 'hoc', times: 0.65 },
      { figure: 'p50', atMost: 5 },
    ],
    note: '8 writers.',
  },
  {
    ...fan(100, 100, 5),
    contestants: ['ours', 'ref', 'hoc', 'relay'],
    figures: delivered,
    budgets: [
      { figure: 'cpuPerDelivery', of: 'ref', times: 0.9 },
      { figure: 'p50', of: 'ref', times: 1, plus: 2 },
    ],
    note: '5 writers.',
  },
  {
    name: 'rooms',
    title: '200 rooms × 3 typing 5/s each',
    contestants: ['ours', 'ours+acks', 'ref', 'ref+leveldb', 'hoc', 'relay'],
    figures: [perEdit, ...latencies],
    budgets: [
      { figure: 'cpuPerEdit', of: 'ref', times: 0.75 },
      { figure: 'cpuPerEdit', of: 'hoc', times: 0.4 },
    ],
    note: `3,000 edits a second in all, each delivered to the two others. After ${warmUpMs / 1000} s of it.`,
    run: (server, scale) =>
      measurePeople(
        server,
        { rooms: 200, readersPerRoom: 0, workersPerRoom: 3, does: 'types', perSecond: 5, warmUpMs },
        scale,
      ),
  },
  {
    name: 'cursors',
    title: '60 people moving cursors at 5/s',
    contestants: ['ours', 'ref', 'hoc'],
    figures: delivered,
    budgets: [{ figure: 'cpuPerDelivery', of: 'ref', times: 0.3 }],
    note: `After ${warmUpMs / 1000} s of it. Servers may leave out places that were passed: up to 2 % may be missing.`,
    run: (server, scale) =>
      measurePeople(
        server,
        { rooms: 1, readersPerRoom: 0, workersPerRoom: 60, does: 'points', perSecond: 5, warmUpMs },
        scale,
      ),
  },
  {
    ...joining({ people: 50, documentBytes: MB, mostBehind: 0 }),
    name: 'join-1mb',
    title: '50 people opening a 1 MB document at once',
    budgets: [{ figure: 'cpuPerJoin', of: 'ref', times: 0.12 }],
    note: 'After ten others had opened it and an edit had changed it. The latency is that of the whole first step 2.',
  },
  {
    ...joining({ people: 20, documentBytes: 8 * MB, mostBehind: 0 }),
    name: 'join-8mb',
    title: '20 people opening an 8 MB document at once',
    budgets: [],
    runs: 1,
    note: 'As above.',
  },
  {
    ...joining({ people: 50, documentBytes: MB, mostBehind: 100 }),
    contestants: ['ours', 'ref', 'hoc', 'relay'],
    name: 'reconnect',
    title: '50 people reconnecting to 1 MB, 1–100 edits behind',
    budgets: [{ figure: 'cpuPerJoin', of: 'ref', times: 0.5 }],
    note: 'To the relay they only connect.',
  },
]
