import { createDocument, linesOf, openDocument } from './document.ts'
import { content, openBeside, press } from './hands.ts'
import { expect, test } from './server.ts'

test.beforeEach(async ({ page, server }) => {
  await openDocument(page, server, await createDocument(server))
  await content(page).locator('> *').nth(1).click()
})

test('[E11][E34] marks by keyboard and by toolbar', async ({ page }) => {
  await page.keyboard.type('plain ')
  await press(page, 'Control+b')
  await page.keyboard.type('bold')
  await press(page, 'Control+b')
  await page.keyboard.type(' then ')
  await page.getByRole('button', { name: /^Italic/ }).click()
  await page.keyboard.type('italic')
  await expect(page.getByRole('button', { name: /^Italic/ })).toHaveAttribute('aria-pressed', 'true')
  await expect(content(page).locator('strong')).toHaveText('bold')
  await expect(content(page).locator('em')).toHaveText('italic')
})

test('[E14] Markdown becomes headings, lists, tasks, quotes, code and rules as it is typed', async ({
  page,
}) => {
  await page.keyboard.type('## Heading')
  await press(page, 'Enter')
  await page.keyboard.type('- one')
  await press(page, 'Enter', 'Tab')
  await page.keyboard.type('nested')
  await press(page, 'Enter', 'Enter', 'Enter')
  await page.keyboard.type('1. first')
  await press(page, 'Enter', 'Enter')
  await page.keyboard.type('[ ] task')
  await press(page, 'Control+Enter')
  await press(page, 'Enter', 'Enter')
  await page.keyboard.type('> quote')
  await press(page, 'Enter', 'Enter')
  await page.keyboard.type('```js')
  await press(page, 'Enter')
  await page.keyboard.type('let a')
  await press(page, 'Control+Enter')
  await page.keyboard.type('---')
  await expect(content(page).locator('h2')).toHaveText('Heading')
  await expect(content(page).locator('[data-list="bullet"]')).toHaveText(['one', 'nested'])
  await expect(content(page).locator('[data-list="bullet"][data-level="1"]')).toHaveText('nested')
  await expect(content(page).locator('[data-list="ordered"]')).toHaveText('first')
  await expect(
    content(page).locator('[data-list="task"] [role="checkbox"], [data-list="task"] input'),
  ).toBeChecked()
  await expect(content(page).locator('blockquote')).toHaveText('quote')
  await expect(content(page).locator('pre')).toHaveText('let a')
  await expect(content(page).locator('hr')).toHaveCount(1)
})

test('[E9] undo takes back one’s own typing and leaves the other’s', async ({ page, browser }) => {
  const bob = await openBeside(page, browser)
  await page.keyboard.type('Ann was here.')
  await expect(content(bob)).toContainText('Ann was here.')
  await bob.getByText('Ann was here.').click()
  await press(bob, 'End')
  await bob.keyboard.type(' Bob too.')
  await expect(content(page)).toContainText('Ann was here. Bob too.')
  await press(page, 'Control+z')
  await expect.poll(() => linesOf(bob)).toEqual([expect.anything(), ' Bob too.'])
  await press(page, 'Control+Shift+z')
  await expect(content(bob)).toContainText('Ann was here. Bob too.')
})

test('[E18][E21] a piece of a web page is pasted with its structure and without its junk', async ({
  page,
}) => {
  const messages: string[] = []
  page.on('pageerror', (error) => messages.push(error.message))
  await page.evaluate(async () => {
    const html =
      '<meta charset="utf-8"><style>p{color:red}</style><h2 style="font-size:40px">Head</h2>' +
      '<p class="MsoNormal" onclick="alert(1)">text <span style="font-weight:700">bold</span> ' +
      '<a href="javascript:alert(1)">bad</a> <a href="https://example.com/">good</a></p><script>alert(1)</script>' +
      '<ul><li>one<ul><li>two</li></ul></li></ul><table><tr><td>cell</td></tr></table>'
    const blob = new Blob([html], { type: 'text/html' })
    await navigator.clipboard.write([new ClipboardItem({ 'text/html': blob })])
  })
  await press(page, 'Control+v')
  await expect(content(page).locator('h2')).toHaveText('Head')
  await expect(content(page).locator('strong')).toHaveText('bold')
  await expect(content(page).locator('a')).toHaveText(['good'])
  await expect(content(page).locator('[data-list="bullet"]')).toHaveText(['one', 'two'])
  await expect(content(page).locator('td')).toHaveText('cell')
  await expect(content(page).locator('script, style, [onclick], [class*="Mso"]')).toHaveCount(0)
  expect(messages).toEqual([])
})

test('[E7] somebody else’s typing moves neither caret nor scroll, and closes no menu', async ({
  page,
  browser,
}) => {
  const bob = await openBeside(page, browser)
  for (let line = 1; line <= 40; line++) {
    await page.keyboard.type(`Line ${line}`)
    await press(page, 'Enter')
  }
  await page.keyboard.type('the end')
  await press(page, 'Control+Shift+ArrowLeft', 'Control+k')
  const field = page.getByRole('textbox', { name: /address/i })
  await expect(field).toBeFocused()
  const scroll = await page.evaluate(() => scrollY)
  await bob.locator('.coscribe-content > *').first().click()
  await bob.keyboard.type('A title from Bob')
  await press(bob, 'Enter')
  await bob.keyboard.type('and a line')
  await expect(content(page)).toContainText('and a line')
  await expect(field).toBeFocused()
  expect(await page.evaluate(() => scrollY)).toBe(scroll)
  await page.keyboard.type('https://example.com')
  await press(page, 'Enter')
  await expect(content(page).locator('a')).toHaveText('end')
  await page.keyboard.type('!')
  await expect(content(page)).toContainText('the end!')
})

test('[E94] a key that is pressed right after a click acts where was clicked, on a busy page, too', async ({
  page,
}) => {
  await page.keyboard.type('first')
  await press(page, 'Enter')
  await page.keyboard.type('second')
  const first = await content(page).locator('> *').nth(1).boundingBox()
  if (first === null) throw new Error('The line is not on screen')
  const isBusy = page.evaluate(() => {
    const end = performance.now() + 300
    while (performance.now() < end);
  })
  const click = page.mouse.click(first.x + first.width - 5, first.y + first.height / 2)
  await Promise.all([isBusy, click, page.keyboard.press('Enter')])
  await page.keyboard.type('between')
  await expect.poll(async () => (await linesOf(page)).slice(1)).toEqual(['first', 'between', 'second'])
})
