import type { Locator, Page } from '@playwright/test'
import { createDocument, linesOf, openDocument } from './document.ts'
import { makePicture, pastePicture } from './picture.ts'
import { expect, test } from './server.ts'

const picture = makePicture(400, 240)

const shown = (page: Page): Locator => page.locator('.coscribe-picture[data-state="shown"]')
const handle = (page: Page): Locator => page.getByRole('slider', { name: 'Width of the picture' })
const captionOf = (page: Page): Locator => page.locator('.coscribe-caption')

interface Dropped {
  readonly name: string
  readonly type: string
  readonly content: Buffer
}

/** Drops files on an element, as from another program. */
async function dropFiles(page: Page, target: Locator, files: readonly Dropped[]): Promise<void> {
  const box = (await target.boundingBox())!
  const sent = files.map(({ content, ...file }) => ({ ...file, base64: content.toString('base64') }))
  const dataTransfer = await page.evaluateHandle((given) => {
    const transfer = new DataTransfer()
    for (const { name, type, base64 } of given) {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
      transfer.items.add(new File([bytes], name, { type }))
    }
    return transfer
  }, sent)
  const at = { clientX: box.x + 4, clientY: box.y + box.height / 2 }
  await target.dispatchEvent('drop', { dataTransfer, bubbles: true, cancelable: true, ...at })
}

async function pasteHtml(page: Page, html: string): Promise<void> {
  await page.evaluate(async (text) => {
    await navigator.clipboard.write([
      new ClipboardItem({ 'text/html': new Blob([text], { type: 'text/html' }) }),
    ])
  }, html)
  await page.keyboard.press('ControlOrMeta+v')
}

/** A document with a picture in it, which is selected. */
async function openWithPicture(page: Page, server: Parameters<typeof openDocument>[1]): Promise<string> {
  const name = await createDocument(server)
  await openDocument(page, server, name)
  await page.locator('.coscribe-content > :nth-child(2)').click()
  await page.keyboard.type('before')
  await page.keyboard.press('Enter')
  await pastePicture(page, picture)
  await expect(shown(page)).toHaveCount(1)
  await page.keyboard.type('after')
  await page.locator('.coscribe-picture img').click()
  await expect(page.getByRole('toolbar', { name: 'Picture' })).toHaveCSS('opacity', '1')
  return name
}

test('[E50] a pasted picture is uploaded, stands where it was pasted, and everybody sees it', async ({
  page,
  context,
  server,
}) => {
  const name = await openWithPicture(page, server)
  await expect(page.locator('.status')).toHaveText('Saved')
  const src = await page.locator('.coscribe-picture img').getAttribute('src')
  expect(src).toMatch(new RegExp(`^/api/documents/${name}/files/[\\w-]{43}$`))
  const other = await context.newPage()
  await openDocument(other, server, name)
  await expect(shown(other)).toHaveCount(1)
  expect((await linesOf(other)).map((line) => line.trim())).toEqual(['', 'before', '', 'after'])
})

