// @vitest-environment jsdom
import { describe, expect, test } from 'vitest'
import { parseAddress, parseImageSource, completeAddress } from '../address.ts'
import { undo } from '../binding/binding.ts'
import { trimAddress } from '../plugins/autolink.ts'
import { schema } from '../schema/index.ts'
import { p, Writer } from './page.ts'

const writer = (...blocks: ReturnType<typeof p>[]) => new Writer().write(...blocks)

describe('Enter', () => {
  for (const style of ['title', 'heading1', 'heading6'] as const) {
    test(`[E12] at the end of a ${style} starts a plain paragraph`, () => {
      expect(writer(p('head', { style })).at(0, -1).type('\nx').lines).toEqual([`${style} head`, 'x'])
    })
  }

  test('[E12] in the middle of a heading makes two headings', () => {
    expect(
      writer(p('onetwo', { style: 'heading2' }))
        .at(0, 3)
        .type('\n').lines,
    ).toEqual(['heading2 one', 'heading2 two'])
  })

  test('[E12] at the start of a heading puts a plain paragraph above it and leaves the heading’s text in its node', () => {
    const w = writer(p('head', { style: 'heading1' })).at(0, 0)
    const node = w.doc.child(0)
    w.type('\n')
    expect(w.lines).toEqual(['', 'heading1 head'])
    expect(w.doc.child(1)).toBe(node)
  })

  test('[E12] at the end of a quote or list item goes on with it', () => {
    expect(
      writer(p('said', { style: 'quote' }))
        .at(0, -1)
        .type('\nx').lines,
    ).toEqual(['quote said', 'quote x'])
    const item = { list: 'ordered', level: 2 } as const
    expect(writer(p('one', item)).at(0, -1).type('\ntwo').lines).toEqual(['ordered·2 one', 'ordered·2 two'])
  })

  test('[E12] after a checked task starts an unchecked one', () => {
    const w = writer(p('done', { list: 'task', checked: true }))
    expect(w.at(0, -1).type('\nnext').lines).toEqual(['task done done', 'task next'])
  })

  test('[E12] in an empty list item moves it out one level at a time, then out of the list', () => {
    const w = writer(p('one', { list: 'bullet', level: 1 }))
      .at(0, -1)
      .type('\n')
    expect(w.lines).toEqual(['bullet·1 one', 'bullet·1'])
    expect(w.type('\n').lines).toEqual(['bullet·1 one', 'bullet'])
    expect(w.type('\n').lines).toEqual(['bullet·1 one', ''])
  })

  test('[E12] in an empty quote leaves the quote', () => {
    expect(
      writer(p('', { style: 'quote' }))
        .at(0)
        .type('\n').lines,
    ).toEqual([''])
  })

  test('[E12] keeps bold for what is typed next, but not a link or code', () => {
    const w = writer(p('text')).at(0, 0, 4)
    w.press('Ctrl-b')
    w.at(0, -1).type('\nx')
    expect(w.lines).toEqual(['<strong>text</strong>', '<strong>x</strong>'])
    w.write(schema.nodes.paragraph.create(null, schema.text('a', [schema.marks.code.create()])))
    expect(w.at(0, -1).type('\nx').lines[1]).toBe('x')
  })

  test('[E12] three times at the end of a code block leaves it without the empty lines', () => {
    const w = writer(schema.nodes.code_block.create(null, schema.text('code')))
    expect(w.at(0, -1).type('\n\n\nx').lines).toEqual(['code_block code', 'x'])
  })

  test('[E84] what is typed behind a line break that was bold is bold', () => {
    const bold = schema.text('one', [schema.marks.strong.create()])
    const writer = new Writer().write(schema.nodes.paragraph.create(null, bold)).at(0, -1)
    writer.view.dispatch(writer.state.tr.replaceSelectionWith(schema.nodes.hard_break.create()))
    writer.type('two')
    expect(writer.lines).toEqual(['<strong>one</strong>[hard_break]<strong>two</strong>'])
  })

  test('[E12] with Shift breaks the line inside the paragraph', () => {
    const w = writer(p('ab')).at(0, 1)
    w.press('Shift-Enter')
    expect(w.lines).toEqual(['a[hard_break]b'])
  })
})

