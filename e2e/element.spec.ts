import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { press } from './hands.ts'
import { expect, test, type ServerProcess } from './server.ts'

/*
 * `<coscribe-editor>` in a page of somebody else, whose policy allows nothing but its own files.
 */

const text = (page: Page) => page.locator('coscribe-editor [contenteditable="true"]')
const list = (page: Page) => page.getByRole('listbox')
const menu = (page: Page) => page.getByRole('menu')
const tool = (page: Page, name: string) =>
  page.getByRole('toolbar', { name: 'Formatting' }).getByRole('button', { name })

/** Rules as careless pages have them, and worse. */
const hostile = `
  * { letter-spacing: 0.4em; line-height: 3; text-transform: uppercase; text-align: right; border-radius: 0; margin: 3px }
  button { display: none; color: red } input, select { width: 4px; background: red } svg { fill: lime }
  div { position: fixed; display: inline; padding: 40px; opacity: 0.2 } span, p, kbd { float: right; font-size: 40px }
  section, header, dialog, form { display: none } [hidden] { display: block }
`

interface Options {
  readonly css?: string
  readonly body?: string
}

/** Opens a page with one element in it, unless `body` says otherwise, and resolves when its text can be written in. */
async function open(page: Page, server: ServerProcess, options: Options = {}): Promise<string[]> {
  const { css = '', body = '<coscribe-editor document="one" user-name="Ada"></coscribe-editor>' } = options
  const problems: string[] = []
  await page.route(`${server.url}/page.css`, (route) => route.fulfill({ body: css, contentType: 'text/css' }))
  await page.route(`${server.url}/assets/**`, (route) => route.abort())
  // Its policy stays, and is as strict as any: `default-src 'self'`.
  await page.goto(server.url)
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text())
  })
  await page.setContent(`<!doctype html><html lang="en"><head><title>A page</title>
    <meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
    <link rel="stylesheet" href="/page.css"><script type="module" src="/editor.js"></script></head>
    <body><main><h1>A page</h1>${body}</main></body></html>`)
  await expect(text(page).first()).toBeVisible()
  await expect(page.locator('.coscribe-list').first()).toBeAttached()
  return problems
}

/** How all controls look that are on the screen, in words. */
const looks = (page: Page) =>
  page.evaluate(() => {
    const root = document.querySelector('coscribe-editor')?.shadowRoot
    const lists = [...document.querySelectorAll('.coscribe-list')]
    const all = [
      ...(root?.querySelectorAll('.coscribe *') ?? []),
      ...lists.flatMap((one) => [one, ...one.querySelectorAll('*')]),
    ]
    const drawn = ['display', 'width', 'height', 'marginTop', 'fill'] as const
    // The handle comes and goes with the mouse; the layers are as large as the text.
    const hovered = '.coscribe-handle, .coscribe-handle *, .coscribe-page, .coscribe-carets'
    const read = [
      'display',
      'position',
      'color',
      'backgroundColor',
      'fontSize',
      'lineHeight',
      'letterSpacing',
      'opacity',
      'float',
      'textTransform',
      'textAlign',
      'borderRadius',
      'width',
      'height',
      'paddingTop',
      'marginTop',
    ] as const
    return all
      .filter((element) => element.checkVisibility() && !element.matches(`${hovered}, svg *`))
      .map((element) => {
        const style = getComputedStyle(element)
        const name = `${element.localName} ${element.getAttribute('class') ?? ''} ${element.textContent.trim()}`
        return `${name}: ${(element instanceof SVGElement ? drawn : read).map((property) => style[property]).join(' ')}`
      })
  })

async function openEverything(page: Page): Promise<string[]> {
  const seen: string[] = []
  await text(page).click()
  await page.keyboard.type('words /h')
  await expect(list(page)).toBeVisible()
  await expect(page.locator('.coscribe-list.is-placed')).toBeVisible()
  seen.push(...(await looks(page)))
  await press(page, 'Escape', 'Home', 'Control+Shift+ArrowRight')
  await page.getByRole('toolbar', { name: 'Selection' }).getByRole('button', { name: 'Text colour' }).click()
  await expect(page.locator('.coscribe-menu.is-placed')).toBeVisible()
  seen.push(...(await looks(page)))
  await press(page, 'Escape', 'Control+k')
  await expect(page.locator('.coscribe-popover.is-placed')).toBeVisible()
  seen.push(...(await looks(page)))
  await press(page, 'Escape', 'Control+f')
  await expect(page.getByRole('search')).toBeVisible()
  seen.push(...(await looks(page)))
  return seen
}

