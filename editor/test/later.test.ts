// @vitest-environment jsdom
import { EditorState, Plugin, TextSelection, type PluginView } from 'prosemirror-state'
import { Decoration, DecorationSet, EditorView } from 'prosemirror-view'
import { afterEach, expect, test } from 'vitest'
import { lasting } from '../lasting-view.ts'
import { later } from '../plugins/later.ts'
import { schema } from '../schema/index.ts'
import { p } from './page.ts'

let view: EditorView
afterEach(() => view.destroy())

function open(...plugins: Plugin[]): EditorView {
  const place = document.body.appendChild(document.createElement('div'))
  const doc = schema.nodes.doc.create(null, [p('one'), p('two')])
  return (view = new EditorView(place, { state: EditorState.create({ doc, plugins }) }))
}

/** A view that notes what happens to it. */
function noting(happened: string[]): (view: EditorView) => PluginView {
  return () => {
    happened.push('made')
    return { update: () => happened.push('updated'), destroy: () => happened.push('destroyed') }
  }
}

test('[E97] the view of a plugin stays when others come and go, and ends with the plugin or the editor', () => {
  const [stays, leaves]: [string[], string[]] = [[], []]
  const staying = new Plugin({ view: lasting(noting(stays)) })
  const leaving = new Plugin({ view: lasting(noting(leaves)) })
  open(staying, leaving)
  const put = (...plugins: Plugin[]) => view.updateState(view.state.reconfigure({ plugins }))
  put(new Plugin({}), staying, leaving)
  expect([stays, leaves]).toEqual([
    ['made', 'updated'],
    ['made', 'updated'],
  ])
  put(staying)
  expect(leaves).toEqual(['made', 'updated', 'destroyed'])
  put(leaving, staying)
  expect(leaves.slice(3)).toEqual(['made'])
  view.destroy()
  expect([stays.at(-1), leaves.at(-1)]).toEqual(['destroyed', 'destroyed'])
  expect(stays.filter((what) => what !== 'updated')).toEqual(['made', 'destroyed'])
})

test('[E97] one plugin in two editors has a view in each', () => {
  const happened: string[] = []
  const plugin = new Plugin({ view: lasting(noting(happened)) })
  const first = open(plugin)
  open(plugin)
  first.updateState(first.state.reconfigure({ plugins: [plugin, new Plugin({})] }))
  expect(happened).toEqual(['made', 'made', 'updated'])
  first.destroy()
  expect(happened).toEqual(['made', 'made', 'updated', 'destroyed'])
})

test('[E97] plugins that come leave the caret where it was moved just before', async () => {
  let come: (plugins: readonly Plugin[]) => void = () => {}
  const isThere = new Promise<readonly Plugin[]>((resolve) => (come = resolve))
  open(later({ load: () => isThere }))
  view.dispatch(view.state.tr.setSelection(TextSelection.create(view.state.doc, 1)))
  view.focus()
  const text = view.dom.children.item(1)?.firstChild ?? null
  const tell = (event: Event): void => event.stopImmediatePropagation()
  window.addEventListener('selectionchange', tell, true)
  document.getSelection()?.collapse(text, 2)
  window.removeEventListener('selectionchange', tell, true)
  const decorations = (): DecorationSet =>
    DecorationSet.create(view.state.doc, [Decoration.inline(1, 3, { class: 'late' })])
  come([new Plugin({ props: { decorations } })])
  await isThere
  await Promise.resolve()
  expect(view.dom.querySelector('.late')).not.toBeNull()
  const selection = document.getSelection()
  expect([selection?.anchorNode?.textContent, selection?.anchorOffset]).toEqual(['two', 2])
  expect(view.state.selection.head).toBe(8)
})
