import type { Node } from 'prosemirror-model'
import { toPlainText } from '../html/plain-text.ts'
import { schema } from '../schema/index.ts'

/** The document as text that is read as it stands. */
export function toText(doc: Node): string {
  return toPlainText(doc.slice(0))
}

/** A document with a paragraph for each line of a text; empty lines only keep them apart. */
export function fromText(text: string): Node {
  const lines = text.replace(/^\ufeff/, '').split(/(?:\r\n?|\n)+/)
  const written = lines.filter((line) => line.trim() !== '')
  const paragraphs = written.map((line) => schema.nodes.paragraph.create(null, schema.text(line)))
  return schema.nodes.doc.create(null, paragraphs)
}
