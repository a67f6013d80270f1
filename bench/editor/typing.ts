import { gzipSync } from 'node:zlib'
import { type Browser, chromium, type Page } from '@playwright/test'
import { chromiumArguments, findChromium } from '../../scripts/chromium.mjs'
import type { Sample, Scale } from '../rows/row.ts'
import { quantile } from '../rows/statistics.ts'
import type { ContestantName } from '../servers/contestants.ts'
import { RunningServer } from '../servers/running-server.ts'
import { ourPage, tiptapPage } from './editor-page.ts'
import { type Author, writeParagraphs } from './paragraphs.ts'

declare global {
  /** In the measured page: milliseconds from each key press to its frame. */
  var keyTimes: number[]
  /** In the measured page: milliseconds from the start of the navigation to the frame with the whole document. */
  var openedAtMs: number | undefined
}

/** How long a key is held: with what the test needs in between, about 10 keys a second. */
const heldMs = 80
const keys = 120
const blocks = '.coscribe-content > *'
const openTimeoutMs = 60_000

/** Opening a document of so many paragraphs, and typing in the middle of it, alone and while others type elsewhere. */
export async function measureTyping(name: ContestantName, paragraphs: number, scale: Scale): Promise<Sample> {
  const server = await RunningServer.start(name)
  const shown = name === 'tiptap' ? await tiptapPage(server) : ourPage(server)
  const document = `typed-${paragraphs}`
  const author = await writeParagraphs(server, { document, root: shown.root, paragraphs })
  const browser = await chromium.launch({ executablePath: findChromium() ?? '', args: chromiumArguments() })
  try {
    return await typed(browser, {
      address: shown.address(document),
      paragraphs,
      author,
      keys: scale.isQuick ? 20 : keys,
    })
  } finally {
    await browser.close()
    author.leave()
    await shown.close()
    await server.end()
  }
}

interface Scene {
  readonly address: string
  readonly paragraphs: number
  readonly author: Author
  readonly keys: number
}

async function typed(browser: Browser, { address, paragraphs, author, keys }: Scene): Promise<Sample> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  const scripts = countScripts(page)
  await page.addInitScript(noteOpening, { paragraphs, content: '.coscribe-content' })
  await page.goto(address)
  await page.waitForFunction(() => globalThis.openedAtMs !== undefined, undefined, { timeout: openTimeoutMs })
  const openMs = await page.evaluate(() => globalThis.openedAtMs)
  const scriptBytes = await scripts()
  const middle = page.locator(blocks).nth(Math.floor(paragraphs / 2))
  await middle.scrollIntoViewIfNeeded()
  await middle.click()
  await observeKeys(page)
  await press(page, 10)
  const alone = await press(page, keys)
  const stop = author.typeElsewhere()
  const beside = await press(page, keys)
  stop()
  return {
    open: openMs ?? Number.NaN,
    p50: quantile(alone, 0.5),
    p99: quantile(alone, 0.99),
    besideP50: quantile(beside, 0.5),
    besideP99: quantile(beside, 0.99),
    scriptKb: scriptBytes / 1024,
  }
}

/** Runs in the page before anything of it. No function in it may have a name: what keeps names is not in the page. */
function noteOpening({ paragraphs, content }: { paragraphs: number; content: string }): void {
  const channel = new MessageChannel()
  // A message posted in an animation frame arrives after that frame was painted.
  channel.port1.onmessage = () => (globalThis.openedAtMs = performance.now())
  const timer = setInterval(() => {
    if ((document.querySelector(content)?.childElementCount ?? 0) < paragraphs) return
    clearInterval(timer)
    requestAnimationFrame(() => channel.port2.postMessage(null))
  }, 4)
}

/** Sums up what a server that compresses would send; the returned function tells when all has come. */
function countScripts(page: Page): () => Promise<number> {
  const sizes: Promise<number>[] = []
  page.on('response', (response) => {
    if (response.headers()['content-type']?.includes('javascript') === true)
      sizes.push(response.body().then((body) => gzipSync(body, { level: 9 }).length))
  })
  return async () => (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

/** Collects, in the page, the time from each key press to just after the frame that follows it. */
async function observeKeys(page: Page): Promise<void> {
  await page.evaluate(() => {
    const times: number[] = []
    globalThis.keyTimes = times
    const channel = new MessageChannel()
    let pressedAt: number | null = null
    channel.port1.onmessage = () => {
      if (pressedAt !== null) times.push(performance.now() - pressedAt)
      pressedAt = null
    }
    document.addEventListener(
      'keydown',
      (event) => {
        pressedAt = event.timeStamp
        requestAnimationFrame(() => channel.port2.postMessage(null))
      },
      { capture: true },
    )
  })
}

async function press(page: Page, count: number): Promise<number[]> {
  await page.evaluate(() => globalThis.keyTimes.splice(0))
  for (let n = 0; n < count; n++) await page.keyboard.press('x', { delay: heldMs })
  return page.evaluate(() => globalThis.keyTimes)
}
