import type { Browser, Page } from '@playwright/test'
import * as Y from 'yjs'
import { xssVectors } from '../editor/test/xss-vectors.ts'
import { createDocument, openDocument, openStockClient } from './document.ts'
import { dangersOn, touchEverything, watchFirings } from './firings.ts'
import { content } from './hands.ts'
import { expect, test as base } from './server.ts'
import * as vectors from './xss-vectors.ts'

interface Victim {
  readonly page: Page
  /** What happened that must not. */
  readonly firings: readonly string[]
}

/** Somebody whose browser minds no policy, so that only what we do ourselves keeps scripts out. */
async function newVictim(browser: Browser, bypassCSP: boolean): Promise<Victim> {
  const context = await browser.newContext({ bypassCSP, permissions: ['clipboard-read', 'clipboard-write'] })
  const firings = await watchFirings(context)
  return { page: await context.newPage(), firings }
}

const test = base.extend<{ victim: Victim }>({
  victim: async ({ browser }, use) => {
    const victim = await newVictim(browser, true)
    await use(victim)
    await victim.page.context().close()
  },
})

declare function findDangers(): string[]

const inHtml = xssVectors.flatMap(({ name, html }) => (html === undefined ? [] : [{ name, html }]))
const inMarkdown = xssVectors.flatMap(({ name, markdown }) =>
  markdown === undefined ? [] : [{ name, markdown }],
)

interface Transfer {
  readonly name: string
  readonly html: string
  /** What is there afterwards. */
  readonly shown: string
}

/**
 * Pastes and drops, each in place of all there is, what no clipboard that a test can fill would keep: HTML that no
 * browser has cleaned. Resolves with what is wrong after any of them.
 */
async function transferAll(page: Page, transfers: readonly Transfer[]): Promise<string[]> {
  return content(page).evaluate((element, given) => {
    const wrong: string[] = []
    for (const [index, { name, html, shown }] of given.entries()) {
      const init = { bubbles: true, cancelable: true }
      element.dispatchEvent(new KeyboardEvent('keydown', { ...init, key: 'a', ctrlKey: true }))
      const clipboardData = new DataTransfer()
      clipboardData.setData('text/html', html)
      const { left, top } = element.lastElementChild!.getBoundingClientRect()
      const at = { clientX: left + 4, clientY: top + 4 }
      if (index % 3 < 2) element.dispatchEvent(new ClipboardEvent('paste', { ...init, clipboardData }))
      else element.dispatchEvent(new DragEvent('drop', { ...init, ...at, dataTransfer: clipboardData }))
      if (!element.textContent.includes(shown)) wrong.push(`${name} is not shown`)
      wrong.push(...findDangers().map((danger) => `${name}: ${danger}`))
    }
    return wrong
  }, transfers)
}

/** Pastes at the caret. */
async function transferAt(page: Page, html: string): Promise<void> {
  await content(page).evaluate((element, given) => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/html', given)
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  }, html)
}

async function expectHarmless({ page, firings }: Victim): Promise<void> {
  expect(await dangersOn(page)).toEqual([])
  expect(firings).toEqual([])
}

test('[X1] there are enough vectors, and each door has some', () => {
  const counts = {
    'pasted and dropped': inHtml.length + vectors.deep.length + vectors.slices.length + vectors.texts.length,
    'written by others': vectors.updates.length + vectors.notes.length + vectors.titles.length,
    presence: vectors.presences.length + vectors.brokenPresences.length,
    uploaded: vectors.files.length,
    imported: inHtml.length + inMarkdown.length,
    addresses: vectors.paths.length,
  }

  process.stdout.write(`vectors: ${JSON.stringify(counts)}\n`)
  const distinct = [
    xssVectors,
    vectors.deep,
    vectors.slices,
    vectors.texts,
    vectors.updates,
    vectors.notes,
    vectors.titles,
  ]
  const more = [vectors.presences, vectors.brokenPresences, vectors.files, vectors.paths]
  const all = [...distinct, ...more].flat().map((vector) => JSON.stringify(vector))
  expect(new Set(all).size).toBe(all.length)
  expect(all.length).toBeGreaterThan(500)
  expect(Math.min(...Object.values(counts))).toBeGreaterThan(10)
})

