import * as Y from 'yjs'
import { Random } from '../../test/random.ts'

/** One key press: what it changed and when. */
export interface Keystroke {
  readonly at: number
  readonly update: Uint8Array
}

/**
 * One person writing a text: words, a mistake now and then that is taken back, pauses to think, and a jump elsewhere
 * every few sentences. `doc` is what is there in the end.
 */
export function typeLikeAPerson(keystrokes: number, seed: number): { doc: Y.Doc; typed: Keystroke[] } {
  const random = new Random(seed)
  const doc = new Y.Doc()
  doc.clientID = 1 + random.below(2 ** 31)
  const typed: Keystroke[] = []
  let at = 1_700_000_000_000
  doc.on('update', (update: Uint8Array) => typed.push({ at, update }))
  const text = firstText(doc)
  let caret = 0
  let waiting = ''
  let mistakes = 0
  while (typed.length < keystrokes) {
    at += random.chance(0.015) ? 5000 + random.below(40_000) : 80 + random.below(200)
    if (random.chance(0.002)) caret = random.below(text.length + 1)
    if (mistakes === 0 && random.chance(0.006)) mistakes = 1 + random.below(12)
    if (mistakes > 0 && caret > 0) {
      mistakes--
      text.delete(--caret, 1)
      continue
    }
    if (waiting === '') waiting = `${random.pick(words)} `
    text.insert(caret++, waiting.charAt(0))
    waiting = waiting.slice(1)
  }
  return { doc, typed }
}

const words =
  'the of and a to in is you that it he was for on are as with his they at be this have from or one had by word but not what all were we when your can said there use an each which she do how their if will up other about out many then them these so some her would make like him into time has look two more write go see number no way could people my than first water been call who oil its now find long down day did get come made may part'.split(
    ' ',
  )

function firstText(doc: Y.Doc): Y.XmlText {
  const paragraph = new Y.XmlElement('paragraph')
  const text = new Y.XmlText()
  paragraph.insert(0, [text])
  doc.getXmlFragment('coscribe').insert(0, [paragraph])
  return text
}
