import type { Page } from '@playwright/test'
import * as Y from 'yjs'
import {
  createDocument,
  linesOf,
  openDocument,
  openStockClient,
  type StockClient,
  textOf,
} from './document.ts'
import { expect, test } from './server.ts'

const wordsEach = 60

/** Types numbered words one after the other; tells after each. */
async function typeWords(page: Page, letter: string, written: (word: string) => void): Promise<void> {
  for (let n = 1; n <= wordsEach; n++) {
    await page.keyboard.type(`${letter}${n} `)
    written(`${letter}${n}`)
  }
}

/** One word through Yjs, into the second block, before what the second page writes there. */
function insertWord(client: StockClient, word: string): void {
  const block = client.fragment.get(1)
  if (!(block instanceof Y.XmlElement)) throw new Error('the second block is gone')
  if (!(block.firstChild instanceof Y.XmlText)) block.insert(0, [new Y.XmlText()])
  const text = block.firstChild
  if (text instanceof Y.XmlText) text.insert(0, `${word} `)
}

test('[J1][R4][S2] two pages and a stock client write through a killed server, and nothing that was on screen is missing', async ({
  browser,
  server,
}) => {
  const name = await createDocument(server)
  const ann = await (await browser.newContext()).newPage()
  const bob = await (await browser.newContext()).newPage()
  await openDocument(ann, server, name)
  await openDocument(bob, server, name)
  const stock = await openStockClient(server, name)
  await ann.locator('.coscribe-content > *').nth(0).click()
  await bob.locator('.coscribe-content > *').nth(1).click()

  const typed = new Set<string>()
  let onScreen: string[] = []
  let crash: Promise<void> | undefined
  const crashInTheMiddle = async (): Promise<void> => {
    const words = await Promise.all(
      [ann, bob].map(async (page) => (await linesOf(page)).join(' ').split(/\s+/)),
    )
    onScreen = [...new Set([...words.flat(), ...stock.fragment.toArray().map(textOf).join(' ').split(/\s+/)])]
    await server.stop('SIGKILL')
    await server.start()
  }
  const written = (word: string): void => {
    typed.add(word)
    if (typed.size >= wordsEach * 1.5) crash ??= crashInTheMiddle()
  }
  const writtenByAnn = (word: string): void => {
    written(word)
    insertWord(stock, word.replace('a', 'c'))
    written(word.replace('a', 'c'))
  }
  await Promise.all([typeWords(ann, 'a', writtenByAnn), typeWords(bob, 'b', written)])
  await crash

  await expect(ann.locator('.status')).toHaveText('Saved', { timeout: 40_000 })
  await expect(bob.locator('.status')).toHaveText('Saved', { timeout: 40_000 })
  const stockLines = () => stock.fragment.toArray().map((block) => textOf(block).trim())
  const pageLines = async (page: Page) => (await linesOf(page)).map((line) => line.trim())
  await expect.poll(() => pageLines(bob), { timeout: 20_000 }).toEqual(await pageLines(ann))
  await expect.poll(stockLines, { timeout: 20_000 }).toEqual(await pageLines(ann))

  const words = (await pageLines(ann)).join(' ').split(/\s+/)
  const missing = onScreen.filter((word) => /^[abc]\d+$/.test(word) && !words.includes(word))
  expect(missing).toEqual([])
  expect(onScreen.length).toBeGreaterThan(wordsEach)
  expect(words.toSorted()).toEqual([...typed].toSorted())
  expect(typed.size).toBe(3 * wordsEach)

  // A fresh server on the same data tells the same story.
  await server.stop('SIGKILL')
  await server.start()
  const fresh = await openStockClient(server, name)
  expect(fresh.fragment.toArray().map((block) => textOf(block).trim())).toEqual(await pageLines(ann))
  fresh.destroy()
  stock.destroy()
})
