// Takes the pictures in docs/ from the built product: `npm run build && npm run screenshots`.
import { type Browser, chromium, type Page } from '@playwright/test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDocument, openDocument } from '../e2e/document.ts'
import { makePicture } from '../e2e/picture.ts'
import { ServerProcess } from '../e2e/server.ts'
import { freePort } from '../test/free-port.ts'
import { chromiumArguments, findChromium } from './chromium.mjs'

const written = [
  'Field trip to the tide pools',
  'We meet at the harbour on **Saturday at 8:30** and walk along the coast. Low tide is at 10:12, so nobody should be late.',
  '## What to bring',
  '- Rubber boots',
  'A notebook that may get wet',
]

const handbook = (picture: string): string => `
<h1>Handbook of the tide pools</h1>
<p>Write down where and when, and put every stone back.</p>
<table><tr><th>Animal</th><th>Where</th><th>Count</th></tr>
<tr><td>Beadlet anemone</td><td>Third pool</td><td>12</td></tr>
<tr><td>Common limpet</td><td>Rocks by the pier</td><td>140</td></tr></table>
<div class="markdown-alert markdown-alert-tip"><p>Limpets return to the same place. Mark it, and count them at low tide.</p></div>
<p>The density of a pool, in animals for each square metre:</p>
<pre><code class="language-math">d = \\frac{1}{n} \\sum_{k=1}^{n} \\frac{c_k}{\\pi r_k^2}</code></pre>
<pre><code class="language-js">// Animals for each square metre
export const density = (count, radius) =&gt; count / (Math.PI * radius ** 2)</code></pre>
<h2>The pools</h2>
<figure><img src="${picture}" alt="The third pool" width="420"><figcaption>The third pool at low tide</figcaption></figure>
<p>From the pier it is ten minutes to the third pool.</p>`

interface Look {
  readonly scheme: 'light' | 'dark'
  readonly isPhone?: boolean
}

async function openAs(
  browser: Browser,
  name: string,
  color: string,
  { scheme, isPhone = false }: Look,
): Promise<Page> {
  const context = await browser.newContext({
    viewport: isPhone ? { width: 390, height: 760 } : { width: 1200, height: 760 },
    colorScheme: scheme,
    hasTouch: isPhone,
    isMobile: isPhone,
  })
  const identity = JSON.stringify({ id: name, name, color })
  await context.addInitScript((value) => localStorage.setItem('coscribe:identity', value), identity)
  return context.newPage()
}

async function write(ada: Page, grace: Page): Promise<void> {
  await ada.locator('.coscribe-content > *').first().click()
  for (const [index, line] of written.entries()) {
    if (index > 0) await ada.keyboard.press('Enter')
    await ada.keyboard.type(line)
  }
  for (const key of ['Enter', 'Enter']) await ada.keyboard.press(key)
  await ada.keyboard.type('## Who does what')
  await ada.keyboard.press('Enter')
  await ada.keyboard.type('[x] Ask the harbour master')
  for (const task of ['Book the bus', 'Print the species list']) {
    await ada.keyboard.press('Enter')
    await ada.keyboard.type(task)
  }
  for (const key of ['Enter', 'Enter']) await ada.keyboard.press(key)
  await ada.keyboard.type('> Look, but put every stone back the way it was.')
  await grace.getByText('Low tide').dblclick({ position: { x: 250, y: 14 } })
  await grace.keyboard.press('Control+Shift+ArrowRight')
}

/** Makes a document with a picture and one of every kind of block, and puts the page's caret into it. */
async function openHandbook(page: Page, server: ServerProcess): Promise<string> {
  const name = await createDocument(server)
  const address = `${server.url}/api/documents/${name}/files?name=pool.png`
  const sent = await fetch(address, { method: 'POST', body: Uint8Array.from(makePicture(840, 420)) })
  const { url } = (await sent.json()) as { url: string }
  await openDocument(page, server, name)
  await page.locator('.coscribe-list').waitFor({ state: 'attached' })
  await page.locator('.coscribe-content > *').first().click()
  await page.evaluate((html) => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/html', html)
    const paste = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true })
    document.activeElement?.dispatchEvent(paste)
  }, handbook(url))
  await page.locator('.coscribe-picture[data-state=shown]').waitFor()
  await page.locator('.coscribe-formula .katex').waitFor()
  await page.locator('.hljs-keyword').first().waitFor()
  return name
}

