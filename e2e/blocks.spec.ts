import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { createDocument, openDocument } from './document.ts'
import { content, editsTables, openBeside, press } from './hands.ts'
import { expect, test } from './server.ts'

const problems: string[] = []

test.beforeEach(async ({ page, server }) => {
  problems.length = 0
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text())
  })
  await openDocument(page, server, await createDocument(server))
  await content(page).locator('> *').nth(1).click()
})

test.afterEach(() => {
  // A breach of the pages' policy is told here, too.
  expect(problems).toEqual([])
})

const rows = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('.coscribe-content tr')].map((row) =>
      [...row.querySelectorAll('td, th')].map((cell) => cell.textContent.trim()).join('|'),
    ),
  )

async function insertTable(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Table', exact: true }).click()
  await expect(content(page).locator('th')).toHaveCount(3)
  await editsTables(page)
}

test('[E63] a table is filled by keyboard and changed by its controls', async ({ page }) => {
  await insertTable(page)
  for (const word of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']) {
    await page.keyboard.type(word)
    await press(page, 'Tab')
  }
  await expect.poll(() => rows(page)).toEqual(['a|b|c', 'd|e|f', 'g|h|i', '||'])
  await press(page, 'Shift+Tab', 'Alt+F9')
  await expect(page.getByRole('button', { name: 'Rows' })).toBeFocused()
  await press(page, 'Enter')
  await expect(page.getByRole('menuitem', { name: 'Add row above' })).toBeFocused()
  await press(page, 'm', 'Enter')
  await expect.poll(() => rows(page)).toEqual(['a|b|c', 'g|h|i', 'd|e|f', '||'])
  // The cell that Shift-Tab went to is selected.
  await page.keyboard.type('j')
  await expect.poll(() => rows(page)).toEqual(['a|b|c', 'g|h|j', 'd|e|f', '||'])
  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByRole('menuitem', { name: 'Delete column' }).click()
  await expect.poll(() => rows(page)).toEqual(['a|b', 'g|h', 'd|e', '|'])
  await page.getByRole('button', { name: 'Rows' }).click()
  const header = page.getByRole('menuitemcheckbox', { name: 'Header row' })
  await expect(header).toHaveAttribute('aria-checked', 'true')
  const cells = page.getByRole('button', { name: 'Cells and table' })
  await cells.click()
  await expect(page.getByRole('menuitem', { name: 'Merge cells' })).toBeDisabled()
  await expect(page.getByRole('menuitem', { name: 'Delete table' })).toBeFocused()
  await press(page, 'Escape')
  await expect(page.getByRole('menu')).toHaveCount(0)
  await expect(cells).toBeFocused()
  await press(page, 'Escape')
  await expect(content(page)).toBeFocused()
})

test('[E63] cells are selected by dragging and by Shift and arrows, and merged', async ({ page }) => {
  await insertTable(page)
  await page.keyboard.type('one')
  await press(page, 'Shift+ArrowRight')
  await expect(content(page).locator('.selectedCell')).toHaveCount(2)
  const cells = content(page).locator('td')
  const from = await cells.nth(0).boundingBox()
  const to = await cells.nth(4).boundingBox()
  if (from === null || to === null) throw new Error('The cells are not on screen')
  await page.mouse.move(from.x + 20, from.y + 15)
  await page.mouse.down()
  await page.mouse.move(to.x + 20, to.y + 15, { steps: 5 })
  await page.mouse.up()
  await expect(content(page).locator('.selectedCell')).toHaveCount(4)
  await page.getByRole('button', { name: 'Cells and table' }).click()
  await page.getByRole('menuitem', { name: 'Merge cells' }).click()
  await expect(content(page).locator('td[colspan="2"][rowspan="2"]')).toHaveCount(1)
  await press(page, 'Control+z')
  await expect(content(page).locator('td')).toHaveCount(6)
})

test('[E63] a column is as wide as it is dragged, for the others too', async ({ page, browser }) => {
  await insertTable(page)
  const bob = await openBeside(page, browser)
  const edge = await content(page).locator('th').first().boundingBox()
  if (edge === null) throw new Error('The cell is not on screen')
  await page.mouse.move(edge.x + edge.width - 2, edge.y + 12)
  await expect(content(page).locator('.column-resize-handle').first()).toBeVisible()
  await page.mouse.down()
  await page.mouse.move(edge.x + 60, edge.y + 12, { steps: 5 })
  await page.mouse.up()
  await expect
    .poll(() =>
      bob
        .locator('.coscribe-content col')
        .first()
        .evaluate((col) => parseFloat(col.style.width)),
    )
    .toBeCloseTo(60, -1)
})

