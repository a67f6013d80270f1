import * as Y from 'yjs'
import { Random } from '../../test/random.ts'

export interface MadeDocument {
  /** All of it but the last edits. */
  readonly update: Uint8Array
  /** The last edits, one update each. */
  readonly edits: readonly Uint8Array[]
  /** What somebody has who lacks the last 1, 2, 3 ... edits. */
  readonly vectorsBehind: readonly Uint8Array[]
  /** Of the whole document, last edits included. */
  readonly vector: Uint8Array
}

const words =
  'the of and to in is you that it he was for on are as with his they at be this have from or one had'.split(
    ' ',
  )
const paragraphLength = 400
const editsAtEnd = 100
const authors = 5

/**
 * A document of about so many bytes as Yjs encodes it, written by five people: paragraphs that were pasted, and words
 * put in here and there afterwards, which is half of the bytes. The same for the same size.
 */
export function makeDocument(bytes: number): MadeDocument {
  const random = new Random(bytes)
  const doc = new Y.Doc()
  const fragment = doc.getXmlFragment('coscribe')
  const blocks: Y.XmlText[] = []
  const pasted = Math.max(1, Math.round(bytes / 2 / paragraphLength))
  doc.transact(() => {
    for (let n = 0; n < pasted; n++) blocks.push(paragraphIn(fragment, random))
  })
  // A word costs about so much: its letters, where it stands and whose it is.
  const wordsPutIn = Math.round(bytes / 2 / 34)
  for (let author = 0; author < authors; author++) {
    doc.clientID = 1 + random.below(2 ** 31)
    doc.transact(() => {
      for (let n = 0; n < wordsPutIn / authors; n++) putWordIn(random.pick(blocks), random)
    })
  }
  const update = Y.encodeStateAsUpdate(doc)
  const edits: Uint8Array[] = []
  const vectorsBehind: Uint8Array[] = []
  doc.on('update', (edit: Uint8Array) => edits.push(edit))
  for (let n = 0; n < editsAtEnd; n++) {
    vectorsBehind.unshift(Y.encodeStateVector(doc))
    putWordIn(random.pick(blocks), random)
  }
  return { update, edits, vectorsBehind, vector: Y.encodeStateVector(doc) }
}

function paragraphIn(fragment: Y.XmlFragment, random: Random): Y.XmlText {
  const text = new Y.XmlText()
  const paragraph = new Y.XmlElement('paragraph')
  let content = ''
  while (content.length < paragraphLength) content += `${random.pick(words)} `
  fragment.push([paragraph])
  paragraph.insert(0, [text])
  text.insert(0, content)
  return text
}

function putWordIn(text: Y.XmlText, random: Random): void {
  text.insert(random.below(text.length), `${random.pick(words)} `)
}
