import { expect } from 'vitest'
import type { Append, Compaction, Storage } from '../storage.ts'

/** A record that says what it is, so that a mix-up shows in the message of the failed test. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

export function text(record: { readonly bytes: Uint8Array }): string {
  return new TextDecoder().decode(record.bytes)
}

/** The log of a document as text, after checking that it is whole and its numbers follow one another. */
export async function readLog(storage: Storage, document: string): Promise<string[]> {
  const { state, records, damage } = await storage.load(document)
  expect(damage).toBeNull()
  const first = (state?.through ?? 0) + 1
  expect(records.map((record) => record.seq)).toEqual(records.map((_, index) => first + index))
  return records.map(text)
}

export function entry(document: string, records: readonly string[], at = 1): Append {
  return { document, records: records.map(bytes), at }
}

export function compaction(through: number, state: string, segments: readonly string[] = []): Compaction {
  return {
    through,
    state: bytes(state),
    segments: segments.map((segment, index) => ({
      from: index * 10,
      to: index * 10 + 9,
      clients: [index, 4_294_967_295],
      bytes: bytes(segment),
    })),
  }
}

/** Ids made to be mixed up: prefixes, separators, paths, special names, and texts that only look alike. */
export const hostileIds: readonly string[] = [
  'a',
  'aa',
  'a/b',
  'a:b',
  'a\0',
  'a\0b',
  '__proto__',
  'constructor',
  'A',
  ' a',
  'a ',
  'a.b',
  'a\\b',
  'a|b',
  'a,b',
  'a\nb',
  '\0',
  '.',
  '..',
  '../../etc/passwd',
  '/etc/passwd',
  'C:\\con',
  'coscribe.sqlite',
  'prototype',
  'toString',
  'hasOwnProperty',
  'null',
  'undefined',
  '0',
  '00',
  '-1',
  '1e3',
  '%',
  '%2e%2e',
  '_',
  '*',
  '?',
  "'; DROP TABLE documents; --",
  '"',
  '😀',
  '👩‍👩‍👧',
  'caf\u00e9',
  'cafe\u0301',
  '\u212b',
  '\u00c5',
  'ß',
  'SS',
  'ı',
  '\ufeff',
  '\u202e',
  '\ufffd',
  'x'.repeat(511),
  'x'.repeat(512),
  '\u20ac'.repeat(170),
]

/** Whole numbers below `limit`, the same ones for the same seed (mulberry32). */
export function random(seed: number): (limit: number) => number {
  let state = seed >>> 0
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit)
  }
}
