import '@blocknote/core/fonts/inter.css'
import { BlockNoteView } from '@blocknote/mantine'
import '@blocknote/mantine/style.css'
import { useCreateBlockNote } from '@blocknote/react'
import { createRoot } from 'react-dom/client'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { documentName, name, webSocketServer } from '../where.js'

const ydoc = new Y.Doc()
const provider = new WebsocketProvider(webSocketServer, encodeURIComponent(documentName), ydoc)

function App() {
  const editor = useCreateBlockNote({
    collaboration: {
      provider,
      fragment: ydoc.getXmlFragment('blocknote'),
      user: { name, color: '#2f5fd0' },
    },
  })
  return <BlockNoteView editor={editor} />
}

provider.once('sync', () => createRoot(document.getElementById('root')).render(<App />))
