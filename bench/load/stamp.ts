/**
 * An edit that says when and by whom it was made: 9 letters of the document, found in whatever update carries them,
 * however the server merged it with others.
 */
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const mark = 0x7e
/** Microseconds start again after 19 hours. */
const wrap = 64 ** 6
const timeLetters = 6
const authorLetters = 2
export const stampLength = 1 + timeLetters + authorLetters
export const maxAuthors = 64 ** authorLetters

const valueOf = new Int8Array(256).fill(-1)
for (let n = 0; n < letters.length; n++) valueOf[letters.charCodeAt(n)] = n

export function stamp(us: number, author: number): string {
  return `~${digits(Math.floor(us) % wrap, timeLetters)}${digits(author, authorLetters)}`
}

/** Calls `found` for each stamp in the bytes, with its author and its age in microseconds; returns how many. */
export function findStamps(
  bytes: Uint8Array,
  range: { readonly start: number; readonly end: number; readonly us: number },
  found: (author: number, ageUs: number) => void,
): number {
  const last = range.end - stampLength
  let count = 0
  for (let at = range.start; at <= last; at++) {
    if (bytes[at] !== mark) continue
    const time = numberAt(bytes, at + 1, timeLetters)
    const author = numberAt(bytes, at + 1 + timeLetters, authorLetters)
    if (time < 0 || author < 0) continue
    found(author, (Math.floor(range.us) - time + wrap) % wrap)
    count++
    at += stampLength - 1
  }
  return count
}

function digits(value: number, length: number): string {
  let text = ''
  let rest = value
  for (let n = 0; n < length; n++) {
    text = letters.charAt(rest % 64) + text
    rest = Math.floor(rest / 64)
  }
  return text
}

/** Negative when these are no letters of a stamp. */
function numberAt(bytes: Uint8Array, at: number, length: number): number {
  let value = 0
  for (let n = 0; n < length; n++) {
    const digit = valueOf[bytes[at + n] ?? 0] ?? -1
    if (digit < 0) return -1
    value = value * 64 + digit
  }
  return value
}
