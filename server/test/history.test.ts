import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { createMemoryStorage } from '../../persistence/index.ts'
import { findDifference } from '../compaction-content.ts'
import { groupRecords, listMoments } from '../history.ts'
import { tasks } from '../compaction-work.ts'
import { everWritten, HistoryScene } from './history-scene.ts'

const compactEarly = { compactAfterRecords: 1, compactPauseMs: 1 }

test('[J5] what arrives already deleted is stored as it was typed, and relayed as the gap it leaves', async () => {
  const s = new HistoryScene()
  await s.join(2)
  const [ann, bob] = s.writers
  ann!.text.insert(0, 'secret plan')
  ann!.text.delete(0, 7)
  ann!.sends()
  await s.flush()
  expect(everWritten(await s.at((await s.hub.moments(s.name))[0]!.moment))).toEqual({ 101: 'secret plan' })
  bob!.reads()
  expect(bob!.text.toJSON()).toBe('plan')
  expect(everWritten(bob!.doc)).toEqual({ 101: '.......plan' })
})

test('[J5] so is what one writes into a paragraph that another has deleted meanwhile', async () => {
  const s = new HistoryScene(compactEarly)
  await s.join(2)
  const [ann, bob] = s.writers
  const paragraph = new Y.XmlElement('paragraph')
  paragraph.insert(0, [new Y.XmlText('here')])
  ann!.doc.getXmlFragment('coscribe').insert(0, [paragraph])
  ann!.sends()
  await s.flush()
  bob!.reads()
  const text = (bob!.doc.getXmlFragment('coscribe').get(0) as Y.XmlElement).get(0) as Y.XmlText
  text.insert(4, ' and there')
  ann!.doc.getXmlFragment('coscribe').delete(0, 1)
  ann!.sends()
  await s.flush(100)
  bob!.sends()
  await s.flush(100)
  const moments = await s.hub.moments(s.name)
  expect(everWritten(await s.at(moments.at(-1)!.moment))[102]).toBe(' and there')
})

test('[J5] the stored record makes the same document as the one that is relayed', async () => {
  const s = new HistoryScene()
  await s.join(2)
  const [ann, bob] = s.writers
  ann!.text.insert(0, 'abc')
  ann!.sends()
  await s.flush()
  bob!.reads()
  // One flush: a resent part, a text gone as soon as it came, another's text, and everything once more.
  ann!.text.insert(3, 'def')
  ann!.text.delete(2, 3)
  bob!.text.insert(0, 'xyz')
  bob!.text.delete(1, 4)
  ann!.sends(1)
  bob!.sends()
  ann!.syncs()
  await s.flush()
  const { records } = await s.storage.load(s.name)
  expect(records).toHaveLength(2)
  const [stored, live] = [new Y.Doc(), new Y.Doc()]
  for (const { bytes } of records) Y.applyUpdate(stored, bytes)
  Y.applyUpdate(live, s.room.encodeState())
  expect(findDifference(stored, live)).toBeNull()
  expect(records[1]!.bytes.byteLength).toBeLessThan(100)
})

test('[J6] a moment is at most a minute of activity, with the clients that wrote in it', async () => {
  const s = new HistoryScene()
  await s.join(2)
  const [ann, bob] = s.writers
  const start = s.clock.now()
  ann!.text.insert(0, 'a')
  ann!.sends()
  await s.flush(59_999)
  bob!.text.insert(0, 'b')
  bob!.sends()
  await s.flush(1)
  bob!.text.insert(0, 'c')
  bob!.sends()
  await s.flush(10_000_000)
  ann!.text.insert(0, 'd')
  ann!.sends()
  await s.flush()
  const moments = await s.hub.moments(s.name)
  expect(moments).toEqual([
    { moment: `${start}`, from: start, to: start + 59_999, clients: [101, 102] },
    { moment: `${start + 60_000}`, from: start + 60_000, to: start + 60_000, clients: [102] },
    { moment: `${start + 10_060_000}`, from: start + 10_060_000, to: start + 10_060_000, clients: [101] },
  ])
  expect((await s.at(moments[1]!.moment)).getText('text').length).toBe(3)
})

test('[J6][H1] compacting changes neither the moments nor what they hold', async () => {
  const s = new HistoryScene({ compactAtUnloadRecords: 1 })
  await s.join(1)
  const [ann] = s.writers
  for (const letter of 'abcdefgh') {
    ann!.text.insert(0, letter)
    ann!.sends()
    await s.flush(25_000)
  }
  ann!.text.delete(2, 3)
  ann!.sends()
  await s.flush()
  const read = async () => {
    const moments = await s.hub.moments(s.name)
    return Promise.all(moments.map(async (each) => ({ ...each, was: everWritten(await s.at(each.moment)) })))
  }
  const before = await read()
  expect(before.length).toBeGreaterThan(2)
  s.room.leave(ann!)
  await s.clock.advance(60_000)
  expect((await s.storage.load(s.name)).records).toEqual([])
  expect(await read()).toEqual(before)
})

