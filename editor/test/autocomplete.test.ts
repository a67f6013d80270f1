// @vitest-environment jsdom
import { describe, expect, test } from 'vitest'
import { toggle } from '../commands/marks.ts'
import { askForCompletion, closeCompletion, findCompletion } from '../plugins/autocomplete.ts'
import { schema } from '../schema/index.ts'
import { matchName } from '../ui/match-name.ts'
import { p, two, Writer } from './page.ts'

const open = (writer: Writer) => {
  const found = findCompletion(writer.state)
  return found === null ? null : found.trigger + found.query
}

const typing = (text: string, before = '') => new Writer().write(p(before)).at(0, -1).type(text)

describe('What is typed for a menu', () => {
  test('[E55] is a trigger at the start of a line, after a space or after an opening bracket', () => {
    expect(open(typing('/'))).toBe('/')
    expect(open(typing('say /he'))).toBe('/he')
    expect(open(typing('(@an'))).toBe('@an')
    expect(open(typing('so :sm'))).toBe(':sm')
    expect(open(typing('/heading 2'))).toBe('/heading 2')
  })

  test('[E55] is nothing in a word, an address or a date, nor a smiley', () => {
    for (const text of [
      'and/or',
      'ann@example',
      'https://a',
      '1/2',
      '10:30',
      'so :)',
      'so :D',
      'a/ b',
      '/ a',
      '//',
    ])
      expect([text, open(typing(text))]).toEqual([text, null])
  })

  test('[E55] is nothing in code, in a formula or in a link', () => {
    const block = new Writer().write(schema.nodes.code_block.create()).at(0)
    expect(open(block.type('/'))).toBeNull()
    const inline = new Writer().write(p()).at(0)
    inline.run(toggle('code'))
    expect(open(inline.type('a /'))).toBeNull()
    const formula = schema.text('x ', [schema.marks.math.create()])
    const math = new Writer().write(schema.nodes.paragraph.create(null, formula)).at(0, -1)
    expect(open(math.type('/'))).toBeNull()
  })

  test('[E55] ends with Escape, for this trigger only', () => {
    const writer = typing('/h')
    expect(writer.run(closeCompletion)).toBe(true)
    expect(open(writer.type('ea'))).toBeNull()
    expect(open(writer.type(' /'))).toBe('/')
    const emoji = typing('so :sm')
    emoji.run(closeCompletion)
    expect(open(emoji.type('i'))).toBeNull()
    expect(open(emoji.type('le :sm'))).toBe(':sm')
  })

  test('[E55] ends when the caret leaves it, and does not begin again by going on', () => {
    const writer = typing('go /he')
    expect(open(writer.at(0, 1))).toBeNull()
    expect(open(writer.at(0, -1).type('x'))).toBeNull()
  })

  test('[E55] is not asked for by pasting or by what others type', () => {
    const writer = new Writer().write(p('')).at(0)
    expect(open(writer.paste({ text: '/' }))).toBeNull()
    const { ann, bob, meet } = two(p('text '))
    ann.at(0, -1)
    bob.at(0, -1).type('/')
    meet()
    expect([open(ann), open(bob)]).toEqual([null, '/'])
  })

  test('[E55] moves with what others type before it and stays open', () => {
    const { ann, bob, meet } = two(p('some text '), p('below'))
    ann.at(0, -1).type('/he')
    const before = findCompletion(ann.state)
    bob.at(0, 4).type(' more')
    bob.at(1, 0).type('far ')
    meet()
    const after = findCompletion(ann.state)
    expect(open(ann)).toBe('/he')
    expect(after?.from).toBe((before?.from ?? 0) + 5)
    ann.type('a')
    expect(open(ann)).toBe('/hea')
  })

  test('[E55] ends when somebody takes the trigger away', () => {
    const { ann, bob, meet } = two(p('some '), p('x'))
    ann.at(0, -1).type('/he')
    meet()
    const from = bob.startOf(0) + 4
    bob.view.dispatch(bob.state.tr.delete(from, from + 4))
    meet()
    expect([open(ann), ann.lines]).toEqual([null, ['some', 'x']])
  })

  test('[E55] can be asked for where typing would not', () => {
    const writer = new Writer().write(p('word')).at(0, -1)
    writer.run(askForCompletion(':'))
    expect([open(writer), writer.lines]).toEqual([':', ['word :']])
  })
})

describe('Names', () => {
  test('[E56] fit by their start, by a later word, by keywords, and by letters in order, in this order', () => {
    const scores = [
      matchName('head', 'Heading 1'),
      matchName('list', 'Bulleted list'),
      matchName('todo', 'Task list', ['todo']),
      matchName('h2', 'Heading 2'),
      matchName('eo', 'Émile Org'),
    ]
    expect(scores[0]).toBeGreaterThan(scores[1]!)
    expect(scores[1]).toBeGreaterThan(scores[3]!)
    expect(scores.every((score) => score >= 0)).toBe(true)
    expect(matchName('emile', 'Émile')).toBe(100)
    expect(matchName('xyz', 'Heading 1')).toBe(0)
  })
})
