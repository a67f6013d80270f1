import type { Page } from '@playwright/test'
import { createDocument, openDocument } from './document.ts'
import { content, editsTables, hold, press } from './hands.ts'
import { makePicture, pastePicture } from './picture.ts'
import { expect, test } from './server.ts'

test.beforeEach(async ({ page, server }) => {
  await openDocument(page, server, await createDocument(server))
  await content(page).locator('> *').nth(1).click()
})

// Else the file is kept already, and asked for nowhere.
test.use({ serviceWorkers: 'block' })

/** Keeps back what edits tables, until the function it resolves with is called; that one waits for it. */
async function holdTableEditing(page: Page): Promise<() => Promise<void>> {
  const letGo = await hold(page, '**/table-editing*.js')
  return async () => {
    letGo()
    await editsTables(page)
  }
}

test('[E97] what edits tables leaves the form of a link open, with what was typed into it', async ({
  page,
}) => {
  const letGo = await holdTableEditing(page)
  await page.keyboard.type('a map')
  await press(page, 'Enter')
  await page.getByRole('button', { name: 'Table', exact: true }).click()
  await content(page)
    .locator('> p')
    .first()
    .dblclick({ position: { x: 30, y: 10 } })
  await press(page, 'Control+k')
  await page.keyboard.type('example')
  await letGo()
  await page.keyboard.type('.com')
  await press(page, 'Enter')
  await expect(content(page).locator('a[href="https://example.com"]')).toHaveText('map')
})

test('[E97] it leaves the search open, what it found, and the focus', async ({ page }) => {
  const letGo = await holdTableEditing(page)
  await page.keyboard.type('Abc abc')
  await press(page, 'Enter')
  await page.getByRole('button', { name: 'Table', exact: true }).click()
  await press(page, 'Control+f')
  await page.keyboard.type('abc')
  const matchCase = page.getByRole('button', { name: 'Match case' })
  await matchCase.click()
  await letGo()
  await expect(page.getByRole('textbox', { name: 'Find' })).toHaveValue('abc')
  await expect(matchCase).toHaveAttribute('aria-pressed', 'true')
  await expect(matchCase).toBeFocused()
  await expect(content(page).locator('.coscribe-found')).toHaveText(['abc'])
})

test('[E97] it leaves focus mode, and a file that is being sent', async ({ page }) => {
  const letGo = await holdTableEditing(page)
  const answer = await hold(page, '**/files?*', 'POST')
  await page.keyboard.type('before')
  await press(page, 'Enter')
  await page.getByRole('button', { name: 'Table', exact: true }).click()
  await content(page).getByText('before').click()
  await pastePicture(page, makePicture(40, 24))
  await expect(content(page).getByRole('progressbar')).toBeVisible()
  await page.getByRole('button', { name: 'Focus mode' }).click()
  await letGo()
  await expect(page.locator('.is-focus-mode')).not.toHaveCount(0)
  answer()
  await expect(content(page).locator('img')).toHaveCount(1)
  await expect(content(page).getByRole('progressbar')).toHaveCount(0)
})

test('[E71] Escape gives the search up while its bar is still being fetched', async ({ page }) => {
  const letGo = await hold(page, '**/find-bar*.js')
  const fetched = page.waitForResponse('**/find-bar*.js')
  await page.keyboard.type('Abc ')
  await press(page, 'Control+f')
  await page.keyboard.type('abc')
  await press(page, 'Escape')
  await expect(content(page)).toBeFocused()
  letGo()
  await (await fetched).finished()
  await page.keyboard.type('def')
  await expect(content(page)).toContainText('Abc def')
  await expect(page.getByRole('textbox', { name: 'Find' })).toHaveCount(0)
  await press(page, 'Control+f')
  await expect(page.getByRole('textbox', { name: 'Find' })).toBeFocused()
})

test('[E105] Tab goes from cell to cell before what edits tables is there, and after', async ({ page }) => {
  const letGo = await holdTableEditing(page)
  await page.getByRole('button', { name: 'Table', exact: true }).click()
  const cells = content(page).locator('th, td')
  await expect(cells).toHaveCount(9)
  for (const word of ['one', 'two', 'three', 'four']) {
    await page.keyboard.type(word)
    await press(page, 'Tab')
  }
  await press(page, 'Shift+Tab')
  await page.keyboard.type('4')
  await press(page, 'Shift+Tab')
  await letGo()
  await page.keyboard.type('3')
  await press(page, 'Tab')
  await press(page, 'Tab')
  await page.keyboard.type('five')
  await expect(cells).toHaveText(['one', 'two', '3', '4', 'five', '', '', '', ''])
})