describe('Backspace at the start', () => {
  test('[E13] of a nested list item takes the list away, then the level, then joins', () => {
    const w = writer(p('above'), p('item', { list: 'bullet', level: 2 })).at(1, 0)
    const seen = [0, 1, 2].map(() => (w.press('Backspace'), w.lines))
    expect(seen).toEqual([['above', 'indent·2 item'], ['above', 'item'], ['aboveitem']])
  })

  for (const style of ['title', 'heading3', 'quote'] as const) {
    test(`[E13] of a ${style} makes it plain`, () => {
      const w = writer(p('above'), p('text', { style })).at(1, 0)
      w.press('Backspace')
      expect(w.lines).toEqual(['above', 'text'])
    })
  }

  test('[E13] of a paragraph after an empty one removes the empty one and keeps this one’s node', () => {
    const w = writer(p(''), p('text')).at(1, 0)
    const node = w.doc.child(1)
    w.press('Backspace')
    expect(w.lines).toEqual(['text'])
    expect(w.doc.child(0)).toBe(node)
  })

  test('[E13] of an empty code block makes it a paragraph', () => {
    const w = writer(p('above'), schema.nodes.code_block.create()).at(1, 0)
    w.press('Backspace')
    expect(w.lines).toEqual(['above', ''])
  })
})

describe('Keys', () => {
  const marks = { b: 'strong', i: 'em', u: 'underline', 'Shift-s': 'strike', 'Shift-x': 'strike', e: 'code' }
  for (const [key, mark] of Object.entries(marks)) {
    test(`[E11] Mod-${key} turns ${mark} on and off`, () => {
      const w = writer(p('text')).at(0, 0, 4)
      expect(w.press(`Ctrl-${key}`)).toBe(true)
      expect(w.lines).toEqual([`<${mark}>text</${mark}>`])
      w.press(`Ctrl-${key}`)
      expect(w.lines).toEqual(['text'])
    })
  }

  test('[E11] Mod-Alt-1 to 6 make headings and Mod-Alt-0 makes text', () => {
    const w = writer(p('text', { list: 'bullet', level: 2 })).at(0)
    for (const level of [1, 2, 3, 4, 5, 6]) {
      w.press(`Ctrl-Alt-${level}`)
      expect(w.lines).toEqual([`heading${level} text`])
    }
    w.press('Ctrl-Alt-0')
    expect(w.lines).toEqual(['text'])
  })

  test('[E11] Mod-Shift-7, 8 and 9 make lists of each kind, and the same key twice none', () => {
    const w = writer(p('text')).at(0)
    w.press('Ctrl-Shift-7')
    expect(w.lines).toEqual(['ordered text'])
    w.press('Ctrl-Shift-8')
    expect(w.lines).toEqual(['bullet text'])
    w.press('Ctrl-Shift-9')
    expect(w.lines).toEqual(['task text'])
    w.press('Ctrl-Shift-9')
    expect(w.lines).toEqual(['text'])
  })

  test('[E11] Tab and Shift-Tab move a list item in and out, eight levels deep at most', () => {
    const w = writer(p('item', { list: 'bullet' })).at(0)
    for (let times = 0; times < 10; times++) expect(w.press('Tab')).toBe(true)
    expect(w.lines).toEqual(['bullet·8 item'])
    for (let times = 0; times < 8; times++) expect(w.press('Shift-Tab')).toBe(true)
    expect(w.lines).toEqual(['bullet item'])
  })

  test('[E11] Tab outside lists, code and tables, and Shift-Tab at the outermost level, leave the editor', () => {
    expect(writer(p('text')).at(0).press('Tab')).toBe(false)
    expect(
      writer(p('item', { list: 'bullet' }))
        .at(0)
        .press('Shift-Tab'),
    ).toBe(false)
  })

  test('[E11] Tab in code inserts two spaces', () => {
    const w = writer(schema.nodes.code_block.create(null, schema.text('x'))).at(0, 0)
    w.press('Tab')
    expect(w.lines).toEqual(['code_block   x'])
  })

  test('[E11] Mod-Enter checks a task and leaves a code block', () => {
    const w = writer(p('milk', { list: 'task' }), schema.nodes.code_block.create(null, schema.text('x')))
    w.at(0).press('Ctrl-Enter')
    w.at(1).press('Ctrl-Enter')
    expect(w.lines).toEqual(['task done milk', 'code_block x', ''])
  })

  test('[E11] Mod-Z and Mod-Y undo and redo', () => {
    const w = writer(p('text')).at(0, -1).type('!')
    w.press('Ctrl-z')
    expect(w.lines).toEqual(['text'])
    w.press('Ctrl-y')
    expect(w.lines).toEqual(['text!'])
  })

  test('[E11] a task’s box is checked by a click and by Space, and the caret stays', () => {
    const w = writer(p('first'), p('milk', { list: 'task' })).at(0, 2)
    const box = () => w.view.dom.querySelector<HTMLInputElement>('input[type=checkbox]')!
    box().dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, detail: 1 }))
    expect(w.lines).toEqual(['first', 'task done milk'])
    expect(w.state.selection.head).toBe(3)
    box().focus()
    box().dispatchEvent(new KeyboardEvent('keydown', { key: ' ', bubbles: true, cancelable: true }))
    expect(w.lines).toEqual(['first', 'task milk'])
    expect(document.activeElement).toBe(box())
  })
})