test('[E50] files that are dropped stand where they were dropped, pictures as such, others as links', async ({
  page,
  server,
}) => {
  await openDocument(page, server, await createDocument(server))
  await page.locator('.coscribe-content > :nth-child(2)').click()
  for (const line of ['one', 'two', 'three']) {
    await page.keyboard.type(line)
    await page.keyboard.press('Enter')
  }
  await dropFiles(page, page.getByText('two', { exact: true }), [
    { name: 'a.png', type: 'image/png', content: picture },
    { name: 'plan.pdf', type: 'application/pdf', content: Buffer.from('%PDF-1.7') },
    { name: 'b.png', type: 'image/png', content: makePicture(60, 40) },
  ])
  await expect(shown(page)).toHaveCount(2)
  await expect(page.locator('.coscribe-upload')).toHaveCount(0)
  const blocks = page.locator('.coscribe-content > *')
  await expect(blocks.nth(1)).toHaveText('one')
  await expect(blocks.nth(2).locator('img')).toHaveJSProperty('naturalWidth', 400)
  await expect(blocks.nth(3).getByRole('link', { name: 'plan.pdf' })).toHaveAttribute('href', /\/files\//)
  await expect(blocks.nth(4).locator('img')).toHaveJSProperty('naturalWidth', 60)
  await expect(blocks.nth(5)).toHaveText('two')
})

test('[E50] the toolbar takes files and addresses', async ({ page, server }) => {
  await openDocument(page, server, await createDocument(server))
  await page.locator('.coscribe-content > :nth-child(2)').click()
  await page.keyboard.type('text')
  await page.getByRole('button', { name: 'Picture or file' }).click()
  const choosing = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Choose files' }).click()
  await (await choosing).setFiles({ name: 'a.png', mimeType: 'image/png', buffer: picture })
  await expect(shown(page)).toHaveCount(1)

  await page.getByRole('button', { name: 'Picture or file' }).click()
  const field = page.getByRole('textbox', { name: 'Address of a picture' })
  await expect(page.locator('.coscribe-image-bubble')).toHaveCSS('opacity', '1')
  await field.fill('javascript:alert(1)')
  await field.press('Enter')
  await expect(page.getByText('This is not the address of a picture.')).toBeVisible()
  await field.fill(`${server.url}/favicon.svg`)
  await field.press('Enter')
  await expect(shown(page)).toHaveCount(2)
  await expect(page.locator('.coscribe-content')).toBeFocused()
})

test('[E51] an upload shows how far it is, can be retried, removed and cancelled, and moves with the text', async ({
  page,
  context,
  server,
}) => {
  const name = await createDocument(server)
  await openDocument(page, server, name)
  await page.locator('.coscribe-content > :nth-child(2)').click()
  await page.keyboard.type('before')
  let answer: 'fails' | 'hangs' | 'is lost' = 'fails'
  const problem = { error: { code: 'unavailable', message: 'The disk is full.' } }
  await page.route('**/files?*', async (route) => {
    if (answer === 'fails') await route.fulfill({ status: 503, json: problem })
    if (answer === 'is lost') await route.abort()
  })
  await pastePicture(page, picture)
  const card = page.locator('.coscribe-upload')
  await expect(card.getByRole('alert')).toHaveText('The disk is full.')
  answer = 'is lost'
  await card.getByRole('button', { name: 'Retry' }).click()
  await expect(card.getByRole('alert')).toContainText('kept here until you retry')
  answer = 'hangs'
  await card.getByRole('button', { name: 'Retry' }).click()
  await expect(card.getByRole('progressbar')).toBeVisible()
  expect(await page.locator('.coscribe-content > *').allInnerTexts()).toHaveLength(3)

  const asked = page.waitForEvent('dialog')
  await page.evaluate(() => setTimeout(() => location.reload()))
  await (await asked).dismiss()

  const other = await context.newPage()
  await openDocument(other, server, name)
  await expect(other.locator('.coscribe-upload')).toHaveCount(0)
  await other.getByText('before').click()
  await other.keyboard.press('Home')
  await other.keyboard.type('more')
  await other.keyboard.press('Enter')
  await expect(page.getByText('more')).toBeVisible()
  await expect(card.getByRole('progressbar')).toBeVisible()
  await page.keyboard.press('ControlOrMeta+z')
  await expect(card).toHaveCount(1)

  await card.getByRole('button', { name: 'Cancel upload' }).click()
  await expect(card).toHaveCount(0)
  answer = 'fails'
  await pastePicture(page, picture)
  await card.getByRole('button', { name: 'Remove' }).click()
  await expect(card).toHaveCount(0)
  await page.unroute('**/files?*')
  await pastePicture(page, picture)
  await expect(shown(page)).toHaveCount(1)
})

test('[E52] pictures are resized by mouse and by keyboard, within the page', async ({ page, server }) => {
  await openWithPicture(page, server)
  const width = async () => (await page.locator('.coscribe-picture').boundingBox())!.width
  expect(await width()).toBe(400)
  const grip = (await handle(page).boundingBox())!
  await page.mouse.move(grip.x + 12, grip.y + grip.height / 2)
  await page.mouse.down()
  await page.mouse.move(grip.x + 12 - 50, grip.y + grip.height / 2, { steps: 4 })
  await page.mouse.up()
  await expect.poll(width).toBe(300)
  await page.locator('.coscribe-picture img').click()
  await page.keyboard.press('Tab')
  await expect(handle(page)).toBeFocused()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  await expect(handle(page)).toHaveAttribute('aria-valuenow', '320')
  await page.keyboard.press('Home')
  await expect.poll(width).toBe(48)
  await page.keyboard.press('End')
  const content = (await page.locator('.coscribe-figure').boundingBox())!.width
  await expect.poll(width).toBe(content)
  await page.keyboard.press('Escape')
  await expect(page.locator('.coscribe-content')).toBeFocused()
  await page.keyboard.press('ControlOrMeta+z')
  await expect.poll(width).toBe(48)
})

test('[E52] alignment, alternative text, replacing and deleting', async ({ page, server }) => {
  await openWithPicture(page, server)
  const tools = page.getByRole('toolbar', { name: 'Picture' })
  const figure = page.locator('.coscribe-figure')
  await tools.getByRole('button', { name: 'Align right' }).click()
  await expect(figure).toHaveAttribute('data-align', 'right')
  await expect(tools.getByRole('button', { name: 'Align right' })).toHaveAttribute('aria-pressed', 'true')
  await tools.getByRole('button', { name: 'Alt text' }).click()
  await page.getByRole('textbox', { name: 'Alternative text' }).fill('A soft run of colours')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('img', { name: 'A soft run of colours' })).toBeVisible()
  await expect(page.locator('.coscribe-content')).toBeFocused()
  const choosing = page.waitForEvent('filechooser')
  await tools.getByRole('button', { name: 'Replace picture' }).click()
  const replacement = { name: 'b.png', mimeType: 'image/png', buffer: makePicture(200, 200) }
  await (await choosing).setFiles(replacement)
  await expect(page.locator('.coscribe-picture img')).toHaveJSProperty('naturalWidth', 200)
  await expect(figure).toHaveAttribute('data-align', 'right')
  await expect(tools.getByRole('link', { name: 'Open picture in a new tab' })).toHaveAttribute(
    'href',
    /\/files\//,
  )
  await tools.getByRole('button', { name: 'Delete picture' }).click()
  await expect(figure).toHaveCount(0)
  await expect(tools).toBeHidden()
  await page.keyboard.press('ControlOrMeta+z')
  await expect(figure).toHaveCount(1)
})

