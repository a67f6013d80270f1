import type { Browser, Page } from '@playwright/test'
import { expect } from './server.ts'

/** The text of a document. */
export const content = (page: Page) => page.locator('.coscribe-content')

/** Resolves when the page has drawn what happened. */
export async function nextFrame(page: Page): Promise<void> {
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  )
}

/** Presses keys as a hand does: each lands before the next, so that the browser has told where the caret is. */
export async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) {
    await page.keyboard.press(key)
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)))
  }
}

/** Keeps back the answers to what is asked of this address by this method, until the function it resolves with is called. */
export async function hold(page: Page, address: string, method = 'GET'): Promise<() => void> {
  let letGo: () => void = () => {}
  const held = new Promise<void>((resolve) => (letGo = resolve))
  await page.route(address, async (route) => {
    if (route.request().method() === method) await held
    await route.continue()
  })
  return letGo
}

/** Resolves when what edits tables is in its place; it is fetched with a document's first table. */
export async function editsTables(page: Page): Promise<void> {
  const file = await page.waitForFunction(
    () => performance.getEntriesByType('resource').find(({ name }) => name.includes('/table-editing'))?.name,
  )
  await page.evaluate((address) => import(address ?? ''), await file.jsonValue())
  await nextFrame(page)
}

/** Opens the document of a page once more, in a browser of its own. */
export async function openBeside(page: Page, browser: Browser): Promise<Page> {
  const other = await (await browser.newContext()).newPage()
  await other.goto(page.url())
  await expect(other.locator('.status')).toHaveText('Saved')
  return other
}
