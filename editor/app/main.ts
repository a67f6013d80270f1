import { html, render } from 'lit'
import '../style.css'
import './app.css'
import { EarlyTyping } from './early-typing.ts'
import { readSession, signIn } from './request.ts'
import { keepPages } from './keep-pages.ts'

/** Where the network swallows the question, what this device keeps is shown after so long. */
const patienceMs = 5000

const opened = documentName(location.pathname)
const early = opened === null ? null : EarlyTyping.resume(opened)
/** Fetched while the server is asked who this is. */
const documentPage = opened === null ? null : import('./document-page.ts')

/** Shows the page that the address names, after whoever came by an invite link was let in. */
async function start(): Promise<void> {
  const key = new URLSearchParams(location.hash.slice(1)).get('key')
  if (key !== null) {
    // The key must not stay in the address bar, in screenshots and in what people copy by accident.
    history.replaceState(null, '', location.pathname)
    await signIn(key).catch(() => undefined)
  }
  const session = await readSession(AbortSignal.timeout(patienceMs)).catch(() => null)
  if (session !== null && !session.isLetIn) {
    await import('./sign-in-page.ts')
    render(html`<sign-in-page></sign-in-page>`, document.body)
    return
  }
  const linkPart = session?.linkPart ?? ''
  if (opened === null) {
    await import('./home-page.ts')
    render(html`<home-page></home-page>`, document.body)
  } else {
    await documentPage
    render(
      html`<document-page .name=${opened} .linkPart=${linkPart} .early=${early}></document-page>`,
      document.body,
    )
  }
}

function documentName(path: string): string | null {
  const part = /^\/d\/(.+)$/.exec(path)?.[1]
  return part === undefined ? null : decodeURIComponent(part)
}

void start()
keepPages()
