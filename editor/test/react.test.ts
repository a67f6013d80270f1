// @vitest-environment jsdom
import { act, createElement, StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import type { Editor } from '../options.ts'
import { CoscribeEditor, type CoscribeEditorProps } from '../react.ts'

Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', true)

function mount() {
  const holder = document.body.appendChild(document.createElement('div'))
  const root = createRoot(holder)
  const show = (props: CoscribeEditorProps) =>
    act(() => root.render(createElement(StrictMode, null, createElement(CoscribeEditor, props))))
  return { holder, show, remove: () => act(() => root.unmount()) }
}

test('[E83] one editor where effects run twice, and nothing of it afterwards', () => {
  const { holder, show, remove } = mount()
  const seen: (Editor | null)[] = []
  show({ ydoc: new Y.Doc(), editorRef: (editor) => void seen.push(editor) })
  expect(holder.querySelectorAll('.coscribe')).toHaveLength(1)
  expect(seen.at(-1)?.view?.dom.isConnected).toBe(true)
  remove()
  expect(seen.at(-1)).toBeNull()
  expect(holder.querySelector('.coscribe')).toBeNull()
})

test('[E83] the user and the right to write follow the props without opening anew, another document opens anew', () => {
  const { show, remove } = mount()
  const editorRef: { current: Editor | null } = { current: null }
  const ydoc = new Y.Doc()
  show({ ydoc, editorRef, user: { name: 'Ada' } })
  const first = editorRef.current
  show({ ydoc, editorRef, user: { name: 'Grace' }, editable: false })
  expect(editorRef.current).toBe(first)
  expect(first?.awareness.getLocalState()).toMatchObject({ user: { name: 'Grace' } })
  expect(first?.view?.editable).toBe(false)
  show({ ydoc: new Y.Doc(), editorRef })
  expect(editorRef.current).not.toBe(first)
  remove()
})

test('[E83] on a server it is its empty element', () => {
  const html = renderToString(createElement(CoscribeEditor, { ydoc: new Y.Doc(), className: 'page' }))
  expect(html).toBe('<div class="page"></div>')
})
