import { Editor } from '@tiptap/core'
import Collaboration from '@tiptap/extension-collaboration'
import CollaborationCaret from '@tiptap/extension-collaboration-caret'
import StarterKit from '@tiptap/starter-kit'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { documentName, name, webSocketServer } from '../where.js'

const ydoc = new Y.Doc()
const provider = new WebsocketProvider(webSocketServer, encodeURIComponent(documentName), ydoc)

provider.once('sync', () => {
  new Editor({
    element: document.querySelector('#editor'),
    extensions: [
      StarterKit.configure({ undoRedo: false }),
      Collaboration.configure({ document: ydoc }),
      CollaborationCaret.configure({ provider, user: { name, color: '#2f5fd0' } }),
    ],
  })
})
