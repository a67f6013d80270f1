import { linesOf } from './document.ts'
import { content, hold } from './hands.ts'
import { expect, test } from './server.ts'

// Else what is held back here would be asked for nowhere.
test.use({ serviceWorkers: 'block' })

test('[E99] what is typed before a new document is there is written into it', async ({ page, server }) => {
  await page.goto(server.url)
  await expect(page.getByText('Nothing written yet')).toBeVisible()
  const answer = await hold(page, '**/api/documents', 'POST')
  const letIn = await hold(page, '**/api/session')
  const opened = page.waitForURL(/\/d\/[\w-]{22}$/)
  await page.getByRole('button', { name: 'New document' }).first().click()
  await page.keyboard.type('Plan\n# Aimx')
  await page.keyboard.press('Backspace')
  answer()
  await opened
  await page.keyboard.type('s\near')
  await page.reload()
  await page.keyboard.type('ly ')
  letIn()
  await expect(content(page)).toBeFocused()
  await page.keyboard.type('birds')
  await expect(content(page).locator('p').first()).toHaveText('early birds')
  expect((await linesOf(page)).slice(0, 3)).toEqual(['Plan', 'Aims', 'early birds'])
  await expect(content(page).locator('h1', { hasText: 'Aims' })).toBeVisible()

  await page.goBack()
  await expect(page.getByRole('link', { name: /Plan/ })).toBeVisible()
  await page.keyboard.type('nothing')
  await page.goForward()
  await expect(content(page).locator('p').first()).toHaveText('early birds')
  expect(await linesOf(page)).not.toContain('nothing')
})

test('[E99] keys are left alone again when no document could be made', async ({ page, server }) => {
  await page.goto(server.url)
  await page.route('**/api/documents', (route) =>
    route.request().method() === 'POST' ? route.abort() : route.continue(),
  )
  const button = page.getByRole('button', { name: 'New document' }).first()
  await button.click()
  await expect(page.getByRole('alert')).not.toBeEmpty()
  await expect(button).toBeFocused()
  await page.unroute('**/api/documents')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/d\/[\w-]{22}$/)
})
