import type { Browser, Locator, Page } from '@playwright/test'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { press } from './hands.ts'
import { expect, type ServerProcess, test } from './server.ts'

const types = new Map([
  ['.html', 'text/html'],
  ['.js', 'text/javascript'],
  ['.css', 'text/css'],
])

let pages: Server
let origin = ''
/** Where the two-line page finds its server; the others are told by their address. */
let serverUrl = ''

test.beforeAll(async () => {
  pages = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const path = pathname.endsWith('/') ? `${pathname}index.html` : pathname
    const folder = path.startsWith('/plain/') ? 'examples' : 'examples/dist'
    void readFile(join(folder, path)).then(
      (bytes) => {
        response.setHeader('Content-Type', types.get(extname(path)) ?? 'application/octet-stream')
        const isPlain = path.startsWith('/plain/')
        response.end(isPlain ? bytes.toString().replaceAll('http://localhost:1234', serverUrl) : bytes)
      },
      () => response.writeHead(404).end(),
    )
  }).listen(0, '127.0.0.1')
  await once(pages, 'listening')
  origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`
})

test.afterAll(() => {
  pages.close()
  pages.closeAllConnections()
})

/** Opens an example, fails on any error in the page, and resolves when its text can be written in. */
async function open(page: Page, path: string, server: ServerProcess): Promise<Locator> {
  serverUrl = server.url
  page.on('pageerror', (error) => expect.soft(error.message, 'an error in the page').toBe(''))
  await page.goto(`${origin}/${path}/?server=${server.url}&document=${path}`)
  const text = page.locator('[contenteditable="true"]').first()
  await expect(text).toBeVisible()
  return text
}

async function openTwice(browser: Browser, path: string, server: ServerProcess) {
  const [ada, grace] = [await browser.newPage(), await browser.newPage()]
  const texts = { adas: await open(ada, path, server), graces: await open(grace, path, server) }
  return { ada, grace, ...texts, close: () => Promise.all([ada.close(), grace.close()]) }
}

for (const path of ['plain', 'react', 'vue', 'tiptap', 'blocknote', 'codemirror']) {
  test(`[E81] the ${path} example: two pages write one document, and a third reads it later`, async ({
    browser,
    server,
  }) => {
    const { ada, grace, adas, graces, close } = await openTwice(browser, path, server)
    await adas.click()
    await ada.keyboard.type('Written by Ada.')
    await expect(graces).toContainText('Written by Ada.')
    await graces.click()
    // Whether an editor that is not ours takes letters typed in the very frame of a click is not asked here.
    await press(grace, 'ControlOrMeta+End')
    await grace.keyboard.type(' And by Grace.')
    await expect(graces).toContainText('And by Grace.')
    await expect(adas).toContainText('And by Grace.')
    await expect(adas).toContainText('Written by Ada.')
    await close()
    const later = await browser.newPage()
    const text = await open(later, path, server)
    await expect(text).toContainText('Written by Ada.')
    await expect(text).toContainText('And by Grace.')
    await later.close()
  })
}

test('[E82] the element stays connected when it is moved, and changes its document when told', async ({
  browser,
  server,
}) => {
  const page = await browser.newPage()
  const sockets: string[] = []
  page.on('websocket', (socket) => sockets.push(socket.url()))
  const text = await open(page, 'plain', server)
  await text.click()
  await page.keyboard.type('Stays')
  await page.evaluate(() => {
    const element = document.querySelector('coscribe-editor')
    const section = document.createElement('section')
    document.body.append(section)
    if (element !== null) section.append(element)
  })
  await expect(page.locator('section [contenteditable="true"]')).toHaveText('Stays')
  // The style sheet is from elsewhere, too.
  await expect(page.getByRole('toolbar', { name: 'Formatting' })).toHaveCSS('position', 'sticky')
  expect(sockets).toHaveLength(1)

  const states = page.evaluate(
    () =>
      new Promise((resolve) => {
        document.addEventListener('coscribe-status', (event) => {
          const { state } = (event as CustomEvent<{ state: string }>).detail
          if (state === 'saved') resolve(state)
        })
      }),
  )
  await page.locator('coscribe-editor').evaluate((element) => element.setAttribute('document', 'another'))
  await expect(text).not.toContainText('Stays')
  expect(await states).toBe('saved')
  await page.locator('coscribe-editor').evaluate((element) => element.remove())
  await expect(page.locator('.coscribe')).toHaveCount(0)
  await page.close()
})

test('[E82] two elements on one page are two editors', async ({ browser, server }) => {
  const page = await browser.newPage()
  await open(page, 'plain', server)
  await page.evaluate(() => {
    const other = document.createElement('coscribe-editor')
    other.setAttribute('document', 'beside')
    other.setAttribute('user-name', 'Grace')
    document.body.append(other)
  })
  const texts = page.locator('[contenteditable="true"]')
  await expect(texts).toHaveCount(2)
  await texts.nth(1).click()
  await page.keyboard.type('Only here')
  await expect(texts.nth(1)).toContainText('Only here')
  await expect(texts.nth(0)).not.toContainText('Only here')
  await page.close()
})
