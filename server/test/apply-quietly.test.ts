import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { applyQuietly } from '../apply-quietly.ts'

function bold(clientId: number, before: Uint8Array): Uint8Array {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, before)
  doc.clientID = clientId
  doc.getText('text').format(0, 3, { bold: true })
  return Y.encodeStateAsUpdate(doc)
}

test('[J4] what is read back is what was stored: no marks are tidied away, as Yjs would', () => {
  const first = new Y.Doc()
  first.clientID = 1
  first.getText('text').insert(0, 'abc')
  const before = Y.encodeStateAsUpdate(first)
  const updates = [before, bold(2, before), bold(3, before)]
  const [usual, quiet] = [new Y.Doc(), new Y.Doc()]
  for (const doc of [usual, quiet]) doc.getText('text')
  for (const update of updates) Y.applyUpdate(usual, update)
  applyQuietly(quiet, updates)
  expect(Y.snapshot(usual).ds.clients.size).toBeGreaterThan(0)
  expect(Y.snapshot(quiet).ds.clients.size).toBe(0)
  expect(quiet.getText('text').toDelta()).toEqual(usual.getText('text').toDelta())
  expect(() => applyQuietly(quiet, [new Uint8Array([1])])).toThrow()
  Y.applyUpdate(quiet, bold(4, before))
  expect(Y.snapshot(quiet).ds.clients.size).toBeGreaterThan(0)
})
