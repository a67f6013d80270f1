// @vitest-environment jsdom
import type { Node } from 'prosemirror-model'
import { describe, expect, test } from 'vitest'
import { parseHTML } from 'linkedom'
import { parseAddress, parseImageSource } from '../address.ts'
import { fromHtml, fromMarkdown, toHtml, toMarkdown, toPage } from '../convert/index.ts'
import { xssVectors } from './xss-vectors.ts'

/** What our own writer makes; nothing else may be in a page of ours. */
const tags = new Set(
  (
    'p h1 h2 h3 h4 h5 h6 ul ol li blockquote pre code hr img figure figcaption aside table tbody tr td th br span a ' +
    'strong em u s mark sub sup input'
  ).split(' '),
)

const attributes = new Set(
  (
    'href target rel src alt title width loading referrerpolicy class style type disabled checked start value colspan ' +
    'rowspan dir spellcheck role aria-label data-style data-level data-empty data-align data-callout data-color ' +
    'data-text-color data-math data-mention data-label data-colwidth'
  ).split(' '),
)

/** Whatever in a page could run or reach out, as a browser would read it. */
function dangers(html: string): string[] {
  const page = document.implementation.createHTMLDocument('')
  page.body.innerHTML = html
  return [...page.body.querySelectorAll('*')].flatMap((element) => {
    const name = element.localName
    const wrong = [...element.attributes].flatMap(({ name: key, value }) => {
      if (!attributes.has(key)) return [`${name} has ${key}`]
      if (key === 'href' && parseAddress(value) === null) return [`a link to ${value}`]
      if (key === 'href' && !/^(?:https?|mailto|tel):$/.test(new URL(value, 'https://own.example').protocol))
        return [`a link to ${value}`]
      if (key === 'src' && parseImageSource(value) === null) return [`a picture from ${value}`]
      if (key === 'style' && !/^(?:text-align: \w+|white-space: pre-wrap|; |;)+$/.test(value))
        return [`style ${value}`]
      return []
    })
    return tags.has(name) ? wrong : [`an element ${name}`, ...wrong]
  })
}

function checkSafe(doc: Node): void {
  doc.check()
  doc.descendants((node) => {
    for (const mark of node.marks)
      if (mark.type.name === 'link') expect(parseAddress(mark.attrs['href'])).toBe(mark.attrs['href'])
    if (node.type.name === 'image') expect(parseImageSource(node.attrs['src'])).toBe(node.attrs['src'])
  })
  expect(dangers(toHtml(doc))).toEqual([])
  expect(dangers(toHtml(doc, onServer()))).toEqual([])
  expect(dangers(toHtml(fromMarkdown(toMarkdown(doc))))).toEqual([])
}

const onServer = () => parseHTML('<!doctype html><html><body></body></html>').document

describe('[E47] nothing that can run survives', () => {
  const inHtml = xssVectors.filter(({ html }) => html !== undefined)
  const inMarkdown = xssVectors.filter(({ markdown }) => markdown !== undefined)

  test('there are vectors', () => {
    expect(inHtml.length).toBeGreaterThan(80)
    expect(inMarkdown.length).toBeGreaterThan(80)
  })

  test.each(inHtml)('HTML: $name: $html', ({ html = '' }) => {
    checkSafe(fromHtml(html))
    checkSafe(fromHtml(html, onServer()))
  })

  test.each(inMarkdown)('Markdown: $name: $markdown', ({ markdown = '' }) => {
    checkSafe(fromMarkdown(markdown))
  })

  test('a whole page has a policy that forbids scripts, and its title is text', () => {
    const page = toPage(fromMarkdown('# x'), '</title><script>alert(1)</script>')
    expect(page).toContain("default-src 'none'")
    expect(page).not.toContain('<script')
  })
})
