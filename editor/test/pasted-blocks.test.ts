// @vitest-environment jsdom
import type { Node } from 'prosemirror-model'
import { describe, expect, test } from 'vitest'
import { Writer } from './page.ts'

function depthOf(node: Node): number {
  return node.children.reduce((most, child) => Math.max(most, 1 + depthOf(child)), 0)
}

function paste(html: string): Node {
  const writer = new Writer()
  writer.paste({ html })
  writer.doc.check()
  return writer.doc
}

describe('[X1] what is pasted becomes blocks that a document may have', () => {
  test.each(['<aside>', '<table><tr><td>', '<aside><table><tr><td>'])(
    '%s, however often in itself',
    (tags) => {
      const doc = paste(`${tags.repeat(150)}<p>one</p><p>two</p>`)
      expect(depthOf(doc)).toBeLessThanOrEqual(33)
      expect(doc.textContent).toBe('onetwo')
    },
  )

  test('what is not deep stays as it is', () => {
    const doc = paste(`${'<aside>'.repeat(20)}<p>one</p>`)
    expect(depthOf(doc)).toBe(22)
  })

  test.each([
    'null',
    '["image", {}]',
    '["code_block", null]',
    '["doc", null, "doc", null]',
    '["horizontal_rule", null]',
    '["table", null, "callout", null]',
  ])('it says that it was a piece of %s', (context) => {
    const doc = paste(`<div data-pm-slice='1 1 ${context}'><p>one</p></div>`)
    expect(doc.textContent).toBe('one')
  })
})
