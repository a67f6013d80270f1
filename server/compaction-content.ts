import * as Y from 'yjs'

/** Why two documents are not the same one, for an operator; null when they are. Never tells content. */
export function findDifference(one: Y.Doc, other: Y.Doc): string | null {
  for (const doc of [one, other]) {
    if (doc.store.pendingStructs !== null || doc.store.pendingDs !== null) return 'something is missing in it'
  }
  if (!Y.equalSnapshots(Y.snapshot(one), Y.snapshot(other))) return 'the clocks or deletions differ'
  const names = new Set([...one.share.keys(), ...other.share.keys()])
  for (const name of names) {
    if (readRoot(one, name) !== readRoot(other, name)) return 'the content differs'
  }
  return null
}

/** What a shared type of any kind consists of. */
type Readable = Pick<Y.XmlFragment, '_start' | '_map'>

function readRoot(doc: Y.Doc, name: string): string {
  const root: Readable | undefined = doc.share.get(name)
  return root === undefined ? nothing : JSON.stringify(readType(root))
}

/** Everything that is not deleted, independent of how Yjs has cut it into items. */
function readType(type: Readable): unknown {
  const sequence: unknown[] = []
  let text = ''
  const endText = () => {
    if (text !== '') sequence.push(text)
    text = ''
  }
  for (let item = type._start; item !== null; item = item.right) {
    if (item.deleted) continue
    if (item.content instanceof Y.ContentString) {
      text += item.content.str
      continue
    }
    endText()
    sequence.push(...readContent(item.content))
  }
  endText()
  const entries = [...type._map]
    .filter(([, item]) => !item.deleted)
    .map(([key, item]) => [key, readContent(item.content)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const nodeName = type instanceof Y.XmlElement ? type.nodeName : null
  return [nodeName, sequence, entries]
}

function readContent(content: Y.Item['content']): unknown[] {
  if (content instanceof Y.ContentType) return [readType(content.type)]
  if (content instanceof Y.ContentFormat) return [{ key: content.key, value: content.value as unknown }]
  return content.getContent()
}

/** A root without content is the same as none. */
const nothing = JSON.stringify([null, [], []])
