/*
 * Colours of text and highlights are names, not values: each theme draws them with enough contrast, and a document
 * looks right in the dark and on paper.
 */

/** The names, in the order they are offered. */
export const paletteColors = [
  'gray',
  'brown',
  'red',
  'orange',
  'yellow',
  'green',
  'teal',
  'blue',
  'purple',
  'pink',
] as const
export type PaletteColor = (typeof paletteColors)[number]

/** A colour by its name, whoever wrote it; null when there is none of that name. */
export function parseColor(value: unknown): PaletteColor | null {
  return paletteColors.find((known) => known === value) ?? null
}

/** Where each hue begins, in degrees; what comes before the first is red. */
const hues: readonly (readonly [number, PaletteColor])[] = [
  [15, 'orange'],
  [45, 'yellow'],
  [70, 'green'],
  [165, 'teal'],
  [195, 'blue'],
  [250, 'purple'],
  [290, 'pink'],
  [345, 'red'],
]

/** The nearest name for a CSS colour as other programs write it; null for black, white and grays, which mean nothing. */
export function nearestColor(css: string): PaletteColor | null {
  const [red, green, blue] = readColor(css) ?? []
  if (red === undefined || green === undefined || blue === undefined) return null
  const most = Math.max(red, green, blue)
  const spread = most - Math.min(red, green, blue)
  // Paler than that is a shade of white or black to most eyes.
  if (spread < 40) return null
  const turn =
    most === red
      ? ((green - blue) / spread + 6) % 6
      : most === green
        ? (blue - red) / spread + 2
        : (red - green) / spread + 4
  return hues.findLast(([from]) => turn * 60 >= from)?.[1] ?? 'red'
}

function readColor(css: string): number[] | null {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(css.trim())?.[1]
  if (hex !== undefined) {
    const full = hex.length === 3 ? hex.replace(/./g, '$&$&') : hex
    return [0, 2, 4].map((at) => Number.parseInt(full.slice(at, at + 2), 16))
  }
  const parts = /^rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\s*(?:[,/]\s*([\d.]+%?)\s*)?\)$/.exec(
    css.trim(),
  )
  if (parts === null || parts[4] === '0') return named.get(css.trim().toLowerCase()) ?? null
  return [parts[1], parts[2], parts[3]].map(Number)
}

/** What people and older programs write by name. */
const named = new Map([
  ['red', [255, 0, 0]],
  ['orange', [255, 165, 0]],
  ['yellow', [255, 255, 0]],
  ['green', [0, 128, 0]],
  ['lime', [0, 255, 0]],
  ['cyan', [0, 255, 255]],
  ['aqua', [0, 255, 255]],
  ['teal', [0, 128, 128]],
  ['blue', [0, 0, 255]],
  ['purple', [128, 0, 128]],
  ['magenta', [255, 0, 255]],
  ['pink', [255, 192, 203]],
])
