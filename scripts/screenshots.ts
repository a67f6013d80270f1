// Takes the pictures in docs/ from the built product: `npm run build && npm run screenshots`.
import { type Browser, chromium, type Page } from '@playwright/test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDocument, openDocument } from '../e2e/document.ts'
import { ServerProcess } from '../e2e/server.ts'
import { freePort } from '../test/free-port.ts'
import { chromiumArguments, findChromium } from './chromium.mjs'

const written = [
  'Field trip to the tide pools',
  'We meet at the harbour on **Saturday at 8:30** and walk along the coast. Low tide is at 10:12, so nobody should be late.',
  '## What to bring',
  '- Rubber boots',
  'A notebook that may get wet',
]

async function openAs(
  browser: Browser,
  name: string,
  color: string,
  scheme: 'light' | 'dark',
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 760 }, colorScheme: scheme })
  const identity = JSON.stringify({ id: name, name, color })
  await context.addInitScript((value) => localStorage.setItem('coscribe:identity', value), identity)
  return context.newPage()
}

async function write(ada: Page, grace: Page): Promise<void> {
  await ada.locator('.coscribe-content > *').first().click()
  for (const [index, line] of written.entries()) {
    if (index > 0) await ada.keyboard.press('Enter')
    await ada.keyboard.type(line)
  }
  for (const key of ['Enter', 'Enter']) await ada.keyboard.press(key)
  await ada.keyboard.type('## Who does what')
  await ada.keyboard.press('Enter')
  await ada.keyboard.type('[x] Ask the harbour master')
  for (const task of ['Book the bus', 'Print the species list']) {
    await ada.keyboard.press('Enter')
    await ada.keyboard.type(task)
  }
  for (const key of ['Enter', 'Enter']) await ada.keyboard.press(key)
  await ada.keyboard.type('> Look, but put every stone back the way it was.')
  await grace.getByText('Low tide').dblclick({ position: { x: 250, y: 14 } })
  await grace.keyboard.press('Control+Shift+ArrowRight')
}

const data = await mkdtemp(join(tmpdir(), 'coscribe-pictures-'))
const server = new ServerProcess(await freePort(), data, [])
await server.start()
const browser = await chromium.launch({ executablePath: findChromium() ?? '', args: chromiumArguments() })
try {
  const name = await createDocument(server)
  const ada = await openAs(browser, 'Ada', '#3b5bdb', 'light')
  const grace = await openAs(browser, 'Grace', '#c2255c', 'dark')
  await openDocument(ada, server, name)
  await openDocument(grace, server, name)
  await write(ada, grace)
  await ada.locator('.coscribe-selection').first().waitFor()
  await ada.screenshot({ path: 'docs/two-people.png' })
  await grace.screenshot({ path: 'docs/dark.png' })
  await ada.setViewportSize({ width: 390, height: 760 })
  await ada.screenshot({ path: 'docs/phone.png' })
  await ada.setViewportSize({ width: 1200, height: 760 })
  await ada.goto(server.url)
  await ada.getByRole('listitem').waitFor()
  await ada.screenshot({ path: 'docs/home.png' })
} finally {
  await browser.close()
  await server.stop('SIGTERM')
  await rm(data, { recursive: true, force: true })
}
