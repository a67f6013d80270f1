/** Pictures that browsers show and in which nothing can run. An SVG is none of them: it is a page. */
export type PictureType = 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp' | 'image/avif'

/** What a file is by its first bytes, whatever its sender says; null for all that is no such picture. */
export function pictureType(start: Uint8Array): PictureType | null {
  const has = (text: string, at = 0) =>
    Array.from(text).every((letter, index) => start[at + index] === letter.charCodeAt(0))
  if (has('\x89PNG\r\n\x1a\n')) return 'image/png'
  if (has('\xff\xd8\xff')) return 'image/jpeg'
  if (has('GIF87a') || has('GIF89a')) return 'image/gif'
  if (has('RIFF') && has('WEBP', 8)) return 'image/webp'
  if (has('ftypavif', 4) || has('ftypavis', 4)) return 'image/avif'
  return null
}

/** A name that can be kept, shown and saved under: no path, nothing unseen, at most 120 characters. */
export function cleanFileName(name: string): string {
  const last = name.toWellFormed().split(/[/\\]/).at(-1) ?? ''
  // Turned writing hides what a name ends with.
  const seen = last.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '').trim()
  return cutName(seen.replace(/^\.+/, '')) || 'file'
}

/** Keeps the ending, and cuts no character in two. */
function cutName(name: string): string {
  const letters = Array.from(name)
  if (letters.length <= maxLetters && bytesOf(name) <= maxBytes) return name
  const ending = /\.\w{1,10}$/.exec(name)?.[0] ?? ''
  let kept = letters.slice(0, maxLetters - ending.length)
  while (bytesOf(kept.join('')) + ending.length > maxBytes) kept = kept.slice(0, -1)
  return kept.join('') + ending
}

const maxLetters = 120
const maxBytes = 255
const bytesOf = (text: string) => new TextEncoder().encode(text).length

/** Tells a browser to show the file or to save it, and under which name. */
export function dispositionOf(how: 'inline' | 'attachment', name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_')
  const full = encodeURIComponent(name).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `${how}; filename="${plain}"; filename*=UTF-8''${full}`
}
