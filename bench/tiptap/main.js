import { HocuspocusProvider } from '@hocuspocus/provider'
import { Editor } from '@tiptap/core'
import Collaboration from '@tiptap/extension-collaboration'
import CollaborationCaret from '@tiptap/extension-collaboration-caret'
import { TableKit } from '@tiptap/extension-table'
import StarterKit from '@tiptap/starter-kit'
import * as Y from 'yjs'
import '../../editor/style.css'

/** A Tiptap editor with what ours has, on our page: the same column, the same style sheet, a bar of buttons above it. */
const wanted = new URLSearchParams(location.search)
const document_ = new Y.Doc()
const provider = new HocuspocusProvider({
  url: wanted.get('server') ?? '',
  name: wanted.get('name') ?? '',
  document: document_,
  token: 't',
})

const bar = document.createElement('div')
const place = document.createElement('div')
place.className = 'coscribe'
document.body.append(bar, place)

const editor = new Editor({
  element: place,
  editorProps: { attributes: { class: 'coscribe-content' } },
  extensions: [
    // Undo is the collaboration's.
    StarterKit.configure({ undoRedo: false }),
    TableKit,
    Collaboration.configure({ document: document_ }),
    CollaborationCaret.configure({ provider, user: { name: 'Somebody', color: '#2f5fd0' } }),
  ],
})

const commands = {
  Bold: (chain) => chain.toggleBold(),
  Italic: (chain) => chain.toggleItalic(),
  Heading: (chain) => chain.toggleHeading({ level: 1 }),
  List: (chain) => chain.toggleBulletList(),
}
for (const [name, command] of Object.entries(commands)) {
  const button = document.createElement('button')
  button.textContent = name
  button.onclick = () => command(editor.chain().focus()).run()
  bar.append(button)
  editor.on('transaction', () => button.classList.toggle('is-active', editor.isActive(name.toLowerCase())))
}
