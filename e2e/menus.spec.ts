import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from '@playwright/test'
import { createDocument, openDocument } from './document.ts'
import { content, press } from './hands.ts'
import { expect, test } from './server.ts'
import type { ServerProcess } from './server.ts'

const block = (page: Page, index: number) => content(page).locator('> *').nth(index)
const list = (page: Page) => page.getByRole('listbox')
const active = (page: Page) => list(page).getByRole('option', { selected: true })
const bar = (page: Page) => page.getByRole('toolbar', { name: 'Selection' })
const menu = (page: Page) => page.getByRole('menu')

/** Opens the document of a page once more, as somebody else. */
async function join(browser: Browser, page: Page, name: string): Promise<Page> {
  const context = await browser.newContext()
  const identity = JSON.stringify({ id: name, name, color: '#c2255c' })
  await context.addInitScript((value) => localStorage.setItem('coscribe:identity', value), identity)
  const other = await context.newPage()
  await other.goto(page.url())
  await expect(other.locator('.status')).toHaveText('Saved')
  return other
}

/** Opens a new document with its caret in the line below the title, and the menus loaded. */
async function start(page: Page, server: ServerProcess): Promise<void> {
  await openDocument(page, server, await createDocument(server))
  await expect(page.locator('.coscribe-list')).toBeAttached()
  await block(page, 1).click()
}

const labels = (page: Page) => list(page).locator('.coscribe-option-label').allInnerTexts()

/** Where something stands on the screen. */
async function placeOf(page: Page, selector: string): Promise<{ x: number; y: number }> {
  await expect(page.locator(selector)).toHaveClass(/is-placed/)
  const box = await page.locator(selector).boundingBox()
  if (box === null) throw new Error(`${selector} is not on the screen`)
  return { x: box.x, y: box.y }
}

