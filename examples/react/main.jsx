import { CoscribeEditor } from 'coscribe/react'
import 'coscribe/editor/style.css'
import { StrictMode, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { documentName, name, server } from '../where.js'

function App() {
  const [state, setState] = useState('connecting')
  return (
    <>
      <p id="state">{state}</p>
      <CoscribeEditor
        server={server}
        document={documentName}
        user={{ name }}
        onStatus={(status) => setState(status.state)}
      />
    </>
  )
}

createRoot(document.getElementById('root')).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