test('[E95] rules of the page reach the text, and none of the controls', async ({
  page,
  browser,
  server,
}) => {
  const problems = await open(page, server)
  const expected = await openEverything(page)
  expect(expected.length).toBeGreaterThan(100)
  const other = await browser.newPage()
  await open(other, server, {
    css: `${hostile} body { margin: 8px } html, main, coscribe-editor { margin: 0 } coscribe-editor .coscribe-content > * { color: rgb(1, 2, 3) }`,
    body: '<coscribe-editor document="two"></coscribe-editor>',
  })
  expect(await openEverything(other)).toEqual(expected)
  await expect(text(other).locator('> *').first()).toHaveCSS('color', 'rgb(1, 2, 3)')
  expect(problems).toEqual([])
  await other.close()
})

test('[E95] parts and properties make it look like the page', async ({ page, server }) => {
  await open(page, server, {
    css: `coscribe-editor { --coscribe-accent: rgb(200, 0, 100); --coscribe-surface: rgb(250, 250, 240) }
      coscribe-editor::part(toolbar) { background: rgb(1, 2, 3) } coscribe-editor::part(tool):hover { opacity: 0.5 }
      coscribe-editor::part(menu) { border-radius: 0 } coscribe-editor::part(menu-item) { color: rgb(4, 5, 6) }`,
  })
  await expect(page.locator('.coscribe-toolbar')).toHaveCSS('background-color', 'rgb(1, 2, 3)')
  await tool(page, 'Bold').hover()
  await expect(tool(page, 'Bold')).toHaveCSS('opacity', '0.5')
  await expect(text(page)).toHaveCSS('caret-color', 'rgb(200, 0, 100)')
  await expect(page.locator('[part=frame]')).toHaveCSS('background-color', 'rgb(250, 250, 240)')
  await text(page).click()
  await press(page, 'Alt+F8')
  await expect(menu(page)).toHaveCSS('border-radius', '0px')
  await expect(menu(page).getByRole('menuitem').first()).toHaveCSS('color', 'rgb(4, 5, 6)')
})

test('[E96] menus, bars and forms of an element are used by keyboard', async ({ page, server }) => {
  const problems = await open(page, server)
  await text(page).click()
  await page.keyboard.type('/h2')
  await expect(list(page).getByRole('option').first()).toContainText('Heading 2')
  // Screen readers look it up by its id, in the tree where the text is.
  const active = page.evaluate(() => {
    const id = document.querySelector('[aria-activedescendant]')?.getAttribute('aria-activedescendant') ?? ''
    return document.getElementById(id)?.textContent
  })
  expect(await active).toContain('Heading 2')
  await press(page, 'Enter')
  await page.keyboard.type('Plan @ad')
  await expect(list(page).getByRole('option').first()).toContainText('Ada')
  await press(page, 'Enter')
  await page.keyboard.type(':rocket')
  await expect(list(page).getByRole('option').first()).toContainText('🚀')
  await press(page, 'Enter', 'Enter')
  await expect(text(page).locator('h2')).toContainText('Plan @Ada 🚀')
  await page.keyboard.type('a link')
  await press(page, 'Control+Shift+ArrowLeft', 'Control+k')
  await expect(page.getByRole('textbox', { name: 'Link address' })).toBeFocused()
  await page.keyboard.type('example.com')
  await press(page, 'Enter')
  await expect(text(page)).toBeFocused()
  await expect(text(page).locator('a')).toHaveAttribute('href', 'https://example.com')
  await press(page, 'Alt+F8', 'ArrowDown', 'ArrowDown')
  await expect(menu(page).getByRole('menuitem', { name: 'Duplicate' })).toBeFocused()
  await press(page, 'Escape')
  await expect(menu(page)).toHaveCount(0)
  await expect(text(page)).toBeFocused()
  await press(page, 'Control+f')
  await expect(page.getByRole('textbox', { name: 'Find' })).toBeFocused()
  await page.keyboard.type('plan')
  await expect(page.getByRole('search')).toContainText('1 of 1')
  await page.getByRole('button', { name: 'Regular expression' }).press('Enter')
  await page.getByRole('textbox', { name: 'Find' }).fill('p.an')
  await expect(page.getByRole('search')).toContainText('1 of 1')
  await press(page, 'Escape')
  await expect(page.getByRole('search')).toHaveCount(0)
  await press(page, 'Alt+F10', 'End', 'ArrowLeft')
  await expect(page.locator('.coscribe-toolbar :focus')).toHaveCount(1)
  await press(page, 'Escape')
  await expect(text(page)).toBeFocused()
  expect(problems).toEqual([])
})

