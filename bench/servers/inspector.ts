import { once } from 'node:events'
import { WebSocket } from 'ws'

/** Node's own debugger protocol, for the one thing asked of it here: to collect the garbage before memory is read. */
export class Inspector {
  readonly #socket: WebSocket
  #id = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
  }

  static async attach(url: string): Promise<Inspector> {
    const socket = new WebSocket(url)
    await once(socket, 'open')
    return new Inspector(socket)
  }

  /** Twice: what the first round frees may hold more. */
  async collectGarbage(): Promise<void> {
    for (let round = 0; round < 2; round++) await this.#call('HeapProfiler.collectGarbage')
  }

  detach(): void {
    this.#socket.terminate()
  }

  async #call(method: string): Promise<void> {
    const id = ++this.#id
    const answered = new Promise<void>((resolve, reject) => {
      this.#socket.on('close', () => reject(new Error('the server went while it was looked into')))
      this.#socket.on('message', (text: Buffer) => {
        const answer = JSON.parse(text.toString()) as { id?: number }
        if (answer.id === id) resolve()
      })
    })
    this.#socket.send(JSON.stringify({ id, method }))
    await answered
    this.#socket.removeAllListeners('message').removeAllListeners('close')
  }
}