test('[E63] arrow keys leave a table, and Backspace takes a whole one away', async ({ page }) => {
  await insertTable(page)
  await content(page).locator('td').last().click()
  await press(page, 'ArrowDown')
  await page.keyboard.type('below')
  await expect(content(page).locator('> p').last()).toHaveText('below')
  await content(page).locator('th').first().click()
  await press(page, 'Shift+ArrowDown', 'Shift+ArrowDown', 'Shift+ArrowRight', 'Shift+ArrowRight')
  await press(page, 'Backspace')
  await expect(content(page).locator('table')).toHaveCount(0)
  await expect(content(page)).toContainText('below')
})

test('[E63] a wide table scrolls by itself on a narrow page', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 800 })
  await page.evaluate(async () => {
    const row = `<tr>${'<td>a cell of some width</td>'.repeat(9)}</tr>`
    const blob = new Blob([`<table>${row}${row}</table>`], { type: 'text/html' })
    await navigator.clipboard.write([new ClipboardItem({ 'text/html': blob })])
  })
  await press(page, 'Control+v')
  await expect(content(page).locator('td')).toHaveCount(18)
  const widths = await page.evaluate(() => ({
    page: document.documentElement.scrollWidth,
    frame: document.querySelector('.coscribe-table')?.clientWidth ?? 0,
    table: document.querySelector('.coscribe-table')?.scrollWidth ?? 0,
  }))
  expect(widths.page).toBe(390)
  expect(widths.table).toBeGreaterThan(widths.frame)
})

test('[E7][E64] somebody else’s changes close no menu of a table and move no caret', async ({
  page,
  browser,
}) => {
  await insertTable(page)
  await page.keyboard.type('mine')
  const bob = await openBeside(page, browser)
  await page.getByRole('button', { name: 'Rows' }).click()
  await expect(page.getByRole('menu')).toBeVisible()
  await bob.locator('.coscribe-content td').first().click()
  await bob.keyboard.type('by bob')
  await expect(content(page)).toContainText('by bob')
  await expect(page.getByRole('menu')).toBeVisible()
  await page.getByRole('menuitem', { name: 'Add row below' }).click()
  await page.keyboard.type('!')
  await expect.poll(() => rows(bob)).toEqual(['mine!||', '||', 'by bob||', '||'])
})

test('[E66] code is coloured by its language, indented, and copied', async ({ page, browser }) => {
  await page.keyboard.type('```js')
  await press(page, 'Enter')
  await page.keyboard.type('if (a) {')
  await press(page, 'Enter', 'Tab')
  await page.keyboard.type('return "b"')
  await press(page, 'Enter')
  await page.keyboard.type('// c')
  const code = content(page).locator('pre code')
  await expect(code).toHaveText('if (a) {\n  return "b"\n  // c')
  await expect(code.locator('.hljs-keyword')).toHaveText(['if', 'return'])
  await expect(code.locator('.hljs-comment')).toHaveText('// c')
  const bob = await openBeside(page, browser)
  await expect(bob.locator('.hljs-string')).toHaveText('"b"')
  await bob.locator('.coscribe-content pre').click()
  await press(bob, 'Control+Home', 'ArrowDown')
  await bob.keyboard.type('// from bob')
  await press(bob, 'Enter')
  await expect(code.locator('.hljs-comment').first()).toContainText('// from bob')
  await page.keyboard.type('!')
  await expect(code).toContainText('// c!')
  await press(page, 'Alt+F9')
  await expect(page.getByRole('combobox', { name: 'Language' })).toBeFocused()
  await page.getByRole('combobox', { name: 'Language' }).selectOption('python')
  await expect(bob.locator('.coscribe-content code')).toHaveClass(/language-python/)
  await content(page).locator('.coscribe-code').hover()
  await page.getByRole('button', { name: 'Copy code' }).click()
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('return "b"')
})