test.describe('menus', () => {
  test.beforeEach(async ({ page, server }) => {
    await start(page, server)
  })

  test('[E55][E56] the slash menu is searched by typing and used by keyboard and by mouse', async ({
    page,
  }) => {
    await page.keyboard.type('/')
    await expect(list(page)).toBeVisible()
    expect(await labels(page)).toContain('Note')
    await expect(content(page)).toHaveAttribute('aria-activedescendant', /.+/)
    await page.keyboard.type('h2')
    await expect.poll(async () => (await labels(page))[0]).toBe('Heading 2')
    await press(page, 'Enter')
    await page.keyboard.type('Where we go')
    await expect(content(page).locator('h2')).toHaveText('Where we go')
    await press(page, 'Enter')
    await page.keyboard.type('/')
    await press(page, 'End', 'Home', 'ArrowDown')
    await expect(active(page)).toContainText('Heading 1')
    await press(page, 'Escape')
    await expect(list(page)).toBeHidden()
    await page.keyboard.type('tab')
    await expect(list(page)).toBeHidden()
    await press(page, 'Enter')
    await page.keyboard.type('/table')
    await list(page).getByRole('option', { name: 'Table' }).click()
    await expect(content(page).locator('table tr')).toHaveCount(3)
    await page.keyboard.type('cell')
    await expect(content(page).locator('th, td').first()).toHaveText('cell')
  })

  test('[E56] somebody else’s typing neither closes nor moves an open menu', async ({ page, browser }) => {
    const bob = await join(browser, page, 'Bob')
    await page.keyboard.type('Some text and /he')
    await expect(list(page)).toBeVisible()
    await press(page, 'ArrowDown')
    const chosen = await active(page).innerText()
    const place = await placeOf(page, '.coscribe-list')
    await block(bob, 0).click()
    await bob.keyboard.type('A title')
    await expect(block(page, 0)).toHaveText('A title')
    await block(bob, 1).click()
    await press(bob, 'End', 'Enter')
    await bob.keyboard.type('and a line below')
    await expect(content(page)).toContainText('and a line below')
    expect(await placeOf(page, '.coscribe-list')).toEqual(place)
    expect(await active(page).innerText()).toBe(chosen)
    await press(page, 'Enter')
    await expect(block(page, 1)).toHaveText('Some text and ')
    await page.keyboard.type('more')
    await expect(block(page, 1)).toHaveText('Some text and more')
  })

  test('[E57] @ mentions who is here', async ({ page, browser }) => {
    await join(browser, page, 'Grace Hopper')
    await page.keyboard.type('Ask @gra')
    await expect(list(page).getByRole('option', { name: 'Grace Hopper' })).toBeVisible()
    await press(page, 'Tab')
    await page.keyboard.type('today, not ann@example')
    await expect(list(page)).toBeHidden()
    await expect(content(page).locator('.coscribe-mention')).toHaveText('@Grace Hopper')
    await expect(block(page, 1)).toHaveText('Ask @Grace Hopper today, not ann@example')
  })

  test('[E58] a colon and two letters find an emoji, those used lately first', async ({ page }) => {
    await page.keyboard.type('So :) :D 10:30 :roc')
    await expect(list(page).getByRole('option', { name: 'rocket' })).toBeVisible()
    await list(page).getByRole('option', { name: 'rocket' }).click()
    await expect(block(page, 1)).toHaveText('So :) :D 10:30 🚀')
    await page.keyboard.type(' :ro')
    await expect(list(page).getByRole('option').first()).toContainText('rocket')
    await press(page, 'Escape', 'Enter')
    await page.keyboard.type('```')
    await press(page, 'Enter')
    await page.keyboard.type('a /x :rocket @g')
    await expect(list(page)).toBeHidden()
  })

  test('[E59] the bar beside a selection changes it and keeps it', async ({ page, browser }) => {
    const bob = await join(browser, page, 'Bob')
    await page.keyboard.type('One two three four')
    await expect(bar(page)).toBeHidden()
    await press(page, 'Control+Shift+ArrowLeft')
    await expect(bar(page)).toBeVisible()
    const place = await placeOf(page, '.coscribe-selection-bar')
    await block(bob, 0).click()
    await bob.keyboard.type('A title')
    await expect(block(page, 0)).toHaveText('A title')
    expect(await placeOf(page, '.coscribe-selection-bar')).toEqual(place)
    await bar(page).getByRole('button', { name: 'Bold' }).click()
    await expect(content(page).locator('strong')).toHaveText('four')
    await bar(page).getByRole('button', { name: 'Highlight' }).click()
    await menu(page).getByRole('menuitemradio', { name: 'Green' }).click()
    await expect(content(page).locator('mark[data-color=green]')).toHaveText('four')
    await expect(bar(page)).toBeVisible()
    await bar(page)
      .getByRole('button', { name: /Turn into/ })
      .click()
    await press(page, 'ArrowDown', 'Enter')
    await expect(content(page).locator('h1[data-style=heading1]')).toHaveText('One two three four')
    await press(page, 'Escape')
    await expect(bar(page)).toBeHidden()
    await page.keyboard.type('five')
    await expect(block(page, 1)).toHaveText('One two three five')
  })

  test('[E59] the bar waits for the mouse to be up, and stays away from code', async ({ page }) => {
    await page.keyboard.type('Some words to drag over')
    const box = await block(page, 1).boundingBox()
    if (box === null) throw new Error('The line is not on the screen')
    await page.mouse.move(box.x + 4, box.y + box.height / 2)
    await page.mouse.down()
    await page.mouse.move(box.x + 120, box.y + box.height / 2, { steps: 4 })
    await expect.poll(() => page.evaluate(() => String(document.getSelection()).length)).toBeGreaterThan(4)
    await expect(bar(page)).toBeHidden()
    await page.mouse.up()
    await expect(bar(page)).toBeVisible()
    await press(page, 'End', 'Enter')
    await page.keyboard.type('``` ')
    await page.keyboard.type('let code')
    await press(page, 'Control+Shift+ArrowLeft')
    await expect(bar(page)).toBeHidden()
  })

  test('[E60] a block is moved by its handle, and what somebody types in it goes along', async ({
    page,
    browser,
  }) => {
    await page.keyboard.type('one')
    for (const line of ['two', 'three']) {
      await press(page, 'Enter')
      await page.keyboard.type(line)
    }
    const bob = await join(browser, page, 'Bob')
    await block(page, 3).hover()
    const grip = page.locator('.coscribe-grip')
    await expect(grip).toBeVisible()
    const [from, to] = [await grip.boundingBox(), await block(page, 1).boundingBox()]
    if (from === null || to === null) throw new Error('The blocks are not on the screen')
    await page.mouse.move(from.x + 8, from.y + 8)
    await page.mouse.down()
    await page.mouse.move(to.x + 40, to.y + 20, { steps: 4 })
    await block(bob, 3).click()
    await press(bob, 'End')
    await bob.keyboard.type(' of bob')
    await expect(block(page, 3)).toHaveText('three of bob')
    await page.mouse.move(to.x + 2, to.y + 3, { steps: 4 })
    await expect(page.locator('.coscribe-dropcursor')).toBeVisible()
    await page.mouse.up()
    await expect(content(page).locator('> *')).toHaveText(['', 'three of bob', 'one', 'two'])
    await expect(content(bob).locator('> *')).toHaveText(['', 'three of bob', 'one', 'two'])
  })

  test('[E60] the block menu and keys move, copy, change and delete blocks', async ({ page }) => {
    await page.keyboard.type('one')
    await press(page, 'Enter')
    await page.keyboard.type('two')
    await press(page, 'Alt+Shift+ArrowUp')
    await expect(content(page).locator('> *')).toHaveText(['', 'two', 'one'])
    await page.keyboard.type('!')
    await expect(block(page, 1)).toHaveText('two!')
    await press(page, 'Alt+F8')
    await expect(menu(page)).toBeVisible()
    await page.keyboard.press('d')
    await press(page, 'Enter')
    await expect(content(page).locator('> *')).toHaveText(['', 'two!', 'two!', 'one'])
    await block(page, 3).hover()
    await page.locator('.coscribe-grip').click()
    await page.getByRole('menuitemradio', { name: 'Quote' }).click()
    await expect(content(page).locator('blockquote')).toHaveText('one')
    await block(page, 2).hover()
    await page.locator('.coscribe-grip').click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await expect(content(page).locator('> *')).toHaveText(['', 'two!', 'one'])
    await block(page, 1).hover()
    await page.getByRole('button', { name: 'Add a block below' }).click()
    await expect(list(page)).toBeVisible()
    await page.keyboard.type('divider')
    await press(page, 'Enter')
    await expect(content(page).locator('hr')).toHaveCount(1)
  })

  test('[E101] the block menu restarts the numbers of a list and lets them go on', async ({ page }) => {
    await page.keyboard.type('1. one')
    await press(page, 'Enter')
    await page.keyboard.type('two')
    await press(page, 'Enter', 'Tab')
    await page.keyboard.type('inner')
    await press(page, 'Alt+F8')
    await expect(menu(page)).toBeVisible()
    await expect(menu(page).getByText('Numbers')).toBeHidden()
    await press(page, 'Escape', 'ArrowUp', 'Alt+F8')
    await page.getByRole('menuitem', { name: 'Restart at 1' }).click()
    await expect(block(page, 2)).toHaveAttribute('data-start', '1')
    await expect(content(page)).toBeFocused()
    await press(page, 'Alt+F8')
    await expect(page.getByRole('menuitem', { name: 'Restart at 1' })).toHaveCount(0)
    await page.keyboard.press('c')
    await press(page, 'Enter')
    await expect(block(page, 2)).not.toHaveAttribute('data-start')
    await press(page, 'ArrowUp', 'ArrowUp', 'Alt+F8')
    await expect(menu(page)).toBeVisible()
    await expect(menu(page).getByText('Numbers')).toBeHidden()
  })

  test('[E61] a link is shown, and its text and address are edited', async ({ page, browser }) => {
    const bob = await join(browser, page, 'Bob')
    await page.keyboard.type('See [the map](https://example.com/map) first')
    await content(page).locator('a').click()
    const dialog = page.getByRole('dialog', { name: 'Link' })
    await dialog.getByRole('button', { name: 'Copy address' }).click()
    await expect
      .poll(() => page.evaluate(() => navigator.clipboard.readText()))
      .toBe('https://example.com/map')
    await dialog.getByRole('button', { name: 'Edit link' }).click()
    await expect(dialog.getByRole('textbox', { name: 'Link address' })).toBeFocused()
    await block(bob, 1).click()
    await press(bob, 'Home')
    await bob.keyboard.type('Now! ')
    await expect(block(page, 1)).toHaveText('Now! See the map first')
    await dialog.getByRole('textbox', { name: 'Text' }).fill('the new map')
    await press(page, 'Tab')
    await page.keyboard.type('example.org')
    await press(page, 'Enter')
    await expect(block(page, 1)).toHaveText('Now! See the new map first')
    await expect(content(page).locator('a')).toHaveAttribute('href', 'https://example.org')
    await press(page, 'Control+k')
    await dialog.getByRole('button', { name: 'Remove link' }).click()
    await expect(content(page).locator('a')).toHaveCount(0)
    await page.keyboard.type('s')
    await expect(block(page, 1)).toHaveText('Now! See the new maps first')
  })

  test('[E56][E59] axe finds nothing serious about open menus', async ({ page }) => {
    const serious = async () => {
      const { violations } = await new AxeBuilder({ page }).analyze()
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`)
    }
    await page.keyboard.type('words /')
    await expect(list(page)).toBeVisible()
    expect(await serious()).toEqual([])
    await press(page, 'Escape', 'Home', 'Control+Shift+ArrowRight')
    await bar(page).getByRole('button', { name: 'Text colour' }).click()
    await expect(menu(page)).toBeVisible()
    expect(await serious()).toEqual([])
    await press(page, 'Escape', 'Alt+F8')
    expect(await serious()).toEqual([])
    await press(page, 'Escape', 'Control+/')
    await expect(page.getByRole('dialog')).toBeVisible()
    expect(await serious()).toEqual([])
  })

  test('[E62] Mod-/ lists the keys, and Escape goes back to the text', async ({ page }) => {
    await press(page, 'Control+/')
    const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
    await expect(dialog).toBeVisible()
    await expect(dialog).toContainText('Move block up')
    await press(page, 'Tab', 'Tab', 'Tab', 'Tab')
    expect(await dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true)
    await press(page, 'Escape')
    await expect(dialog).toBeHidden()
    await page.keyboard.type('back')
    await expect(block(page, 1)).toHaveText('back')
  })
})

test.describe('by touch', () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 740 } })

  test('[E56] the slash menu is tapped; neither bar nor handle stands in the way', async ({
    page,
    server,
  }) => {
    await openDocument(page, server, await createDocument(server))
    await expect(page.locator('.coscribe-list')).toBeAttached()
    await block(page, 1).tap()
    await page.keyboard.type('/bul')
    const option = list(page).getByRole('option', { name: 'Bulleted list' })
    await expect(option).toBeVisible()
    const box = await page.locator('.coscribe-list').boundingBox()
    expect(box?.x).toBeGreaterThanOrEqual(0)
    expect((box?.x ?? 0) + (box?.width ?? 999)).toBeLessThanOrEqual(390)
    await option.tap()
    await page.keyboard.type('item')
    await expect(content(page).locator('[data-list=bullet]')).toHaveText('item')
    await press(page, 'Control+Shift+ArrowLeft')
    await expect(bar(page)).toBeHidden()
    await expect(page.locator('.coscribe-handle')).toBeHidden()
  })

  test('[E102] the toolbar stands above a keyboard that is laid over the page', async ({ page, server }) => {
    await openDocument(page, server, await createDocument(server))
    const toolbar = page.getByRole('toolbar', { name: 'Formatting' })
    const foot = async (): Promise<number> => {
      const box = await toolbar.boundingBox()
      return Math.round((box?.y ?? 0) + (box?.height ?? 0))
    }
    const cover = (pixels: number) =>
      page.evaluate((height) => {
        Object.defineProperty(visualViewport, 'height', { value: height, configurable: true })
        visualViewport?.dispatchEvent(new Event('resize'))
      }, 740 - pixels)
    await expect.poll(foot).toBe(740)
    await cover(300)
    await expect.poll(foot).toBe(440)
    await cover(0)
    await expect.poll(foot).toBe(740)
  })
})
