import type { Page } from '@playwright/test'
import * as Y from 'yjs'
import { createDocument, linesOf, openDocument, openStockClient, type StockClient } from './document.ts'
import { content, editsTables, nextFrame } from './hands.ts'
import { expect, test } from './server.ts'

const count = (page: Page) => page.locator('.coscribe-find-count')
const found = (page: Page) => page.locator('.coscribe-found')
const selected = (page: Page) => page.evaluate(() => getSelection()?.toString() ?? '')

interface Line {
  readonly text: string
  readonly style?: string
  readonly bold?: readonly [from: number, length: number]
}

function write(stock: StockClient, lines: readonly Line[]): void {
  const paragraphs = lines.map(({ text, style, bold }) => {
    const paragraph = new Y.XmlElement('paragraph')
    if (style !== undefined) paragraph.setAttribute('style', style)
    const words = new Y.XmlText(text)
    if (bold !== undefined) words.format(bold[0], bold[1], { strong: { v: 1 } })
    paragraph.insert(0, [words])
    return paragraph
  })
  stock.fragment.insert(0, paragraphs)
}

function textAt(stock: StockClient, index: number): Y.XmlText {
  const paragraph = stock.fragment.get(index)
  const text = paragraph instanceof Y.XmlElement ? paragraph.get(0) : null
  if (!(text instanceof Y.XmlText)) throw new Error(`block ${index} has no text`)
  return text
}

const lines = (...texts: string[]): Line[] => texts.map((text) => ({ text }))