test('[X1] nothing that is pasted or dropped runs', async ({ victim, server }) => {
  const { page } = victim
  await openDocument(page, server, await createDocument(server))
  await content(page).click()
  const whole = [...inHtml, ...vectors.deep].map(({ name, html }, index) => {
    const shown = `before ${index}.`
    return { name, html: `<p>${shown}</p>${html}`, shown }
  })
  expect(await transferAll(page, whole)).toEqual([])
  // In a cell, what comes from a table is put into its cells.
  const table = { name: 'a table', html: '<table><tr><td>cell</td><td>next</td></tr></table>', shown: 'next' }
  for (const { name, html, isShown } of vectors.slices) {
    const shown = isShown ? 'shown' : ''
    expect(await transferAll(page, [table, { name, html, shown }, table])).toEqual([])
    await content(page).getByText('next').last().click()
    await transferAt(page, html)
    expect(await dangersOn(page), name).toEqual([])
    await expect(content(page), name).toContainText(shown)
  }
  await expectHarmless(victim)
  await expect(page.locator('.status')).toHaveText('Saved')
  for (const text of vectors.texts) {
    await page.keyboard.press('ControlOrMeta+a')
    await page.evaluate((written) => navigator.clipboard.writeText(written), text)
    await page.keyboard.press('ControlOrMeta+v')
    await expect(content(page)).toHaveText(text)
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.press('ControlOrMeta+v')
    await expect(content(page)).toHaveText(text)
    expect(await dangersOn(page), text).toEqual([])
  }
  await page.keyboard.press('ControlOrMeta+a')
  const everything = inHtml.filter(({ html }) => /<\/|>$/.test(html)).map(({ html }) => `<div>${html}</div>`)
  await page.evaluate(async (html) => {
    await navigator.clipboard.write([
      new ClipboardItem({ 'text/html': new Blob([html], { type: 'text/html' }) }),
    ])
  }, everything.join(''))
  await page.keyboard.press('ControlOrMeta+v')
  expect(await touchEverything(page)).toEqual([])
  await expectHarmless(victim)
  await expect(page.locator('.status')).toHaveText('Saved')
})

function build({ node, attrs = {}, content: children = [] }: vectors.Block): Y.XmlElement {
  const element = new Y.XmlElement<Record<string, vectors.Value>>(node)
  for (const [name, value] of Object.entries(attrs)) element.setAttribute(name, value)
  element.insert(
    0,
    children.map((child) => {
      if ('node' in child) return build(child)
      const text = new Y.XmlText()
      text.insert(0, child.text, { ...child.marks })
      return text
    }),
  )
  // Yjs takes any value, and its types know of texts only.
  return element as unknown as Y.XmlElement
}

test('[X2] nothing that another client writes runs, with the policy and without', async ({
  browser,
  victim,
  server,
}) => {
  const name = await createDocument(server)
  const stock = await openStockClient(server, name)
  const { page } = victim
  await openDocument(page, server, name)
  stock.fragment.insert(
    2,
    vectors.updates.map(({ block }) => build(block)),
  )
  const last = vectors.updates.at(-1)!.text
  await expect(content(page)).toContainText(last)
  const shown = await content(page).innerText()
  expect(vectors.updates.filter(({ text }) => !shown.includes(text))).toEqual([])
  await expectHarmless(victim)
  expect(await touchEverything(page)).toEqual([])
  await expectHarmless(victim)

  const meta = stock.doc.getMap('coscribe:meta')
  const moves = stock.doc.getArray('coscribe:moves')
  for (const [key, value] of vectors.notes) {
    meta.set('schema', value)
    meta.set(key, value)
    moves.push([value])
  }
  stock.fragment.insert(stock.fragment.length, [build({ node: 'paragraph', content: [{ text: 'the end' }] })])
  await page.getByText('the end').click()
  await page.keyboard.press('End')
  await page.keyboard.press('Enter')
  await page.keyboard.type('of it')
  await expect(page.locator('.status')).toHaveText('Saved')
  await expectHarmless(victim)
  stock.destroy()

  const reader = await newVictim(browser, false)
  await openDocument(reader.page, server, name)
  await expect(content(reader.page)).toContainText('of it')
  await expectHarmless(reader)
  await reader.page.context().close()
})

