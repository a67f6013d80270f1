import { isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'
import * as Y from 'yjs'
import { checkUpdate, defaultGateLimits, type GateLimits, type Verdict } from '../gate.ts'
import { dump } from './edits.ts'

export const limits: GateLimits = defaultGateLimits
export const withSubdocuments: GateLimits = { ...limits, allowSubdocuments: true }

/** A document with its client id. */
export function author(client: number, options: { gc?: boolean } = {}): Y.Doc {
  const doc = new Y.Doc(options)
  doc.clientID = client
  return doc
}

export const ann = 7
export const bob = 9

/** The id of Ann's paragraph in `written`. */
export const paragraph = [ann, 5] as const

/**
 * What the hostile cases meet: Ann (7) wrote `hello` (clocks 0-4) into the text, a paragraph (5), a text in it (6)
 * with `hi 😀` (7-11) and a map entry (12). Bob (9) wrote `!` (0) after Ann's text and had his `gone` (1-4) deleted.
 */
export function written(): Y.Doc {
  const doc = author(ann)
  doc.getText('text').insert(0, 'hello')
  const element = new Y.XmlElement('paragraph')
  doc.getXmlFragment('default').insert(0, [element])
  element.insert(0, [new Y.XmlText('hi 😀')])
  doc.getMap('map').set('title', 'A title')
  const other = author(bob)
  Y.applyUpdate(other, Y.encodeStateAsUpdate(doc))
  other.getText('text').insert(5, '!')
  other.getText('text').insert(6, 'gone')
  other.getText('text').delete(6, 4)
  return load(Y.encodeStateAsUpdate(other))
}

export function load(...updates: Uint8Array[]): Y.Doc {
  const doc = new Y.Doc()
  for (const update of updates) Y.applyUpdate(doc, update)
  return doc
}

/** Compared much faster than bytes. */
function inHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** Everything the gate must leave alone. */
export function snapshot(doc: Y.Doc): unknown {
  return {
    state: inHex(Y.encodeStateAsUpdate(doc)),
    stateVector: inHex(Y.encodeStateVector(doc)),
    roots: [...doc.share.keys()],
    structs: [...doc.store.clients].map(([client, structs]) => [client, structs.length]),
  }
}

/** Checks, and proves that checking changed nothing and took no longer than the update's size allows. */
export function judge(update: Uint8Array, doc: Y.Doc, by: GateLimits = limits): Verdict {
  const before = snapshot(doc)
  const verdict = checkUpdate(update, doc, by)
  expect(snapshot(doc)).toEqual(before)
  const allowed = 50 * keystrokeMs * Math.max(1, update.length / keystroke.length)
  expect(fastestMs(() => checkUpdate(update, doc, by), allowed)).toBeLessThan(allowed)
  return verdict
}

export function expectRefused(
  update: Uint8Array,
  reason: string,
  doc = written(),
  by: GateLimits = limits,
): void {
  expect(judge(update, doc, by)).toMatchObject({ ok: false, reason })
}

/** Accepted, and what comes of it can be read back. */
export function expectAccepted(update: Uint8Array, doc = written(), by: GateLimits = limits): void {
  expect(judge(update, doc, by)).toEqual({ ok: true })
  Y.applyUpdate(doc, update)
  expect(doc.store.pendingStructs).toBeNull()
  expect(doc.store.pendingDs).toBeNull()
  const state = Y.encodeStateAsUpdate(doc)
  expect(inHex(Y.encodeStateAsUpdate(load(state)))).toBe(inHex(state))
  expect(dump(load(state))).toEqual(dump(doc))
}

/** What happens to people whose server has no gate. */
export function withoutGate(
  update: Uint8Array,
  doc = written(),
): 'throws' | 'pending' | 'reads back differently' | 'fine' {
  try {
    Y.applyUpdate(doc, update)
  } catch {
    return 'throws'
  }
  if (doc.store.pendingStructs !== null || doc.store.pendingDs !== null) return 'pending'
  return isDeepStrictEqual(dump(doc), dump(load(Y.encodeStateAsUpdate(doc))))
    ? 'fine'
    : 'reads back differently'
}

const keystroke = (() => {
  const doc = written()
  const stateVector = Y.encodeStateVector(doc)
  doc.getText('text').insert(3, 'x')
  return Y.encodeStateAsUpdate(doc, stateVector)
})()

/** The fastest of some runs: other programs only make it slower. */
function fastestMs(run: () => void, enoughMs: number, runs = 20): number {
  let fastest = Infinity
  for (let i = 0; i < runs && fastest >= enoughMs; i++) {
    const start = performance.now()
    run()
    fastest = Math.min(fastest, performance.now() - start)
  }
  return fastest
}

const keystrokeMs = (() => {
  const doc = written()
  return fastestMs(() => checkUpdate(keystroke, doc, limits), 0, 5000)
})()