/** Where the toolbar ends. */
const belowToolbar = 98

/** The part of a page that shows something, with what stands around it. */
async function shoot(page: Page, file: string, selector: string, room = 48): Promise<void> {
  const target = page.locator(selector).first()
  await page.mouse.move(2, 2)
  await target.evaluate((element) => element.scrollIntoView({ block: 'center' }))
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 600)))
  const box = await target.boundingBox()
  const size = page.viewportSize()
  if (box === null || size === null) throw new Error(`${selector} is not on the page`)
  const top = Math.max(belowToolbar, box.y - room)
  const height = Math.min(size.height, box.y + box.height + room) - top
  const clip = { x: 180, y: top, width: size.width - 360, height }
  await page.screenshot({ path: `docs/${file}.png`, clip })
}

async function shootWriting(page: Page, server: ServerProcess): Promise<string> {
  const name = await openHandbook(page, server)
  await page.getByText('Third pool').first().click()
  await page.getByRole('toolbar', { name: 'Table' }).waitFor()
  await shoot(page, 'table', '.coscribe-table')
  await page.getByText('From the pier').click()
  await shoot(page, 'blocks', '.coscribe-formula-block', 180)
  await page.locator('.coscribe-picture').click()
  await page.getByRole('toolbar', { name: 'Picture' }).waitFor()
  await shoot(page, 'picture', '.coscribe-figure', 80)
  await page.getByText('From the pier').click()
  await page.keyboard.press('End')
  await page.keyboard.press('Enter')
  await page.keyboard.type('/')
  await page.getByRole('listbox').waitFor()
  await shoot(page, 'insert-menu', '.coscribe-list')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Backspace')
  return name
}

async function shootReading(page: Page, server: ServerProcess, name: string): Promise<void> {
  await openDocument(page, server, name)
  await page.locator('.coscribe-formula .katex').waitFor()
  await page.getByRole('button', { name: 'Outline and length' }).click()
  await page.getByRole('button', { name: 'Find and replace' }).click()
  await page.getByRole('textbox', { name: 'Find' }).fill('pool')
  await page.getByText(/^1 of/).waitFor()
  await page.screenshot({ path: 'docs/find-dark.png' })
}

const data = await mkdtemp(join(tmpdir(), 'coscribe-pictures-'))
const server = new ServerProcess(await freePort(), data, [])
await server.start()
const browser = await chromium.launch({ executablePath: findChromium() ?? '', args: chromiumArguments() })
try {
  const name = await createDocument(server)
  const ada = await openAs(browser, 'Ada', '#3b5bdb', { scheme: 'light' })
  const grace = await openAs(browser, 'Grace', '#c2255c', { scheme: 'dark' })
  await openDocument(ada, server, name)
  await openDocument(grace, server, name)
  await write(ada, grace)
  await ada.locator('.coscribe-selection').first().waitFor()
  await ada.screenshot({ path: 'docs/two-people.png' })
  await grace.screenshot({ path: 'docs/dark.png' })
  await ada.setViewportSize({ width: 390, height: 760 })
  await ada.screenshot({ path: 'docs/phone.png' })
  await ada.setViewportSize({ width: 1200, height: 760 })
  await ada.goto(server.url)
  await ada.getByRole('listitem').waitFor()
  await ada.screenshot({ path: 'docs/home.png' })
  const shown = await shootWriting(ada, server)
  await shootReading(grace, server, shown)
  const phone = await openAs(browser, 'Lin', '#2f9e44', { scheme: 'dark', isPhone: true })
  await openDocument(phone, server, shown)
  await phone.locator('.coscribe-formula .katex').waitFor()
  await phone.locator('.coscribe-callout-kind').scrollIntoViewIfNeeded()
  await phone.screenshot({ path: 'docs/phone-dark.png' })
} finally {
  await browser.close()
  await server.stop('SIGTERM')
  await rm(data, { recursive: true, force: true })
}
