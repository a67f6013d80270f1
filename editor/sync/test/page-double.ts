import { vi } from 'vitest'

/** What a browser page gives our code beside its sockets: events that say that somebody is looking, or online. */
export class PageDouble {
  readonly #window = new EventTarget()
  readonly #document = new EventTarget()
  visibilityState: 'visible' | 'hidden' = 'visible'
  #listeners = 0

  constructor() {
    const count = (target: EventTarget) => ({
      addEventListener: (type: string, listener: () => void) => {
        this.#listeners++
        target.addEventListener(type, listener)
      },
      removeEventListener: (type: string, listener: () => void) => {
        this.#listeners--
        target.removeEventListener(type, listener)
      },
    })
    vi.stubGlobal('addEventListener', count(this.#window).addEventListener)
    vi.stubGlobal('removeEventListener', count(this.#window).removeEventListener)
    const pageDocument = count(this.#document)
    Object.defineProperty(pageDocument, 'visibilityState', { get: () => this.visibilityState })
    vi.stubGlobal('document', pageDocument)
  }

  get listeners(): number {
    return this.#listeners
  }

  comesOnline(): void {
    this.#window.dispatchEvent(new Event('online'))
  }

  isLookedAt(state: 'visible' | 'hidden' = 'visible'): void {
    this.visibilityState = state
    this.#document.dispatchEvent(new Event('visibilitychange'))
  }
}
