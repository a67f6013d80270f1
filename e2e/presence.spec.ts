import { createDocument, openDocument, openStockClient } from './document.ts'
import { expect, test } from './server.ts'

test('[R6] each person sees the other’s caret, selection, name and colour as they move', async ({
  browser,
  server,
}) => {
  const name = await createDocument(server)
  const ann = await (await browser.newContext()).newPage()
  const bob = await (await browser.newContext()).newPage()
  await openDocument(ann, server, name)
  await ann.getByRole('button', { name: /^Guest/ }).click()
  await ann.getByLabel('Your name').fill('Ann')
  await ann.keyboard.press('Enter')
  await ann.getByRole('button', { name: 'Colour 5' }).click()
  await ann.keyboard.press('Escape')
  await openDocument(bob, server, name)
  await ann.locator('.coscribe-content > *').first().click()
  await ann.keyboard.type('Shared title')

  const caret = bob.locator('.coscribe-caret')
  await expect(caret).toHaveCount(1)
  await expect(caret).toContainText('Ann')
  await expect(caret).toHaveCSS('--coscribe-person', '#1971c2')
  await ann.keyboard.press('Shift+Home')
  await expect(bob.locator('.coscribe-selection').first()).toBeVisible()
  // Drawn outside the text: what Bob edits is free of it.
  expect(await bob.locator('.coscribe-content .coscribe-caret').count()).toBe(0)

  await ann.close()
  await expect(caret).toHaveCount(0)
})

test('[P3] a stock client shows up among the people, and leaves when it goes', async ({ page, server }) => {
  const name = await createDocument(server)
  await openDocument(page, server, name)
  const stock = await openStockClient(server, name)
  stock.provider.awareness.setLocalStateField('user', { name: 'Robot', color: '#aa5500' })
  await expect(page.getByRole('button', { name: /^Robot/ })).toBeVisible()
  stock.destroy()
  await expect(page.getByRole('button', { name: /^Robot/ })).toHaveCount(0)
})
