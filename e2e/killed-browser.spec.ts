import { type BrowserContext, chromium, type Page } from '@playwright/test'
import { mkdtemp, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromiumArguments, findChromium } from '../scripts/chromium.mjs'
import { createDocument, linesOf, openStockClient, textOf } from './document.ts'
import { expect, test } from './server.ts'

/** Chromium on a profile of its own, as a person has it: its process can be killed, and its profile opened again. */
function launch(profile: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(profile, {
    executablePath: findChromium() ?? '',
    args: chromiumArguments(),
  })
}

/** Kills the process that has the profile open, which Chromium names in its lock. */
async function kill(context: BrowserContext, profile: string): Promise<void> {
  const lock = await readlink(join(profile, 'SingletonLock'))
  const pid = Number(lock.split('-').at(-1))
  expect(pid).toBeGreaterThan(1)
  const closed = context.waitForEvent('close')
  process.kill(pid, 'SIGKILL')
  await closed
}

const pageOf = async (context: BrowserContext): Promise<Page> => context.pages()[0] ?? context.newPage()

test('[S5] everything the page showed as kept is there after Chromium was killed', async ({ server }) => {
  const profile = await mkdtemp(join(tmpdir(), 'coscribe-profile-'))
  const name = await createDocument(server)
  let context = await launch(profile)
  let page = await pageOf(context)
  await page.goto(`${server.url}/d/${name}`)
  await expect(page.locator('.status')).toHaveText('Saved')
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
  await page.locator('.coscribe-content > *').nth(0).click()
  await page.keyboard.type('Title')
  await expect(page.locator('.status')).toHaveText('Saved')
  await server.stop('SIGKILL')

  let shown = ''
  for (const round of [1, 2, 3]) {
    await page.locator('.coscribe-content > *').nth(1).click()
    await page.keyboard.press('End')
    for (let word = 1; word <= 10; word++) await page.keyboard.type(`${round}.${word} `)
    await expect(page.locator('.status')).toHaveText('Offline, kept on this device')
    shown = (await linesOf(page)).join('\n')
    await kill(context, profile)
    context = await launch(profile)
    page = await pageOf(context)
    await page.goto(`${server.url}/d/${name}`)
    await expect(page.locator('.coscribe-content')).toBeVisible()
    expect((await linesOf(page)).join('\n')).toBe(shown)
  }

  await server.start()
  await expect(page.locator('.status')).toHaveText('Saved', { timeout: 40_000 })
  const client = await openStockClient(server, name)
  expect(client.fragment.toArray().map(textOf).join('\n').trim()).toBe(shown.trim())
  expect(shown).toContain('3.10')
  client.destroy()
  await context.close()
  await rm(profile, { recursive: true, force: true })
})
