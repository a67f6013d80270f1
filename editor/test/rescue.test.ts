// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import {
  Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from 'y-protocols/awareness'
import { fragmentName } from '../../server/protocol/document.ts'
import type { Rescue } from '../binding/binding.ts'
import { patienceMs } from '../binding/rescue-offers.ts'
import { p, Writer } from './page.ts'

const sync = (from: Y.Doc, to: Y.Doc) =>
  Y.applyUpdate(to, Y.encodeStateAsUpdate(from, Y.encodeStateVector(to)), 'network')

function copyOf(doc: Y.Doc): Y.Doc {
  const copy = new Y.Doc()
  sync(doc, copy)
  return copy
}

/** What is offered to a writer now. */
function rescuesOf(writer: Writer): Rescue[] {
  const rescues: Rescue[] = []
  writer.editor.on('rescue', (rescue) => rescues.push(rescue))
  writer.editor.on('rescued', (over) => void rescues.splice(rescues.indexOf(over), 1))
  return rescues
}

/** A writer whom others see, by a name, where `introduce` says so. */
function named(name: string, doc = new Y.Doc()): { writer: Writer; awareness: Awareness } {
  const awareness = new Awareness(doc)
  awareness.setLocalState({ user: { name } })
  awarenesses.push(awareness)
  return { writer: new Writer(doc, awareness), awareness }
}

function introduce(from: Awareness, to: Awareness): void {
  applyAwarenessUpdate(to, encodeAwarenessUpdate(from, [from.clientID]), 'network')
}

const awarenesses: Awareness[] = []
beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  for (const awareness of awarenesses.splice(0)) awareness.destroy()
  vi.useRealTimers()
})

const deleteSecond = (writer: Writer) =>
  writer.view.dispatch(
    writer.state.tr.delete(writer.startOf(1) - 1, writer.startOf(1) + writer.doc.child(1).nodeSize - 1),
  )

