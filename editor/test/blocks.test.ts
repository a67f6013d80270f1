// @vitest-environment jsdom
import type { Node } from 'prosemirror-model'
import { describe, expect, test } from 'vitest'
import { activeStyle, setStyle, toggleCodeBlock, toggleList } from '../commands/blocks.ts'
import {
  findCallout,
  insertCallout,
  setCalloutKind,
  toggleCallout,
  unwrapCallout,
} from '../commands/callouts.ts'
import { insertCode, insertFormula, setLanguage } from '../commands/code.ts'
import { continueNumbering, numberOf, restartNumbering } from '../commands/lists.ts'
import { insertMath, openFormula } from '../commands/math.ts'
import { refuseFormula } from '../ui/formula.ts'
import { schema, type ParagraphAttrs } from '../schema/index.ts'
import { p, two, Writer } from './page.ts'

const item = (text: string, attrs: Partial<ParagraphAttrs> = {}) => p(text, { list: 'ordered', ...attrs })
const numbers = (writer: Writer) => writer.doc.children.map((_, index) => numberOf(writer.doc, index))
const code = (text: string) => schema.nodes.code_block.create(null, schema.text(text))

describe('Numbered lists', () => {
  test('[E69] begin with the number that is typed', () => {
    const writer = new Writer().write(p(''))
    writer.at(0).type('5. five\nsix')
    expect(numbers(writer)).toEqual([5, 6])
    expect(writer.xml).toContain('start="5"')
    expect(writer.xml.split('start=')).toHaveLength(2)
    expect(new Writer().write(p('')).at(0).type('1. one').xml).not.toContain('start')
  })

  test('[E69] begin anew and go on by command', () => {
    const writer = new Writer().write(
      item('a'),
      item('b'),
      item('c', { level: 1 }),
      item('d'),
      p('between'),
      item('e'),
    )
    expect(numbers(writer)).toEqual([1, 2, 1, 3, null, 1])
    expect(writer.at(5).run(continueNumbering)).toBe(true)
    expect(numbers(writer)).toEqual([1, 2, 1, 3, null, 4])
    expect(writer.at(1).run(restartNumbering())).toBe(true)
    expect(numbers(writer)).toEqual([1, 1, 1, 2, null, 4])
    expect(writer.at(1).run(continueNumbering)).toBe(true)
    expect(numbers(writer)).toEqual([1, 2, 1, 3, null, 4])
    expect(writer.at(4).run(restartNumbering())).toBe(false)
  })

  test('[E101] begin anew and go on at each level by itself', () => {
    const writer = new Writer().write(
      item('a'),
      item('a.a', { level: 1 }),
      item('a.b', { level: 1 }),
      item('a.b.a', { level: 2 }),
      item('a.b.b', { level: 2 }),
      item('a.c', { level: 1 }),
      item('b'),
      item('b.a', { level: 1 }),
    )
    expect(numbers(writer)).toEqual([1, 1, 2, 1, 2, 3, 2, 1])
    for (const first of [0, 1, 3, 7]) expect(writer.at(first).run(restartNumbering())).toBe(false)
    expect(writer.at(2).run(restartNumbering())).toBe(true)
    expect(numbers(writer)).toEqual([1, 1, 1, 1, 2, 2, 2, 1])
    expect(writer.at(4).run(restartNumbering())).toBe(true)
    expect(numbers(writer)).toEqual([1, 1, 1, 1, 1, 2, 2, 1])
    expect(writer.at(7).run(continueNumbering)).toBe(true)
    expect(numbers(writer)).toEqual([1, 1, 1, 1, 1, 2, 2, 3])
    for (const at of [2, 4]) expect(writer.at(at).run(continueNumbering)).toBe(true)
    expect(numbers(writer)).toEqual([1, 1, 2, 1, 2, 3, 2, 3])
    expect(writer.at(7).run(restartNumbering())).toBe(true)
    expect(numbers(writer).at(-1)).toBe(1)
  })

  test('[E69] keep their numbers when split at the start, and lose them with the list', () => {
    const writer = new Writer().write(item('five', { start: 5 }))
    writer.at(0).press('Enter')
    expect(numbers(writer)).toEqual([5, 6])
    writer.at(0).run(toggleList('ordered'))
    expect(writer.doc.child(0).attrs['start']).toBeNull()
  })

  test('[E69] go out as HTML and text with their numbers, and come back', () => {
    const writer = new Writer().write(item('a', { start: 3 }), item('b'), item('c', { start: 9 }))
    const html = writer.editor.getHTML()
    expect(html).toBe('<ol start="3"><li>a</li><li>b</li></ol><ol start="9"><li>c</li></ol>')
    expect(writer.editor.getText()).toBe('3. a\n4. b\n9. c')
    const other = new Writer().write(p(''))
    other.at(0).paste({ html })
    expect(numbers(other)).toEqual([3, 4, 9])
  })
})

