import { chromium, type Page } from '@playwright/test'
import * as Y from 'yjs'
import { openStockClient, type StockClient } from '../e2e/document.ts'
import type { ServerProcess } from '../e2e/server.ts'
import { chromiumArguments, findChromium } from '../scripts/chromium.mjs'

declare global {
  /** In the measured page: milliseconds from each key press to its frame. */
  var keyTimes: number[]
}

/** Milliseconds from a key press to the frame that shows it. */
export interface TypingFigures {
  readonly paragraphs: number
  readonly isRemoteTyping: boolean
  readonly keys: number
  readonly medianMs: number
  readonly p99Ms: number
}

const keys = 200
/** A fast typist: 10 keys a second. */
const msBetweenKeys = 100
/** Two more fast typists, in other paragraphs. */
const msBetweenRemoteKeys = 50

/** Measures typing in the middle of a document of `paragraphs`, alone and while somebody else types elsewhere in it. */
export async function measureTyping(server: ServerProcess, paragraphs: number): Promise<TypingFigures[]> {
  const name = `bench-${paragraphs}`
  const other = await openStockClient(server, name)
  fill(other, paragraphs)
  const browser = await chromium.launch({ executablePath: findChromium() ?? '', args: chromiumArguments() })
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await page.goto(`${server.url}/d/${name}`)
  await page
    .locator('.coscribe-content > *')
    .nth(paragraphs - 1)
    .waitFor()
  await page
    .locator('.coscribe-content > *')
    .nth(Math.floor(paragraphs / 2))
    .click()
  await observeKeys(page)
  const figures = []
  for (const isRemoteTyping of [false, true]) {
    const stop = isRemoteTyping ? typeElsewhere(other) : () => {}
    const times = await typeAndMeasure(page)
    stop()
    figures.push({
      paragraphs,
      isRemoteTyping,
      keys,
      medianMs: quantile(times, 0.5),
      p99Ms: quantile(times, 0.99),
    })
  }
  await browser.close()
  other.destroy()
  return figures
}

function fill(client: StockClient, paragraphs: number): void {
  const blocks = Array.from({ length: paragraphs }, (_, n) => {
    const block = new Y.XmlElement('paragraph')
    block.insert(0, [
      new Y.XmlText(`Paragraph ${n}: the quick brown fox jumps over the lazy dog, again and again.`),
    ])
    return block
  })
  client.fragment.insert(0, blocks)
}

/** Collects, in the page, the time from each key press to just after the frame that follows it. */
async function observeKeys(page: Page): Promise<void> {
  await page.evaluate(() => {
    const times: number[] = []
    globalThis.keyTimes = times
    const channel = new MessageChannel()
    let pressedAt: number | null = null
    // A message posted in an animation frame arrives after that frame was painted.
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

async function typeAndMeasure(page: Page): Promise<number[]> {
  await page.evaluate(() => globalThis.keyTimes.splice(0))
  for (let n = 0; n < keys; n++) await page.keyboard.press('x', { delay: msBetweenKeys })
  return page.evaluate(() => globalThis.keyTimes)
}

function typeElsewhere(client: StockClient): () => void {
  let n = 0
  const timer = setInterval(() => {
    const block = client.fragment.get(n++ % 20)
    const text = block instanceof Y.XmlElement ? block.firstChild : null
    if (text instanceof Y.XmlText) text.insert(10, 'y')
  }, msBetweenRemoteKeys)
  return () => clearInterval(timer)
}

function quantile(times: readonly number[], q: number): number {
  const sorted = times.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN
}
