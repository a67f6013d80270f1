// @vitest-environment jsdom
import { Plugin } from 'prosemirror-state'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { findPosition, savePosition } from '../binding/binding.ts'
import { parseColor, textColorOn } from '../ui/color.ts'
import { listPeople, parseIdentity } from '../ui/presence.ts'
import { remoteCursors } from '../ui/remote-cursors.ts'
import { p, two, Writer } from './page.ts'

describe('People', () => {
  test('[E27] a person in two tabs is listed once, and the person here first', () => {
    const ada = { user: { id: 'a', name: 'Ada', color: '#112233' } }
    const states = new Map<number, unknown>([
      [9, ada],
      [3, ada],
      [7, { user: { name: 'Bob' } }],
      [5, { user: { name: 'Bob' } }],
    ])
    const people = listPeople(states, 9)
    expect(people.map(({ name, clients, isSelf }) => [name, clients, isSelf])).toEqual([
      ['Ada', [9, 3], true],
      ['Bob', [5], false],
      ['Bob', [7], false],
    ])
  })

  test('[E28] names are cut at 40 characters, colours must be #rrggbb, and anything else gets a stand-in', () => {
    const long = parseIdentity({ user: { name: '👩'.repeat(60), color: 'red; background: url(x)' } }, 1)
    expect(Array.from(long.name)).toHaveLength(40)
    expect(long.color).toMatch(/^#[0-9a-f]{6}$/)
    for (const state of [null, 7, 'x', {}, { user: null }, { user: { name: {}, color: [] } }]) {
      expect(parseIdentity(state, 1)).toMatchObject({ name: 'Guest 1', id: null })
    }
    expect(parseColor('#AbCdEf', 1)).toBe('#AbCdEf')
  })

  test('[E28] the name on a flag can be read on any colour', () => {
    const contrast = (color: string) => {
      const luminance = (hex: string) =>
        [1, 3, 5]
          .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
          .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
          .reduce((sum, v, index) => sum + v * [0.2126, 0.7152, 0.0722][index]!, 0)
      const [a, b] = [luminance(color), luminance(textColorOn(color))].sort((x, y) => y - x)
      return (a! + 0.05) / (b! + 0.05)
    }
    for (let value = 0; value < 0xffffff; value += 0x10101 * 3 + 0x1234) {
      expect(contrast(`#${value.toString(16).padStart(6, '0')}`)).toBeGreaterThanOrEqual(4.5)
    }
  })
})

describe('Others’ cursors', () => {
  test('[E29] are read from y-prosemirror’s own format and stay with their text', () => {
    const { ann, bob, meet } = two(p('hello'))
    const cursor = { anchor: savePosition(bob.state, 2), head: savePosition(bob.state, 4) }
    ann.at(0, 0).type('>>')
    meet()
    ann.editor.awareness.states.set(77, { cursor, user: { name: 'Bob' } })
    expect(remoteCursors(ann.state, ann.editor.awareness)).toMatchObject([
      { client: 77, name: 'Bob', anchor: 4, head: 6 },
    ])
  })

  test('[E28] that are malformed or hostile are passed over, and create nothing in the document', () => {
    const writer = new Writer().write(p('hello'))
    const good = savePosition(writer.state, 2)
    const id = (client: unknown, clock: unknown) => ({ item: { client, clock } })
    const bad = [
      null,
      1,
      'x',
      {},
      { tname: 'intruder' },
      { type: {} },
      id(1e300, 0),
      id(-1, 2),
      id('a', 0),
      id(NaN, 1),
      { item: [] },
      { type: { client: 5, clock: 5 } },
    ]
    for (const [index, position] of bad.entries()) {
      expect(findPosition(writer.state, position)).toBeNull()
      writer.editor.awareness.states.set(100 + index, { cursor: { anchor: good, head: position } })
    }
    // What a peer sends is not always the object its type promises.
    const states: Map<number, unknown> = writer.editor.awareness.states
    for (const [index, state] of [null, 4, { cursor: 7 }, { cursor: [] }].entries())
      states.set(300 + index, state)
    expect(remoteCursors(writer.state, writer.editor.awareness)).toEqual([])
    expect([...writer.ydoc.share.keys()]).not.toContain('intruder')
  })
})

describe('The cursor here', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  function published(writer: Writer): unknown {
    const cursor: unknown = writer.editor.awareness.getLocalState()?.['cursor']
    return typeof cursor === 'object' && cursor !== null && 'head' in cursor
      ? findPosition(writer.state, cursor.head)
      : cursor
  }

  test('[E30] is published once the editor is focused, at most every 60 ms, and kept when the focus goes elsewhere', () => {
    const writer = new Writer().write(p('hello'))
    writer.at(0, 1)
    vi.advanceTimersByTime(1000)
    expect(published(writer)).toBeUndefined()
    writer.view.focus()
    vi.advanceTimersByTime(60)
    expect(published(writer)).toBe(2)
    let changes = 0
    writer.editor.awareness.on('change', () => changes++)
    for (const offset of [2, 3, 4]) writer.at(0, offset)
    vi.advanceTimersByTime(60)
    expect([published(writer), changes]).toEqual([5, 1])
    writer.view.dom.blur()
    vi.advanceTimersByTime(1000)
    expect(published(writer)).toBe(5)
  })

  test('[E30] stays with whoever writes while plugins come or go', () => {
    const writer = new Writer().write(p('hello')).at(0, 1)
    writer.view.focus()
    vi.advanceTimersByTime(60)
    const { state } = writer.view
    writer.view.updateState(state.reconfigure({ plugins: [...state.plugins, new Plugin({})] }))
    vi.advanceTimersByTime(60)
    expect(published(writer)).toBe(2)
  })

  test('[E30] is withdrawn when the page is hidden and when the editor is destroyed', () => {
    const awareness = new Awareness(new Y.Doc())
    const writer = new Writer(awareness.doc, awareness).write(p('hello')).at(0, 0)
    writer.view.focus()
    vi.advanceTimersByTime(60)
    const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
    document.dispatchEvent(new Event('visibilitychange'))
    expect(published(writer)).toBeNull()
    hidden.mockReturnValue(false)
    document.dispatchEvent(new Event('visibilitychange'))
    vi.advanceTimersByTime(60)
    expect(published(writer)).toBe(1)
    hidden.mockRestore()
    writer.editor.destroy()
    expect(awareness.getLocalState()).toEqual({ cursor: null })
    awareness.destroy()
  })

  test('[E29] others’ carets are drawn beside the editable element, as text only', () => {
    const writer = new Writer().write(p('hello'))
    const cursor = { anchor: savePosition(writer.state, 1), head: savePosition(writer.state, 3) }
    const before = writer.view.dom.innerHTML
    writer.editor.awareness.states.set(77, { cursor, user: { name: '<img src=x>', color: '#c2255c' } })
    writer.editor.awareness.emit('change', [{ added: [77], updated: [], removed: [] }, 'test'])
    vi.advanceTimersByTime(50)
    const layer = writer.view.dom.parentElement?.querySelector(':scope > .coscribe-carets')
    expect(layer?.querySelector('.coscribe-flag')?.textContent).toBe('<img src=x>')
    expect(layer?.querySelector('img')).toBeNull()
    expect(writer.view.dom.innerHTML).toBe(before)
    const caret = layer?.querySelector('.coscribe-caret')
    expect(caret?.classList.contains('is-fresh')).toBe(true)
    vi.advanceTimersByTime(2000)
    expect(caret?.classList.contains('is-fresh')).toBe(false)
  })
})

test('[E29] a relative position of our own round trips through every place in a document', () => {
  const writer = new Writer().write(p('ab'), p(''), p('c', { list: 'task' }))
  for (const position of [1, 2, 3, 5, 7, 8]) {
    expect(findPosition(writer.state, savePosition(writer.state, position))).toBe(position)
  }
  expect(Y.encodeStateVector(writer.ydoc).length).toBeGreaterThan(0)
})
