import * as Y from 'yjs'
import { fragmentName, metaName, paragraphName, schemaKey, titleStyle } from './protocol/document.ts'
import { schemaVersion } from './protocol/version.ts'

/** A title is a line, not a text: what is longer is cut for lists. */
const maxTitleLength = 120

/** Blocks looked at before a document counts as untitled, so that reading a title costs the same in any document. */
const maxBlocksRead = 20

/**
 * The document's title: the text of its first block in title style, else its first text; '' when there is neither.
 * Reads only; a document of another editor has none.
 */
export function readTitle(doc: Y.Doc): string {
  return titleFrom(doc, () => {})
}

/** A document's title, read again only when a change may have changed it. */
export class Title {
  #text = ''
  /** What it was read from. */
  #sources: Set<unknown> | null = null

  get text(): string {
    return this.#text
  }

  /** After a transaction in `doc`; `changed` are the types that were written to. True when the title is another one. */
  update(doc: Y.Doc, changed: Iterable<unknown>): boolean {
    return this.#isTouchedBy(doc, changed) && this.read(doc)
  }

  /** True when the title is another one than before. */
  read(doc: Y.Doc): boolean {
    const before = this.#text
    const sources = new Set<unknown>()
    this.#text = titleFrom(doc, (type) => sources.add(type))
    this.#sources = sources.size === 0 ? null : sources
    return this.#text !== before
  }

  #isTouchedBy(doc: Y.Doc, changed: Iterable<unknown>): boolean {
    if (this.#sources === null) return doc.share.has(fragmentName)
    for (const type of changed) if (this.#sources.has(type)) return true
    return false
  }
}

/** `visit` is called with every type that the title depends on. */
function titleFrom(doc: Y.Doc, visit: (type: unknown) => void): string {
  if (!doc.share.has(fragmentName)) return ''
  let firstText = ''
  let blocksRead = 0
  const fragment = doc.getXmlFragment(fragmentName)
  visit(fragment)
  for (let block = fragment.firstChild; block; block = block.nextSibling) {
    if (blocksRead++ === maxBlocksRead) break
    if (!(block instanceof Y.XmlElement)) continue
    visit(block)
    const isItsTitle = isTitle(block)
    // What else is in the document is of no interest any more, but for a title.
    if (firstText !== '' && !isItsTitle) continue
    for (let child = block.firstChild; child; child = child.nextSibling) visit(child)
    const text = cut(textOf(block)).trim()
    if (isItsTitle) return text
    firstText = text
  }
  return firstText
}

/** The schema version the document was last written with; 0 when our editor never wrote it. */
export function readSchemaVersion(doc: Y.Doc): number {
  if (!doc.share.has(metaName)) return 0
  const version: unknown = doc.getMap(metaName).get(schemaKey)
  return typeof version === 'number' ? version : 0
}

/** Writes the title into the document, in its title block or a new one at the start. */
export function writeTitle(doc: Y.Doc, title: string): void {
  const fragment = doc.getXmlFragment(fragmentName)
  doc.transact(() => {
    for (let block = fragment.firstChild; block; block = block.nextSibling) {
      if (!(block instanceof Y.XmlElement) || !isTitle(block)) continue
      replaceText(block, title)
      return
    }
    fragment.insert(0, [titleBlock(title)])
  })
}

/** Makes an empty document one to write in: a title and a first line, once, by its creator. */
export function writeFirstBlocks(doc: Y.Doc, title: string): void {
  doc.transact(() => {
    doc.getMap(metaName).set(schemaKey, schemaVersion)
    doc.getXmlFragment(fragmentName).insert(0, [titleBlock(title), block('')])
  })
}

/** Keeps the block's text type, so that what somebody types into it meanwhile stays. */
function replaceText(block: Y.XmlElement, title: string): void {
  const text = block.firstChild
  if (!(text instanceof Y.XmlText)) {
    block.delete(0, block.length)
    block.insert(0, [new Y.XmlText(title)])
    return
  }
  block.delete(1, block.length - 1)
  text.delete(0, text.length)
  text.insert(0, title)
}

function titleBlock(title: string): Y.XmlElement {
  const made = block(title)
  made.setAttribute('style', titleStyle)
  return made
}

/** Also an empty block has a text: two people who each made one for their first words would lose some of them. */
function block(text: string): Y.XmlElement {
  const made = new Y.XmlElement(paragraphName)
  made.insert(0, [new Y.XmlText(text)])
  return made
}

/** Cuts a long text, never through the middle of a character. */
function cut(text: string): string {
  return text.slice(0, maxTitleLength).replace(/[\ud800-\udbff]$/, '')
}

function isTitle(block: Y.XmlElement): boolean {
  return block.nodeName === paragraphName && block.getAttribute('style') === titleStyle
}

function textOf(block: Y.XmlElement): string {
  let text = ''
  for (let child = block.firstChild; child; child = child.nextSibling) {
    if (!(child instanceof Y.XmlText)) continue
    for (let item = child._start; item && text.length < maxTitleLength; item = item.right)
      if (!item.deleted && item.content instanceof Y.ContentString) text += item.content.str
  }
  return text
}
