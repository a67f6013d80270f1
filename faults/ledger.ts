import { once } from 'node:events'
import type { Random } from '../test/random.ts'
import type { ServerProcess } from './server-process.ts'
import { Writer } from './writer.ts'

/** Two documents, so that commits hold edits of more than one room. */
const documents = ['ledger/one', 'ledger/two']
const writersPerDocument = 2

/** Four writers who keep account of every token the server said it saved. */
export class Ledger {
  readonly acknowledged = new Map<string, string[]>(documents.map((document) => [document, []]))
  readonly #random: Random
  readonly #numbers = new Map<string, number>()

  constructor(random: Random) {
    this.#random = random
  }

  get size(): number {
    return [...this.acknowledged.values()].reduce((sum, tokens) => sum + tokens.length, 0)
  }

  /** Writes until `enough` acknowledgements have come, then does what ends it; resolves when nobody is connected. */
  async write(server: ServerProcess, enough: number, end: () => Promise<unknown>): Promise<void> {
    const writers = documents.flatMap((document) =>
      Array.from({ length: writersPerDocument }, (_, index) => ({
        document,
        name: `${documents.indexOf(document)}${'ab'[index] ?? ''}`,
      })).map(({ name, ...rest }) => ({
        ...rest,
        name,
        writer: new Writer(server.host, rest.document, name),
      })),
    )
    // Where the server dies while they are coming, that is what ends it.
    await Promise.allSettled(writers.map(({ writer }) => writer.synced()))
    let saved = 0
    await new Promise<void>((resolve) => {
      for (const { writer, name } of writers) {
        const window = 1 + this.#random.below(24)
        let known = 0
        const more = () => {
          saved += writer.saved.length - known
          known = writer.saved.length
          if (saved >= enough || writer.closing !== null) resolve()
          else while (writer.unsaved < window) writer.writes(this.#nextToken(name))
        }
        writer.on('change', more)
        more()
      }
    })
    await end()
    // What was acknowledged before the end and is still on its way counts, too.
    for (const { writer, document } of writers) {
      await writer.closed()
      this.acknowledged.get(document)?.push(...writer.saved)
      if (writer.refusals.length > 0) throw new Error(`refused: ${JSON.stringify(writer.refusals)}`)
      writer.doc.destroy()
    }
  }

  /** What is wrong with what a fresh client loads now; nothing when all is well. */
  async check(server: ServerProcess): Promise<string[]> {
    const wrong: string[] = []
    for (const [document, tokens] of this.acknowledged) {
      const reader = await new Writer(server.host, document).synced()
      wrong.push(...faultsOf(reader.text, tokens).map((fault) => `${document}: ${fault}`))
      reader.drop()
      if (reader.closing === null) await once(reader, 'change')
    }
    return wrong
  }

  #nextToken(name: string): string {
    const number = (this.#numbers.get(name) ?? 0) + 1
    this.#numbers.set(name, number)
    return `${name}-${number}`
  }
}

/** Tokens that are missing, doubled, cut or out of their writer's order. */
export function faultsOf(text: string, acknowledged: readonly string[]): string[] {
  const faults: string[] = []
  const tokens = text.split(' ').filter(Boolean)
  const present = new Set(tokens)
  const last = new Map<string, number>()
  for (const token of acknowledged)
    if (!present.has(token)) faults.push(`${token} was acknowledged and is lost`)
  for (const token of tokens) {
    const [, writer = '', number = ''] = /^(\w+)-(\d+)$/.exec(token) ?? []
    if (number === '') {
      faults.push(`${token} was never written`)
      continue
    }
    const before = last.get(writer) ?? 0
    if (Number(number) === before) faults.push(`${token} is doubled`)
    else if (Number(number) < before) faults.push(`${token} comes after ${writer}-${before}`)
    last.set(writer, Number(number))
  }
  return faults
}
