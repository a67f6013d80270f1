import { openDocument } from './document.ts'
import { expect, test } from './server.ts'

test('a newcomer makes a document, writes, and finds it in the list under its title', async ({
  page,
  server,
}) => {
  await page.goto(server.url)
  await expect(page.getByText('Nothing written yet')).toBeVisible()
  await page.getByRole('button', { name: 'New document' }).first().click()
  await expect(page).toHaveURL(/\/d\/[\w-]{22}$/)
  await expect(page.locator('.status')).toHaveText('Saved')
  await page.keyboard.type('Minutes of Monday')
  await expect(page.locator('.header-title')).toHaveText('Minutes of Monday')
  await expect(page).toHaveTitle('Minutes of Monday · Coscribe')
  await expect(page.locator('.status')).toHaveText('Saved')
  await page.getByRole('link', { name: 'All documents' }).click()
  await expect(page.getByRole('link', { name: /Minutes of Monday/ })).toContainText('Changed')
})

test('[D3] a document is renamed, duplicated and, after a second thought, deleted', async ({
  page,
  server,
}) => {
  await page.goto(server.url)
  await page.getByRole('button', { name: 'New document' }).first().click()
  await expect(page.locator('.status')).toHaveText('Saved')
  await page.keyboard.type('First name')
  await expect(page.locator('.status')).toHaveText('Saved')
  await page.goto(server.url)

  await page.getByRole('button', { name: 'Actions for First name' }).click()
  await page.getByRole('button', { name: 'Rename' }).click()
  await expect(page.getByLabel('New title')).toBeFocused()
  await page.keyboard.type('Second name')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('link', { name: /Second name/ })).toBeVisible()

  await page.getByRole('button', { name: 'Actions for Second name' }).click()
  await page.getByRole('button', { name: 'Duplicate' }).click()
  await expect(page.getByRole('link', { name: /Copy of Second name/ })).toBeVisible()

  await page.getByRole('button', { name: 'Actions for Second name' }).click()
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByRole('listitem')).toHaveCount(2)
  await page.getByRole('button', { name: 'Actions for Second name' }).click()
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('button', { name: 'Delete for everybody' }).click()
  await expect(page.getByRole('listitem')).toHaveCount(1)
  await page.getByRole('link', { name: /Copy of Second name/ }).click()
  await expect(page.locator('.coscribe-content')).toContainText('Copy of Second name')
})

test('[D3] a rename shows in the open document as it happens', async ({ page, context, server }) => {
  await page.goto(server.url)
  await page.getByRole('button', { name: 'New document' }).first().click()
  await expect(page.locator('.status')).toHaveText('Saved')
  await page.keyboard.type('Before')
  await expect(page.locator('.status')).toHaveText('Saved')
  const list = await context.newPage()
  await list.goto(server.url)
  await list.getByRole('button', { name: 'Actions for Before' }).click()
  await list.getByRole('button', { name: 'Rename' }).click()
  await list.getByLabel('New title').fill('After')
  await list.keyboard.press('Enter')
  await expect(page.locator('.coscribe-content')).toContainText('After')
  await expect(page.locator('.header-title')).toHaveText('After')
})

test('[D4] deleting a document tells whoever has it open, and it stays deleted', async ({
  page,
  context,
  server,
}) => {
  await page.goto(server.url)
  await page.getByRole('button', { name: 'New document' }).first().click()
  await expect(page.locator('.status')).toHaveText('Saved')
  await page.keyboard.type('Short life')
  await expect(page.locator('.status')).toHaveText('Saved')
  const list = await context.newPage()
  await list.goto(server.url)
  await list.getByRole('button', { name: 'Actions for Short life' }).click()
  await list.getByRole('button', { name: 'Delete' }).click()
  await list.getByRole('button', { name: 'Delete for everybody' }).click()
  await expect(page.getByText('This document was deleted')).toBeVisible()
  await expect(page.locator('.coscribe-content')).toContainText('Short life')
  await page.reload()
  await expect(page.getByText('This document was deleted')).toBeVisible()
  await list.reload()
  await expect(list.getByText('Nothing written yet')).toBeVisible()
})

test('the home and a document fit a phone without scrolling sideways', async ({ page, server }) => {
  await page.setViewportSize({ width: 360, height: 740 })
  const isWiderThanTheWindow = () => page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
  await page.goto(server.url)
  await page.getByRole('button', { name: 'New document' }).first().click()
  await expect(page.locator('.status')).toHaveText('Saved')
  await page.keyboard.type('A title that is rather long for such a small window, is it not?')
  expect(await isWiderThanTheWindow()).toBe(false)
  await page.goto(server.url)
  await expect(page.getByRole('listitem')).toHaveCount(1)
  expect(await isWiderThanTheWindow()).toBe(false)
})

test('any name that a page can put in an address is a document of its own', async ({ page, server }) => {
  for (const name of ['a b', 'naïve/plan?', '文書', '100%', 'a/b', 'constructor', '__proto__']) {
    await openDocument(page, server, encodeURIComponent(name))
    await page.locator('.coscribe-content').click()
    // Underscores around a word make it bold.
    const words = `This is ${name.replaceAll('_', '')}.`
    await page.keyboard.type(words)
    await expect(page.locator('.status')).toHaveText('Saved')
    await page.reload()
    await expect(page.locator('.coscribe-content')).toHaveText(words)
  }
})
