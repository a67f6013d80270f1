// @vitest-environment jsdom
import { afterEach, expect, test } from 'vitest'
import type { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { createEditor } from '../editor.ts'
import type { Editor } from '../options.ts'
import type { ConnectOptions, Sync } from '../sync/connect.ts'
import { KeptCopy } from '../sync/kept-copy.ts'
import type { Status } from '../sync/status.ts'
import { Device } from '../sync/test/store-double.ts'
import { p, Writer } from './page.ts'

/*
 * Text that was typed without the server, in a page that was then loaded anew: its author's editor is another Yjs
 * client, and still has to look after it.
 */

/** A page without the server, which keeps its copy on a device. */
class Offline implements Sync {
  readonly doc: Y.Doc
  readonly awareness: Awareness
  readonly ready: Promise<void>
  readonly hasUnsaved = false
  readonly isLastPlace = true
  readonly status: Status = { state: 'offline', kept: true }
  readonly copy: KeptCopy

  constructor({ doc, awareness }: ConnectOptions, device: Device) {
    this.doc = doc
    this.awareness = awareness
    this.copy = new KeptCopy({ doc, open: device.open, changed: () => undefined })
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== this.copy) this.copy.add(update, origin !== 'network')
    })
    this.ready = this.copy.loaded.then(() => undefined)
  }

  get earlierClients(): ReadonlySet<number> {
    return this.copy.earlierClients
  }

  onStatus(): () => void {
    return () => undefined
  }

  discard(): Promise<void> {
    return this.copy.discard()
  }

  destroy(): void {
    void this.copy.destroy()
  }
}

const editors: Editor[] = []
afterEach(() => {
  for (const editor of editors.splice(0)) editor.destroy()
})

async function openPage(device: Device): Promise<{ editor: Editor; sync: Offline }> {
  const lines: Offline[] = []
  const connect = (options: ConnectOptions): Sync => {
    const line = new Offline(options, device)
    lines.push(line)
    return line
  }
  const editor = createEditor(document.createElement('div'), {
    server: 'ws://x.example',
    document: 'd',
    connect,
  })
  editors.push(editor)
  await editor.ready
  const [sync] = lines
  if (sync === undefined) throw new Error('The editor asked for no connection')
  return { editor, sync }
}

/** Everybody's differences until nobody learns anything. */
function meet(...docs: Y.Doc[]): void {
  for (let times = 0; times < 5; times++)
    for (const from of docs)
      for (const to of docs)
        if (from !== to) Y.applyUpdate(to, Y.encodeStateAsUpdate(from, Y.encodeStateVector(to)), 'network')
}

const linesOf = ({ view }: Editor): string[] =>
  view?.state.doc.children.map((block) => block.textContent) ?? []

/** Ann types without the server and closes the page; Bob, who hasn't seen it, drags the block to the start. */
async function typedAndClosed(): Promise<{ device: Device; bob: Writer }> {
  const bob = new Writer().write(p('one'), p('and'), p('two three'))
  const device = new Device()
  const { editor, sync } = await openPage(device)
  Y.applyUpdate(editor.ydoc, Y.encodeStateAsUpdate(bob.ydoc), 'network')
  editor.view?.dispatch(editor.view.state.tr.insertText(' WORD', editor.view.state.doc.content.size - 7))
  expect(linesOf(editor)).toEqual(['one', 'and', 'two WORD three'])
  await sync.copy.destroy()
  editor.destroy()
  const block = bob.doc.child(2)
  const start = bob.startOf(2) - 1
  bob.view.dispatch(bob.state.tr.delete(start, start + block.nodeSize).insert(0, block))
  return { device, bob }
}

const expected = ['two WORD three', 'one', 'and']

test('[E37] text typed without the server goes along when its page was loaded anew before it met the change', async () => {
  const { device, bob } = await typedAndClosed()
  const { editor } = await openPage(device)
  meet(editor.ydoc, bob.ydoc)
  expect([linesOf(editor), bob.lines]).toEqual([expected, expected])
})

test('[E37][E38] two pages that both look after such text leave it there once', async () => {
  const { device, bob } = await typedAndClosed()
  const [{ editor }, { editor: second }] = [await openPage(device), await openPage(device)]
  meet(editor.ydoc, bob.ydoc)
  meet(second.ydoc, bob.ydoc, editor.ydoc)
  expect([linesOf(editor), linesOf(second), bob.lines]).toEqual([expected, expected, expected])
})

test('[E37][E38] so do two that hear of the change before they hear of each other', async () => {
  const { device, bob } = await typedAndClosed()
  const [{ editor }, { editor: second }] = [await openPage(device), await openPage(device)]
  const change = Y.encodeStateAsUpdate(bob.ydoc)
  for (const { ydoc } of [editor, second]) Y.applyUpdate(ydoc, change, 'network')
  meet(editor.ydoc, second.ydoc, bob.ydoc)
  expect([linesOf(editor), linesOf(second), bob.lines]).toEqual([expected, expected, expected])
})

test('[E37] what the server has is nobody’s to look after any more', async () => {
  const device = new Device()
  const { editor, sync } = await openPage(device)
  editor.view?.dispatch(editor.view.state.tr.insert(0, p('saved')))
  sync.copy.flush()
  const before = await openPage(device)
  expect([...before.sync.earlierClients]).toEqual([editor.ydoc.clientID])
  sync.copy.settle()
  await sync.copy.destroy()
  const after = await openPage(device)
  expect([...after.sync.earlierClients]).toEqual([])
})
