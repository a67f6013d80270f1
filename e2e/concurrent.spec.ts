import type { Browser, Page } from '@playwright/test'
import { createDocument, linesOf, openDocument } from './document.ts'
import { nextFrame } from './hands.ts'
import { expect, test } from './server.ts'
import type { ServerProcess } from './server.ts'

const block = (page: Page, index: number) => page.locator('.coscribe-content > *').nth(index)

/** Two people on one document that says these lines, the first its title. */
async function openTwo(
  browser: Browser,
  server: ServerProcess,
  lines: readonly string[],
): Promise<[Page, Page]> {
  const name = await createDocument(server)
  const ann = await (await browser.newContext()).newPage()
  const bob = await (await browser.newContext()).newPage()
  await openDocument(ann, server, name)
  await openDocument(bob, server, name)
  await block(ann, 0).click()
  for (const [index, line] of lines.entries()) {
    // The document begins with a title and one empty line.
    if (index === 1) await block(ann, 1).click()
    else if (index > 1) await ann.keyboard.press('Enter')
    await ann.keyboard.type(line)
  }
  await expect.poll(() => trimmed(bob)).toEqual(lines)
  return [ann, bob]
}

const trimmed = async (page: Page) => (await linesOf(page)).map((line) => line.trim())

/** Both change the document, neither seeing the other, since there is no server; then both come back. */
async function apart(
  server: ServerProcess,
  pages: readonly [Page, Page],
  change: () => Promise<void>,
): Promise<void> {
  await server.stop('SIGKILL')
  for (const page of pages) await expect(page.locator('.status')).toHaveText('Offline, kept on this device')
  await change()
  await server.start()
  for (const page of pages) await expect(page.locator('.status')).toHaveText('Saved', { timeout: 40_000 })
}

async function caretAt(page: Page, index: number, offset: number): Promise<void> {
  await block(page, index).click()
  await page.keyboard.press('Home')
  for (let count = 0; count < offset; count++) await page.keyboard.press('ArrowRight')
  // The browser tells the page of a moved caret a moment later; a person is slower than that.
  await expect.poll(() => page.evaluate(() => document.getSelection()?.focusOffset)).toBe(offset)
  await nextFrame(page)
}

async function expectBoth(pages: readonly Page[], lines: readonly string[]): Promise<void> {
  for (const page of pages) await expect.poll(() => trimmed(page), { timeout: 20_000 }).toEqual(lines)
}

test('[E37] Enter against typing in the tail', async ({ browser, server }) => {
  const pages = await openTwo(browser, server, ['Trip', 'boots and rope'])
  const [ann, bob] = pages
  await apart(server, pages, async () => {
    await caretAt(ann, 1, 5)
    await ann.keyboard.press('Enter')
    await caretAt(bob, 1, 9)
    await bob.keyboard.type(' strong')
  })
  await expectBoth(pages, ['Trip', 'boots', 'and strong rope'])
})

test('[E38] Enter against Enter', async ({ browser, server }) => {
  const pages = await openTwo(browser, server, ['Trip', 'boots and rope'])
  const [ann, bob] = pages
  await apart(server, pages, async () => {
    for (const page of [ann, bob]) {
      await caretAt(page, 1, 5)
      await page.keyboard.press('Enter')
    }
  })
  await expectBoth(pages, ['Trip', 'boots', 'and rope'])
})

test('[E37] joining against typing', async ({ browser, server }) => {
  const pages = await openTwo(browser, server, ['Trip', 'boots', 'and rope'])
  const [ann, bob] = pages
  await apart(server, pages, async () => {
    await caretAt(ann, 2, 0)
    await ann.keyboard.press('Backspace')
    await caretAt(bob, 2, 3)
    await bob.keyboard.type(' strong')
    await caretAt(bob, 1, 0)
    await bob.keyboard.type('old ')
  })
  await expectBoth(pages, ['Trip', 'old bootsand strong rope'])
})

