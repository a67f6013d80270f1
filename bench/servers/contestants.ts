import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { WireName } from '../load/wire.ts'

export type ContestantName =
  'ours' | 'ours+acks' | 'ref' | 'ref+leveldb' | 'hoc' | 'hoc+files' | 'relay' | 'tiptap'

/** A server that is measured, and how it is started. */
export interface Contestant {
  readonly name: ContestantName
  /** What it is, in a few words. */
  readonly about: string
  readonly wire: WireName
  /** A bare relay knows no documents. */
  readonly syncs: boolean
  /** Whether documents outlive the process. */
  readonly stores: boolean
  readonly command: (place: Place) => Command
}

export interface Place {
  readonly port: number
  /** An empty folder at first. */
  readonly data: string
}

export interface Command {
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** What it prints once it listens. */
  readonly ready: string
}

const here = import.meta.dirname
const root = dirname(dirname(here))
/** Another build of ours can be measured with COSCRIBE_MAIN. */
export const ourMain = process.env['COSCRIBE_MAIN'] ?? join(root, 'dist/server/main.js')
const refMain = () =>
  join(dirname(createRequire(import.meta.url).resolve('@y/websocket-server/package.json')), 'src/server.js')

const ref = ({ port, data }: Place, stores: boolean): Command => ({
  args: [refMain()],
  env: { HOST: '127.0.0.1', PORT: String(port), ...(stores ? { YPERSISTENCE: data } : {}) },
  ready: 'running at',
})

const ours = ({ port, data }: Place): Command => ({
  args: [ourMain, '--port', String(port), '--data', data, '--log-level', 'warn'],
  ready: 'http://',
})

const hocuspocus = ({ port }: Place): Command => ({
  args: [join(here, 'hocuspocus.mjs'), String(port)],
  ready: 'listening',
})

const table: readonly Contestant[] = [
  {
    name: 'ours',
    about: 'our built server with its durable store',
    wire: 'y-websocket',
    syncs: true,
    stores: true,
    command: ours,
  },
  {
    name: 'ours+acks',
    about: 'the same, spoken to as our editor does, which is told what is saved',
    wire: 'coscribe',
    syncs: true,
    stores: true,
    command: ours,
  },
  {
    name: 'ref',
    about: '@y/websocket-server 0.1.1, in memory; it echoes every update to its author',
    wire: 'y-websocket',
    syncs: true,
    stores: false,
    command: (place) => ref(place, false),
  },
  {
    name: 'ref+leveldb',
    about: 'the same with y-leveldb',
    wire: 'y-websocket',
    syncs: true,
    stores: true,
    command: (place) => ref(place, true),
  },
  {
    name: 'hoc',
    about: '@hocuspocus/server 4.7, in memory; it echoes, too, and asks for Node 22 but runs on 20',
    wire: 'hocuspocus',
    syncs: true,
    stores: false,
    command: hocuspocus,
  },
  {
    name: 'hoc+files',
    about: 'the same, storing each document to a file',
    wire: 'hocuspocus',
    syncs: true,
    stores: true,
    command: ({ port, data }) => ({
      args: [join(here, 'hocuspocus.mjs'), String(port), data],
      ready: 'listening',
    }),
  },
  {
    name: 'relay',
    about: 'a bare ws relay that knows no documents, the floor',
    wire: 'y-websocket',
    syncs: false,
    stores: false,
    command: ({ port }) => ({ args: [join(here, 'relay.mjs'), String(port)], ready: 'listening' }),
  },
  {
    name: 'tiptap',
    about: 'a Tiptap 3 editor through hoc',
    wire: 'hocuspocus',
    syncs: true,
    stores: false,
    command: hocuspocus,
  },
]

export function contestant(name: ContestantName): Contestant {
  const found = table.find((one) => one.name === name)
  if (found === undefined) throw new Error(`no server is called ${name}`)
  return found
}