test('[E67] a formula in a line is drawn, and its source shown where the caret is', async ({ page }) => {
  await page.keyboard.type('so $x^2$')
  const drawing = content(page).locator('.coscribe-math .katex')
  await expect(drawing).toHaveCount(1)
  await page.keyboard.type(' is big')
  await expect(content(page).locator('p').nth(0)).toContainText('is big')
  await expect(content(page).locator('math')).toHaveCount(1)
  expect(await content(page).locator('[data-math]').innerText()).toBe('')
  await content(page).locator('.coscribe-math').click()
  await expect(content(page).locator('.coscribe-math')).toHaveCount(0)
  await expect(page.locator('.coscribe-preview')).toBeVisible()
  await expect(page.locator('.coscribe-preview')).toHaveCSS('opacity', '1')
  await page.keyboard.type('+1')
  await expect(page.locator('.coscribe-preview annotation')).toHaveText('x^2+1')
  await press(page, 'ArrowRight')
  await expect(page.locator('.coscribe-preview')).toBeHidden()
  await page.keyboard.type(' really')
  await expect(content(page).locator('[data-math]')).toHaveCount(1)
  await press(page, 'Home')
  for (let count = 0; count < 3; count++) await press(page, 'ArrowRight')
  await expect(page.locator('.coscribe-preview')).toBeVisible()
  await press(page, 'End')
  await page.keyboard.type('.')
  await expect(content(page).locator('p').last()).toContainText('really is big.')
})

test('[E67] a formula by itself is drawn, edited by click and arrows, and says what is wrong', async ({
  page,
}) => {
  await page.keyboard.type('above')
  await press(page, 'Enter')
  await page.keyboard.type('```math')
  await press(page, 'Enter')
  await page.keyboard.type('\\frac{a}{b')
  await expect(page.locator('.coscribe-formula-message')).toContainText('expected')
  await page.keyboard.type('}')
  await expect(page.locator('.coscribe-formula-message')).toBeEmpty()
  await expect(content(page).locator('.coscribe-formula .katex-display')).toBeVisible()
  await press(page, 'Control+Enter')
  await expect(content(page).locator('pre')).toBeHidden()
  await page.keyboard.type('below')
  await press(page, 'Home', 'ArrowUp')
  await expect(content(page).locator('pre')).toBeVisible()
  await press(page, 'ArrowUp')
  await expect(content(page).locator('pre')).toBeHidden()
  await content(page).locator('.coscribe-formula').click()
  await page.keyboard.type('+c')
  await expect(content(page).locator('pre')).toHaveText('\\frac{a}{b}+c')
})

test('[E67] hostile formulas do nothing', async ({ page }) => {
  const hostile = [
    '\\def\\a{\\a\\a}\\a',
    '\\href{javascript:alert(1)}{x}',
    '\\htmlStyle{position:fixed}{x}',
    '\\includegraphics{https://example.com/x.png}',
    '\\rule{9999em}{9999em}',
    `${'{'.repeat(1500)}x${'}'.repeat(1500)}`,
    '<img src=x onerror=alert(1)>',
  ]
  for (const tex of hostile) {
    await page.evaluate((text) => navigator.clipboard.writeText('```math\n' + text), tex)
    await page.keyboard.type('```math')
    await press(page, 'Enter')
    await page.keyboard.insertText(tex)
    await press(page, 'Control+Enter')
  }
  await expect(content(page).locator('.coscribe-formula')).toHaveCount(hostile.length)
  await expect(content(page).locator('.coscribe-formula-error')).not.toHaveCount(0)
  await expect(content(page).locator('a, img:not(.ProseMirror-separator), [style*="fixed"]')).toHaveCount(0)
  const sizes = await content(page)
    .locator('.coscribe-formula')
    .evaluateAll((all) => all.map((one) => one.clientHeight))
  expect(Math.max(...sizes)).toBeLessThan(1500)
})

test('[E68] a callout is typed, left, given another kind, and taken away', async ({ page, browser }) => {
  await page.keyboard.type('> [!tip] Drink')
  const callout = content(page).getByRole('note')
  await expect(callout).toHaveAttribute('data-callout', 'tip')
  await expect(callout).toHaveText('Drink')
  await press(page, 'Enter', 'Enter')
  await page.keyboard.type('outside')
  await expect(callout).toHaveText('Drink')
  const bob = await openBeside(page, browser)
  await page.getByRole('button', { name: /Kind of callout/ }).click()
  await expect(page.getByRole('menuitemradio', { name: 'Tip' })).toHaveAttribute('aria-checked', 'true')
  await bob.getByRole('note').locator('p').click()
  await press(bob, 'End')
  await bob.keyboard.type(' water')
  await expect(callout).toHaveText('Drink water')
  await page.getByRole('menuitemradio', { name: 'Warning' }).click()
  await expect(bob.getByRole('note', { name: 'Warning' })).toHaveText('Drink water')
  await press(bob, 'Home', 'Backspace')
  await expect(callout).toHaveCount(0)
  await expect(content(page)).toContainText('Drink water')
})