describe('Callouts', () => {
  test('[E68] are put around the selection, changed by an attribute, and taken away', () => {
    const writer = new Writer().write(p('one'), p('two'))
    writer.at(0, 0, 6)
    expect(writer.run(insertCallout('warning'))).toBe(true)
    expect(writer.lines).toEqual(['[callout: onetwo]'])
    expect(writer.run(setCalloutKind(0, 'tip'))).toBe(true)
    expect(findCallout(writer.state.selection.$from)?.kind).toBe('tip')
    expect(writer.run(unwrapCallout(0))).toBe(true)
    expect(writer.lines).toEqual(['one', 'two'])
  })

  test('[E68] are typed as GitHub writes them', () => {
    const writer = new Writer().write(p(''))
    writer.at(0).type('> [!CAUTION] hot')
    expect(writer.xml).toBe('<callout kind="caution"><paragraph>hot</paragraph></callout>')
    expect(new Writer().write(p('')).at(0).type('[!other] x').lines).toEqual(['[!other] x'])
  })

  test('[E68] are left by Enter at their end and by Backspace at their start', () => {
    const writer = new Writer().write(p('one'))
    writer.at(0, -1).run(toggleCallout)
    writer.type('\n\nout')
    expect(writer.lines).toEqual(['[callout: one]', 'out'])
    const other = new Writer().write(p(''), p('after'))
    other.at(0).run(toggleCallout)
    other.press('Backspace')
    expect(other.lines).toEqual(['', 'after'])
  })

  for (const [name, change] of Object.entries({ wrap: insertCallout('note'), unwrap: unwrapCallout(0) }))
    test(`[E68] what is typed stays, once, when somebody does: ${name}`, () => {
      const text: Node = p('hello')
      const { ann, bob, same } = two(name === 'wrap' ? text : schema.nodes.callout.create(null, text))
      const depth = name === 'wrap' ? 0 : 1
      ann.at(0, depth).run(change)
      bob.at(0, 5 + depth).type(' world')
      same()
      expect(ann.doc.textContent).toBe('hello world')
    })

  test('[E68] two people’s kinds: one of them holds, the words stay', () => {
    const { ann, bob, same } = two(schema.nodes.callout.create({ kind: 'tip' }, p('hello')))
    ann.run(setCalloutKind(0, 'warning'))
    bob.run(setCalloutKind(0, 'caution'))
    bob.at(0, 6).type('!')
    same()
    expect(ann.doc.textContent).toBe('hello!')
  })
})

describe('Code', () => {
  test('[E66] is inserted in place of an empty paragraph, or after one with text', () => {
    const writer = new Writer().write(p(''))
    writer.at(0).run(insertCode('js'))
    expect(writer.xml).toBe('<code_block language="js"></code_block>')
    const other = new Writer().write(p('text'), p('more'))
    other.at(0).run(insertFormula)
    other.type('x')
    expect(other.lines).toEqual(['text', 'code_block x', 'more'])
    expect(other.doc.child(1).attrs['language']).toBe('math')
  })

  test('[E66] changes its language by an attribute, while somebody types in it', () => {
    const { ann, bob, same } = two(code('let'))
    ann.run(setLanguage(0, 'javascript'))
    bob.at(0, -1).type(' a')
    same()
    expect(ann.lines).toEqual(['code_block let a'])
    expect(ann.run(setLanguage(0, 'not a language"'))).toBe(true)
    expect(ann.doc.child(0).attrs['language']).toBeNull()
  })

  test('[E66] Enter keeps the indentation; Tab and Shift-Tab change it, of all selected lines', () => {
    const writer = new Writer().write(code('  a'))
    writer.at(0, -1).type('\nb')
    expect(writer.doc.child(0).textContent).toBe('  a\n  b')
    writer.at(0, 1, 5).press('Tab')
    expect(writer.doc.child(0).textContent).toBe('    a\n    b')
    writer.at(0, 1, 9).press('Shift-Tab')
    expect(writer.doc.child(0).textContent).toBe('  a\n  b')
  })

  test('[E66] a picture’s caption is no code block and no heading', () => {
    const picture = schema.nodes.image.create({ src: 'https://example.com/a.png' }, schema.text('caption'))
    const writer = new Writer().write(picture, p('after'))
    writer.at(0, 2)
    expect(activeStyle(writer.state)).toBeUndefined()
    expect(writer.run(toggleCodeBlock)).toBe(false)
    expect(writer.run(setStyle('heading1'))).toBe(false)
    writer.at(0, 2, 9).run(toggleCodeBlock)
    expect(writer.doc.children.map(({ type }) => type.name)).toEqual(['image', 'code_block'])
  })
})

describe('Formulas', () => {
  test('[E67] are typed between dollars, and money is none', () => {
    expect(new Writer().write(p('')).at(0).type('$x^2$ is').lines).toEqual(['<math>x^2</math> is'])
    expect(new Writer().write(p('')).at(0).type('$5 and $6').lines).toEqual(['$5 and $6'])
  })

  test('[E67] are inserted and made of the selection; the caret is in one until it leaves', () => {
    const writer = new Writer().write(p('a b'))
    writer.at(0, 2, 1).run(insertMath)
    expect(writer.lines).toEqual(['a <math>b</math>'])
    writer.at(0, -1)
    expect(openFormula(writer.state)?.tex).toBe('b')
    expect(writer.press('ArrowRight')).toBe(true)
    expect(openFormula(writer.state)).toBeNull()
    writer.type(' c')
    expect(writer.lines).toEqual(['a <math>b</math> c'])
  })

  test('[E67] that define commands, or are too long, are not drawn', () => {
    for (const tex of [
      '\\def\\a{\\a}\\a',
      '\\newcommand{\\a}{b}',
      '\\let\\a=b',
      '\\gdef\\x{}',
      'x'.repeat(5000),
    ])
      expect(refuseFormula(tex)).not.toBeNull()
    for (const tex of ['x^2', '\\\\default', '\\lettrine', '\\frac{a}{b}'])
      expect(refuseFormula(tex)).toBeNull()
  })
})
