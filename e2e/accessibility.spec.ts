import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import * as Y from 'yjs'
import { createDocument, openDocument, openStockClient } from './document.ts'
import type { ServerProcess } from './server.ts'
import { expect, test } from './server.ts'

const looks = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
  { name: 'phone', colorScheme: 'light', viewport: { width: 390, height: 780 } },
] as const

/** What people with disabilities would stumble over, in words; empty when there is nothing serious. */
async function findings(page: Page): Promise<string[]> {
  // The state after a transition is the one that stays.
  await page.emulateMedia({ reducedMotion: 'reduce' })
  const { violations } = await new AxeBuilder({ page }).analyze()
  const bad = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  return bad.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)
}

/** A document with everything in it that there is. */
async function writeEverything(server: ServerProcess, name: string): Promise<void> {
  const stock = await openStockClient(server, name)
  const paragraph = (
    text: string,
    attributes: Record<string, string> = {},
    marks: object = {},
  ): Y.XmlElement => {
    const element = new Y.XmlElement('paragraph')
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
    const words = new Y.XmlText()
    words.insert(0, text, marks)
    element.insert(0, [words])
    return element
  }
  const code = new Y.XmlElement('code_block')
  code.insert(0, [new Y.XmlText('let a = 1')])
  const list = ['bullet', 'ordered', 'task'].map((kind) => paragraph(`a ${kind}`, { list: kind }))
  const styles = ['title', 'heading1', 'heading2', 'heading3', 'heading5', 'quote']
  const styled = styles.map((style) => paragraph(`a ${style}`, { style }))
  const marks = ['strong', 'em', 'underline', 'strike', 'code', 'subscript', 'superscript']
  const marked = marks.map((mark) => paragraph(`some ${mark}`, {}, { [mark]: { v: 1 } }))
  const link = paragraph('a link', {}, { link: { href: 'https://example.com', v: 1 } })
  stock.fragment.insert(0, [
    ...styled,
    ...list,
    code,
    ...marked,
    link,
    paragraph('نص عربي'),
    paragraph('the last line'),
  ])
  await expect.poll(() => stock.provider.synced).toBe(true)
  stock.destroy()
}

