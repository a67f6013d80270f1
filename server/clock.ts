/** The only source of time in the server; tests bring their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls `run` once after `ms` milliseconds. Returns its cancellation. */
  after(ms: number, run: () => void): () => void
  /** Calls `run` once, as soon as what is under way now has ended. */
  soon(run: () => void): void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
  soon: (run) => {
    if (due.push(run) === 1) setImmediate(runDue)
  },
}

/** What is to run at the end of this turn, together: an immediate for each would cost as much as a small flush. */
let due: (() => void)[] = []

function runDue(): void {
  const runs = due
  due = []
  for (const run of runs) run()
}

/** Resolves as soon as what is under way now has ended. */
export function turn(clock: Clock): Promise<void> {
  return new Promise((resolve) => clock.soon(resolve))
}
