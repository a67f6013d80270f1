import type { CDPSession, Page } from '@playwright/test'
import * as Y from 'yjs'
import {
  createDocument,
  linesOf,
  openDocument,
  openStockClient,
  textOf,
  type StockClient,
} from './document.ts'
import { nextFrame } from './hands.ts'
import { expect, test } from './server.ts'

const block = (page: Page, text: string) => page.locator('.coscribe-content > *', { hasText: text })

/** Somebody else, whose every edit the test makes itself. */
function writeTogether(stock: StockClient, lines: readonly string[]): void {
  stock.fragment.insert(
    0,
    lines.map((line) => {
      const paragraph = new Y.XmlElement('paragraph')
      paragraph.insert(0, [new Y.XmlText(line)])
      return paragraph
    }),
  )
}

function textAt(stock: StockClient, index: number): Y.XmlText {
  const paragraph = stock.fragment.get(index)
  const text = paragraph instanceof Y.XmlElement ? paragraph.get(0) : null
  if (!(text instanceof Y.XmlText)) throw new Error(`block ${index} has no text`)
  return text
}

const stockLines = (stock: StockClient): string[] =>
  stock.fragment.toArray().flatMap((_, index) => textOf(textAt(stock, index)) || [])

/** Counts what the browser tells of compositions: a broken one ends early, or starts again. */
async function watchCompositions(page: Page): Promise<() => Promise<string>> {
  await page.evaluate(() => {
    for (const kind of ['compositionstart', 'compositionend'])
      document.addEventListener(
        kind,
        () => (document.body.dataset['told'] = `${document.body.dataset['told'] ?? ''}${kind.slice(11)} `),
      )
  })
  return () => page.evaluate(() => document.body.dataset['told'] ?? '')
}

/** What an input method shows before it is confirmed. */
async function compose(input: CDPSession, text: string): Promise<void> {
  await input.send('Input.imeSetComposition', {
    text,
    selectionStart: text.length,
    selectionEnd: text.length,
  })
}

const caretTop = (page: Page): Promise<number> =>
  page.evaluate(() => getSelection()?.getRangeAt(0).getBoundingClientRect().top ?? -1)

test.describe('Input methods', () => {
  test('[E78] a composition goes on while somebody else writes in the same paragraph', async ({
    page,
    server,
  }) => {
    const name = await createDocument(server)
    const bob = await openStockClient(server, name)
    writeTogether(bob, ['first', 'same paragraph', 'third'])
    await openDocument(page, server, name)
    await block(page, 'same paragraph').click()
    await page.keyboard.press('End')
    const told = await watchCompositions(page)
    const input = await page.context().newCDPSession(page)
    await compose(input, 'に')
    await compose(input, 'にほ')
    textAt(bob, 1).insert(0, 'the ')
    textAt(bob, 2).insert(0, 'a ')
    await expect(block(page, 'third')).toHaveText('a third')
    await compose(input, 'にほん')
    textAt(bob, 1).insert(0, 'in ')
    await compose(input, 'にほんご')
    await nextFrame(page)
    expect(await told()).toBe('start ')
    expect(await linesOf(page)).toContain('same paragraphにほんご')
    await input.send('Input.insertText', { text: '日本語' })
    await expect
      .poll(async () => (await linesOf(page)).slice(0, 3))
      .toEqual(['first', 'in the same paragraph日本語', 'a third'])
    await expect.poll(() => stockLines(bob)).toEqual(['first', 'in the same paragraph日本語', 'a third'])
    await page.keyboard.type('!')
    await expect.poll(() => stockLines(bob)[1]).toBe('in the same paragraph日本語!')
    bob.destroy()
  })

  test('[E78] what is composed in a paragraph that somebody deletes meanwhile is kept', async ({
    page,
    server,
  }) => {
    const name = await createDocument(server)
    const bob = await openStockClient(server, name)
    writeTogether(bob, ['first', 'middle', 'last'])
    await openDocument(page, server, name)
    await block(page, 'middle').click()
    await page.keyboard.press('End')
    const input = await page.context().newCDPSession(page)
    await compose(input, 'に')
    textAt(bob, 1).insert(0, 'the ')
    textAt(bob, 0).insert(0, 'the ')
    await expect(block(page, 'the first')).toBeVisible()
    await compose(input, 'にほんご')
    bob.fragment.delete(1, 1)
    await expect(block(page, 'middle')).toHaveCount(0)
    await expect.poll(() => stockLines(bob).join('|')).toMatch(/^the first\|.*ほんご.*\|last/)
    bob.destroy()
  })
})