test('[H1] time in the history never goes back, whatever the clock does', () => {
  const at = (time: number, seq: number) => ({ seq, at: time, bytes: Y.encodeStateAsUpdate(new Y.Doc()) })
  const records = [at(5000, 1), at(1000, 2), at(5001, 3), at(4000, 4), at(9000, 5)]
  const groups = groupRecords(records, 1000, 3000)
  expect(groups.map(({ from, to, updates }) => [from, to, updates.length])).toEqual([
    [5000, 5001, 4],
    [9000, 9000, 1],
  ])
  expect(groupRecords([at(1, 1)], 1000, 700)[0]).toMatchObject({ from: 700, to: 700 })
})

test('[H1] moments that begin in the same millisecond have names of their own', () => {
  const segment = { from: 5, to: 5, clients: [], bytes: new Uint8Array() }
  const record = { seq: 3, at: 5, bytes: Y.encodeStateAsUpdate(new Y.Doc()) }
  const moments = listMoments({ segments: [segment, segment], records: [record], damage: null }, 1000)
  expect(moments.map(({ moment }) => moment)).toEqual(['5', '5-1', '5-2'])
})

test('[H4] history older than it is kept for becomes one moment, without what had been deleted by then', async () => {
  const dayMs = 24 * 60 * 60 * 1000
  const s = new HistoryScene({ ...compactEarly, historyDays: 2 })
  await s.join(1)
  const [ann] = s.writers
  const write = async (text: string) => {
    ann!.text.insert(0, text)
    ann!.text.insert(0, '-')
    ann!.sends()
    await s.flush(1000)
  }
  await write('first')
  await s.clock.advance(dayMs)
  await write('second')
  ann!.text.delete(1, 3)
  ann!.text.insert(0, '+')
  ann!.sends()
  await s.flush(1000)
  await s.clock.advance(dayMs * 1.5)
  await write('third')
  const [early, ...kept] = await s.hub.moments(s.name)
  expect(kept.length).toBeGreaterThan(1)
  expect(everWritten(await s.at(early!.moment))).toEqual({ 101: 'first-' })
  await s.clock.advance(dayMs)
  await write('fourth')
  await write('fifth')
  const moments = await s.hub.moments(s.name)
  expect(moments[0]!.to).toBeGreaterThan(early!.to)
  const oldest = await s.at(moments[0]!.moment)
  expect(findDifference(oldest, s.truthAt(moments[0]!.to))).toBeNull()
  expect(everWritten(oldest)[101]).not.toContain('sec')
  for (const { moment, to } of moments) expect(findDifference(await s.at(moment), s.truthAt(to))).toBeNull()
})

test('[H5] a document whose state has no history yet gets one that begins with the state', async () => {
  const storage = createMemoryStorage()
  const doc = new Y.Doc()
  doc.getText('text').insert(0, 'old')
  await storage.append([{ document: 'doc', records: [Y.encodeStateAsUpdate(doc)], at: 5 }])
  await storage.compact('doc', { through: 1, state: Y.encodeStateAsUpdate(doc), segments: [] })
  const before = Y.encodeStateVector(doc)
  doc.getText('text').insert(3, ' new')
  const record = Y.encodeStateAsUpdate(doc, before)
  await storage.append([{ document: 'doc', records: [record], at: 9 }])
  const { state, records } = await storage.load('doc')
  const input = { state: state!.bytes, records, segments: [], windowMs: 60_000, forgetBefore: 0 }
  const output = tasks.build(input)
  expect(tasks.verify({ input, output })).toBeNull()
  const texts = output.segments.map((_, index) => {
    const past = new Y.Doc()
    const segments = output.segments.slice(0, index + 1).map(({ bytes }) => bytes)
    Y.applyUpdate(past, tasks.replay({ segments, updates: [] }))
    return past.getText('text').toJSON()
  })
  expect(texts).toEqual(['old', 'old new'])
})

test('[H1] there is no moment that never was', async () => {
  const s = new HistoryScene()
  await s.join(1)
  s.writers[0]!.text.insert(0, 'a')
  s.writers[0]!.sends()
  await s.flush()
  await expect(s.hub.at(s.name, '1')).rejects.toMatchObject({ code: 'unknown' })
  await s.hub.remove(s.name)
  await expect(s.hub.moments(s.name)).rejects.toMatchObject({ code: 'removed' })
  await expect(s.hub.at(s.name, '1')).rejects.toMatchObject({ code: 'removed' })
})
