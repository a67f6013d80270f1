import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { createDocument, linesOf, openDocument } from './document.ts'
import { hold } from './hands.ts'
import { expect, test } from './server.ts'

test.use({ permissions: ['clipboard-read', 'clipboard-write'] })

const markdown = '# Plan\n\n## Aims\n\n- one\n- **two**\n'
const file = (name: string, words = markdown) => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(words),
})

const menuItem = (page: Page, name: string) => page.getByRole('menuitem', { name })

/** A new document has an empty line below its title. */
const wordsOf = async (page: Page) => (await linesOf(page)).filter((line) => line.trim() !== '')

async function choose(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'More' }).click()
  await menuItem(page, name).click()
}

async function pick(page: Page, press: () => Promise<void>, chosen: ReturnType<typeof file>): Promise<void> {
  const chooser = page.waitForEvent('filechooser')
  await press()
  await (await chooser).setFiles(chosen)
}

test('[E86] a file makes a document, which goes out in each format', async ({ page, server }) => {
  await page.goto(server.url)
  await pick(page, () => page.getByRole('button', { name: 'Import' }).click(), file('plan.md'))
  await expect(page).toHaveURL(/\/d\/[\w-]{22}$/)
  await expect(page.locator('.header-title')).toHaveText('Plan')
  expect(await linesOf(page)).toEqual(['Plan', 'Aims', 'one', 'two'])

  await choose(page, 'Copy as Markdown')
  await expect(page.locator('.outcome')).toHaveText('Copied')
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(markdown)
  const expected = [
    ['Download as Markdown', 'Plan.md', markdown],
    ['Download as web page', 'Plan.html', '<strong>two</strong>'],
    ['Download as plain text', 'Plan.txt', 'Plan\n\nAims\n\n- one\n- two\n'],
    ['Download as JSON', 'Plan.json', '{"type":"doc"'],
  ] as const
  for (const [name, fileName, words] of expected) {
    const download = page.waitForEvent('download')
    await choose(page, name)
    const saved = await download
    expect(saved.suggestedFilename()).toBe(fileName)
    expect(await readFile(await saved.path(), 'utf8')).toContain(words)
  }
})

test('[E86] files dropped on the list make documents, and what is no text is told', async ({
  page,
  server,
}) => {
  await page.goto(server.url)
  const drop = async (...files: { name: string; words: string }[]): Promise<void> => {
    const data = await page.evaluateHandle((all) => {
      const transfer = new DataTransfer()
      for (const { name, words } of all) transfer.items.add(new File([words], name))
      return transfer
    }, files)
    await page.dispatchEvent('main', 'dragover', { dataTransfer: data })
    await page.dispatchEvent('main', 'drop', { dataTransfer: data })
  }
  await drop({ name: 'a.exe', words: 'x' })
  await expect(page.getByRole('alert')).toContainText('can be imported')
  await drop({ name: 'a.txt', words: 'first' }, { name: 'b.html', words: '<h1>second</h1>' })
  await expect(page.getByRole('link', { name: 'first' })).toBeVisible()
  await expect(page.getByRole('link', { name: 'second' })).toBeVisible()
  await expect(page.locator('.problem')).toBeEmpty()
  await drop({ name: 'c.md', words: '# third' })
  await expect(page.locator('.header-title')).toHaveText('third')
})

