import { parseArgs } from 'node:util'
import { parseProxies } from './client-address.ts'
import { CoscribeError } from './errors.ts'
import { contradictionIn, defaultLimits, type Limits } from './limits.ts'

/** Everything the command line and the environment decide. */
export interface Config {
  readonly host: string
  readonly port: number
  readonly data: string
  readonly password: string | null
  readonly allowOrigin: readonly string[]
  /** Addresses and networks whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[]
  /** Whose pages may show ours in a frame, as the Content-Security-Policy writes it. */
  readonly frameAncestors: readonly string[]
  readonly compression: boolean
  readonly logLevel: string
  /** How long a signal to stop waits for the disk. */
  readonly stopTimeoutMs: number
  readonly limits: Limits
}

interface Option {
  readonly flag: string
  readonly kind: 'text' | 'whole number' | 'list' | 'switch'
  /** Shown by --help; options without one are off. */
  readonly default?: string
  readonly help: string
}

const logLevels = ['debug', 'info', 'warn', 'error', 'silent']

const generalOptions: readonly Option[] = [
  { flag: 'host', kind: 'text', default: '127.0.0.1', help: 'Address to listen on; 0.0.0.0 lets others in.' },
  { flag: 'port', kind: 'whole number', default: '1234', help: 'Port to listen on; 0 takes any free one.' },
  { flag: 'data', kind: 'text', default: './data', help: 'Folder the documents are kept in.' },
  {
    flag: 'password',
    kind: 'text',
    help: 'What people beyond this machine must know. Made up when left out.',
  },
  { flag: 'allow-origin', kind: 'list', help: 'Other sites whose pages may connect, separated by commas.' },
  {
    flag: 'trusted-proxies',
    kind: 'list',
    help: 'Proxies whose X-Forwarded-For is believed: addresses or networks (10.0.0.0/8).',
  },
  {
    flag: 'frame-ancestors',
    kind: 'list',
    default: 'self',
    help: 'Whose pages may show ours in a frame: origins, self, or none.',
  },
  {
    flag: 'compression',
    kind: 'switch',
    help: 'Compress messages (permessage-deflate) with clients that ask.',
  },
  { flag: 'log-level', kind: 'text', default: 'info', help: `One of ${logLevels.join(', ')}.` },
  {
    flag: 'stop-timeout-ms',
    kind: 'whole number',
    // Below the 10 s after which containers are killed.
    default: '8000',
    help: 'How long a server that is told to stop waits for its disk.',
  },
]