test.describe('Finding', () => {
  test('[E71] Mod-F finds the selected text, F3 and Enter go on, Escape returns to the match', async ({
    page,
    server,
  }) => {
    const name = await createDocument(server)
    const bob = await openStockClient(server, name)
    write(bob, lines('one cat', 'two Cats', 'no dog', 'concat'))
    await openDocument(page, server, name)
    await page.getByText('one cat').click()
    await page.keyboard.press('End')
    await page.keyboard.press('Control+Shift+ArrowLeft')
    await page.keyboard.press('Control+f')
    await expect(page.getByRole('textbox', { name: 'Find' })).toHaveValue('cat')
    await expect(count(page)).toHaveText('1 of 3')
    await page.keyboard.press('Enter')
    await expect(count(page)).toHaveText('2 of 3')
    await page.keyboard.press('F3')
    await expect(count(page)).toHaveText('3 of 3')
    await page.keyboard.press('Shift+Enter')
    await page.keyboard.press('Escape')
    await expect(count(page)).toHaveCount(0)
    await expect(found(page)).toHaveCount(0)
    expect(await selected(page)).toBe('Cat')
    await expect(content(page)).toBeFocused()
    bob.destroy()
  })

  test('[E71] case, whole words and expressions; a wrong expression is told', async ({ page, server }) => {
    const name = await createDocument(server)
    const bob = await openStockClient(server, name)
    write(bob, lines('cat Cat cat5 İİİ cat', 'a.c abc', 'größe GRÖSSE'))
    await openDocument(page, server, name)
    await page.keyboard.press('Control+f')
    await page.keyboard.type('cat')
    await expect(count(page)).toHaveText(/of 4$/)
    expect(await found(page).allInnerTexts()).toEqual(['cat', 'Cat', 'cat', 'cat'])
    await page.getByRole('button', { name: 'Match case' }).click()
    await expect(count(page)).toHaveText(/of 3$/)
    await page.getByRole('button', { name: 'Whole words' }).click()
    await expect(count(page)).toHaveText(/of 2$/)
    await page.getByRole('textbox', { name: 'Find' }).fill('a.c')
    await expect(count(page)).toHaveText('1 of 1')
    await page.getByRole('button', { name: 'Regular expression' }).click()
    await expect(count(page)).toHaveText(/of 2$/)
    await page.getByRole('textbox', { name: 'Find' }).fill('a(')
    await expect(count(page)).toHaveText('Not a valid expression')
    await expect(page.getByRole('textbox', { name: 'Find' })).toHaveAttribute('aria-invalid', 'true')
    bob.destroy()
  })

  test('[E72] an expression that never ends is given up, and the page goes on meanwhile', async ({
    page,
    server,
  }) => {
    const name = await createDocument(server)
    const bob = await openStockClient(server, name)
    write(bob, lines(`${'a'.repeat(60)}!`, 'other'))
    await openDocument(page, server, name)
    await page.keyboard.press('Control+f')
    await page.getByRole('button', { name: 'Regular expression' }).click()
    await page.getByRole('textbox', { name: 'Find' }).fill('(a+)+$')
    await nextFrame(page)
    await expect(count(page)).toHaveText('This expression takes too long')
    await page.getByRole('textbox', { name: 'Find' }).fill('o.her')
    await expect(count(page)).toHaveText('1 of 1')
    bob.destroy()
  })

  test('[E73] highlights go along with what everybody writes', async ({ page, server }) => {
    const name = await createDocument(server)
    const bob = await openStockClient(server, name)
    write(bob, lines('first', 'a needle here', 'last'))
    await openDocument(page, server, name)
    await page.keyboard.press('Control+f')
    await page.keyboard.type('needle')
    await expect(count(page)).toHaveText('1 of 1')
    textAt(bob, 1).insert(0, 'look: ')
    await expect(page.getByText('look: a needle here')).toBeVisible()
    await expect(found(page)).toHaveText('needle')
    textAt(bob, 0).insert(0, 'needle ')
    await expect(count(page)).toHaveText('2 of 2')
    await expect(page.getByRole('textbox', { name: 'Find' })).toBeFocused()
    textAt(bob, 1).delete(8, 6)
    await expect(count(page)).toHaveText(/1 match|1 of 1/)
    bob.destroy()
  })

  test('[E74] replacing one and all keeps marks, is one step of undo, and touches nothing else', async ({
    page,
    server,
  }) => {
    const name = await createDocument(server)
    const bob = await openStockClient(server, name)
    write(bob, [{ text: 'colour and colour', bold: [0, 6] }, { text: 'a colour' }])
    await openDocument(page, server, name)
    await page.keyboard.press('Control+Alt+f')
    await page.keyboard.type('colour')
    await expect(count(page)).toHaveText('1 of 3')
    await page.getByRole('textbox', { name: 'Replace with' }).fill('color')
    await page.keyboard.press('Enter')
    await expect(content(page).locator('strong')).toHaveText('color')
    await expect(count(page)).toHaveText('1 of 2')
    await page.getByRole('button', { name: 'Replace all' }).click()
    await expect.poll(async () => (await linesOf(page)).slice(0, 2)).toEqual(['color and color', 'a color'])
    await expect(count(page)).toHaveText('No matches')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+z')
    await expect.poll(async () => (await linesOf(page)).slice(0, 2)).toEqual(['color and colour', 'a colour'])
    await page.keyboard.press('Control+z')
    await expect
      .poll(async () => (await linesOf(page)).slice(0, 2))
      .toEqual(['colour and colour', 'a colour'])
    await page.keyboard.press('Control+f')
    await page.getByRole('button', { name: 'Regular expression' }).click()
    await page.getByRole('textbox', { name: 'Find' }).fill('(\\w+) and (\\w+)')
    await page.getByRole('textbox', { name: 'Replace with' }).fill('$2 & $1: $$1')
    await page.getByRole('button', { name: 'Replace all' }).click()
    await expect.poll(async () => (await linesOf(page))[0]).toBe('colour & colour: $1')
    await expect(content(page).locator('strong')).toHaveText('& colour: $1')
    bob.destroy()
  })

  test('[E73] typing stays quick while the bar is open on 2,500 paragraphs', async ({ page, server }) => {
    const name = await createDocument(server)
    const bob = await openStockClient(server, name)
    write(
      bob,
      Array.from({ length: 2500 }, (_, index) => ({ text: `paragraph ${index} with a few words in it` })),
    )
    await openDocument(page, server, name)
    await page.keyboard.press('Control+f')
    await page.keyboard.type('words')
    await expect(count(page)).toHaveText('1 of 2500')
    await page.getByText('paragraph 3 with').click()
    await page.keyboard.press('End')
    await page.evaluate(() => {
      const seen: number[] = []
      const note = (list: PerformanceObserverEntryList) =>
        seen.push(...list.getEntries().map((entry) => entry.duration))
      new PerformanceObserver(note).observe({ type: 'longtask' })
      Object.assign(globalThis, { seen })
    })
    for (let index = 0; index < 10; index++) await page.keyboard.press('x')
    await expect(page.getByText('words in itxxxxxxxxxx')).toBeVisible()
    const longest = await page.evaluate(() =>
      Math.max(0, ...(globalThis as unknown as { seen: number[] }).seen),
    )
    // A search of the whole document at each key would take several times as long.
    expect(longest).toBeLessThan(500)
    bob.destroy()
  })
})

