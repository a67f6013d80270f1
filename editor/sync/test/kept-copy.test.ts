import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { copyName } from '../copy-name.ts'
import { KeptCopy } from '../kept-copy.ts'
import { Device } from './store-double.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A tab that has the document open: what it says about its copy, in order. */
class Page {
  readonly doc = new Y.Doc()
  readonly copy: KeptCopy
  readonly said: string[] = []

  constructor(device: Device) {
    this.copy = new KeptCopy({
      doc: this.doc,
      open: device.open,
      changed: () => this.said.push(this.copy.keeping),
    })
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== this.copy) this.copy.add(update, origin !== 'server')
    })
  }

  get text(): string {
    return this.doc.getText('text').toJSON()
  }

  write(text: string): this {
    this.doc.getText('text').insert(0, text)
    return this
  }

  hear(update: Uint8Array): this {
    Y.applyUpdate(this.doc, update, 'server')
    return this
  }
}

/** Lets everything happen that does not wait for time. */
const settle = () => vi.advanceTimersByTimeAsync(0)
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

async function opened(device: Device): Promise<Page> {
  const page = new Page(device)
  await settle()
  return page
}

const updateOf = (text: string): Uint8Array => {
  const doc = new Y.Doc()
  doc.getText('text').insert(0, text)
  return Y.encodeStateAsUpdate(doc)
}

test('[S5] kept is said only when everything written here is on the device', async () => {
  const device = new Device()
  const page = await opened(device)
  expect(page.copy.keeping).toBe('kept')
  device.hold()
  page.write('a')
  expect(page.copy.keeping).toBe('keeping')
  await settle()
  page.write('b')
  expect([page.copy.keeping, device.updates.length]).toEqual(['keeping', 0])
  device.answer()
  await settle()
  expect([page.copy.keeping, device.updates.length]).toEqual(['kept', 2])
  expect((await opened(device)).text).toBe('ba')
})

test('[S4] opening writes nothing, and what the copy held is no edit', async () => {
  const device = new Device()
  ;(await opened(device)).write('kept')
  await settle()
  const writes = device.writes.length
  const page = await opened(device)
  await pass(60_000)
  expect([page.text, device.writes.length]).toEqual(['kept', writes])
  expect(await page.copy.loaded).toBe(true)
  expect(await (await opened(new Device())).copy.loaded).toBe(false)
})

test('[S5] what is written before the copy has been read is kept after it', async () => {
  const device = new Device()
  ;(await opened(device)).write('old')
  await settle()
  const page = new Page(device).write('new ')
  expect(page.copy.keeping).toBe('keeping')
  await settle()
  expect(page.copy.keeping).toBe('kept')
  expect([page.text, (await opened(device)).text]).toEqual([expect.stringContaining('old'), page.text])
})

test('[S5] what others write is kept within a second, and at once with an own edit that may build on it', async () => {
  const device = new Device()
  const page = await opened(device)
  page.hear(updateOf('theirs'))
  await settle()
  expect([page.copy.keeping, device.updates.length]).toEqual(['kept', 0])
  await pass(1000)
  expect(device.updates.length).toBe(1)
  page.hear(updateOf('more')).write('x')
  await settle()
  expect(device.updates.length).toBe(3)
  page.hear(updateOf('last')).copy.flush()
  await settle()
  expect(device.updates.length).toBe(4)
})

test('[S5] a device that refuses is told as failing, and gets the whole document when it can', async () => {
  const device = new Device()
  device.trouble = new Error('no room')
  const page = await opened(device)
  expect(await page.copy.loaded).toBe(false)
  page.write('one ')
  await pass(500)
  expect(page.copy.keeping).toBe('failing')
  device.trouble = null
  await pass(2000)
  expect(page.copy.keeping).toBe('kept')
  device.trouble = new Error('no room')
  page.write('two ')
  await settle()
  expect(page.copy.keeping).toBe('failing')
  page.write('three ')
  device.trouble = null
  await pass(60_000)
  expect([page.copy.keeping, (await opened(device)).text]).toEqual(['kept', 'three two one '])
})

