/** Which addresses may stand in a document: checked when read, when set by a command, and again when rendered. */

const schemes = new Set(['http:', 'https:', 'mailto:', 'tel:'])
const rasterImage = /^data:image\/(?:png|jpe?g|gif|webp|avif);base64,[a-z0-9+/=\s]*$/i

/** The scheme in front of an address, after dropping what browsers drop too (tabs, line ends, leading controls). */
function findScheme(address: string): string | undefined {
  return /^([a-z][a-z0-9+.-]*):/i.exec(address)?.[0].toLowerCase()
}

function stripIgnored(value: string): string {
  // Browsers ignore these inside a scheme, so "java\nscript:" would slip through.
  return value.replace(/[\u0000-\u001f\u007f]/g, '').trim()
}

/** A link target that is http, https, mailto, tel or relative; null for anything else. */
export function parseAddress(value: unknown): string | null {
  if (typeof value !== 'string') return null
  const address = stripIgnored(value)
  if (address === '') return null
  const scheme = findScheme(address)
  return scheme === undefined || schemes.has(scheme) ? address : null
}

/** An image source: a safe http(s) or relative address, or a base64 raster image; null for anything else. */
export function parseImageSource(value: unknown): string | null {
  if (typeof value !== 'string') return null
  if (rasterImage.test(value)) return value
  const address = parseAddress(value)
  if (address === null) return null
  const scheme = findScheme(address)
  return scheme === undefined || scheme.startsWith('http') ? address : null
}

/** Turns what a person types into the address field into a link target; null when it can't be one. */
export function completeAddress(typed: string): string | null {
  const text = typed.trim()
  if (/\s/.test(text)) return null
  if (/^[^\s@/:]+@[^\s@/]+\.[^\s@/]+$/.test(text)) return `mailto:${text}`
  if (/^(?:[\p{L}\p{N}-]+\.)+\p{L}{2,}(?::\d+)?(?:[/?#]|$)/u.test(text))
    return parseAddress(`https://${text}`)
  const isWritten = findScheme(text) !== undefined || /^(?:[/?#]|\.{1,2}\/)/.test(text)
  return isWritten ? parseAddress(text) : null
}
