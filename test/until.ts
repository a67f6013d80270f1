interface Emitter {
  on(event: string, listener: () => void): unknown
  off(event: string, listener: () => void): unknown
}

/** Resolves once `isTrue` holds; looks again whenever one of the events happens. No clock is asked but the test's own. */
export async function until(isTrue: () => boolean, ...events: readonly [object, string][]): Promise<void> {
  if (isTrue()) return
  await new Promise<void>((resolve) => {
    const look = () => {
      if (!isTrue()) return
      for (const [emitter, event] of events) (emitter as Emitter).off(event, look)
      resolve()
    }
    for (const [emitter, event] of events) (emitter as Emitter).on(event, look)
  })
}
