import type { Node } from 'prosemirror-model'
// What replaces it deletes from the Yjs document whatever the schema doesn't know.
import { yXmlFragmentToProsemirrorJSON } from 'y-prosemirror'
import * as Y from 'yjs'
import { fragmentName, metaName, schemaKey } from '../../server/protocol/document.ts'
import { schemaVersion } from '../../server/protocol/version.ts'
import { addTexts } from '../binding/new-blocks.ts'
import { writeDocument } from '../binding/write-blocks.ts'
import { schema } from '../schema/index.ts'
import { fromJson } from './json.ts'

/** The document in a Yjs document, which it doesn't change; what this version doesn't know is left out. */
export function fromYjs(ydoc: Y.Doc): Node {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- see above
  return fromJson(yXmlFragmentToProsemirrorJSON(ydoc.getXmlFragment(fragmentName)))
}

/** A new Yjs document with everything as the editor writes it. */
export function toYjs(doc: Node): Y.Doc {
  const ydoc = new Y.Doc()
  const textblocks = new Set(Object.values(schema.nodes).flatMap((t) => (t.isTextblock ? [t.name] : [])))
  const page = { mapping: new Map(), $caret: null, passage: { base: null, maps: [] } }
  ydoc.transact((transaction) => {
    ydoc.getMap(metaName).set(schemaKey, schemaVersion)
    writeDocument(page, ydoc.getXmlFragment(fragmentName), doc)
    addTexts(transaction, textblocks)
  })
  return ydoc
}
