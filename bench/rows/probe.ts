import { RawSocket } from '../load/raw-socket.ts'
import { nowUs, sleep } from '../machine/clock.ts'
import type { RunningServer } from '../servers/running-server.ts'

const everyMs = 5
const retryMs = 20

/**
 * Pings the server over a socket of its own for so long, or until `until` is done, and resolves with how long each
 * pong took, in ms: the longest is how long its event loop was blocked, seen from outside.
 */
export async function pingMs(server: RunningServer, ms: number, until?: Promise<unknown>): Promise<number[]> {
  const over = new AbortController()
  until?.then(
    () => over.abort(),
    () => over.abort(),
  )
  const deadline = nowUs() + ms * 1000
  const isOver = () => over.signal.aborted || nowUs() >= deadline
  const times: number[] = []
  while (!isOver()) {
    const probe = await connected(server.port)
    if (probe === null) await sleep(retryMs)
    else
      while (!isOver()) {
        const time = await probe.ping(deadline)
        if (time === null) break
        times.push(time)
        await sleep(everyMs)
      }
    probe?.end()
  }
  return times
}

interface Probe {
  /** Null when the connection has ended or time is up. */
  ping(deadlineUs: number): Promise<number | null>
  end(): void
}

function connected(port: number): Promise<Probe | null> {
  let answered: (isAnswer: boolean) => void = () => {}
  return new Promise((resolve) => {
    const socket = new RawSocket(
      { port, path: '/probe', from: '127.0.200.1' },
      {
        opened: () =>
          resolve({
            ping: async (deadlineUs) => {
              const start = nowUs()
              const pong = new Promise<boolean>((settle) => (answered = settle))
              socket.ping()
              const late = setTimeout(() => answered(false), (deadlineUs - start) / 1000)
              const isAnswered = await pong
              clearTimeout(late)
              return isAnswered ? (nowUs() - start) / 1000 : null
            },
            end: () => socket.destroy(),
          }),
        message: () => {},
        pong: () => answered(true),
        closed: () => {
          answered(false)
          resolve(null)
        },
      },
    )
  })
}