test('[E53] keys go into the caption and out of it, and never type over a picture', async ({
  page,
  server,
}) => {
  await openWithPicture(page, server)
  await expect(captionOf(page)).toHaveAttribute('data-placeholder', 'Add a caption')
  await page.keyboard.type('A caption')
  await expect(captionOf(page)).toHaveText('A caption')
  await page.keyboard.press('Home')
  await page.keyboard.press('Backspace')
  await expect(page.locator('.coscribe-figure.ProseMirror-selectednode')).toHaveCount(1)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.type('> ')
  await expect(captionOf(page)).toHaveText('> A caption')
  await page.keyboard.press('Enter')
  await page.keyboard.type('between')
  expect((await linesOf(page)).map((line) => line.trim())).toEqual([
    '',
    'before',
    '> A caption',
    'between',
    'after',
  ])
  await page.keyboard.press('Home')
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('End')
  await page.keyboard.type('!')
  await expect(captionOf(page)).toHaveText('> A caption!')
  await page.getByText('before').click()
  await page.keyboard.press('End')
  await page.keyboard.press('ArrowRight')
  await expect(page.locator('.coscribe-figure.ProseMirror-selectednode')).toHaveCount(1)
  await page.keyboard.press('ArrowUp')
  await page.keyboard.type('!')
  await expect(page.getByText(/^!?before!?$/)).toBeVisible()
})

