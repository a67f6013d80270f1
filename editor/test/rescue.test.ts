// @vitest-environment jsdom
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { Awareness, encodeAwarenessUpdate, applyAwarenessUpdate } from 'y-protocols/awareness'
import { fragmentName } from '../../server/protocol/document.ts'
import type { Rescue } from '../binding/binding.ts'
import { p, Writer } from './page.ts'

const sync = (from: Y.Doc, to: Y.Doc) =>
  Y.applyUpdate(to, Y.encodeStateAsUpdate(from, Y.encodeStateVector(to)), 'network')

function copyOf(doc: Y.Doc): Y.Doc {
  const copy = new Y.Doc()
  sync(doc, copy)
  return copy
}

function rescuesOf(writer: Writer): Rescue[] {
  const rescues: Rescue[] = []
  writer.editor.on('rescue', (rescue) => rescues.push(rescue))
  return rescues
}

describe('Text that nobody puts back by themselves', () => {
  test('[E42] own text in a block that a program without records deleted is offered back', () => {
    const ann = new Writer().write(p('one'), p('two'), p('three'))
    const rescues = rescuesOf(ann)
    const program = copyOf(ann.ydoc)
    ann.at(1, -1).type(' and mine')
    program.getXmlFragment(fragmentName).delete(1, 1)
    sync(program, ann.ydoc)
    expect(ann.lines).toEqual(['one', 'three'])
    expect(rescues.map(({ text, isOwn }) => ({ text, isOwn }))).toEqual([
      { text: 'two and mine', isOwn: true },
    ])
    rescues[0]?.restore()
    rescues[0]?.restore()
    expect(ann.lines).toEqual(['one', 'two and mine', 'three'])
  })

  test('[E42] text of somebody who is gone is offered to those who are here, and there once when two restore it', () => {
    const ann = new Writer().write(p('one'), p('two'))
    const eve = new Writer(copyOf(ann.ydoc))
    const gone = new Writer(copyOf(ann.ydoc))
    const [mine, theirs] = [rescuesOf(ann), rescuesOf(eve)]
    gone.at(1, -1).type(' last words')
    sync(gone.ydoc, eve.ydoc)
    ann.view.dispatch(ann.state.tr.delete(5, 10))
    sync(ann.ydoc, eve.ydoc)
    sync(eve.ydoc, ann.ydoc)
    expect([...mine, ...theirs].map(({ text }) => text)).toContain(' last words')
    for (const { restore } of [...mine, ...theirs]) restore()
    for (let times = 0; times < 3; times++) {
      sync(ann.ydoc, eve.ydoc)
      sync(eve.ydoc, ann.ydoc)
    }
    expect(ann.lines).toEqual(['one', ' last words'])
    expect(eve.lines).toEqual(ann.lines)
  })

  test('[E42] text of somebody who is here is left to their own editor', () => {
    const awareness = new Awareness(new Y.Doc())
    const ann = new Writer(awareness.doc, awareness).write(p('one'), p('two'))
    const bobDoc = copyOf(ann.ydoc)
    const bobAwareness = new Awareness(bobDoc)
    bobAwareness.setLocalState({ user: { name: 'Bob' } })
    const bob = new Writer(bobDoc, bobAwareness)
    applyAwarenessUpdate(awareness, encodeAwarenessUpdate(bobAwareness, [bobDoc.clientID]), 'network')
    const rescues = rescuesOf(ann)
    bob.at(1, -1).type(' by bob')
    ann.view.dispatch(ann.state.tr.delete(5, 10))
    sync(bob.ydoc, ann.ydoc)
    expect(rescues).toEqual([])
    sync(ann.ydoc, bob.ydoc)
    sync(bob.ydoc, ann.ydoc)
    expect(ann.lines).toEqual(['one', ' by bob'])
    for (const each of [awareness, bobAwareness]) each.destroy()
  })
})
