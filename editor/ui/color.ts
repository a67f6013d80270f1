/** Colours people are given: told apart by hue, readable as a caret on light and dark pages. */
const palette = [
  '#d9480f',
  '#c2255c',
  '#9c36b5',
  '#5f3dc4',
  '#1971c2',
  '#0b7285',
  '#2b8a3e',
  '#996800',
] as const

/** A colour of the palette, always the same for the same seed. */
export function pickColor(seed: number | string): string {
  const number =
    typeof seed === 'number'
      ? seed
      : Array.from(seed).reduce((sum, char) => sum * 31 + (char.codePointAt(0) ?? 0), 7)
  return palette[Math.abs(Math.trunc(number % palette.length))] ?? palette[0]
}

/** A colour somebody sent, when it is `#rrggbb`; else one from the palette. */
export function parseColor(value: unknown, seed: number | string): string {
  return typeof value === 'string' && /^#[0-9a-f]{6}$/i.test(value) ? value : pickColor(seed)
}

/** Black or white, whichever is easier to read on a `#rrggbb` colour. */
export function textColorOn(color: string): '#000000' | '#ffffff' {
  const channel = (from: number): number => {
    const value = Number.parseInt(color.slice(from, from + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  const luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
  const onWhite = 1.05 / (luminance + 0.05)
  const onBlack = (luminance + 0.05) / 0.05
  return onWhite >= onBlack ? '#ffffff' : '#000000'
}