const story: Line[] = [
  { text: 'The story', style: 'title' },
  { text: 'Begin', style: 'heading1' },
  ...Array.from({ length: 30 }, (_, index) => ({ text: `beginning ${index}` })),
  { text: 'Detail', style: 'heading2' },
  ...Array.from({ length: 30 }, (_, index) => ({ text: `detail ${index}` })),
  { text: 'End', style: 'heading1' },
  { text: '日本語の文章です。 Two words' },
  ...Array.from({ length: 30 }, (_, index) => ({ text: `end ${index}` })),
]

test.describe('Reading', () => {
  test('[E75] the outline shows headings as a tree, marks where one is, goes there, folds and counts', async ({
    page,
    server,
  }) => {
    const name = await createDocument(server)
    const bob = await openStockClient(server, name)
    write(bob, story)
    await openDocument(page, server, name)
    await page.getByRole('button', { name: 'Outline and length' }).click()
    const item = (heading: string) => page.getByRole('treeitem', { name: heading, exact: true })
    await expect(page.getByRole('treeitem')).toHaveText(['The story', 'Begin', 'Detail', 'End'])
    await expect(item('Detail')).toHaveAttribute('aria-level', '3')
    await item('Detail').click()
    await expect(item('Detail')).toHaveAttribute('aria-current', 'location')
    await expect(page.getByText('Detail', { exact: true }).last()).toBeInViewport()
    await page.keyboard.type('s')
    await expect(item('Details')).toBeVisible()
    await item('Begin').focus()
    await page.keyboard.press('ArrowLeft')
    await expect(item('Details')).toHaveCount(0)
    await expect(item('Begin')).toHaveAttribute('aria-expanded', 'false')
    textAt(bob, 0).insert(0, 'Once: ')
    await expect(item('Once: The story')).toBeVisible()
    await expect(page.locator('.coscribe-counts')).toHaveText(/^\s*19\d words, [\d,]+ characters\s*$/)
    await page.getByText('end 29').dblclick({ position: { x: 8, y: 12 } })
    await expect(page.locator('.coscribe-counts')).toContainText('Selected: 1 word, ')
    await item('Begin').focus()
    await page.keyboard.press('Escape')
    await expect(page.getByRole('tree')).toHaveCount(0)
    await expect(content(page)).toBeFocused()
    bob.destroy()
  })

  test('[E7][E75] the first table leaves the outline open and the focus in the text', async ({
    page,
    server,
  }) => {
    const name = await createDocument(server)
    const bob = await openStockClient(server, name)
    write(bob, [{ text: 'The story', style: 'title' }, { text: 'one' }])
    await openDocument(page, server, name)
    const find = page.getByRole('textbox', { name: 'Find' })
    await page.keyboard.press('Control+f')
    await page.keyboard.type('o')
    await expect(find).toBeFocused()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Outline and length' }).click()
    await expect(page.getByRole('treeitem')).toHaveText(['The story'])
    await page.getByText('one').click()
    const cell = new Y.XmlElement('table_cell')
    const row = new Y.XmlElement('table_row')
    const table = new Y.XmlElement('table')
    cell.insert(0, [new Y.XmlElement('paragraph')])
    row.insert(0, [cell])
    table.insert(0, [row])
    bob.fragment.push([table])
    await editsTables(page)
    await expect(page.getByRole('treeitem')).toHaveText(['The story'])
    await page.keyboard.press('End')
    await page.keyboard.type(' and two')
    await expect(content(page)).toContainText('one and two')
    await expect(content(page)).toBeFocused()
    await expect(find).toHaveCount(0)
    bob.destroy()
  })

  test('[E75] focus mode shows nothing but the text; Escape and the button leave it', async ({
    page,
    server,
  }) => {
    const name = await createDocument(server)
    const bob = await openStockClient(server, name)
    write(bob, lines('one', 'two'))
    await openDocument(page, server, name)
    await page.getByRole('button', { name: 'Focus mode' }).click()
    await expect(page.locator('.document-header')).toBeHidden()
    await expect(page.getByRole('toolbar')).toBeHidden()
    await page.getByText('two').click()
    await expect(page.locator('.coscribe-focus-now')).toHaveText('two')
    await expect(page.getByText('one')).toHaveCSS('opacity', '0.35')
    await page.keyboard.press('Escape')
    await expect(page.locator('.document-header')).toBeVisible()
    await page.getByRole('button', { name: 'Focus mode' }).click()
    await page.getByRole('button', { name: 'Leave focus mode' }).click()
    await expect(page.getByRole('toolbar')).toBeVisible()
    await expect(content(page)).toBeFocused()
    bob.destroy()
  })

  test('[E75] what is printed is the text alone, dark on white, out of focus mode too', async ({
    page,
    server,
  }) => {
    const name = await createDocument(server)
    const bob = await openStockClient(server, name)
    write(bob, story)
    await openDocument(page, server, name)
    await page.getByRole('button', { name: 'Focus mode' }).click()
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    await expect(page.getByRole('toolbar')).toBeHidden()
    await expect(page.getByRole('button', { name: 'Leave focus mode' })).toBeHidden()
    await expect(content(page)).toHaveCSS('color', 'rgb(34, 36, 42)')
    await expect(content(page)).toHaveCSS('padding', '0px')
    await expect(page.getByText('detail 3', { exact: true })).toHaveCSS('opacity', '1')
    const pdf = await page.pdf({ format: 'A4', preferCSSPageSize: true })
    expect(pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length).toBe(4)
    bob.destroy()
  })
})

