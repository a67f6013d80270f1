import { DOMParser, type Node, type ParseOptions, type Schema, type Slice } from 'prosemirror-model'
import { isElement } from '../schema/index.ts'
import { applyStyles, clean } from './clean.ts'
import { flatten } from './flatten.ts'
import { translate } from './translate.ts'

/** A parser that takes anybody's HTML: nested lists, quotes of several paragraphs, what word processors write. */
export class DocumentParser extends DOMParser {
  override parse(dom: globalThis.Node, options?: ParseOptions): Node {
    return super.parse(prepare(dom), options)
  }

  override parseSlice(dom: globalThis.Node, options?: ParseOptions): Slice {
    return super.parseSlice(prepare(dom), options)
  }
}

/** The parser for a schema whose paragraphs are ours; other schemas get the cleaning only. */
export function createParser(schema: Schema): DocumentParser {
  return new DocumentParser(schema, DOMParser.fromSchema(schema).rules)
}

function prepare(dom: globalThis.Node): globalThis.Node {
  const copy = dom.cloneNode(true)
  if (!isElement(copy)) return flatten(copy)
  applyStyles(copy)
  // Content copied from an editor says so, and is taken as it is: an empty line there was meant.
  if (copy.querySelector('[data-pm-slice]') === null) {
    translate(copy)
    clean(copy)
  }
  return flatten(copy)
}
