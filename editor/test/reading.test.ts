// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { EditorState } from 'prosemirror-state'
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { replaceRanges } from '../commands/replace.ts'
import { countDocument, countText } from '../reading/count.ts'
import { depthsOf, headingAt, outlineOf } from '../reading/outline.ts'
import { matchesIn, patternOf, type Query } from '../reading/pattern.ts'
import { schema, type TextStyle } from '../schema/index.ts'
import { announcePeople } from '../ui/announcing.ts'
import { parseIdentity } from '../ui/presence.ts'
import { p } from './page.ts'

const plain: Query = { search: '', isCaseSensitive: false, isWholeWord: false, isRegExp: false }
const styled = (style: TextStyle, text: string) => p(text, { style })
const doc = (...blocks: ReturnType<typeof p>[]) => schema.node('doc', null, blocks)

function find(query: Partial<Query>, text: string): string[] {
  const pattern = patternOf({ ...plain, ...query })
  if (pattern === null) throw new Error('no pattern')
  return matchesIn(pattern, text, 100).map(([whole]) => text.slice(...(whole ?? [0, 0])))
}

describe('Finding', () => {
  test('[E71] plain text is found as it stands, letters beside it included or not', () => {
    expect(find({ search: 'a.c' }, 'abc a.c A.C')).toEqual(['a.c', 'A.C'])
    expect(find({ search: '(x) $1 \\n [' }, 'see (x) $1 \\n [')).toEqual(['(x) $1 \\n ['])
    expect(find({ search: 'cat', isWholeWord: true }, 'cat cat5 concat _cat Cat. čat')).toEqual([
      'cat',
      'Cat',
    ])
    expect(find({ search: 'né', isWholeWord: true }, 'né née')).toEqual(['né'])
    expect(find({ search: 'cat', isCaseSensitive: true }, 'İİ Cat cat')).toEqual(['cat'])
  })

  test('[E71] expressions that are none are refused, those that match nothing find nothing', () => {
    for (const search of ['(', 'a)', '[', '*', '\\p{Nope}', ')(']) {
      expect(patternOf({ ...plain, search, isRegExp: true })).toBeNull()
      expect(patternOf({ ...plain, search, isRegExp: true, isWholeWord: true })).toBeNull()
    }
    expect(find({ search: 'x*', isRegExp: true }, 'a😀xxb')).toEqual(['xx'])
    expect(find({ search: 'a|ab', isRegExp: true, isWholeWord: true }, 'ab a')).toEqual(['ab', 'a'])
  })

  test('[E74] replacing puts groups where they belong, with their marks, and changes only what differs', () => {
    const strong = schema.marks.strong.create()
    const block = schema.nodes.paragraph.create(null, [
      schema.text('one', [strong]),
      schema.text(' and two; one and two'),
    ])
    const state = EditorState.create({ doc: doc(block) })
    const pattern = patternOf({ ...plain, search: '(\\w+) and (\\w+)', isRegExp: true })
    if (pattern === null) throw new Error('no pattern')
    const ranges = matchesIn(pattern, block.textContent, 10).map((groups) => {
      const [from, to] = groups[0] ?? [0, 0]
      return { from: from + 1, to: to + 1, groups }
    })
    const swapped = replaceRanges(state.tr, ranges, { text: '$2 & $1 $$1 $9', isTemplate: true })
    expect(swapped.doc.textContent).toBe('two & one $1 ; two & one $1 ')
    expect(swapped.doc.child(0).child(1).text).toBe(' & one $1 ')
    expect(swapped.doc.child(0).child(1).marks).toEqual([strong])
    const shortened = replaceRanges(state.tr, [{ from: 5, to: 8, groups: [[4, 7]] }], {
      text: 'an',
      isTemplate: false,
    })
    expect(shortened.doc.textContent).toBe('one an two; one and two')
    const touched: number[] = []
    for (const map of shortened.mapping.maps) map.forEach((from, to) => touched.push(from, to))
    expect(touched).toEqual([7, 8])
  })
})

describe('Reading', () => {
  test('[E75] the outline has titles and headings, the deeper below the higher', () => {
    const page = doc(
      styled('title', 'T'),
      p('x'),
      styled('heading3', 'A'),
      styled('heading2', 'B'),
      styled('heading2', ' '),
    )
    const outline = outlineOf(page)
    expect(outline.map(({ text, level }) => [text, level])).toEqual([
      ['T', 0],
      ['A', 3],
      ['B', 2],
    ])
    expect(depthsOf(outline)).toEqual([1, 2, 2])
    expect(headingAt(outline, 4)?.text).toBe('T')
    expect(headingAt([], 4)).toBeNull()
  })

  test('[E75] words and characters are counted as people count them', () => {
    expect(countText('It’s 3.5 o’clock, don\u2019t you think?').words).toBe(6)
    expect(countText("don't stop").words).toBe(2)
    expect(countText('日本語の文章です').words).toBeGreaterThan(2)
    expect(countText('👩‍👩‍👧 é')).toEqual({ words: 1, characters: 3 })
    const page = doc(p('one two'), p(''), p('three'))
    expect(countDocument(page)).toEqual({ words: 3, characters: 12 })
    expect(countDocument(page, 5, 14)).toEqual({ words: 2, characters: 5 })
  })
})

describe('People', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  test('[E77] names lose what turns or hides text, and keep what emoji and scripts need', () => {
    const name = (raw: string) => parseIdentity({ user: { name: raw } }, 7).name
    expect(name('\u202eAda\u2066 \u0000Love\nlace\u2028')).toBe('Ada Love lace')
    expect(name('\u200f\u202e')).toBe('Guest 7')
    expect(name('👩‍💻 می‌خواهم')).toBe('👩‍💻 می‌خواهم')
  })

  test('[E77] who comes and goes is told in few words; who was here, or only reloads, is not', () => {
    const awareness = new Awareness(new Y.Doc())
    const said: string[] = []
    const stop = announcePeople(awareness, (words) => said.push(words))
    const set = (client: number, name: string | null): void => {
      if (name === null) awareness.states.delete(client)
      else awareness.states.set(client, { user: { id: name, name } })
      awareness.emit('change', [{ added: [], updated: [], removed: [] }, 'test'])
    }
    const later = () => vi.advanceTimersByTime(3000)
    set(1, 'Ada')
    later()
    expect(said).toEqual([])
    set(2, 'Bob')
    set(3, 'Bob')
    later()
    set(1, null)
    set(4, 'Ada')
    later()
    for (const [index, name] of ['C', 'D', 'E', 'F'].entries()) set(10 + index, name)
    set(2, null)
    set(3, null)
    later()
    expect(said).toEqual(['Bob joined', '4 people joined. Bob left'])
    stop()
    awareness.destroy()
  })
})