test('[E69] numbers begin where they are told to', async ({ page }) => {
  await page.keyboard.type('5. five')
  await press(page, 'Enter')
  await page.keyboard.type('six')
  const markers = await content(page)
    .locator('[data-list="ordered"]')
    .evaluateAll((items) => items.map((item) => (item as HTMLElement).dataset['start'] ?? null))
  expect(markers).toEqual(['5', null])
})

test('[E70] nothing serious is found by axe in a document with everything', async ({ page }) => {
  await page.keyboard.type('1. one')
  await press(page, 'Enter', 'Tab')
  await page.keyboard.type('nested')
  await press(page, 'Enter', 'Enter', 'Enter')
  await page.keyboard.type('[ ] task')
  await press(page, 'Enter', 'Enter')
  await page.keyboard.type('[!warning] careful, $x^2$ ')
  await press(page, 'Enter', 'Enter')
  await page.keyboard.type('```js')
  await press(page, 'Enter')
  await page.keyboard.type('const a = "b" // c')
  await press(page, 'Control+Enter')
  await page.keyboard.type('```math')
  await press(page, 'Enter')
  await page.keyboard.type('a+b')
  await press(page, 'Control+Enter')
  await insertTable(page)
  await page.getByRole('button', { name: 'Rows' }).click()
  await expect(page.locator('.hljs-keyword').first()).toBeVisible()
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    const { violations } = await new AxeBuilder({ page }).analyze()
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([])
  }
})

test.describe('on a phone', () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 740 } })

  test('[E102] the language of code stands above it, and words in a narrow table stay whole', async ({
    page,
  }) => {
    await page.keyboard.type('```js ')
    await page.keyboard.type('const distance = (from, to) => Math.hypot(from, to)')
    const bar = await page.locator('.coscribe-code-bar').boundingBox()
    const line = await page.locator('.coscribe-code code').boundingBox()
    if (bar === null || line === null) throw new Error('The code is not on the screen')
    expect(bar.y + bar.height).toBeLessThanOrEqual(line.y)
    await press(page, 'ArrowDown')
    await insertTable(page)
    await page.keyboard.type('Remarkable')
    await expect(content(page).locator('th').first()).toHaveText('Remarkable')
    for (const name of ['Add column after', 'Add column after', 'Add column after']) {
      await page.getByRole('button', { name: 'Columns' }).tap()
      await page.getByRole('menuitem', { name }).tap()
    }
    await expect(content(page).locator('th')).toHaveCount(6)
    const heights = await content(page)
      .locator('th')
      .first()
      .evaluate((cell) => [cell.clientHeight, parseFloat(getComputedStyle(cell).lineHeight)])
    expect(heights[0]).toBeLessThan(2 * (heights[1] ?? 0))
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
    const controls = await page.getByRole('toolbar', { name: 'Table' }).boundingBox()
    const table = await content(page).locator('.coscribe-table').boundingBox()
    if (controls === null || table === null) throw new Error('The table is not on the screen')
    expect(controls.y + controls.height).toBeLessThanOrEqual(table.y)
  })

  test('[E107] a finger makes a column wider by its grip, as one step', async ({ page, context }) => {
    await insertTable(page)
    const cell = content(page).locator('th').first()
    const grip = page.locator('.coscribe-column-grip')
    await expect(grip).toBeVisible()
    const place = await grip.boundingBox()
    const before = await cell.boundingBox()
    if (place === null || before === null) throw new Error('The table is not on the screen')
    const [x, y] = [place.x + place.width / 2, place.y + place.height / 2]
    const hand = await context.newCDPSession(page)
    const touch = (type: 'touchStart' | 'touchMove', at: number) =>
      hand.send('Input.dispatchTouchEvent', { type, touchPoints: [{ x: at, y }] })
    await touch('touchStart', x)
    for (const by of [20, 40, 60]) await touch('touchMove', x + by)
    const widthOf = async () => Math.round((await cell.boundingBox())?.width ?? 0)
    await expect.poll(widthOf).toBeGreaterThan(before.width + 40)
    await expect(cell).not.toHaveAttribute('data-colwidth')
    await hand.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
    await expect(cell).toHaveAttribute('data-colwidth', String(Math.round(before.width) + 60))
    await press(page, 'Control+z')
    await expect(cell).not.toHaveAttribute('data-colwidth')
  })
})
