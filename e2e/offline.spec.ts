import type { Page } from '@playwright/test'
import { readFile } from 'node:fs/promises'
import { createDocument, linesOf, openDocument, openStockClient, textOf } from './document.ts'
import { content } from './hands.ts'
import { expect, test } from './server.ts'
import type { ServerProcess } from './server.ts'

const kept = 'Offline, kept on this device'
const back = { timeout: 40_000 }

const status = (page: Page) => page.locator('.status')

/** Opens a document for writing, once the browser has kept the app's pages. */
async function openToWrite(page: Page, server: ServerProcess, name: string): Promise<void> {
  await openDocument(page, server, name)
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
}

/** Types at the end of a block. */
async function typeInto(page: Page, block: number, text: string): Promise<void> {
  await page.locator('.coscribe-content > *').nth(block).click()
  await page.keyboard.press('End')
  await page.keyboard.type(text)
}

async function textOnServer(server: ServerProcess, name: string): Promise<string> {
  const client = await openStockClient(server, name)
  const text = client.fragment.toArray().map(textOf).join('\n')
  client.destroy()
  return text
}

/** Leaves as somebody who closes the tab does, and resolves with whether the browser asked first. */
async function isAskedOnLeaving(page: Page): Promise<boolean> {
  const asked = page.waitForEvent('dialog').then(async (dialog) => {
    expect(dialog.type()).toBe('beforeunload')
    await dialog.accept()
    return true
  })
  const left = page.waitForEvent('close').then(() => false)
  await page.close({ runBeforeUnload: true })
  return Promise.race([asked, left]).finally(() => Promise.allSettled([asked, left]))
}

test('[S4][S6] a document is read and edited offline, across reloads, and merges with what others wrote', async ({
  browser,
  server,
}) => {
  const name = await createDocument(server)
  const ann = await (await browser.newContext()).newPage()
  const bob = await (await browser.newContext()).newPage()
  await openToWrite(ann, server, name)
  await openToWrite(bob, server, name)
  await typeInto(ann, 0, 'Trip')
  await typeInto(ann, 1, 'Boots')
  await expect(content(bob)).toContainText('Boots')
  await expect(status(ann)).toHaveText('Saved')

  await server.stop('SIGKILL')
  await typeInto(ann, 1, ' and rope')
  await expect(status(ann)).toHaveText(kept)
  await ann.reload()
  await expect(content(ann)).toContainText('Boots and rope')
  await expect(ann.locator('.header-title')).toHaveText('Trip')
  await typeInto(ann, 1, ' and tea')
  await expect(status(ann)).toHaveText(kept)
  await ann.reload()
  await expect(content(ann)).toContainText('Boots and rope and tea')
  await typeInto(bob, 0, ' to the sea')
  await expect(status(bob)).toHaveText(kept)

  await server.start()
  await expect(status(ann)).toHaveText('Saved', back)
  await expect(status(bob)).toHaveText('Saved', back)
  for (const page of [ann, bob])
    await expect.poll(() => linesOf(page)).toEqual(['Trip to the sea', 'Boots and rope and tea'])
  await server.stop('SIGKILL')
  await server.start()
  expect(await textOnServer(server, name)).toBe('Trip to the sea\nBoots and rope and tea')
})

test('[S4] opening a kept document writes nothing', async ({ page, server }) => {
  const name = await createDocument(server)
  await openToWrite(page, server, name)
  await server.stop('SIGKILL')
  await expect(status(page)).toHaveText(kept)
  await page.reload()
  await expect(content(page)).toBeVisible()
  await server.start()
  await expect(status(page)).toHaveText('Saved', back)
  const client = await openStockClient(server, name)
  // The blocks the server made, by the one client it made them as.
  expect([client.fragment.length, client.doc.store.clients.size]).toEqual([2, 1])
  client.destroy()
})

test('[S3][S4] two tabs keep into one copy, none undoes the other, and both show what the server has', async ({
  context,
  browser,
  server,
}) => {
  const name = await createDocument(server)
  const [one, two] = [await context.newPage(), await context.newPage()]
  await openToWrite(one, server, name)
  await openToWrite(two, server, name)
  const guest = await (await browser.newContext()).newPage()
  await openDocument(guest, server, name)
  await expect(guest.getByRole('list', { name: 'People here' }).getByRole('listitem')).toHaveCount(2)
  await server.stop('SIGKILL')
  await typeInto(two, 1, 'before ')
  // So many updates that this tab makes one of all, the other tab's among them.
  const long = 'many '.repeat(110)
  await typeInto(one, 0, long)
  await two.keyboard.type('after')
  await one.keyboard.type('done')
  await expect(status(one)).toHaveText(kept)
  await expect(status(two)).toHaveText(kept)
  const both = [`${long}done`, 'before after']
  for (const page of [one, two]) {
    await page.reload()
    await expect.poll(async () => (await linesOf(page)).map((line) => line.trim())).toEqual(both)
  }
  await two.close()
  await server.start()
  await expect(status(one)).toHaveText('Saved', back)
  expect((await textOnServer(server, name)).split('\n').map((line) => line.trim())).toEqual(both)
})

