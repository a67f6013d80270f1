/*
 * Takes out of pasted HTML what programs put in and nobody meant: Google Docs' wrapper, Word's list markers, tracking
 * and layout elements, empty paragraphs used as spacing. Works in place, before `flatten`.
 */

const junk =
  'script,style,meta,link,title,base,template,noscript,iframe,object,embed,svg,math,audio,video,canvas,' +
  'button,select,textarea,br.Apple-interchange-newline,img[aria-roledescription="checkbox"],.MsoCommentReference'

const blocks = new Set([
  'P',
  'DIV',
  'H1',
  'H2',
  'H3',
  'H4',
  'H5',
  'H6',
  'BLOCKQUOTE',
  'UL',
  'OL',
  'PRE',
  'TABLE',
  'HR',
])

const deferred = 'data-deferred-style'

/**
 * Renames the style attributes in pasted HTML before it is parsed: a page whose Content-Security-Policy forbids inline
 * styles would report and ignore them, and with them what is bold in a Google document. `applyStyles` brings them back.
 */
export function deferStyles(html: string): string {
  return html.replace(/(<[^<>]*?\s)style(\s*=)/gi, `$1${deferred}$2`)
}

/** Sets deferred styles from script, which every policy allows. */
export function applyStyles(root: ParentNode): void {
  for (const element of root.querySelectorAll<HTMLElement>(`[${deferred}]`)) {
    element.style.cssText = element.getAttribute(deferred) ?? ''
    element.removeAttribute(deferred)
  }
}

/** Cleans what another program put on the clipboard. */
export function clean(root: ParentNode): void {
  for (const element of root.querySelectorAll(junk)) element.remove()
  unwrapDocument(root)
  for (const element of root.querySelectorAll<HTMLElement>('p[style*="mso-list"]')) toWordItem(element)
  for (const element of root.querySelectorAll<HTMLElement>('a [style]'))
    element.style.removeProperty('text-decoration')
  for (const element of root.querySelectorAll<HTMLElement>('h1 [style], h2 [style], h3 [style]')) {
    element.style.removeProperty('font-weight')
  }
  dropSpacing(root)
}

/** Google Docs wraps everything in `<b style="font-weight:normal">`, which is neither bold nor inline. */
function unwrapDocument(root: ParentNode): void {
  for (const element of root.querySelectorAll<HTMLElement>(
    'b[id^="docs-internal-guid"], b[style*="font-weight"]',
  )) {
    const isWrapper = ['normal', '400'].includes(element.style.fontWeight)
    if (isWrapper) element.replaceWith(...element.childNodes)
  }
}

/** Word writes a list item as a paragraph that carries its level and spells out its marker. */
function toWordItem(element: HTMLElement): void {
  const style = element.getAttribute('style') ?? ''
  const level = Number(/mso-list:[^;]*\blevel(\d+)/i.exec(style)?.[1] ?? 0)
  if (level === 0) return
  const markers = [...element.querySelectorAll<HTMLElement>('span[style*="mso-list"]')]
  const marker = markers.map((span) => span.textContent).join('')
  for (const span of markers) span.remove()
  element.dataset['list'] = /^\s*\(?(?:\d+|[a-z]|[ivxlc]+)[.)]/i.test(marker) ? 'ordered' : 'bullet'
  element.dataset['level'] = String(level - 1)
}

function isBlank(element: Element): boolean {
  // Our own say that an empty line was meant.
  if (element.hasAttribute('data-empty')) return false
  const hasContent = element.querySelector('img,hr,table,input,li,pre') !== null
  return !hasContent && element.textContent.replaceAll('\u00a0', ' ').trim() === ''
}

function isBlock(node: Node | null): boolean {
  return node !== null && blocks.has(node.nodeName)
}

function dropSpacing(root: ParentNode): void {
  const spacers = [...root.querySelectorAll('p, div, h1, h2, h3, h4, h5, h6')].filter(isBlank)
  for (const spacer of spacers) {
    const isCell = spacer.parentElement !== null && ['TD', 'TH'].includes(spacer.parentElement.nodeName)
    if (!isCell) spacer.remove()
  }
  for (const lineBreak of root.querySelectorAll('br')) {
    if (isBlock(neighbour(lineBreak, -1)) || isBlock(neighbour(lineBreak, 1))) lineBreak.remove()
  }
}

/** What stands beside it on the page. */
function neighbour(node: Node, direction: -1 | 1): Node | null {
  const next = ({ previousSibling, nextSibling }: Node) => (direction === -1 ? previousSibling : nextSibling)
  let other = next(node)
  while (other?.nodeType === 3 && /^[ \t\r\n]*$/.test(other.nodeValue ?? '')) other = next(other)
  return other
}