test('[E79] the line with the caret stays where it is while somebody writes above it', async ({
  page,
  server,
}) => {
  const name = await createDocument(server)
  const bob = await openStockClient(server, name)
  writeTogether(
    bob,
    Array.from({ length: 80 }, (_, index) => `line ${index}`),
  )
  await openDocument(page, server, name)
  await block(page, 'line 40').click()
  await page.keyboard.press('End')
  const before = await caretTop(page)
  const scrolled = await page.evaluate(() => scrollY)
  // One above the page, and one on the page above the caret.
  for (const index of [3, 39]) {
    textAt(bob, index).insert(0, 'a long sentence that takes several lines of the page '.repeat(8))
    await expect(page.locator('.coscribe-content > *').nth(index)).toContainText('a long sentence')
    await nextFrame(page)
    expect(Math.abs((await caretTop(page)) - before)).toBeLessThanOrEqual(1)
  }
  expect(await page.evaluate(() => scrollY)).toBeGreaterThan(scrolled + 100)
  await page.keyboard.type('!')
  await expect.poll(() => textOf(textAt(bob, 40))).toBe('line 40!')
  bob.destroy()
})

test('[E79] for somebody who reads elsewhere, the page stays at the lines they read', async ({
  page,
  server,
}) => {
  const name = await createDocument(server)
  const bob = await openStockClient(server, name)
  writeTogether(
    bob,
    Array.from({ length: 80 }, (_, index) => `line ${index}`),
  )
  await openDocument(page, server, name)
  await block(page, 'line 50').scrollIntoViewIfNeeded()
  await page.mouse.wheel(0, 300)
  await nextFrame(page)
  const topOf = async (): Promise<number> => (await block(page, 'line 50').boundingBox())?.y ?? -1
  const before = await topOf()
  textAt(bob, 2).insert(0, 'a long sentence that takes several lines of the page '.repeat(8))
  await expect(page.locator('.coscribe-content > *').nth(2)).toContainText('a long sentence')
  await nextFrame(page)
  expect(Math.abs((await topOf()) - before)).toBeLessThanOrEqual(1)
  bob.destroy()
})

test('[E98] every press of an arrow key moves the caret while somebody else writes', async ({
  page,
  server,
}) => {
  const name = await createDocument(server)
  const bob = await openStockClient(server, name)
  writeTogether(bob, ['from Bob: ', 'x'.repeat(80)])
  await openDocument(page, server, name)
  await block(page, 'xxx').click()
  await page.keyboard.press('Home')
  const text = textAt(bob, 0)
  for (let presses = 0; presses < 40; presses++) {
    text.insert(text.length, 'y')
    await page.keyboard.press('ArrowRight')
  }
  await page.keyboard.type('|')
  await expect(block(page, 'xxx')).toHaveText(`${'x'.repeat(40)}|${'x'.repeat(40)}`)
  bob.destroy()
})

test('[E98] a caret that was moved just before the focus goes elsewhere is there when it returns', async ({
  page,
  server,
}) => {
  await openDocument(page, server, await createDocument(server))
  await page.keyboard.type('first\nsecond')
  await page.evaluate(() => {
    getSelection()?.modify('move', 'backward', 'documentboundary')
    const button = document.querySelector('.document-header button')
    if (button instanceof HTMLElement) button.focus()
  })
  await expect(page.locator('.document-header button').first()).toBeFocused()
  await page.locator('.coscribe-content').focus()
  await page.keyboard.type('|')
  await expect(block(page, 'first')).toHaveText('|first')
})