test('[S5] leaving asks when something is only on the page, and not when this device or the server has it', async ({
  context,
  page,
  server,
}) => {
  const name = await createDocument(server)
  await openToWrite(page, server, name)
  await typeInto(page, 0, 'Saved')
  await expect(status(page)).toHaveText('Saved')
  const online = await context.newPage()
  await openToWrite(online, server, name)
  await typeInto(online, 0, ', too')
  await expect(status(online)).toHaveText('Saved')
  expect(await isAskedOnLeaving(online)).toBe(false)
  await server.stop('SIGKILL')
  await typeInto(page, 1, 'Kept')
  await expect(status(page)).toHaveText(kept)
  expect(await isAskedOnLeaving(page)).toBe(false)
})

for (const [why, breakIt] of [
  [
    'is forbidden',
    () => {
      indexedDB.open = () => {
        throw new DOMException('forbidden', 'SecurityError')
      }
    },
  ],
  [
    'has no room',
    () => {
      IDBObjectStore.prototype.add = () => {
        throw new DOMException('full', 'QuotaExceededError')
      }
    },
  ],
  [
    'never answers',
    () => {
      indexedDB.open = () => Object.create(IDBOpenDBRequest.prototype) as IDBOpenDBRequest
    },
  ],
] as const)
  test(`[S5] where the browser’s storage ${why}, editing goes on, and the page says that nothing is kept`, async ({
    page,
    server,
  }) => {
    await page.addInitScript(breakIt)
    const name = await createDocument(server)
    await openDocument(page, server, name)
    await typeInto(page, 0, 'First')
    await expect(status(page)).toHaveText('Saved')
    await server.stop('SIGKILL')
    await typeInto(page, 1, 'Second')
    await expect(status(page)).toHaveText('Offline, not kept')
    await expect(page.getByRole('alert')).toContainText('Keep this page open')
    await server.start()
    await expect(status(page)).toHaveText('Saved', back)
    await expect(page.locator('.notice')).toHaveCount(0)
    await server.stop('SIGKILL')
    await typeInto(page, 1, ' third')
    await expect(status(page)).toHaveText('Offline, not kept')
    expect(await isAskedOnLeaving(page)).toBe(true)
  })

test('[S5] a copy that is taken away is made anew, whole', async ({ page, server }) => {
  const name = await createDocument(server)
  await openToWrite(page, server, name)
  await typeInto(page, 0, 'Written before')
  await expect(status(page)).toHaveText('Saved')
  await server.stop('SIGKILL')
  await expect(status(page)).toHaveText(kept)
  await page.evaluate(async () => {
    for (const { name: database } of await indexedDB.databases()) indexedDB.deleteDatabase(database ?? '')
  })
  await typeInto(page, 1, 'Written after')
  await expect(status(page)).toHaveText(kept)
  await page.reload()
  await expect.poll(() => linesOf(page)).toEqual(['Written before', 'Written after'])
})

test('[S7][D4] what was written offline into a document that is deleted meanwhile can be taken, then it goes', async ({
  page,
  server,
}) => {
  const name = await createDocument(server)
  await openToWrite(page, server, name)
  await typeInto(page, 0, 'Plan: B')
  await expect(status(page)).toHaveText('Saved')
  await server.stop('SIGKILL')
  await typeInto(page, 1, 'Only here')
  await expect(status(page)).toHaveText(kept)
  await page.goto('about:blank')
  await server.start()
  expect((await fetch(`${server.url}/api/documents/${name}`, { method: 'DELETE' })).status).toBe(204)

  await page.goto(`${server.url}/d/${name}`)
  await expect(page.getByRole('alert')).toContainText('This document was deleted')
  await expect(page.getByRole('alert')).toContainText('only on this device')
  await page.getByRole('button', { name: 'Copy text' }).click()
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('Plan: B\n\nOnly here')
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download' }).click()
  expect((await download).suggestedFilename()).toBe('Plan B.html')
  const file = await readFile(await (await download).path(), 'utf8')
  expect(file).toContain('<p>Only here</p>')

  await page.getByRole('button', { name: 'Remove from this device' }).click()
  await page.getByRole('button', { name: 'Give it up' }).click()
  await expect(page.getByRole('alert')).toContainText('nothing left')
  expect(await page.locator('body').innerText()).not.toContain('Only here')
})

test('[S7][D4] a deleted document with nothing of its own leaves no copy behind', async ({
  page,
  server,
}) => {
  const name = await createDocument(server)
  await openToWrite(page, server, name)
  await typeInto(page, 0, 'Nothing special')
  await expect(status(page)).toHaveText('Saved')
  await fetch(`${server.url}/api/documents/${name}`, { method: 'DELETE' })
  await expect(page.getByRole('alert')).toContainText('This document was deleted')
  await expect(content(page)).toContainText('Nothing special')
  await page.reload()
  await expect(page.getByRole('alert')).toContainText('nothing left')
})