const limitHelp: Record<keyof Limits, string> = {
  maxDocumentBytes: 'Largest document, as Yjs keeps it; what would make it larger is refused.',
  maxFrameBytes: 'Largest message from a client; at least 64 KB more than the largest document.',
  maxHeldBytes: 'Most that is held for a client while its document is being opened.',
  maxBufferedBytes:
    'Most that is held for a client that reads slowly; then it gets one diff once it has read that.',
  maxBufferedTotalBytes: 'Most that is held for all of them; then the slowest are sent away.',
  maxUnfinishedTotalBytes:
    'Most that is held of messages that are still arriving; then the largest are dropped.',
  maxPresenceBytes: 'Largest presence state (name, colour, caret) of one client.',
  maxPresenceFrameBytes: 'Largest presence message.',
  maxPresenceEntries: 'Most people one presence message may tell of.',
  maxClientsPerDocument: 'Most client ids that ever wrote in a document.',
  maxRootsPerDocument: 'Most root types of a document.',
  maxMessagesPerSecond: 'Messages of one client each second; more wait, ten seconds of them do not.',
  maxBytesPerSecond: 'Bytes of one client each second, answers it asks for included; more wait.',
  maxThrottledMs: 'A client that sends too much for so long is sent away.',
  maxConnections: 'Most connections in all.',
  maxConnectionsPerAddress: 'Most connections from one address.',
  maxConnectionsPerUser: 'Most connections of one user, where users are known.',
  maxConnectionsPerDocument: 'Most connections to one document.',
  maxDocumentsPerUser: 'Most documents one user has open at once.',
  maxDocumentsPerAddress: 'Most documents one address has open at once, where users are not known.',
  maxUnauthenticatedBytes: 'Largest message, and most that is held, before a client is let in.',
  idleAfterMs: 'A client that says nothing for so long is sent away, and may return.',
  maxFileBytes: 'Largest file that can be added to a document.',
  maxFilesPerDocument: 'Most files of a document.',
  maxFileBytesPerDocument: 'Most that the files of a document take together.',
  maxFileBytesTotal: 'Most that the files of all documents take together.',
  maxUploads: 'Most files on their way to the server at once.',
  maxUploadsPerAddress: 'Most of them from one address.',
  maxUploadsPerSecond: 'Files of one address each second; ten seconds of them may come at once.',
  uploadTimeoutMs: 'How long a file may take to arrive.',
  maxBodyBytes: 'Largest body of a request to the document API, but for files.',
  maxImportBytes: 'Largest file that a document is made from.',
  maxConversions: 'Files that are converted or wait for it; more are refused for the moment.',
  conversionTimeoutMs: 'How long converting one file may take.',
  maxConversionMemoryMb: 'Memory that converting one file may take, in MB.',
  maxHeaderBytes: 'Largest head of a request.',
  maxHeaders: 'Most header lines of a request.',
  headersTimeoutMs: 'How long the head of a request may take.',
  requestTimeoutMs: 'How long a whole request may take, and its client to take some of the answer.',
  nextRequestTimeoutMs: 'How long an HTTP connection waits for its next request.',
  maxRequestsPerSecond: 'Requests of one address each second; ten seconds of them may come at once.',
  compressionThresholdBytes: 'With --compression: messages smaller than this are left as they are.',
  compressionConcurrency: 'With --compression: how many messages are compressed at once.',
  helloTimeoutMs: 'How long a coscribe.1 client may take to say hello.',
  pingEveryMs: 'How often a client is pinged; one missed answer ends the connection.',
  keepAliveMs: 'A client hears something at least this often.',
  maxStalledMs: 'How long a client that reads nothing of what waits for it may leave a ping unanswered.',
  commitPauseMs:
    'Least time from the start of one commit to disk to the next; one after a pause starts at once.',
  unloadAfterMs: 'How long a document nobody uses stays in memory.',
  maxUnusedBytes: 'Most that such documents hold together; beyond it the one unused for longest goes first.',
  guessesPerMinute: 'Wrong passwords one address may try in a minute.',
  maxUnstoredBytes: 'Most that is held in memory while the disk fails; what comes after it is refused.',
  compactAfterBytes: 'A log larger than this and than its document is replaced by the document.',
  compactAfterRecords: 'So is a log of more changes than this.',
  compactAtUnloadRecords: 'So is a log of more changes than this once nobody uses the document.',
  compactAtUnloadBytes: 'And a larger one than this, if it is larger than its document, too.',
  compactPauseMs: 'How long a document is left alone after that.',
  historyWindowMs: 'The longest time that becomes one moment of the history.',
  historyDays: 'How long history is kept; 0 keeps it for ever.',
}

const toFlag = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
const toVariable = (flag: string) => `COSCRIBE_${flag.replaceAll('-', '_').toUpperCase()}`
const limitNames = Object.keys(defaultLimits) as (keyof Limits)[]

/** 0 means something only where a limit can be switched off. */
const least = (name: keyof Limits) => (name === 'historyDays' ? 0 : 1)

const limitOptions = limitNames.map((name): Option => ({
  flag: toFlag(name),
  kind: 'whole number',
  default: String(defaultLimits[name]),
  help: limitHelp[name],
}))

const options = [...generalOptions, ...limitOptions]

/** What `--help` prints, with the commands there are. */
export function helpText(
  commands: readonly { readonly name: string; readonly summary: string }[] = [],
): string {
  const line = (option: Option) => {
    const byDefault = option.default === undefined ? '' : ` (${option.default})`
    return `  --${option.flag.padEnd(20)} ${option.help}${byDefault}`
  }
  return [
    'coscribe: a server for writing documents together',
    '',
    'usage: coscribe [options]',
    ...commands.map(
      ({ name, summary }) => `       coscribe ${name.padEnd(8)} ${summary}; see coscribe ${name} --help`,
    ),
    '',
    ...generalOptions.map(line),
    `  --${'help'.padEnd(20)} Print this.`,
    '',
    'Limits, with their defaults:',
    ...limitOptions.map(line),
    '',
    `Every option can also stand in the environment: --data as ${toVariable('data')}, and so on; PORT works for --port.`,
  ].join('\n')
}

/**
 * Reads the command line, then the environment, then the defaults. `help` when --help was asked for.
 * Throws a `CoscribeError` with code `config` that says which option is wrong and what it should be.
 */
