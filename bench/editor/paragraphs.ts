import * as Y from 'yjs'
import { Member } from '../load/member.ts'
import { sleep } from '../machine/clock.ts'
import type { RunningServer } from '../servers/running-server.ts'

/** Two fast typists. */
const msBetweenKeys = 50
/** They type in the first of these paragraphs, far from the middle. */
const typedIn = 20

/** Somebody elsewhere, who wrote the document and may type in it. */
export interface Author {
  /** Types until the returned function is called. */
  typeElsewhere(): () => void
  leave(): void
}

export interface Written {
  readonly document: string
  readonly root: string
  readonly paragraphs: number
}

/** Puts a document of so many paragraphs on the server; resolves when the server has it. */
export async function writeParagraphs(server: RunningServer, written: Written): Promise<Author> {
  const { document, root, paragraphs } = written
  const doc = new Y.Doc()
  const fragment = doc.getXmlFragment(root)
  fragment.insert(
    0,
    Array.from({ length: paragraphs }, (_, n) => {
      const block = new Y.XmlElement('paragraph')
      block.insert(0, [
        new Y.XmlText(`Paragraph ${n}: the quick brown fox jumps over the lazy dog, again and again.`),
      ])
      return block
    }),
  )
  const whole = Y.encodeStateAsUpdate(doc)
  const member = new Member({ target: server.target, document })
  await member.synced
  member.sendUpdate(whole)
  for (let size = 0; size < whole.length;) {
    const reader = new Member({ target: server.target, document })
    size = (await reader.synced).length
    reader.leave()
    if (size < whole.length) await sleep(50)
  }
  doc.on('update', (update: Uint8Array) => member.sendUpdate(update))
  return {
    typeElsewhere: () => {
      let n = 0
      const timer = setInterval(
        () => typeInto(fragment.get(n++ % Math.min(typedIn, paragraphs))),
        msBetweenKeys,
      )
      return () => clearInterval(timer)
    },
    leave: () => member.leave(),
  }
}

function typeInto(block: Y.XmlElement | Y.XmlText | Y.XmlHook): void {
  const text = block instanceof Y.XmlElement ? block.firstChild : null
  if (text instanceof Y.XmlText) text.insert(10, 'y')
}