test('[S5] a device that doesn’t answer is told as failing, until it does', async () => {
  const device = new Device()
  const page = await opened(device)
  device.hold()
  page.write('a')
  await pass(3900)
  expect(page.copy.keeping).toBe('keeping')
  await pass(200)
  expect(page.copy.keeping).toBe('failing')
  device.answer()
  await settle()
  expect(page.copy.keeping).toBe('kept')
})

test('[S5] a copy that was taken away is made anew, whole', async () => {
  const device = new Device()
  const page = await opened(device)
  page.write('before ')
  await settle()
  device.takeAway()
  expect(page.copy.keeping).toBe('failing')
  page.write('after ')
  await pass(2000)
  expect([page.copy.keeping, (await opened(device)).text]).toEqual(['kept', 'after before '])
})

test('[S3] two tabs’ updates become one without a loss, whoever puts them together', async () => {
  const device = new Device()
  const [one, two] = [await opened(device), await opened(device)]
  two.write('two')
  await settle()
  for (let n = 0; n < 600; n++) one.write('1')
  await settle()
  two.write('more ')
  await settle()
  expect(device.compactions).toBeGreaterThan(0)
  expect(device.updates.length).toBeLessThan(110)
  const { text } = await opened(device)
  expect(text).toContain('more two')
  expect(text).toContain('1'.repeat(600))
})

test('[S7] after one tab cleared the copy, the other one’s stands by itself', async () => {
  const device = new Device()
  const [one, two] = [await opened(device), await opened(device)]
  two.write('base ')
  await settle()
  await one.copy.discard()
  expect([one.copy.keeping, device.updates]).toEqual(['failing', []])
  one.write('lost ')
  two.write('on top ')
  await settle()
  expect((await opened(device)).text).toBe('on top base ')
})

test('[S7] the copy knows what the server does not have, across reloads, until it has it', async () => {
  const device = new Device()
  const page = await opened(device)
  page.hear(updateOf('theirs'))
  await pass(1000)
  expect((await opened(device)).copy.hasUnsaved).toBe(false)
  page.write('mine')
  await settle()
  await page.copy.destroy()
  const later = await opened(device)
  expect(later.copy.hasUnsaved).toBe(true)
  later.copy.settle()
  await pass(1000)
  expect((await opened(device)).copy.hasUnsaved).toBe(false)
})

test('[S7] an acknowledgement that comes before the write does not leave it marked as unsaved', async () => {
  const device = new Device()
  const page = await opened(device)
  device.hold()
  page.write('fast server')
  await settle()
  page.copy.settle()
  device.answer()
  await pass(1000)
  expect(device.marks.size).toBe(0)
})

test('[S7] what one tab settles does not settle what another tab wrote since', async () => {
  const device = new Device()
  const writer = await opened(device)
  writer.write('first ')
  await settle()
  const reader = await opened(device)
  writer.write('second ')
  await settle()
  reader.copy.settle()
  await pass(1000)
  expect((await opened(device)).copy.hasUnsaved).toBe(true)
})

test('[S5] a page that closes writes what is pending first', async () => {
  const device = new Device()
  const page = await opened(device)
  page.hear(updateOf('theirs'))
  await page.copy.destroy()
  expect(device.updates.length).toBe(1)
  page.write('too late')
  await pass(60_000)
  expect(device.updates.length).toBe(1)
})

test('[S4] people, servers and documents have copies of their own', () => {
  const names = [
    copyName('ann', 'wss://a.example', 'doc'),
    copyName('bob', 'wss://a.example', 'doc'),
    copyName('ann', 'wss://b.example', 'doc'),
    copyName('ann', 'wss://a.example:444', 'doc'),
    copyName('ann', 'wss://a.example/team', 'doc'),
    copyName('ann', 'wss://a.example', 'doc2'),
    copyName('ann","a', 'wss://a.example', 'doc'),
    copyName('ann', 'wss://a.example', 'x","doc'),
  ]
  expect(new Set(names).size).toBe(names.length)
  expect(copyName('ann', 'https://A.example/', 'doc')).toBe(copyName('ann', 'wss://a.example', 'doc'))
  expect(copyName('ann', 'wss://a.example', 'e\u0301')).toBe(copyName('ann', 'wss://a.example', '\u00e9'))
})
