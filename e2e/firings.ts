import type { BrowserContext, Page, Request } from '@playwright/test'

/** Hosts that only a vector asks for; `x.example` is that of editor/test/xss-vectors.ts. */
const canary = /^https?:\/\/(?:xss\.invalid|x\.example)(?:[:/]|$)/

/**
 * Notes whatever a vector could do in the pages of a context: call `fired`, show a dialog, load something from the
 * canary, open a window, throw, or lead the page away. Addresses of pictures are not counted: those may be anywhere.
 */
export async function watchFirings(context: BrowserContext): Promise<string[]> {
  const firings: string[] = []
  await context.exposeBinding('fired', (_source, name: unknown) => {
    firings.push(`a script ran: ${String(name)}`)
  })
  await context.addInitScript(`globalThis.findDangers = ${findDangers.toString()}`)
  await context.route(canary, (route, request) => {
    if (request.resourceType() !== 'image' && !isFollowed(request))
      firings.push(`a request: ${request.url()}`)
    return route.fulfill({ contentType: 'text/html', body: '' })
  })
  context.on('dialog', (dialog) => {
    if (dialog.type() !== 'beforeunload') firings.push(`a dialog: ${dialog.message()}`)
    void dialog.accept()
  })
  context.on('weberror', (failure) => {
    const error = failure.error()
    firings.push(`an error on ${failure.page()?.url()}: ${error.stack ?? String(error)}`)
  })
  context.on('console', (message) => {
    if (/Content.Security.Policy/i.test(message.text())) firings.push(`the policy: ${message.text()}`)
  })
  return firings
}

/** Whether a person went there: it fills a window, which there may be no frame for yet. */
function isFollowed(request: Request): boolean {
  if (!request.isNavigationRequest()) return false
  try {
    return request.frame().parentFrame() === null
  } catch {
    return true
  }
}

/**
 * Whatever on the page could run, load or lead somewhere that it must not, or hide something of the page's own. Scripts
 * of tests call it in the page, as `findDangers`.
 */
function findDangers(): string[] {
  const found: string[] = []
  if (Reflect.get({}, 'polluted') !== undefined) found.push('the prototype of objects was written to')
  const forbidden = /^(?:on.*|srcdoc|srcset|formaction|action|ping|background|poster|data|xlink:href|is)$/
  for (const element of document.querySelectorAll('body *')) {
    const isContent = element.closest('.coscribe-content') !== null
    if (
      element.matches(
        'script, iframe, frame, object, embed, applet, base, meta, link, style, template, form[action]',
      )
    )
      found.push(element.outerHTML.slice(0, 200))
    for (const { name, value } of element.attributes) {
      const told = `${element.localName} ${name}=${value.slice(0, 200)}`
      if (forbidden.test(name) || (isContent && /^(?:id|name|slot)$/.test(name))) found.push(told)
      if (name === 'style' && /url|expression|@|\/\*|\\/i.test(value)) found.push(told)
      if (name !== 'href' && name !== 'src') continue
      const { protocol } = new URL(value, location.href)
      const isPicture =
        name === 'src' && (protocol === 'blob:' || /^data:image\/(?!svg)\w+;base64,[\w+/=\s]*$/.test(value))
      const isSafe = /^https?:$/.test(protocol) || (name === 'href' && /^(?:mailto|tel):$/.test(protocol))
      if (!isSafe && !isPicture) found.push(told)
    }
  }
  return found
}

export async function dangersOn(page: Page): Promise<string[]> {
  return page.evaluate(findDangers)
}

/** Follows every link in the text as a person does, and points at every picture; what opens has to be a page of the web. */
export async function touchEverything(page: Page): Promise<string[]> {
  const wrong: string[] = []
  const address = page.url()
  const opened: Page[] = []
  const note = (popup: Page) => opened.push(popup)
  page.context().on('page', note)
  const links = page.locator('.coscribe-content a')
  const addresses = await links.evaluateAll((all) => all.map((link) => link.getAttribute('href')))
  for (const [index, href] of addresses.entries()) {
    // What has no address on the page may still have one in the document.
    const isFirst = href === null || addresses.indexOf(href) === index
    if (isFirst) await links.nth(index).click({ modifiers: ['ControlOrMeta'], force: true, timeout: 5_000 })
  }
  for (const figure of await page.locator('.coscribe-picture').all()) await figure.hover({ timeout: 5_000 })
  for (const popup of opened) {
    await popup.waitForURL(/^https?:/, { waitUntil: 'commit', timeout: 5_000 }).catch(() => {})
    if (!/^https?:/.test(popup.url())) wrong.push(`a window with ${popup.url()}`)
    await popup.close()
  }
  page.context().off('page', note)
  if (page.url() !== address) wrong.push(`the page went to ${page.url()}`)
  return wrong
}
