/** Microseconds on a clock that all processes of this machine share. */
export function nowUs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1e6 + nanoseconds / 1e3
}

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