test('[E104] importing on the list tells how far it is and what failed, by name', async ({
  page,
  server,
}) => {
  await page.goto(server.url)
  const button = page.getByRole('button', { name: 'Import' })
  const progress = page.locator('.progress')
  const letGo = await hold(page, '**/api/documents', 'POST')
  const choosing = page.waitForEvent('filechooser')
  await button.click()
  const chooser = await choosing
  await chooser.setFiles(file('plan.json', '{"broken'))
  await expect(progress).toHaveText('Importing plan.json…')
  await expect(button).toHaveAttribute('aria-disabled', 'true')
  letGo()
  await expect(page.getByRole('alert')).toContainText('plan.json was not imported. ')
  await expect(progress).toBeEmpty()
  await expect(button).not.toHaveAttribute('aria-disabled')
  await expect(button).toBeFocused()
  const listed = page.waitForResponse((response) => response.request().method() === 'GET')
  await page.evaluate(() => dispatchEvent(new Event('focus')))
  await listed
  await page.unroute('**/api/documents')
  await page.route('**/api/documents', async (route) => {
    const isFirst = route.request().postDataBuffer()?.includes('first.md') === true
    await (isFirst ? route.abort() : route.continue())
  })
  await expect(page.getByRole('alert')).toContainText('plan.json was not imported. ')
  const data = await page.evaluateHandle(() => {
    const transfer = new DataTransfer()
    for (const name of ['first.md', 'second.md']) transfer.items.add(new File([`# of ${name}`], name))
    return transfer
  })
  await page.dispatchEvent('main', 'drop', { dataTransfer: data })
  await expect(page.getByRole('link', { name: 'of second.md' })).toBeVisible()
  await expect(page.getByRole('alert')).toContainText('first.md was not imported. ')
  await expect(page.getByRole('alert')).not.toContainText('plan.json')
})

test('[E86] the menu works by keys, and a file goes in at the caret as one step', async ({
  page,
  server,
}) => {
  await openDocument(page, server, await createDocument(server))
  await page.keyboard.type('before\nafter')
  await page.keyboard.press('ArrowUp')
  const more = page.getByRole('button', { name: 'More' })
  await more.focus()
  await page.keyboard.press('Enter')
  await expect(more).toHaveAttribute('aria-expanded', 'true')
  await expect(menuItem(page, 'Copy as Markdown')).toBeFocused()
  await page.keyboard.press('End')
  await expect(menuItem(page, 'Print…')).toBeFocused()
  await page.keyboard.press('ArrowUp')
  await expect(menuItem(page, 'Insert a file…')).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(more).toBeFocused()
  await expect(more).toHaveAttribute('aria-expanded', 'false')

  await pick(page, () => choose(page, 'Insert a file…'), file('plan.md'))
  await expect(page.locator('.outcome')).toHaveText('Inserted plan.md')
  await expect(page.locator('.coscribe-content')).toBeFocused()
  expect(await wordsOf(page)).toEqual(['before', 'Plan', 'Aims', 'one', 'two', 'after'])
  await page.keyboard.type('!')
  expect(await wordsOf(page)).toEqual(['before', 'Plan', 'Aims', 'one', 'two!', 'after'])
  await page.keyboard.press('Control+z')
  await page.keyboard.press('Control+z')
  expect(await wordsOf(page)).toEqual(['before', 'after'])

  await pick(page, () => choose(page, 'Insert a file…'), file('plan.json', '{'))
  await expect(page.locator('.outcome')).toHaveText('plan.json can’t be read as a document')
  await pick(page, () => choose(page, 'Insert a file…'), file('plan.txt', '[1]'))
  await expect(page.locator('.outcome')).toHaveText('Inserted plan.txt')
})

test('[E87] [E88] what is copied here is Markdown elsewhere, and Markdown from elsewhere is what it means', async ({
  page,
  server,
}) => {
  const fetched = page.waitForResponse(/markdown-text/)
  await openDocument(page, server, await createDocument(server))
  await (await fetched).finished()
  await page.keyboard.press('ControlOrMeta+a')
  await page.evaluate((words) => navigator.clipboard.writeText(words), markdown)
  await page.keyboard.press('ControlOrMeta+v')
  await expect(page.locator('.coscribe-content strong')).toHaveText('two')
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.press('ControlOrMeta+c')
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(markdown.trim())

  await page.evaluate((words) => navigator.clipboard.writeText(words), markdown)
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.press('ControlOrMeta+Shift+v')
  await expect(page.locator('.coscribe-content')).toContainText('- **two**')
})
