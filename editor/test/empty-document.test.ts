// @vitest-environment jsdom
import { AllSelection } from 'prosemirror-state'
import { expect, test } from 'vitest'
import { deleteSelection } from 'prosemirror-commands'
import { fragmentName } from '../../server/protocol/document.ts'
import { p, two, Writer } from './page.ts'

test('[E23] opening and focusing an empty document writes nothing', () => {
  const writer = new Writer()
  writer.editor.focus()
  writer.press('Tab')
  expect(writer.lines).toEqual([])
  expect(writer.ydoc.store.clients.size).toBe(0)
})

test('[E23] a click into an empty document makes one paragraph', () => {
  const writer = new Writer()
  writer.view.dom.dispatchEvent(new MouseEvent('mousedown', { bubbles: true }))
  writer.view.dom.dispatchEvent(new MouseEvent('mousedown', { bubbles: true }))
  expect(writer.lines).toEqual([''])
})

test('[E23] typing into an empty document writes into one paragraph', () => {
  expect(new Writer().type('hi').lines).toEqual(['hi'])
})

test('[E23] deleting everything leaves one empty paragraph, made by who deleted', () => {
  const { ann, bob, meet, same } = two(p('one', { style: 'heading1' }), p('two'))
  ann.view.dispatch(ann.state.tr.setSelection(new AllSelection(ann.doc)))
  let updates = 0
  bob.ydoc.on('update', (_: Uint8Array, origin: unknown) => (updates += origin === 'network' ? 0 : 1))
  ann.run(deleteSelection)
  meet()
  expect(bob.lines).toEqual([''])
  expect(updates).toBe(0)
  same()
})

test('[E23] a document emptied by somebody else stays as they left it', () => {
  const writer = new Writer().write(p('one'))
  const fragment = writer.ydoc.getXmlFragment(fragmentName)
  writer.ydoc.transact(() => fragment.delete(0, fragment.length), 'network')
  expect(writer.lines).toEqual([])
  expect(fragment.length).toBe(0)
})

test('[E23] a caret that waits in an empty document stands in what somebody else writes first, not around it', () => {
  const { ann, bob, meet, same } = two()
  bob.editor.focus()
  ann.type('Written by Ann.')
  meet()
  expect(bob.state.selection.empty).toBe(true)
  bob.view.dispatch(bob.state.tr.insertText('x'))
  meet()
  expect(ann.doc.textContent).toContain('Written by Ann.')
  same()
})

test('[E24] an empty title shows its placeholder, and so does the one empty paragraph below it', () => {
  const writer = new Writer().write(p('', { style: 'title' }), p(''))
  const shown = () =>
    [...writer.view.dom.querySelectorAll<HTMLElement>('.coscribe-placeholder')].map(
      (el) => el.dataset['placeholder'],
    )
  expect(shown()).toEqual(['Untitled', 'Start writing…'])
  writer.at(1).type('x')
  expect(shown()).toEqual(['Untitled'])
})

test('[E24] a document without any block shows the placeholder itself', () => {
  const writer = new Writer()
  expect(writer.view.dom.dataset['placeholder']).toBe('Start writing…')
  writer.type('x')
  expect(writer.view.dom.dataset['placeholder']).toBeUndefined()
})