test('[S7] what the server refuses can be taken; then the page goes back to what the server has', async ({
  page,
  server,
}) => {
  const name = await createDocument(server)
  let refuse = (): void => undefined
  await page.routeWebSocket(/\/d\/|127\.0\.0\.1/, (socket) => {
    const upstream = socket.connectToServer()
    let isRefusing = false
    socket.onMessage((message) => {
      if (!isRefusing || message[0] !== 0) {
        upstream.send(message)
        return
      }
      // refused: frame 1, code "limit", with a reason.
      const reason = Buffer.from('a line of 9,999,999 letters')
      socket.send(Buffer.concat([Buffer.from([9, 1, 3, reason.length]), reason]))
    })
    refuse = () => (isRefusing = true)
  })
  await openDocument(page, server, name)
  await typeInto(page, 0, 'Taken')
  await expect(status(page)).toHaveText('Saved')
  refuse()
  await typeInto(page, 1, 'Refused')
  await expect(status(page)).toHaveText('Not accepted by the server')
  await expect(page.getByRole('alert')).toContainText('a line of 9,999,999 letters')
  await page.getByRole('button', { name: 'Copy text' }).click()
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('Taken\n\nRefused')
  await page.getByRole('button', { name: 'Go back to the server’s version' }).click()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect(content(page)).toContainText('Refused')
  await page.getByRole('button', { name: 'Go back to the server’s version' }).click()
  await page.getByRole('button', { name: 'Give it up' }).click()
  await expect(status(page)).toHaveText('Saved')
  await expect(content(page)).toContainText('Taken')
  await expect(content(page)).not.toContainText('Refused')
  expect(await textOnServer(server, name)).toBe('Taken\n')
})

test('[S8] a document without a copy says that it can’t be opened, and opens when the server is back', async ({
  page,
  server,
}) => {
  const [known, other] = [await createDocument(server), await createDocument(server)]
  await openToWrite(page, server, known)
  await server.stop('SIGKILL')
  await page.goto(`${server.url}/d/${other}`)
  await expect(page.getByRole('alert')).toContainText('This document can’t be opened just now')
  await expect(status(page)).toHaveText('Trying to connect…')
  await page.goto(server.url)
  await expect(page.getByText('The list can’t be loaded just now')).toBeVisible()
  await page.goto(`${server.url}/d/${other}`)
  await expect(page.getByRole('alert')).toContainText('This document can’t be opened just now')
  await server.start()
  await expect(status(page)).toHaveText('Saved', back)
  await expect(page.locator('.notice')).toHaveCount(0)
  await page.goto(server.url)
  await expect(page.getByRole('listitem')).toHaveCount(2)
})

/** Paths of what the service worker keeps. */
function keptPaths(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const all = await Promise.all((await caches.keys()).map(async (key) => (await caches.open(key)).keys()))
    return all.flat().map(({ url }) => new URL(url).pathname)
  })
}

test('[S8] the app is kept with the files it names and nothing else; a new build replaces it', async ({
  page,
  context,
  server,
}) => {
  const name = await createDocument(server)
  await openToWrite(page, server, name)
  const html = await (await fetch(server.url)).text()
  const assets = new Set([...html.matchAll(/\/assets\/[^"\s]+/g)].map(([path]) => path))
  const parts = await page.evaluate(() => performance.getEntriesByType('resource').map((entry) => entry.name))
  const loaded = parts.map((url) => new URL(url).pathname).filter((path) => path.startsWith('/assets/'))
  expect([...assets]).toEqual(expect.arrayContaining(loaded))
  await expect
    .poll(async () => (await keptPaths(page)).toSorted())
    .toEqual([...assets, '/', '/favicon.svg'].toSorted())

  const newer = html.replace(/\/assets\/[^"]+\.css/, '/assets/newer.css')
  expect(newer).not.toBe(html)
  await context.route(`${server.url}/`, (route) => route.fulfill({ body: newer, contentType: 'text/html' }))
  await context.route('**/assets/newer.css', (route) => route.fulfill({ body: '', contentType: 'text/css' }))
  await page.reload()
  const [replaced] = /\/assets\/[^"]+\.css/.exec(html) ?? []
  const others = [...assets].filter((path) => path !== replaced)
  await expect
    .poll(async () => (await keptPaths(page)).toSorted())
    .toEqual([...others, '/assets/newer.css', '/', '/favicon.svg'].toSorted())
  await server.stop('SIGKILL')
  await context.unrouteAll()
  await page.reload()
  await expect(content(page)).toBeVisible()
})

test('[S2] the browser saying that it is offline shows at once', async ({ page, server }) => {
  const name = await createDocument(server)
  await openDocument(page, server, name)
  const seen = page.evaluate(
    () =>
      new Promise((resolve) => {
        new MutationObserver((_changes, observer) => {
          const state = document.querySelector('.status')?.getAttribute('data-state')
          if (state !== 'offline') return
          observer.disconnect()
          resolve(state)
        }).observe(document.body, { subtree: true, attributes: true, attributeFilter: ['data-state'] })
        dispatchEvent(new Event('offline'))
      }),
  )
  expect(await seen).toBe('offline')
  // This server does not need the network that is gone.
  await expect(status(page)).toHaveText('Saved')
})