test('[X2] titles are text in the list, the header and the tab', async ({ victim, server }) => {
  const { page } = victim
  for (const title of vectors.titles) {
    const name = await createDocument(server)
    const stock = await openStockClient(server, name)
    const block = stock.fragment.get(0)
    if (block instanceof Y.XmlElement) block.insert(0, [new Y.XmlText(title)])
    await openDocument(page, server, name)
    await expect(page.locator('.header-title')).toHaveText(title)
    await expect(page).toHaveTitle(`${title} · Coscribe`)
    await expectHarmless(victim)
    stock.destroy()
  }
  await page.goto(server.url)
  for (const title of vectors.titles)
    await expect(page.locator('.document-title', { hasText: title })).toHaveText(title)
  await page.locator('.actions-button').first().click()
  await page.getByRole('button', { name: 'Rename' }).click()
  await page.keyboard.press('Escape')
  await expectHarmless(victim)
})

test('[X3] nothing that people say of themselves runs', async ({ victim, server }) => {
  const name = await createDocument(server)
  const { page } = victim
  await openDocument(page, server, name)
  const stock = await openStockClient(server, name)
  const at = Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(stock.fragment, 0)) as unknown
  const flag = page.locator('.coscribe-flag')
  for (const { name: vector, user, shows } of vectors.presences) {
    stock.provider.awareness.setLocalState({ user, cursor: { anchor: at, head: at } })
    const said = shows ?? (user as { name: string }).name.trim().slice(0, 40)
    await expect(flag, vector).toHaveText(said)
    const avatar = page.locator('.coscribe-avatar').nth(1)
    await expect.poll(() => avatar.getAttribute('title'), vector).toContain(said)
    await avatar.click()
    expect(await dangersOn(page), vector).toEqual([])
  }
  stock.destroy()
  await expect(flag).toHaveCount(0)
  for (const { state } of vectors.brokenPresences) {
    const liar = await openStockClient(server, name)
    liar.provider.awareness.setLocalState(state)
    const witness = await openStockClient(server, name)
    witness.provider.awareness.setLocalState({ user: { name: 'Witness' } })
    await expect(page.locator('.coscribe-avatar[title*=Witness]')).toBeVisible()
    await expectHarmless(victim)
    liar.destroy()
    witness.destroy()
    await expect(page.locator('.coscribe-avatar')).toHaveCount(1)
  }
})

test('[X4] nothing in a file runs, and no name of a file does', async ({ victim, server }) => {
  const name = await createDocument(server)
  const { page, firings } = victim
  for (const { name: file, type, content: body, shown } of vectors.files) {
    const address = `${server.url}/api/documents/${name}/files?name=${encodeURIComponent(file)}`
    const sent = await fetch(address, {
      method: 'POST',
      headers: { 'Content-Type': type },
      body: Buffer.from(body, 'latin1'),
    })
    expect(sent.status, file).toBe(201)
    const { url } = (await sent.json()) as { url: string }
    const { headers } = await fetch(server.url + url)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
    expect(headers.get('content-type')).toMatch(
      shown ? /^image\/(?:png|gif|jpeg)$/ : 'application/octet-stream',
    )
    expect(headers.get('content-disposition')).toMatch(
      shown ? /^inline; [\x20-\x7e]+$/ : /^attachment; [\x20-\x7e]+$/,
    )
    // What is saved instead of shown ends the way there.
    await page.goto(server.url + url).catch(() => {})
    await page.goto(`${server.url}/healthz`)
    await page.evaluate(async (src) => {
      const made = ['script', 'iframe', 'embed', 'img'].map((tag) =>
        Object.assign(document.createElement(tag), { src }),
      )
      const module = Object.assign(document.createElement('script'), { src, type: 'module' })
      const drawn = Object.assign(document.createElement('object'), { data: src })
      const sheet = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: src })
      document.body.append(...made, module, drawn, sheet)
      await fetch(src)
    }, url)
    expect(
      firings.filter((firing) => !firing.startsWith('an error')),
      file,
    ).toEqual([])
  }
  await openDocument(page, server, name)
  await content(page).click()
  await content(page).evaluate((element, given) => {
    const clipboardData = new DataTransfer()
    for (const { name: file, type, content: body } of given)
      clipboardData.items.add(new File([body], file, { type }))
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  }, vectors.files)
  await expect(content(page)).toContainText('lmth.gnp')
  expect(await dangersOn(page)).toEqual([])
})