test('[E53] two people write one caption, and a third changes the picture meanwhile', async ({
  page,
  context,
  server,
}) => {
  const name = await openWithPicture(page, server)
  await page.keyboard.type('middle')
  const other = await context.newPage()
  await openDocument(other, server, name)
  await other.getByText('middle').click()
  await other.keyboard.press('End')
  await page.keyboard.press('Home')
  await Promise.all([page.keyboard.type('left '), other.keyboard.type(' right')])
  for (const each of [page, other]) await expect(captionOf(each)).toHaveText('left middle right')
  await page.locator('.coscribe-picture img').click()
  const tools = page.getByRole('toolbar', { name: 'Picture' })
  await tools.getByRole('button', { name: 'Alt text' }).click()
  const field = page.getByRole('textbox', { name: 'Alternative text' })
  await field.fill('half a')
  await other.keyboard.type(' end')
  await expect(captionOf(page)).toHaveText('left middle right end')
  await expect(field).toBeFocused()
  await page.keyboard.type(' word')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('img', { name: 'half a word' })).toBeVisible()
})

test('[E54] pictures in pasted pages keep their address; large ones that are part of the page are uploaded', async ({
  page,
  server,
}) => {
  const name = await createDocument(server)
  await openDocument(page, server, name)
  await page.locator('.coscribe-content > :nth-child(2)').click()
  const noisy = `data:image/png;base64,${makePicture(900, 700).toString('base64')}`
  expect(noisy.length).toBeGreaterThan(8192)
  const icon = `data:image/png;base64,${makePicture(8, 8).toString('base64')}`
  const web = `${server.url}/favicon.svg`
  await pasteHtml(
    page,
    `<p>one</p><img src="${noisy}"><p>two</p><img src="${icon}"><img src="${web}"><p>three</p>`,
  )
  await expect(shown(page)).toHaveCount(3)
  const sources = await page
    .locator('.coscribe-picture img')
    .evaluateAll((all) => all.map((img) => img.getAttribute('src')))
  expect(sources).toEqual([expect.stringMatching(`^/api/documents/${name}/files/`), icon, web])
  await expect(page.locator('.coscribe-content > :nth-child(3) img')).toHaveCount(1)
})

test('[E50][E53] on a phone a picture is tapped and aligned, and its caption tapped and written', async ({
  browser,
  server,
}) => {
  const phone = await browser.newContext({
    viewport: { width: 390, height: 800 },
    hasTouch: true,
    isMobile: true,
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  const page = await phone.newPage()
  await openDocument(page, server, await createDocument(server))
  await page.locator('.coscribe-content > :nth-child(2)').tap()
  await pastePicture(page, makePicture(800, 500))
  await expect(shown(page)).toHaveCount(1)
  await page.locator('.coscribe-picture img').tap()
  const tools = page.getByRole('toolbar', { name: 'Picture' })
  await expect(tools).toBeVisible()
  const box = (await tools.boundingBox())!
  expect(box.x).toBeGreaterThanOrEqual(0)
  expect(box.x + box.width).toBeLessThanOrEqual(390)
  await tools.getByRole('button', { name: 'Align left' }).tap()
  await expect(page.locator('.coscribe-figure')).toHaveAttribute('data-align', 'left')
  await page.keyboard.type('A caption')
  // Where the first tap was, it might be the second of a double one.
  await page.locator('.coscribe-picture img').tap({ position: { x: 40, y: 40 } })
  await expect(page.locator('.coscribe-figure.ProseMirror-selectednode')).toHaveCount(1)
  await captionOf(page).tap()
  await expect(page.locator('.coscribe-figure.ProseMirror-selectednode')).toHaveCount(0)
  await page.keyboard.type('x')
  await expect(captionOf(page)).toHaveText(/^[A captionx]{10}$/)
  await expect(shown(page)).toHaveCount(1)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  await phone.close()
})
