import { expect } from 'vitest'
import * as Y from 'yjs'
import { written } from '../../server/test/gate-scene.ts'
import { updateFrame } from '../../server/test/wire-frames.ts'
import { Random } from '../random.ts'
import { heard, type Occasion } from './bad-input.ts'
import { ours } from './guest.ts'
import { type RawSocket, wsFrame } from './raw-socket.ts'
import { badInputSuite } from './suite.ts'

/** SEED repeats a run. */
const seed = Number(process.env['SEED'] ?? 20_261)
const flipsPerTurn = 60

const counts = { sent: 0, refused: 0, saved: 0 }

/** What somebody wrote who came for a moment: a word, a paragraph, a deletion. */
function visit(turn: number): Uint8Array {
  const doc = written()
  doc.clientID = 100_000 + turn
  const before = Y.encodeStateVector(doc)
  doc.transact(() => {
    doc.getText('text').insert(2, 'from outside')
    const paragraph = new Y.XmlElement('paragraph')
    paragraph.insert(0, [new Y.XmlText('a visit')])
    doc.getXmlFragment('default').insert(0, [paragraph])
    doc.getText('text').delete(0, 1)
    doc.getMap('map').set('visitor', { turn })
  })
  return Y.encodeStateAsUpdate(doc, before)
}

/** One to three bits in each are not what they were. */
function flipped({ turn }: Occasion): Buffer {
  const rng = new Random(seed + turn)
  const update = visit(turn)
  const frames = Array.from({ length: flipsPerTurn }, () => {
    const bent = update.slice()
    for (let flips = 1 + rng.below(3); flips > 0; flips--) {
      const at = rng.below(bent.length)
      bent[at] = (bent[at] ?? 0) ^ (1 << rng.below(8))
    }
    return wsFrame(updateFrame(bent))
  })
  return Buffer.concat(frames)
}

function count(_occasion: Occasion, socket: RawSocket): void {
  counts.sent += flipsPerTurn
  counts.refused += ours(socket).filter(({ type }) => type === 'refused').length
  counts.saved += ours(socket).filter(({ type }) => type === 'saved').length
}

// Some flips make another legal update. What is promised is that everybody has the same then: those who were there,
// who comes now, and who comes after the server was killed.
badInputSuite({
  title: 'flips',
  options: [],
  cases: [
    {
      id: 'B15',
      name: 'updates with flipped bits',
      wire: 'coscribe.1',
      bytes: flipped,
      outcome: heard,
      isLegal: true,
      // Of 60 updates a few are taken, with a paragraph each.
      addsBytes: 10 * 1024,
      lasts: count,
      after: () => {
        process.stderr.write(`  flips: seed ${seed}, ${JSON.stringify(counts)}\n`)
        expect(counts.sent).toBeGreaterThanOrEqual(6000)
        expect(counts.refused).toBeGreaterThan(counts.sent / 10)
      },
    },
  ],
})