describe('Text that nobody puts back by themselves', () => {
  test('[E42] own text in a block that a program without records deleted is offered back', () => {
    const ann = new Writer().write(p('one'), p('two'), p('three'))
    const rescues = rescuesOf(ann)
    const program = copyOf(ann.ydoc)
    ann.at(1, -1).type(' and mine')
    program.getXmlFragment(fragmentName).delete(1, 1)
    sync(program, ann.ydoc)
    expect(ann.lines).toEqual(['one', 'three'])
    vi.advanceTimersByTime(patienceMs)
    expect(rescues).toMatchObject([{ text: 'two and mine', isOwn: true, by: null, isBySelf: false }])
    const [rescue] = rescues
    rescue?.restore()
    rescue?.restore()
    expect(rescues).toEqual([])
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
    vi.advanceTimersByTime(patienceMs)
    const all = [...mine, ...theirs]
    expect(all.map(({ text }) => text)).toContain(' last words')
    for (const { restore } of all) restore()
    for (let times = 0; times < 3; times++) {
      sync(ann.ydoc, eve.ydoc)
      sync(eve.ydoc, ann.ydoc)
    }
    expect(ann.lines).toEqual(['one', ' last words'])
    expect(eve.lines).toEqual(ann.lines)
  })

  test('[E42] is offered with the name of the person whose change it was, or that they had when they were here', () => {
    for (const isGone of [false, true]) {
      const { writer: ann, awareness } = named('Ann')
      ann.write(p('one'), p('two'))
      const ada = named('Ada', copyOf(ann.ydoc))
      const gone = new Writer(copyOf(ann.ydoc))
      introduce(ada.awareness, awareness)
      const [rescues, atAda] = [rescuesOf(ann), rescuesOf(ada.writer)]
      gone.at(1, -1).type(' last words')
      sync(gone.ydoc, ann.ydoc)
      deleteSecond(ada.writer)
      if (isGone) removeAwarenessStates(awareness, [ada.awareness.clientID], 'network')
      sync(ada.writer.ydoc, ann.ydoc)
      sync(gone.ydoc, ada.writer.ydoc)
      vi.advanceTimersByTime(patienceMs)
      const shared = { text: ' last words', isOwn: false }
      expect(rescues).toMatchObject([{ ...shared, by: 'Ada', isBySelf: false }])
      expect(atAda).toMatchObject([{ ...shared, by: null, isBySelf: true }])
    }
  })

  test('[E42] is not offered before its author had time to come back, nor when they are back', () => {
    for (const isBack of [false, true]) {
      const { writer: ann, awareness } = named('Ann')
      ann.write(p('one'), p('two'))
      const bob = named('Bob', copyOf(ann.ydoc))
      const eve = new Writer(copyOf(ann.ydoc))
      const rescues = rescuesOf(ann)
      bob.writer.at(1, -1).type(' by bob')
      sync(bob.writer.ydoc, eve.ydoc)
      deleteSecond(ann)
      sync(eve.ydoc, ann.ydoc)
      vi.advanceTimersByTime(patienceMs - 1)
      expect(rescues).toEqual([])
      if (isBack) introduce(bob.awareness, awareness)
      vi.advanceTimersByTime(1)
      expect(rescues).toHaveLength(isBack ? 0 : 1)
      sync(ann.ydoc, bob.writer.ydoc)
      sync(bob.writer.ydoc, ann.ydoc)
      expect([ann.lines, rescues]).toEqual([['one', ' by bob'], []])
    }
  })

  test('[E42] is not offered any more once somebody has put it back', () => {
    const ann = new Writer().write(p('one'), p('two'))
    const [gone, eve] = [new Writer(copyOf(ann.ydoc)), named('Eve', copyOf(ann.ydoc)).writer]
    const [bob, carl] = [named('Bob', copyOf(ann.ydoc)).writer, named('Carl', copyOf(ann.ydoc)).writer]
    const [atBob, atCarl] = [rescuesOf(bob), rescuesOf(carl)]
    gone.at(1, -1).type(' last words')
    deleteSecond(eve)
    for (const { ydoc } of [bob, carl]) {
      sync(gone.ydoc, ydoc)
      sync(eve.ydoc, ydoc)
    }
    vi.advanceTimersByTime(patienceMs)
    for (const rescues of [atBob, atCarl]) expect(rescues).toMatchObject([{ text: ' last words' }])
    atBob[0]?.restore()
    expect([atBob, atCarl.length]).toEqual([[], 1])
    const late = atCarl[0]
    sync(bob.ydoc, carl.ydoc)
    expect(atCarl).toEqual([])
    late?.restore()
    sync(carl.ydoc, bob.ydoc)
    for (const { lines } of [bob, carl]) expect(lines).toEqual(['one', ' last words'])
  })

  test('[E42] is not offered any more once its author has put it back', () => {
    const ann = named('Ann').writer.write(p('one'), p('two'))
    const [bob, eve] = [new Writer(copyOf(ann.ydoc)), new Writer(copyOf(ann.ydoc))]
    const rescues = rescuesOf(ann)
    bob.at(1, -1).type(' by bob')
    deleteSecond(eve)
    sync(bob.ydoc, ann.ydoc)
    sync(eve.ydoc, ann.ydoc)
    vi.advanceTimersByTime(patienceMs)
    expect(rescues).toMatchObject([{ text: ' by bob' }])
    sync(eve.ydoc, bob.ydoc)
    sync(bob.ydoc, ann.ydoc)
    expect([rescues, ann.lines]).toEqual([[], ['one', ' by bob']])
  })

  test('[E42] text of somebody who is here is left to their own editor', () => {
    const { writer: ann, awareness } = named('Ann')
    ann.write(p('one'), p('two'))
    const bob = named('Bob', copyOf(ann.ydoc))
    introduce(bob.awareness, awareness)
    const rescues = rescuesOf(ann)
    bob.writer.at(1, -1).type(' by bob')
    deleteSecond(ann)
    sync(bob.writer.ydoc, ann.ydoc)
    vi.advanceTimersByTime(patienceMs)
    expect(rescues).toEqual([])
    sync(ann.ydoc, bob.writer.ydoc)
    sync(bob.writer.ydoc, ann.ydoc)
    expect(ann.lines).toEqual(['one', ' by bob'])
  })
})