describe('Typing Markdown', () => {
  const blocks: [typed: string, becomes: string][] = [
    ['# x', 'heading1 x'],
    ['###### x', 'heading6 x'],
    ['- x', 'bullet x'],
    ['* x', 'bullet x'],
    ['+ x', 'bullet x'],
    ['1. x', 'ordered x'],
    ['[ ] x', 'task x'],
    ['[x] x', 'task done x'],
    ['- [ ] x', 'task x'],
    ['> x', 'quote x'],
    ['``` x', 'code_block x'],
    ['```ts x', 'code_block x'],
  ]
  for (const [typed, becomes] of blocks) {
    test(`[E14] ${typed} becomes ${becomes}`, () => {
      expect(new Writer().type(typed).lines).toEqual([becomes])
    })
  }

  const inline: [typed: string, becomes: string][] = [
    ['a **b c** d', 'a <strong>b c</strong> d'],
    ['a *b* c', 'a <em>b</em> c'],
    ['a _b_ c', 'a <em>b</em> c'],
    ['a `b` c', 'a <code>b</code> c'],
    ['a ~~b~~ c', 'a <strike>b</strike> c'],
    ['a [b](https://c.example) d', 'a <link>b</link> d'],
    ['a __b c__ d', 'a <strong>b c</strong> d'],
    ['a ==b c== d', 'a <highlight>b c</highlight> d'],
    ['a == b and b == c', 'a == b and b == c'],
    ['snake_case_name', 'snake_case_name'],
    ['2 * 3 * 4', '2 * 3 * 4'],
    ['`a **b** c`', '<code>a </code><strong><code>b</code></strong><code> c</code>'],
    ['a [b](javascript:alert) d', 'a [b](javascript:alert) d'],
    ['"quoted" -- it...', '"quoted" -- it...'],
  ]
  for (const [typed, becomes] of inline) {
    test(`[E14] ${typed} becomes ${becomes}`, () => {
      expect(new Writer().type(typed).lines).toEqual([becomes])
    })
  }

  test('[E14] --- becomes a rule before an empty paragraph', () => {
    expect(new Writer().type('---x').lines).toEqual(['[horizontal_rule]', 'x'])
  })

  test('[E14] Enter after a fence opens the code block without an empty line', () => {
    const w = new Writer().type('```js')
    w.press('Enter')
    expect(w.type('x').lines).toEqual(['code_block x'])
  })

  test('[E14] nothing of it happens in code', () => {
    expect(new Writer().type('``` # **x**').lines).toEqual(['code_block # **x**'])
  })

  for (const typed of ['# ', '- ', '> ', '**a**', '---']) {
    test(`[E14] Backspace right after ${typed} gives back what was typed`, () => {
      const w = new Writer().type(typed)
      w.press('Backspace')
      expect(w.lines).toEqual([typed])
    })
  }

  test('[E14] undo takes back a rule alone', () => {
    const w = new Writer().type('hello **b**')
    w.run(undo)
    expect(w.lines).toEqual(['hello **b*'])
  })
})

