import { openStockClient } from './document.ts'
import { expect, test } from './server.ts'
import { WebSocket } from 'ws'

test.describe('a server with a password', () => {
  test.use({ password: 'open sesame' })

  test('[A2][A3] an invite link lets its reader in, and the key leaves the address bar', async ({
    page,
    server,
  }) => {
    await page.goto(`${server.url}/#key=${encodeURIComponent('open sesame')}`)
    await page.getByRole('button', { name: 'New document' }).first().click()
    await expect(page.locator('.status')).toHaveText('Saved')
    expect(page.url()).not.toContain('sesame')
    await page.getByRole('button', { name: 'Copy link' }).click()
    const link = await page.evaluate(() => navigator.clipboard.readText())
    expect(link).toMatch(/\/d\/[\w-]{22}#key=open%20sesame$/)
    await page.keyboard.type('x')
  })

  test('[A2] a copied link opens the document for somebody new; without its key it asks', async ({
    browser,
    server,
  }) => {
    const host = await (
      await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] })
    ).newPage()
    await host.goto(`${server.url}/#key=open%20sesame`)
    await host.getByRole('button', { name: 'New document' }).first().click()
    await expect(host.locator('.status')).toHaveText('Saved')
    await host.locator('.coscribe-content > *').first().click()
    await host.keyboard.type('For my guests')
    await host.getByRole('button', { name: 'Copy link' }).click()
    const link = await host.evaluate(() => navigator.clipboard.readText())

    const guest = await (await browser.newContext()).newPage()
    await guest.goto(link)
    await expect(guest.locator('.coscribe-content')).toContainText('For my guests')

    const stranger = await (await browser.newContext()).newPage()
    await stranger.goto(link.split('#')[0] ?? '')
    await expect(stranger.getByRole('heading', { name: 'This place is private' })).toBeVisible()
    await stranger.getByLabel('Password').fill('let me in')
    await stranger.getByRole('button', { name: 'Go in' }).click()
    await expect(stranger.getByRole('alert')).toHaveText('That is not the password.')
    await stranger.getByLabel('Password').fill('open sesame')
    await stranger.getByRole('button', { name: 'Go in' }).click()
    await expect(stranger.locator('.coscribe-content')).toContainText('For my guests')
  })

  test('[A2] a session holds across a restart of the server', async ({ page, server }) => {
    await page.goto(`${server.url}/#key=open%20sesame`)
    await page.getByRole('button', { name: 'New document' }).first().click()
    await expect(page.locator('.status')).toHaveText('Saved')
    expect(await server.stop('SIGTERM')).toBe(0)
    await expect(page.locator('.status')).toContainText('Offline')
    await server.start()
    await expect(page.locator('.status')).toHaveText('Saved', { timeout: 40_000 })
    await page.reload()
    await expect(page.locator('.status')).toHaveText('Saved')
  })

  test('[A2] a stock client gets in with the token parameter and not without', async ({ server }) => {
    const without = new WebSocket(`${server.webSocketUrl}/anything`)
    const code = await new Promise((resolve) => without.once('close', resolve))
    expect(code).toBe(4401)
    const stock = await openStockClient(server, 'anything', { token: 'open sesame' })
    expect(stock.provider.synced).toBe(true)
    stock.destroy()
  })
})

test('[A5] a page from elsewhere can’t connect', async ({ server }) => {
  const socket = new WebSocket(`${server.webSocketUrl}/anything`, { origin: 'https://evil.example' })
  const status = await new Promise((resolve) => {
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode))
    socket.once('open', () => resolve('open'))
  })
  expect(status).toBe(403)
})
