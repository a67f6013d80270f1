import { once } from 'node:events'
import { WebSocket } from 'ws'

/** Node's own debugger protocol, for what is asked of it here: to collect the garbage, and what is left then. */
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

  /** Bytes that the main thread's objects take, buffers among them. */
  async heldBytes(): Promise<number> {
    const expression = 'process.memoryUsage().heapUsed + process.memoryUsage().external'
    const answer = await this.#call('Runtime.evaluate', { expression, returnByValue: true })
    return answer.result?.result?.value ?? Number.NaN
  }

  detach(): void {
    this.#socket.terminate()
  }

  async #call(method: string, params: object = {}): Promise<Answer> {
    const id = ++this.#id
    const answered = new Promise<Answer>((resolve, reject) => {
      this.#socket.on('close', () => reject(new Error('the server went while it was looked into')))
      this.#socket.on('message', (text: Buffer) => {
        const answer = JSON.parse(text.toString()) as Answer
        if (answer.id === id) resolve(answer)
      })
    })
    this.#socket.send(JSON.stringify({ id, method, params }))
    const answer = await answered
    this.#socket.removeAllListeners('message').removeAllListeners('close')
    return answer
  }
}

interface Answer {
  readonly id?: number
  readonly result?: { readonly result?: { readonly value?: number } }
}
