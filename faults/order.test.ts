import { join } from 'node:path'
import { expect, test } from 'vitest'
import { decodeOurs } from '../server/protocol/y-websocket.ts'
import { hasTool } from './disk/tools.ts'
import { readTrace, straceCommand } from './disk/trace.ts'
import { isLong, say, ServerProcess, temporaryFolder } from './server-process.ts'
import { freePort } from '../test/free-port.ts'
import { Writer } from './writer.ts'

const enough = isLong ? 10_000 : 1000

/** Reads the WebSocket frames that went out over one socket, and finds `saved` among them. */
class Outgoing {
  #rest = Buffer.alloc(0)
  #isOpen = false

  savedIn(bytes: Buffer): number[] {
    this.#rest = Buffer.concat([this.#rest, bytes])
    if (!this.#isOpen) {
      const end = this.#rest.indexOf('\r\n\r\n')
      if (end === -1) return []
      this.#isOpen = true
      this.#rest = this.#rest.subarray(end + 4)
    }
    const found: number[] = []
    for (let frame = this.#next(); frame !== null; frame = this.#next()) {
      const message = decodeOurs(frame)
      if (message?.type === 'saved') found.push(message.through)
    }
    return found
  }

  #next(): Buffer | null {
    if (this.#rest.length < 10 && this.#rest.length < 2 + (this.#rest[1] ?? 0)) return null
    const short = this.#rest.readUInt8(1)
    const start = short === 127 ? 10 : short === 126 ? 4 : 2
    const length =
      short === 127
        ? Number(this.#rest.readBigUInt64BE(2))
        : short === 126
          ? this.#rest.readUInt16BE(2)
          : short
    if (this.#rest.length < start + length) return null
    const payload = this.#rest.subarray(start, start + length)
    this.#rest = this.#rest.subarray(start + length)
    return payload
  }
}

/** Writers who write until enough is acknowledged; each stays in its own place of the list. */
async function write(server: ServerProcess): Promise<Writer[]> {
  const writers: Writer[] = []
  for (const name of ['0a', '0b', '1a', '1b'])
    writers.push(await new Writer(server.host, name.slice(0, 1)).synced())
  await new Promise<void>((resolve) => {
    for (const [index, writer] of writers.entries()) {
      let number = 0
      const more = () => {
        if (writers.reduce((sum, each) => sum + each.saved.length, 0) >= enough) resolve()
        else while (writer.unsaved < 3) writer.writes(`w${index}-${++number}`)
      }
      writer.on('change', more)
      more()
    }
  })
  return writers
}

test(
  `[J1 ST1] strace sees none of ${enough} acknowledgements leave before the sync that covers it`,
  { timeout: 600_000 },
  async (context) => {
    if (!hasTool('strace', ['strace'])) {
      const lack = 'strace is not installed (apt-get install strace)'
      say(`NOT RUN: the order of syncs and acknowledgements is not looked at, because ${lack}`)
      context.skip(lack)
    }
    const trace = join(temporaryFolder(), 'trace')
    const server = new ServerProcess(temporaryFolder(), await freePort(), { command: straceCommand(trace) })
    await server.start()
    const writers = await write(server)
    await server.end('SIGTERM')

    const logged = new Set<string>()
    const covered = new Map<string, Set<string>>()
    const synced = new Set<string>()
    const sockets = new Map<string, { writer: Writer; outgoing: Outgoing; through: number }>()
    const early: string[] = []
    let seen = 0
    for await (const event of readTrace(trace)) {
      if (event.type === 'log') for (const [token] of event.text.matchAll(/w\d-\d+(?= )/g)) logged.add(token)
      else if (event.type === 'sync begins') covered.set(event.thread, new Set(logged))
      else if (event.type === 'synced') {
        for (const token of covered.get(event.thread) ?? []) {
          synced.add(token)
          logged.delete(token)
        }
        covered.delete(event.thread)
      } else {
        if (event.bytes.toString('latin1', 0, 12) === 'HTTP/1.1 101') {
          const writer = writers[sockets.size]
          if (writer) sockets.set(event.socket, { writer, outgoing: new Outgoing(), through: 0 })
        }
        const socket = sockets.get(event.socket)
        for (const through of socket?.outgoing.savedIn(event.bytes) ?? []) {
          const tokens = socket?.writer.sent.slice(socket.through + 1, through + 1).flat() ?? []
          seen += tokens.length
          early.push(...tokens.filter((token) => !synced.has(token)))
          if (socket) socket.through = through
        }
      }
    }
    say(`${early.length} of ${seen} acknowledgements left before the sync that covers them`)
    expect(early.slice(0, 10)).toEqual([])
    expect(seen).toBeGreaterThanOrEqual(enough)
  },
)
