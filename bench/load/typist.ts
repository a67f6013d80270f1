import * as encoding from 'lib0/encoding'
import * as Y from 'yjs'
import { nowUs } from '../machine/clock.ts'
import { stamp } from './stamp.ts'

/** Makes the frames' contents of somebody who types or moves a caret, each with a stamp in it. */
export interface Hand {
  /** What the document needs before the first stroke; null for nothing. */
  readonly first: Uint8Array | null
  stroke(): Uint8Array
}

/** Types in a paragraph of its own. */
export function typingHand(author: number): Hand {
  const doc = new Y.Doc()
  let update: Uint8Array = new Uint8Array()
  doc.on('update', (bytes: Uint8Array) => (update = bytes))
  const text = new Y.XmlText()
  const paragraph = new Y.XmlElement('paragraph')
  paragraph.insert(0, [text])
  doc.getXmlFragment('coscribe').insert(0, [paragraph])
  return {
    first: update,
    stroke: () => {
      text.insert(text.length, stamp(nowUs(), author))
      return update
    },
  }
}

/** Moves a caret, told as y-prosemirror tells it. */
export function cursorHand(author: number): Hand {
  const client = 1_000_000_000 + author
  let clock = 0
  return {
    first: null,
    stroke: () => {
      clock++
      const place = { type: null, tname: null, item: { client, clock }, assoc: 0 }
      const user = { name: `Person ${author}`, color: '#30bced' }
      const state = { user, cursor: { anchor: place, head: place }, at: stamp(nowUs(), author) }
      return encoding.encode((encoder) => {
        for (const number of [1, client, clock]) encoding.writeVarUint(encoder, number)
        encoding.writeVarString(encoder, JSON.stringify(state))
      })
    },
  }
}