for (const { name, colorScheme, viewport } of looks) {
  test.describe(name, () => {
    test.use({ colorScheme, viewport })

    test(`[E80] the list of documents and the sign-in have no serious finding (${name})`, async ({
      page,
      server,
    }) => {
      await page.goto(server.url)
      await expect(page.getByRole('heading', { name: 'Documents' })).toBeVisible()
      expect(await findings(page)).toEqual([])
      await writeEverything(server, await createDocument(server))
      await page.reload()
      await expect(page.getByRole('listitem')).toHaveCount(1)
      await page.getByRole('button', { name: /^Actions for/ }).click()
      expect(await findings(page)).toEqual([])
      await page.getByRole('button', { name: 'Delete' }).click()
      await expect(page.getByRole('dialog')).toBeVisible()
      expect(await findings(page)).toEqual([])
    })

    test(`[E80] a document has none, empty, full, and with everything open (${name})`, async ({
      page,
      server,
    }) => {
      const empty = await createDocument(server)
      await openDocument(page, server, empty)
      expect(await findings(page)).toEqual([])
      await writeEverything(server, empty)
      await expect(page.getByText('the last line')).toBeVisible()
      const guest = await openStockClient(server, empty)
      guest.provider.awareness.setLocalStateField('user', { name: 'Robot', color: '#ffe066' })
      await expect(page.getByRole('button', { name: /^Robot/ })).toBeVisible()
      expect(await findings(page)).toEqual([])
      await page.getByRole('button', { name: 'Outline and length' }).click()
      await expect(page.getByRole('treeitem')).toHaveCount(5)
      await page.getByRole('button', { name: 'Find and replace' }).click()
      await page.getByRole('textbox', { name: 'Find' }).fill('some')
      await page.getByRole('button', { name: 'Replace', exact: true }).click()
      await expect(page.locator('.coscribe-find-count')).toHaveText('1 of 7')
      await page.getByRole('button', { name: /^Robot/ }).click()
      await page.getByRole('button', { name: /^Robot/ }).click()
      await expect(page.locator('.coscribe-following')).toBeVisible()
      expect(await findings(page)).toEqual([])
      await page.getByRole('button', { name: /^Guest/ }).click()
      await expect(page.getByLabel('Your name')).toBeVisible()
      expect(await findings(page)).toEqual([])
      guest.destroy()
    })

    test(`[E80] nor do the menu of a document and focus mode have any (${name})`, async ({
      page,
      server,
    }) => {
      const full = await createDocument(server)
      await openDocument(page, server, full)
      await writeEverything(server, full)
      await expect(page.getByText('the last line')).toBeVisible()
      await page.getByRole('button', { name: 'More', exact: true }).click()
      await expect(page.getByRole('menuitem', { name: 'Copy as Markdown' })).toBeVisible()
      expect(await findings(page)).toEqual([])
      await page.getByRole('menuitem', { name: 'Copy as Markdown' }).click()
      await expect(page.locator('.outcome')).not.toBeEmpty()
      expect(await findings(page)).toEqual([])
      // There is no room for its button on a phone.
      if (name === 'phone') return
      await page.getByRole('button', { name: 'Focus mode' }).click()
      await expect(page.getByRole('button', { name: 'Leave focus mode' })).toBeVisible()
      expect(await findings(page)).toEqual([])
      await page.getByText('a quote').click()
      expect(await findings(page)).toEqual([])
      await page.getByRole('button', { name: 'Leave focus mode' }).click()
    })

    test(`[E80] nor does the search with nothing found, and one that can't be done (${name})`, async ({
      page,
      server,
    }) => {
      await openDocument(page, server, await createDocument(server))
      await page.getByRole('button', { name: 'Outline and length' }).click()
      await expect(page.getByText('Headings appear here')).toBeVisible()
      expect(await findings(page)).toEqual([])
      await page.getByRole('button', { name: 'Find and replace' }).click()
      await page.getByRole('textbox', { name: 'Find' }).fill('(')
      await expect(page.locator('.coscribe-find-count')).toHaveText('No matches')
      expect(await findings(page)).toEqual([])
      await page.getByRole('button', { name: 'Regular expression' }).click()
      await expect(page.locator('.coscribe-find-count')).toHaveText('Not a valid expression')
      expect(await findings(page)).toEqual([])
    })

    test.describe('with a password', () => {
      test.use({ password: 'open sesame' })
      test(`[E80] signing in has no serious finding (${name})`, async ({ page, server }) => {
        await page.goto(server.url)
        await expect(page.getByLabel('Password')).toBeVisible()
        expect(await findings(page)).toEqual([])
      })
    })
  })
}

test('[E80] at 320 px nothing but the toolbar scrolls sideways, and what is touched is large enough', async ({
  page,
  server,
}) => {
  await page.setViewportSize({ width: 320, height: 640 })
  const name = await createDocument(server)
  await writeEverything(server, name)
  await openDocument(page, server, name)
  const guest = await openStockClient(server, name)
  guest.provider.awareness.setLocalStateField('user', { name: 'Robot', color: '#ffe066' })
  await expect(page.getByRole('button', { name: /^Robot/ })).toBeVisible()
  const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  expect(await overflow()).toBe(0)
  const header = await page
    .locator('.document-header')
    .evaluate((element) => element.scrollWidth - element.clientWidth)
  expect(header).toBe(0)
  const bar = page.getByRole('toolbar')
  const box = await bar.boundingBox()
  expect(box && box.y + box.height).toBe(640)
  expect(await bar.evaluate((element) => element.scrollWidth > element.clientWidth)).toBe(true)
  for (const button of await bar.getByRole('button').all()) {
    const { width, height } = (await button.boundingBox()) ?? { width: 0, height: 0 }
    expect(Math.min(width, height)).toBeGreaterThanOrEqual(40)
  }
  await page.getByRole('button', { name: 'Outline and length' }).click()
  await expect(page.getByRole('tree')).toBeVisible()
  await page.getByRole('treeitem', { name: 'a heading3' }).click()
  await expect(page.getByRole('tree')).toHaveCount(0)
  await page.getByRole('button', { name: 'Find and replace' }).click()
  await expect(page.getByRole('textbox', { name: 'Find' })).toBeFocused()
  expect(await overflow()).toBe(0)
  guest.destroy()
})
