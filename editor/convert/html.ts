import type { Node, Schema } from 'prosemirror-model'
import { escapeMarkup, toMarkup } from '../html/markup.ts'
import { createParser } from '../html/parser.ts'
import { createSerializer } from '../html/serializer.ts'
import { schema } from '../schema/index.ts'
import { ConversionError } from './conversion-error.ts'

/** Elements inside of elements; browsers stop there, too. */
const maxDepth = 512

/**
 * The document as HTML that other programs understand. `document` makes the elements, and has to be one in which
 * nothing loads or runs; by default it is a new one.
 */
export function toHtml(doc: Node, document: Document = inertDocument()): string {
  const holder = document.createElement('div')
  createSerializer(schema).serializeFragment(doc.content, { document }, holder)
  return toMarkup(holder)
}

/**
 * A document from anybody's HTML, of an extended schema if one is given. Throws a `ConversionError` when its elements are
 * nested too deep.
 */
export function fromHtml(
  html: string,
  document: Document = inertDocument(),
  extended: Schema = schema,
): Node {
  const holder = document.createElement('div')
  try {
    holder.innerHTML = html
  } catch (error) {
    if (error instanceof RangeError) throw tooDeep()
    throw error
  }
  if (isTooDeep(holder)) throw tooDeep()
  return createParser(extended).parse(holder)
}

const tooDeep = () => new ConversionError('too-deep', 'the elements are nested too deep')

/** A whole web page, which needs nothing else and in which nothing can run. */
export function toPage(doc: Node, title: string, document: Document = inertDocument()): string {
  return `<!doctype html>
<html>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeMarkup(title)}</title>
<style>
${pageStyle}
</style>
</head>
<body>
${toHtml(doc, document)}
</body>
</html>
`
}

const policy = "default-src 'none'; img-src http: https: data:; style-src 'unsafe-inline'; form-action 'none'"

const pageStyle = `body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.6 system-ui, sans-serif; }
img { max-width: 100%; height: auto; }
table { border-collapse: collapse; }
td, th { padding: 0.3em 0.6em; border: 1px solid #bbb; vertical-align: top; }
pre { overflow: auto; padding: 0.8em; background: #f4f4f4; }
blockquote { margin-left: 0; padding-left: 1em; border-left: 3px solid #bbb; }
aside { padding: 0.2em 1em; border-left: 3px solid #4c6ef5; background: #f3f5fc; }`

function inertDocument(): Document {
  return globalThis.document.implementation.createHTMLDocument('')
}

function isTooDeep(root: globalThis.Node): boolean {
  let depth = 0
  for (let node: globalThis.Node | null = root.firstChild; node !== null;) {
    if (depth > maxDepth) return true
    if (node.firstChild !== null) {
      node = node.firstChild
      depth++
      continue
    }
    while (node !== null && node.nextSibling === null) {
      node = node.parentNode === root ? null : node.parentNode
      depth--
    }
    node = node?.nextSibling ?? null
  }
  return false
}
