import { EditorState } from '@codemirror/state'
import { basicSetup, EditorView } from 'codemirror'
import { yCollab } from 'y-codemirror.next'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { documentName, name, webSocketServer } from '../where.js'

const ydoc = new Y.Doc()
const provider = new WebsocketProvider(webSocketServer, encodeURIComponent(documentName), ydoc)
provider.awareness.setLocalStateField('user', { name, color: '#2f5fd0', colorLight: '#2f5fd033' })
const ytext = ydoc.getText('codemirror')

provider.once('sync', () => {
  new EditorView({
    state: EditorState.create({
      doc: ytext.toString(),
      extensions: [basicSetup, EditorView.lineWrapping, yCollab(ytext, provider.awareness)],
    }),
    parent: document.querySelector('#editor'),
  })
})