test('[E96] menus, bars and forms of an element are used by mouse', async ({ page, server }) => {
  const problems = await open(page, server)
  await text(page).click()
  await page.keyboard.type('first')
  await tool(page, 'Table').click()
  await expect(text(page).locator('th')).toHaveCount(3)
  await page.getByRole('button', { name: 'Rows' }).click()
  await page.getByRole('menuitem', { name: 'Add row below' }).click()
  await expect(text(page).locator('tr')).toHaveCount(4)
  await page.getByRole('button', { name: 'Columns' }).click()
  await expect(menu(page)).toBeVisible()
  await text(page).locator('td').first().click()
  await expect(menu(page)).toHaveCount(0)
  await text(page)
    .getByText('first')
    .dblclick({ position: { x: 12, y: 12 } })
  const bar = page.getByRole('toolbar', { name: 'Selection' })
  await bar.getByRole('button', { name: 'Bold' }).click()
  await expect(text(page).locator('strong')).toHaveText('first')
  await bar.getByRole('button', { name: 'Link' }).click()
  await page.getByRole('textbox', { name: 'Link address' }).fill('example.com')
  await expect(page.locator('.coscribe-popover.is-placed')).toBeVisible()
  await page.getByRole('button', { name: 'Apply' }).click()
  await expect(text(page)).toBeFocused()
  // Nearer to the double click, it might be the third of three.
  await text(page)
    .locator('a')
    .click({ position: { x: 30, y: 12 } })
  await expect(page.getByRole('dialog', { name: 'Link' })).toBeVisible()
  await page.getByRole('heading', { name: 'A page' }).click()
  await expect(page.getByRole('dialog', { name: 'Link' })).toBeHidden()
  await text(page).getByText('first').first().hover()
  await page.locator('.coscribe-grip').click()
  await menu(page).getByRole('menuitem', { name: 'Duplicate' }).click()
  await expect(text(page).locator('a')).toHaveCount(2)
  expect(problems).toEqual([])
})

for (const [name, colorScheme, width, surface] of [
  ['light', 'light', 1100, 'rgb(255, 255, 255)'],
  ['dark', 'dark', 1100, 'rgb(23, 24, 27)'],
  ['phone', 'light', 390, 'rgb(255, 255, 255)'],
] as const)
  test(`[E96] axe finds nothing serious in an element: ${name}`, async ({ page, server }) => {
    await page.setViewportSize({ width, height: 780 })
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await open(page, server)
    const serious = async () => {
      const { violations } = await new AxeBuilder({ page }).analyze()
      const bad = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      return bad.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`)
    }
    await expect(page.locator('[part=frame]')).toHaveCSS('background-color', surface)
    await text(page).click()
    await page.keyboard.type('words /')
    await expect(page.locator('.coscribe-list.is-placed')).toBeVisible()
    expect(await serious()).toEqual([])
    await press(page, 'Escape', 'Alt+F8')
    await expect(page.locator('.coscribe-menu.is-placed')).toBeVisible()
    expect(await serious()).toEqual([])
    await press(page, 'Escape', 'Control+f')
    await expect(page.getByRole('search')).toBeVisible()
    expect(await serious()).toEqual([])
  })

test('[E82] a move keeps what is open of the element and its looks; two of them have menus of their own', async ({
  page,
  server,
}) => {
  const sockets: string[] = []
  page.on('websocket', (socket) => sockets.push(socket.url()))
  const element = (name: string) =>
    `<coscribe-editor document="${name}" user-name="Ada"><i>Loading…</i></coscribe-editor>`
  await open(page, server, { body: `${element('one')}${element('two')}<section></section>` })
  await expect(text(page)).toHaveCount(2)
  await expect(page.locator('.coscribe-list')).toHaveCount(2)
  await expect(page.getByText('Loading…').first()).toBeHidden()
  await text(page).first().click()
  await page.keyboard.type('/')
  await expect(list(page)).toHaveCount(1)
  await expect(page.locator('coscribe-editor').first().getByRole('listbox')).toBeVisible()
  await press(page, 'Escape')
  const bare = await page.evaluate(async () => {
    const one = document.querySelector('coscribe-editor')
    const bar = one?.shadowRoot?.querySelector('.coscribe-toolbar')
    if (one == null || bar == null) return 'no bar'
    document.querySelector('section')?.append(one)
    await new Promise((resolve) => requestAnimationFrame(resolve))
    return getComputedStyle(bar).display
  })
  expect(bare).toBe('flex')
  await text(page).last().click()
  await page.keyboard.type('h1')
  await expect(text(page).last()).toContainText('/h1')
  await expect(text(page).first()).not.toContainText('/')
  await tool(page, 'Bold').last().click()
  await page.keyboard.type('bold')
  await expect(text(page).last().locator('strong')).toHaveText('bold')
  expect(sockets).toHaveLength(2)
})