describe('Links', () => {
  test('[E15] a typed address is linked by the space after it, without the punctuation around it', () => {
    const w = new Writer().type('see (https://example.com/a_(b)). ')
    expect(w.lines).toEqual(['see (<link>https://example.com/a_(b)</link>). '])
    w.type('x')
    expect(w.lines).toEqual(['see (<link>https://example.com/a_(b)</link>). x'])
  })

  test('[E15] Backspace right after takes the link away and keeps the space', () => {
    const w = new Writer().type('www.example.com ')
    expect(w.lines).toEqual(['<link>www.example.com</link> '])
    w.press('Backspace')
    expect(w.lines).toEqual(['www.example.com '])
  })

  test('[E15] trims what ends a sentence from an address', () => {
    expect(trimAddress('https://a.example/x).')).toBe('https://a.example/x')
    expect(trimAddress('https://a.example/x_(y)')).toBe('https://a.example/x_(y)')
  })

  const bad = [
    'javascript:alert(1)',
    ' JaVaScRiPt:alert(1)',
    'java\nscript:alert(1)',
    '\u0001javascript:x',
    'vbscript:x',
    'data:text/html,x',
    'file:///etc/passwd',
    '',
    7,
    null,
  ]
  test('[E16] only http, https, mailto, tel and relative addresses are links', () => {
    for (const address of bad) expect(parseAddress(address)).toBeNull()
    for (const address of [
      'https://a.example',
      'HTTP://a',
      'mailto:a@b.c',
      'tel:+1',
      '/x',
      '#y',
      'x/y?z=a:b',
    ]) {
      expect(parseAddress(address)).toBe(address)
    }
  })

  test('[E16] images come from http, https, relative addresses or raster data', () => {
    for (const address of [...bad, 'mailto:a@b.c', 'data:image/svg+xml;base64,AAAA']) {
      expect(parseImageSource(address)).toBeNull()
    }
    expect(parseImageSource('data:image/png;base64,AAAA')).toBe('data:image/png;base64,AAAA')
  })

  test('[E16] a bad address that is in the document already is not rendered', () => {
    const link = schema.text('x', [schema.marks.link.create({ href: 'javascript:alert(1)' })])
    const image = schema.nodes.image.create({ src: 'javascript:alert(1)' })
    const w = writer(schema.nodes.paragraph.create(null, link), image)
    expect(w.view.dom.innerHTML).not.toContain('javascript')
  })

  test('[E16] what is typed into the address field is completed, or refused', () => {
    expect(completeAddress('example.com/x')).toBe('https://example.com/x')
    expect(completeAddress('ada@example.com')).toBe('mailto:ada@example.com')
    expect(completeAddress('java script')).toBeNull()
    expect(completeAddress('hello')).toBeNull()
    expect(completeAddress('javascript:alert(1)')).toBeNull()
    expect(completeAddress('/inside')).toBe('/inside')
  })
})
