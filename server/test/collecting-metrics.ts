import type { Metrics } from '../metrics.ts'

/** Keeps what was counted, in order. */
export class CollectingMetrics implements Metrics {
  readonly counted: string[] = []
  refusedUpdate = (reason: string) => this.#add(`update ${reason}`)
  refusedPresence = (reason: string) => this.#add(`presence ${reason}`)
  closed = (code: number) => this.#add(`closed ${code}`)
  throttled = () => this.#add('throttled')
  refusedUpgrade = (reason: string) => this.#add(`upgrade ${reason}`)
  refusedRequest = () => this.#add('request')

  #add(what: string): void {
    this.counted.push(what)
  }
}
