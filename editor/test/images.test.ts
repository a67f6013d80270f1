// @vitest-environment jsdom
import type { Node } from 'prosemirror-model'
import { NodeSelection } from 'prosemirror-state'
import { afterEach, expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { clampImageWidth, insertImage, selectedImage, setImage } from '../commands/images.ts'
import { createEditor } from '../editor.ts'
import type { Editor } from '../options.ts'
import { addFiles, pendingUploads } from '../plugins/uploads.ts'
import { schema } from '../schema/index.ts'
import { UploadError, type Upload, type UploadedFile } from '../sync/upload.ts'
import { p, two, Writer } from './page.ts'

URL.createObjectURL = () => 'blob:preview'
URL.revokeObjectURL = () => {}

const open: Editor[] = []
afterEach(() => {
  for (const editor of open.splice(0)) editor.destroy()
  document.body.replaceChildren()
})

const image = (src = '/a.png', caption = ''): Node =>
  schema.nodes.image.create({ src }, caption === '' ? null : schema.text(caption))

const picture = (name: string) => new File(['x'], name, { type: 'image/png' })

/** An editor whose uploads end when the test says so. */
function withUploads(ydoc = new Y.Doc()) {
  const sent = new Map<string, { done: (file: UploadedFile) => void; fail: (error: Error) => void }>()
  const upload: Upload = (file) =>
    new Promise((done, fail) => {
      sent.set(file.name, { done, fail })
    })
  const editor = createEditor(document.body, { ydoc, upload })
  open.push(editor)
  if (editor.view === null) throw new Error('no view')
  return { editor, view: editor.view, sent }
}

const blocksOf = ({ state }: { readonly state: { readonly doc: Node } }) =>
  state.doc.children.map((node) => String(node.attrs['src'] ?? node.textContent))

test('[E50] several files at one place stand in their order, whichever is uploaded first', async () => {
  const { view, sent } = withUploads()
  view.dispatch(view.state.tr.insert(0, [p('one'), p('two')]))
  addFiles(view, [picture('a'), picture('b'), picture('c')], 5)
  expect([...sent.keys()]).toEqual(['a', 'b', 'c'])
  for (const name of ['b', 'c', 'a']) sent.get(name)?.done({ src: `/${name}.png` })
  await vi.waitFor(() => expect(pendingUploads(view.state)).toEqual([]))
  expect(blocksOf(view)).toEqual(['one', '/a.png', '/b.png', '/c.png', 'two'])
})

test('[E50] three files are sent at once, the others after them', async () => {
  const { view, sent } = withUploads()
  view.dispatch(view.state.tr.insert(0, p('one')))
  addFiles(view, ['a', 'b', 'c', 'd'].map(picture))
  expect([...sent.keys()]).toEqual(['a', 'b', 'c'])
  sent.get('a')?.fail(new UploadError('invalid', 'No.'))
  await vi.waitFor(() => expect([...sent.keys()]).toEqual(['a', 'b', 'c', 'd']))
})

test('[E51] a file that is on its way is in no document, and is asked about before the page is left', async () => {
  const { editor, view, sent } = withUploads()
  view.dispatch(view.state.tr.insert(0, p('one')))
  const before = Y.encodeStateVector(editor.ydoc)
  addFiles(view, [picture('a')])
  expect(editor.hasUnsaved).toBe(true)
  expect(Y.encodeStateVector(editor.ydoc)).toEqual(before)
  sent.get('a')?.done({ src: '/a.png' })
  await vi.waitFor(() => expect(editor.hasUnsaved).toBe(false))
  expect(blocksOf(view)).toEqual(['one', '/a.png'])
})

test('[E51] where the text around it is gone, an uploaded file stands where that was', async () => {
  const { view, sent } = withUploads()
  view.dispatch(view.state.tr.insert(0, [p('one'), p('two'), p('three')]))
  addFiles(view, [picture('a')], 10)
  view.dispatch(view.state.tr.delete(0, 13))
  sent.get('a')?.done({ src: '/a.png' })
  await vi.waitFor(() => expect(pendingUploads(view.state)).toEqual([]))
  expect(blocksOf(view)).toContain('/a.png')
})

test('[E16] an address that may not be shown is not put into the document, whoever gives it', async () => {
  const { view, sent } = withUploads()
  addFiles(view, [picture('a')])
  sent.get('a')?.done({ src: 'javascript:alert(1)' })
  await vi.waitFor(() => expect(document.querySelector('[role=alert]')).not.toBeNull())
  expect(blocksOf(view)).toEqual([])
  expect(insertImage({ src: 'javascript:alert(1)' })(view.state)).toBe(false)
})

test('[E52] hostile attributes of a picture are shown as unset', () => {
  const writer = new Writer()
  const hostile = { src: 'javascript:alert(1)', alt: { toString: 1 }, width: 1e9, align: 'top"><script>' }
  writer.write(schema.nodes.image.create(hostile))
  const figure = writer.view.dom.querySelector('figure')
  expect(figure?.dataset['align']).toBe('center')
  expect(figure?.querySelector('img')?.getAttribute('src')).toBeNull()
  expect(figure?.querySelector('.coscribe-picture')?.getAttribute('style')).toBeNull()
  expect(figure?.querySelector<HTMLElement>('.coscribe-picture')?.dataset['state']).toBe('missing')
  expect(figure?.querySelector('script')).toBeNull()
})

test('[E52] widths are whole and within bounds', () => {
  expect([-5, 10.4, 300.6, 9000].map((width) => clampImageWidth(width, 700))).toEqual([48, 48, 301, 700])
  expect(clampImageWidth(9000, 1e6)).toBe(4000)
  expect(clampImageWidth(300, 10)).toBe(48)
})

test('[E52] one aligns, one resizes, one writes the caption: all of it stays', () => {
  const { ann, bob, meet, same } = two(image('/a.png', 'hills'))
  ann.run(setImage(0, { align: 'left' }))
  bob.run(setImage(0, { width: 320 }))
  bob.view.dispatch(bob.state.tr.insertText(' and more', 6))
  ann.view.dispatch(ann.state.tr.insertText('The ', 1))
  meet()
  same()
  const [block] = ann.doc.children
  expect(block?.attrs).toMatchObject({ align: 'left', width: 320, src: '/a.png' })
  expect(block?.textContent).toBe('The hills and more')
})

test('[E52] whoever may only read has nothing to change a picture with', () => {
  const ydoc = new Y.Doc()
  new Writer(ydoc).write(image())
  const editor = createEditor(document.body, { ydoc, editable: false })
  open.push(editor)
  editor.run((state, dispatch) => {
    dispatch?.(state.tr.setSelection(NodeSelection.create(state.doc, 0)))
    return true
  })
  const handle = editor.view?.dom.querySelector<HTMLElement>('[role=slider]')
  expect(handle?.tabIndex).toBe(-1)
  handle?.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }))
  expect(editor.view?.state.doc.child(0).attrs['width']).toBeNull()
})

test('[E53] Enter goes on below a picture, and Backspace below selects it', () => {
  const writer = new Writer().write(p('one'), image('/a.png', 'hills'), p('two'))
  writer.at(1, -1)
  writer.press('Enter')
  expect(writer.lines).toEqual(
    ['one', '[image: hills]', '', 'two'].map((line) => line.replace('[image: hills]', 'image hills')),
  )
  writer.press('Backspace')
  expect(writer.doc.childCount).toBe(3)
  expect(selectedImage(writer.state)?.position).toBe(5)
  writer.type('!')
  expect(writer.doc.child(1).textContent).toBe('hills!')
  writer.at(1)
  writer.press('Backspace')
  writer.press('Delete')
  expect(writer.lines).toEqual(['one', 'two'])
})
