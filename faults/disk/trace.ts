import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/** What strace saw of a server, in order. */
export type Event =
  | { readonly type: 'log'; readonly text: string }
  | { readonly type: 'sync begins'; readonly thread: string }
  | { readonly type: 'synced'; readonly thread: string }
  | { readonly type: 'sent'; readonly socket: string; readonly bytes: Buffer }

/** strace and its options, to stand before a server's command line; it writes what `readTrace` reads. */
export function straceCommand(file: string): string[] {
  const calls = 'trace=pwrite64,fsync,fdatasync,write,writev,sendmsg,sendto'
  return [
    'strace',
    '-D',
    '-f',
    '-qq',
    '-y',
    '-xx',
    '-s',
    '1000000',
    '-e',
    'signal=none',
    '-e',
    calls,
    '-o',
    file,
  ]
}

/** What a trace says about the write-ahead log and about sockets. */
export async function* readTrace(file: string): AsyncGenerator<Event> {
  for await (const line of createInterface({ input: createReadStream(file, 'latin1') })) {
    const [, thread = '', call = '', rest = ''] = /^(\d+) +(?:<\.\.\. )?(\w+)(.*)$/.exec(line) ?? []
    const isStart = !line.includes(' resumed>')
    const isSync = call === 'fdatasync' || call === 'fsync'
    if (isSync && !isStart) {
      if (rest.endsWith('= 0')) yield { type: 'synced', thread }
      continue
    }
    const target = plain(/^\(\d+<([^>]*)>/.exec(rest)?.[1] ?? '')
    if (isSync && target.endsWith('-wal')) {
      yield { type: 'sync begins', thread }
      if (rest.endsWith('= 0')) yield { type: 'synced', thread }
    } else if (call === 'pwrite64' && target.endsWith('-wal'))
      yield { type: 'log', text: bytesOf(rest).toString('latin1') }
    else if (isStart && /^(TCP|socket)/.test(target))
      yield { type: 'sent', socket: target, bytes: bytesOf(rest) }
  }
}

/** All that is quoted, one behind the other: the parts of a writev are one message. */
function bytesOf(text: string): Buffer {
  const quoted = [...text.matchAll(/"([^"]*)"/g)].map(([, part = '']) => part.replaceAll('\\x', ''))
  return Buffer.from(quoted.join(''), 'hex')
}

function plain(path: string): string {
  return path.includes('\\x') ? Buffer.from(path.replaceAll('\\x', ''), 'hex').toString() : path
}
