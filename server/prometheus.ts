import { Counter, Gauge, Registry } from 'prom-client'
import type { Metrics } from './metrics.ts'

/** What is looked up when somebody asks. */
export interface Gauges {
  connections(): number
  documents(): number
  bufferedBytes(): number
}

/** The metrics of one server, in the text format of Prometheus. */
export class Prometheus implements Metrics {
  readonly #registry = new Registry()
  readonly #updates = this.#counter('refused_updates', 'Update messages that were not taken.', 'reason')
  readonly #presence = this.#counter('refused_presence', 'Presence that was not taken as it came.', 'reason')
  readonly #closings = this.#counter('closed_connections', 'Connections ended by the server.', 'code')
  readonly #upgrades = this.#counter('refused_upgrades', 'WebSockets refused in the handshake.', 'reason')
  readonly #throttled = this.#counter(
    'throttled_connections',
    'Times a client that sent too much had to wait.',
  )
  readonly #requests = this.#counter('throttled_requests', 'HTTP requests answered with 429.')

  constructor(gauges: Gauges) {
    this.#gauge('connections', 'WebSockets that are open.', () => gauges.connections())
    this.#gauge('open_documents', 'Documents in memory.', () => gauges.documents())
    this.#gauge('buffered_bytes', 'What waits for clients that read slowly.', () => gauges.bufferedBytes())
  }

  refusedUpdate(reason: string): void {
    this.#updates.inc({ reason })
  }

  refusedPresence(reason: string): void {
    this.#presence.inc({ reason })
  }

  closed(code: number): void {
    this.#closings.inc({ code: String(code) })
  }

  throttled(): void {
    this.#throttled.inc()
  }

  refusedUpgrade(reason: string): void {
    this.#upgrades.inc({ reason })
  }

  refusedRequest(): void {
    this.#requests.inc()
  }

  async text(): Promise<string> {
    return this.#registry.metrics()
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  #counter(name: string, help: string, ...labelNames: readonly string[]): Counter {
    return new Counter({ name: `coscribe_${name}_total`, help, labelNames, registers: [this.#registry] })
  }

  #gauge(name: string, help: string, value: () => number): void {
    const gauge: Gauge = new Gauge({
      name: `coscribe_${name}`,
      help,
      registers: [this.#registry],
      collect: () => gauge.set(value()),
    })
  }
}
