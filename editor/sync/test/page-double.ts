import { vi } from 'vitest'

/** What a browser page gives our code beside its sockets: events that say that somebody is looking, or online. */
export class PageDouble {
  readonly #window = new EventTarget()
  readonly #document = new EventTarget()
  visibilityState: 'visible' | 'hidden' = 'visible'
  readonly #listeners = new Set<string>()
  readonly #ids = new Map<unknown, number>()

  constructor() {
    const count = (target: EventTarget, name: string) => ({
      addEventListener: (type: string, listener: () => void) => {
        this.#listeners.add(this.#keyOf(name, type, listener))
        target.addEventListener(type, listener)
      },
      removeEventListener: (type: string, listener: () => void) => {
        this.#listeners.delete(this.#keyOf(name, type, listener))
        target.removeEventListener(type, listener)
      },
    })
    vi.stubGlobal('addEventListener', count(this.#window, 'window').addEventListener)
    vi.stubGlobal('removeEventListener', count(this.#window, 'window').removeEventListener)
    const pageDocument = count(this.#document, 'document')
    Object.defineProperty(pageDocument, 'visibilityState', { get: () => this.visibilityState })
    vi.stubGlobal('document', pageDocument)
  }

  get listeners(): number {
    return this.#listeners.size
  }

  #keyOf(target: string, type: string, listener: unknown): string {
    const id = this.#ids.get(listener) ?? this.#ids.size
    this.#ids.set(listener, id)
    return `${target} ${type} ${id}`
  }

  comesOnline(): void {
    this.#window.dispatchEvent(new Event('online'))
  }

  goesOffline(): void {
    this.#window.dispatchEvent(new Event('offline'))
  }

  /** The browser shows the page again, which it had kept or frozen. */
  wakes(how: 'pageshow' | 'resume'): void {
    ;(how === 'pageshow' ? this.#window : this.#document).dispatchEvent(new Event(how))
  }

  isLookedAt(state: 'visible' | 'hidden' = 'visible'): void {
    this.visibilityState = state
    this.#document.dispatchEvent(new Event('visibilitychange'))
  }
}