test('[E37] dragging a paragraph against typing in it', async ({ browser, server }) => {
  const pages = await openTwo(browser, server, ['Trip', 'one', 'two', 'three'])
  const [ann, bob] = pages
  await apart(server, pages, async () => {
    await block(ann, 3).click({ clickCount: 3 })
    await dragSelection(ann)
    await caretAt(bob, 3, 5)
    await bob.keyboard.type(' by bob')
  })
  await expect.poll(async () => (await trimmed(ann)).join('|')).toContain('three by bob')
  await expect.poll(async () => (await trimmed(bob)).join('|')).toBe((await trimmed(ann)).join('|'))
  expect((await trimmed(ann)).join('|').split('three by bob')).toHaveLength(2)
})

/** Drags what is selected in the fourth block to the start of the second, by mouse. */
async function dragSelection(page: Page): Promise<void> {
  const from = await block(page, 3).boundingBox()
  const to = await block(page, 1).boundingBox()
  if (from === null || to === null) throw new Error('The blocks are not on screen')
  await page.mouse.move(from.x + 12, from.y + from.height / 2)
  await page.mouse.down()
  await page.mouse.move(to.x + 40, to.y + 20, { steps: 6 })
  await page.mouse.move(to.x + 2, to.y + to.height / 2, { steps: 6 })
  await page.mouse.up()
}

test('[E8] the caret goes along with a paragraph that is dragged away under it', async ({
  browser,
  server,
}) => {
  const pages = await openTwo(browser, server, ['Trip', 'one', 'two', 'three'])
  const [ann, bob] = pages
  await caretAt(bob, 3, 2)
  await bob.keyboard.type('X')
  await expect(block(ann, 3)).toHaveText('thXree')
  await block(ann, 3).hover()
  const grip = ann.locator('.coscribe-grip')
  await expect(grip).toBeVisible()
  const [from, to] = [await grip.boundingBox(), await block(ann, 1).boundingBox()]
  if (from === null || to === null) throw new Error('The blocks are not on screen')
  await ann.mouse.move(from.x + 8, from.y + 8)
  await ann.mouse.down()
  await ann.mouse.move(to.x + 40, to.y + 20, { steps: 4 })
  await ann.mouse.move(to.x + 2, to.y + 3, { steps: 4 })
  await expect(ann.locator('.coscribe-dropcursor')).toBeVisible()
  await bob.keyboard.type('Y')
  await ann.mouse.up()
  await bob.keyboard.type('Z')
  await expectBoth(pages, ['Trip', 'thXYZree', 'one', 'two'])
  await bob.keyboard.type('!')
  await expectBoth(pages, ['Trip', 'thXYZ!ree', 'one', 'two'])
})

test('[E8][E79] a paragraph moves up and away, and its writer goes on in the same line of the screen', async ({
  browser,
  server,
}) => {
  const lines = Array.from({ length: 32 }, (_, index) => `line ${index}`)
  const pages = await openTwo(browser, server, lines)
  const [ann, bob] = pages
  await caretAt(bob, 26, 4)
  const caretTop = () =>
    bob.evaluate(() => document.getSelection()?.getRangeAt(0).getBoundingClientRect().top ?? -1)
  const before = await caretTop()
  await caretAt(ann, 26, 2)
  const moves = 10
  for (let times = 0; times < moves; times++) await ann.keyboard.press('Alt+Shift+ArrowUp')
  await expect(block(bob, 16)).toHaveText('line 26')
  // A page scrolls by whole pixels.
  await expect.poll(async () => Math.abs((await caretTop()) - before)).toBeLessThanOrEqual(moves)
  await bob.keyboard.type('X')
  await expect(block(ann, 16)).toHaveText('lineX 26')
})

test('[E37] a heading against typing', async ({ browser, server }) => {
  const pages = await openTwo(browser, server, ['Trip', 'boots'])
  const [ann, bob] = pages
  await apart(server, pages, async () => {
    await caretAt(ann, 1, 0)
    await ann.keyboard.press('Control+Alt+2')
    await caretAt(bob, 1, 5)
    await bob.keyboard.type(' and rope')
  })
  await expectBoth(pages, ['Trip', 'boots and rope'])
  await expect(bob.locator('.coscribe-content h2')).toHaveText('boots and rope')
})