test.describe('People', () => {
  test('[E76] pressing an avatar goes to the caret, pressing again follows it until something is done here', async ({
    browser,
    page,
    server,
  }) => {
    const name = await createDocument(server)
    const stock = await openStockClient(server, name)
    write(
      stock,
      Array.from({ length: 120 }, (_, index) => ({ text: `line ${index}.` })),
    )
    await openDocument(page, server, name)
    const ada = await (await browser.newContext()).newPage()
    await openDocument(ada, server, name)
    await ada.getByText('line 60.').click()
    const avatar = page.locator('button.coscribe-avatar')
    await expect(page.locator('.coscribe-caret')).toHaveCount(1)
    await avatar.click()
    await expect(page.getByText('line 60.')).toBeInViewport()
    await expect(page.locator('.coscribe-caret')).toHaveClass(/is-flashing/)
    await expect(page.locator('.coscribe-following')).toBeHidden()
    await avatar.click()
    await expect(page.locator('.coscribe-following')).toContainText(/Following Guest/)
    await expect(avatar).toHaveAttribute('aria-pressed', 'true')
    await ada.getByText('line 110.').click()
    await expect(page.getByText('line 110.')).toBeInViewport()
    await page.mouse.move(400, 400)
    await page.mouse.wheel(0, -200)
    await expect(page.locator('.coscribe-following')).toBeHidden()
    await ada.getByText('line 3.').click()
    await expect(page.locator('.coscribe-caret')).toHaveCount(1)
    await expect(page.getByText('line 3.', { exact: true })).not.toBeInViewport()
    stock.destroy()
  })

  test('[E77] names can’t turn the text around them, and joining is told politely once', async ({
    page,
    server,
  }) => {
    const name = await createDocument(server)
    await openDocument(page, server, name)
    const told = page.locator('.coscribe-unseen[aria-live]')
    await expect(told).toHaveText('')
    // Whoever is here in the first seconds is no news.
    await page.waitForFunction(() => performance.now() > 6000)
    const stock = await openStockClient(server, name)
    stock.provider.awareness.setLocalStateField('user', { name: '\u202eRo\u2066bot\u0007', color: '#aa5500' })
    await expect(page.getByRole('button', { name: /^Ro bot: / })).toBeVisible()
    await expect(told).toHaveText('Ro bot joined')
    stock.destroy()
    await expect(told).toHaveText('Ro bot left')
  })
})