export function parseConfig(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Config | 'help' {
  const flags = parseFlags(argv)
  if (flags['help'] === 'true') return 'help'
  const text = (flag: string): string | undefined => {
    const fromEnvironment = env[toVariable(flag)] ?? (flag === 'port' ? env['PORT'] : undefined)
    return flags[flag] ?? fromEnvironment ?? options.find((option) => option.flag === flag)?.default
  }
  const list = (flag: string) => (text(flag) ?? '').split(',').filter(Boolean)
  const limits: Record<keyof Limits, number> = { ...defaultLimits }
  for (const name of limitNames) limits[name] = wholeNumber(toFlag(name), text(toFlag(name)), least(name))
  const contradiction = contradictionIn(limits)
  if (contradiction !== null) throw new CoscribeError('config', contradiction)
  const port = wholeNumber('port', text('port'), 0)
  if (port > 65535) throw wrong('port', String(port), 'a number from 0 to 65535')
  return {
    host: required('host', text('host')),
    port,
    data: required('data', text('data')),
    password: text('password') === undefined ? null : required('password', text('password')),
    allowOrigin: list('allow-origin').map((value) => parseOrigin('allow-origin', value)),
    trustedProxies: checkProxies(list('trusted-proxies')),
    frameAncestors: parseAncestors(list('frame-ancestors')),
    compression: parseSwitch('compression', text('compression') ?? 'no'),
    logLevel: parseLogLevel(required('log-level', text('log-level'))),
    stopTimeoutMs: wholeNumber('stop-timeout-ms', text('stop-timeout-ms'), 1),
    limits,
  }
}

function parseFlags(argv: readonly string[]): Record<string, string> {
  const typeOf = ({ kind }: Option) => (kind === 'switch' ? ('boolean' as const) : ('string' as const))
  const known = Object.fromEntries(options.map((option) => [option.flag, { type: typeOf(option) }]))
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { ...known, help: { type: 'boolean' as const, short: 'h' } },
      strict: true,
      allowPositionals: false,
    })
    return Object.fromEntries(Object.entries(values).map(([flag, value]) => [flag, String(value)]))
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('. ', 1)[0] ?? '') : String(error)
    throw new CoscribeError('config', `${reason}. Try --help.`)
  }
}

function wrong(flag: string, value: string, expected: string): CoscribeError {
  return new CoscribeError(
    'config',
    `--${flag} (or ${toVariable(flag)}) is "${value}"; it must be ${expected}.`,
  )
}

function required(flag: string, value: string | undefined): string {
  if (value === undefined || value === '') throw wrong(flag, value ?? '', 'something')
  return value
}

function wholeNumber(flag: string, value: string | undefined, least: number): number {
  const number = Number(value)
  const isWhole =
    value !== undefined && /^\d+$/.test(value) && Number.isSafeInteger(number) && number >= least
  if (!isWhole) throw wrong(flag, value ?? '', `a whole number from ${least} up`)
  return number
}

function parseOrigin(flag: string, value: string): string {
  const origin = URL.canParse(value) ? new URL(value).origin : 'null'
  if (origin === 'null') throw wrong(flag, value, 'origins such as https://docs.example.com')
  return origin
}

function checkProxies(entries: readonly string[]): readonly string[] {
  const proxies = parseProxies(entries)
  if ('error' in proxies)
    throw wrong('trusted-proxies', proxies.error, 'addresses or networks such as 10.0.0.0/8')
  return entries
}

/** `none` says that nobody may, so it stands alone. */
function parseAncestors(words: readonly string[]): readonly string[] {
  const flag = 'frame-ancestors'
  if (words.length === 0 || (words.includes('none') && words.length > 1))
    throw wrong(flag, words.join(','), 'origins such as https://docs.example.com, self, or none alone')
  return words.map((word) => (word === 'self' || word === 'none' ? `'${word}'` : parseOrigin(flag, word)))
}

/** On the command line the flag alone says yes. */
function parseSwitch(flag: string, value: string): boolean {
  if (['yes', 'true', '1'].includes(value)) return true
  if (['no', 'false', '0'].includes(value)) return false
  throw wrong(flag, value, 'yes or no')
}

function parseLogLevel(value: string): string {
  if (!logLevels.includes(value)) throw wrong('log-level', value, `one of ${logLevels.join(', ')}`)
  return value
}