/** As ProseMirror writes a node. */
function toJson({ node, attrs, content: children = [] }: vectors.Block): object {
  const inner = children.map((child) => {
    if ('node' in child) return toJson(child)
    const marks = Object.entries(child.marks ?? {}).map(([type, value]) => ({ type, attrs: value }))
    return { type: 'text', text: child.text, marks }
  })
  return { type: node, attrs, content: inner }
}

interface Import {
  readonly type: string
  readonly body: string
  readonly shown: readonly string[]
}

/** Files of several vectors each, and at last one of each format with all. */
function importsOf(): Import[] {
  const html = inHtml.map((vector, index) => ({ text: `before ${index}.`, body: vector.html }))
  const markdown = inMarkdown.map((vector, index) => ({ text: `before ${index}.`, body: vector.markdown }))
  const known = vectors.updates.filter(({ name }) => !/^element|unknown/.test(name))
  const inChunks = <T>(all: readonly T[]) =>
    Array.from({ length: Math.ceil(all.length / 24) }, (_, index) => all.slice(index * 24, index * 24 + 24))
  const isClosed = ({ body }: { readonly body: string }) =>
    !/<!--|<!\[|<script>[^<]*$|<(?:style|title|textarea|xmp|noscript|template)\b/.test(body)
  const asHtml = (all: typeof html): Import => ({
    type: 'text/html',
    body: all.map(({ text, body }) => `<section><p>${text}</p>${body}</section>`).join('\n'),
    shown: all.map(({ text }) => text).slice(0, all.every(isClosed) ? undefined : 1),
  })
  const asMarkdown = (all: typeof markdown): Import => ({
    type: 'text/markdown',
    body: all.map(({ text, body }) => `${text}\n\n${body}`).join('\n\n'),
    shown: all.map(({ text }) => text).slice(0, all.every(isClosed) ? undefined : 1),
  })
  const json = { type: 'doc', content: known.map(({ block }) => toJson(block)) }
  return [
    ...inChunks(html).map(asHtml),
    ...inChunks(markdown).map(asMarkdown),
    asHtml(html.filter(isClosed)),
    asMarkdown(markdown.filter(isClosed)),
    { type: 'application/json', body: JSON.stringify(json), shown: known.map(({ text }) => text) },
  ]
}

test('[X5] nothing that is imported runs, in the editor and as the page it is exported as', async ({
  victim,
  server,
}) => {
  const { page } = victim
  const imports = importsOf()
  for (const [index, { type, body, shown }] of imports.entries()) {
    const made = await fetch(`${server.url}/api/documents`, {
      method: 'POST',
      headers: { 'Content-Type': type },
      body,
    })
    expect(made.status, `${await made.clone().text()}: ${body}`).toBe(201)
    const { name } = (await made.json()) as { name: string }
    const exported = await fetch(`${server.url}/api/documents/${name}.html`)
    expect(exported.headers.get('content-disposition')).toMatch(/^attachment; /)
    const html = await exported.text()
    await page.route('**/exported', (route) => route.fulfill({ contentType: 'text/html', body: html }))
    await page.goto(`${server.url}/exported`)
    const text = await page.locator('body').innerText()
    expect(
      shown.filter((each) => !text.includes(each)),
      body,
    ).toEqual([])
    await expectHarmless(victim)
    await page.unroute('**/exported')
    if (index < imports.length - 3) continue
    await openDocument(page, server, name)
    for (const each of shown) await expect(content(page)).toContainText(each)
    if (type === 'text/html') expect(await touchEverything(page)).toEqual([])
    await expectHarmless(victim)
  }
})

test('[X4] no address runs what it says', async ({ victim, server }) => {
  for (const path of vectors.paths) {
    await victim.page.goto(server.url + path)
    await expect(victim.page.locator('body')).not.toBeEmpty()
    await expectHarmless(victim)
  }
})
