const units: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['minute', 60_000],
  ['hour', 3_600_000],
  ['day', 86_400_000],
]

/** "2 minutes ago" within a week, a date after that, in the reader's language. */
export function whenChanged(at: number, now = Date.now()): string {
  const age = Math.max(0, now - at)
  const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' })
  if (age < 60_000) return relative.format(0, 'second')
  if (age > 7 * 86_400_000) return new Date(at).toLocaleDateString(undefined, { dateStyle: 'medium' })
  const [unit, ms] = units.findLast(([, size]) => age >= size) ?? ['minute', 60_000]
  return relative.format(-Math.floor(age / ms), unit)
}
