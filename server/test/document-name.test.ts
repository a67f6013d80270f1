import { describe, expect, test } from 'vitest'
import {
  documentNameFromPath,
  maxNameBytes,
  parseDocumentName,
  toPathPart,
} from '../protocol/document-name.ts'

const refused = { error: expect.any(String) as string }

describe('[W1] these names are documents, each of its own', () => {
  const names = [
    'a', 'A', 'a b', ' a', 'a/b', 'a/b/c', '/a', 'a/', '//', 'a\\b', 'a.b', '...', '.a', 'a..b', '..a',
    '__proto__', 'constructor', 'toString', 'hasOwnProperty', '%2e%2e', '%', 'a?b', 'a#b', 'a&b=c', '+', '*', '~',
    '😀', '👩‍👩‍👧', 'café', '漢字', 'עברית', '\u202etxet', 'null', 'undefined', '0', '-1', 'api', 'd', 'assets',
  ] // prettier-ignore
  test.each(names)('%j', (name) => {
    expect(parseDocumentName(name)).toBe(name)
    expect(documentNameFromPath(`/${toPathPart(name)}`)).toBe(name)
    expect(documentNameFromPath(`/${toPathPart(name)}?token=x#y`)).toBe(name)
  })
  test('no two of them are one', () => {
    expect(new Set(names.map(parseDocumentName)).size).toBe(names.length)
  })
})

test('[W1] the same visible name is the same document, however it is composed', () => {
  const [composed, decomposed] = ['caf\u00e9', 'cafe\u0301']
  expect(parseDocumentName(decomposed)).toBe(composed)
  expect(documentNameFromPath('/cafe%CC%81')).toBe(composed)
  expect(parseDocumentName('\u212b')).toBe('\u00c5')
})

test.each([
  ['no name', '', refused],
  ['nothing but a slash', '/', refused],
  ['nothing but a query', '/?token=x', refused],
  ['slashes as they are', '/a/b', 'a/b'],
  ['encoded slashes', '/a%2Fb', 'a/b'],
  ['lower-case encoding', '/a%2fb', 'a/b'],
  ['a space', '/a%20b', 'a b'],
  ['a plus, which is no space', '/a+b', 'a+b'],
  ['an emoji', '/%F0%9F%98%80', '😀'],
  ['raw bytes that node reads as Latin-1', '/caf\u00e9', 'café'],
  ['a query cut off', '/a?b/../c', 'a'],
  ['an encoded question mark', '/a%3Fb', 'a?b'],
  ['a way up', '/../a', refused],
  ['a way up at the end', '/a/..', refused],
  ['an encoded way up', '/%2e%2e%2fa', refused],
  ['an encoded way up in capitals', '/%2E%2E/a', refused],
  ['a way up for Windows', '/..%5Ca', refused],
  ['here', '/.', refused],
  ['here, encoded', '/%2e', refused],
  ['a way up encoded twice, which is only a name', '/%252e%252e%252fa', '%2e%2e%2fa'],
  ['a zero byte', '/a%00', refused],
  ['a line break', '/a%0d%0aSet-Cookie', refused],
  ['a tab', '/a%09b', refused],
  ['delete', '/a%7f', refused],
  ['a C1 control', '/a%C2%85', refused],
  ['half an escape', '/a%2', refused],
  ['no escape', '/a%zz', refused],
  ['a lone percent', '/100%', refused],
  ['UTF-8 cut off', '/%F0%9F%98', refused],
  ['overlong UTF-8 for a slash', '/%C0%AF', refused],
  ['a surrogate in UTF-8', '/%ED%A0%80', refused],
  ['512 bytes', `/${'x'.repeat(512)}`, 'x'.repeat(512)],
  ['513 bytes', `/${'x'.repeat(513)}`, refused],
  ['513 bytes of three each', `/${'%E2%82%AC'.repeat(171)}`, refused],
  ['510 bytes of three each', `/${'%E2%82%AC'.repeat(170)}`, '€'.repeat(170)],
])('[W1] a path with %s', (_what, path, expected) => {
  expect(documentNameFromPath(path)).toEqual(expected)
})

test.each([
  ['a lone high surrogate', 'a\ud800'],
  ['a lone low surrogate', '\udc00a'],
  ['a zero', '\0'],
  ['nothing', ''],
  ['..', '..'],
  ['.. in the middle', 'a/../b'],
  ['. in the middle', 'a\\.\\b'],
])('[W1] a name that is %s is refused', (_what, name) => {
  expect(parseDocumentName(name)).toEqual(refused)
})

test('[W1] a name that grows in NFC is measured as it is kept', () => {
  // U+1D160 is 4 bytes and decomposes to 12, also in NFC.
  const name = '\u{1d160}'.repeat(100)
  expect(Buffer.byteLength(name)).toBeLessThan(maxNameBytes)
  expect(parseDocumentName(name)).toEqual(refused)
})

test('[A6] why a name is refused does not repeat it', () => {
  for (const path of ['/secret%00', '/secret/..', '/secret%2', `/${'secret'.repeat(100)}`]) {
    const result = documentNameFromPath(path)
    expect(typeof result === 'string' ? result : result.error).not.toContain('secret')
  }
})
