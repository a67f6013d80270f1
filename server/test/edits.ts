import * as Y from 'yjs'
import type { Random } from '../../test/random.ts'
import type { SharedType } from './update-writer.ts'

/** One random edit such as people and bindings make, in one of the four roots `text`, `map`, `array`, `default`. */
export function edit(doc: Y.Doc, rng: Random, allowSubdocuments = false): void {
  doc.transact(() => {
    for (let steps = rng.chance(0.9) ? 1 : 2 + rng.below(8); steps > 0; steps--) {
      const kind = rng.below(10)
      if (kind < 3) editText(doc.getText('text'), rng)
      else if (kind < 5) editMap(doc.getMap('map'), rng, allowSubdocuments)
      else if (kind < 6) editArray(doc.getArray('array'), rng, allowSubdocuments)
      else editXml(doc.getXmlFragment('default'), rng)
    }
  })
}

const words = ['a', 'be', 'see ', 'ünï', '漢字', '😀', 'e\u0301', '👩‍🚀', '\n', 'the quick brown fox ']

function editText(text: Y.Text, rng: Random): void {
  const at = rng.below(text.length + 1)
  const rest = text.length - at
  const kind = rng.below(10)
  if (kind < 6) text.insert(at, rng.pick(words))
  else if (kind < 8) text.delete(at, Math.min(rest, 1 + rng.below(6)))
  else if (kind < 9) formatWholeCharacters(text, at, Math.min(rest, 1 + rng.below(8)), rng.pick(marks))
  else text.insertEmbed(at, { image: 'a.png', size: { width: rng.below(9) } })
}

/** Not from or to the middle of a surrogate pair: there Yjs cuts it, and if the mark changes nothing nobody is told. */
function formatWholeCharacters(text: Y.Text, at: number, length: number, marks: object): void {
  const delta = text.toDelta() as { insert: unknown }[]
  const plain = delta.map(({ insert }) => (typeof insert === 'string' ? insert : '.')).join('')
  const isInside = (index: number) => /[\ud800-\udbff]/.test(plain.charAt(index - 1))
  if (!isInside(at) && !isInside(at + length)) text.format(at, length, marks)
}

const marks = [
  { bold: true },
  { bold: null },
  { link: { href: 'https://example.org/', title: null } },
  { em: {} },
  { 'comment--1': { id: 1 }, color: '#123' },
]

const values: readonly unknown[] = [
  undefined,
  null,
  true,
  -1,
  1.5,
  -0,
  Number.NaN,
  2 ** 40,
  10n,
  'text',
  '',
  [1, [2]],
  { a: { b: [null] }, c: undefined },
  new Uint8Array([1, 2, 3]),
]

/** A Y.Array takes no bare `undefined` or big integers. */
const listValues = values.filter((value) => value !== undefined && typeof value !== 'bigint')

const keys = ['a', 'b', 'c', '']

function newType(rng: Random): SharedType | Y.Doc {
  switch (rng.below(4)) {
    case 0:
      return new Y.Map([['k', 1]])
    case 1:
      return new Y.Array()
    case 2:
      return new Y.Text('nested')
    default:
      return new Y.XmlFragment()
  }
}

function newSubdocument(rng: Random): Y.Doc {
  return new Y.Doc({
    guid: `sub-${rng.below(5)}`,
    autoLoad: rng.chance(0.5),
    gc: rng.chance(0.5),
    meta: { a: 1 },
  })
}

function editMap(map: Y.Map<unknown>, rng: Random, allowSubdocuments: boolean): void {
  const key = rng.pick(keys)
  const inner = map.get(key)
  if (inner instanceof Y.Map && rng.chance(0.6)) editMap(inner, rng, allowSubdocuments)
  else if (inner instanceof Y.Text && rng.chance(0.6)) editText(inner, rng)
  else if (rng.chance(0.2)) map.delete(key)
  else if (allowSubdocuments && rng.chance(0.2)) map.set(key, newSubdocument(rng))
  else map.set(key, rng.chance(0.3) ? newType(rng) : rng.pick(values))
}

function editArray(array: Y.Array<unknown>, rng: Random, allowSubdocuments: boolean): void {
  const at = rng.below(array.length + 1)
  const inner = array.get(at)
  if (inner instanceof Y.Map && rng.chance(0.5)) editMap(inner, rng, allowSubdocuments)
  else if (inner instanceof Y.Array && rng.chance(0.5)) editArray(inner, rng, allowSubdocuments)
  else if (rng.chance(0.3)) array.delete(at, Math.min(array.length - at, 1 + rng.below(3)))
  else if (rng.chance(0.3)) array.insert(at, [newType(rng)])
  else if (allowSubdocuments && rng.chance(0.2)) array.insert(at, [newSubdocument(rng)])
  else array.insert(at, [rng.pick(listValues), rng.pick(listValues), 'x'].slice(rng.below(3)))
}

const nodes = ['paragraph', 'heading', 'bulletList', 'listItem', 'image']

/** As a ProseMirror binding does: elements in elements, texts with marks, attributes, whole nodes replaced. */
function editXml(parent: Y.XmlFragment, rng: Random, depth = 0): void {
  const at = rng.below(parent.length + 1)
  const inner = at < parent.length ? parent.get(at) : null
  if (inner instanceof Y.XmlText && rng.chance(0.8)) editText(inner, rng)
  else if (inner instanceof Y.XmlElement && rng.chance(0.8)) editElement(inner, rng, depth)
  else if (rng.chance(0.3)) parent.delete(at, Math.min(parent.length - at, 1))
  else if (depth > 0 && rng.chance(0.5)) parent.insert(at, [newXmlText(rng)])
  else parent.insert(at, [newElement(rng)])
}

function editElement(element: Y.XmlElement, rng: Random, depth: number): void {
  if (rng.chance(0.2)) element.setAttribute(rng.pick(['level', 'align']), rng.pick(['1', '2']))
  else if (rng.chance(0.05)) element.removeAttribute('align')
  else editXml(element, rng, depth + 1)
}

function newXmlText(rng: Random): Y.XmlText {
  const text = new Y.XmlText()
  text.applyDelta([{ insert: rng.pick(words) }, { insert: 'marked', attributes: rng.pick(marks) }])
  return text
}

function newElement(rng: Random): Y.XmlElement {
  const element = new Y.XmlElement(rng.pick(nodes))
  if (rng.chance(0.5)) element.insert(0, [new Y.XmlText(rng.pick(words)), new Y.XmlElement('hardBreak')])
  return element
}

/** What a reader of the document finds in it, whatever the classes of its roots and the cuts between its structs. */
export function dump(doc: Y.Doc): unknown {
  const roots = [...doc.share].map(([name, root]) => [name, dumpType(root)] as const)
  return Object.fromEntries(roots.filter(([, content]) => content.length > 0))
}

function dumpType(type: SharedType): unknown[] {
  const found: unknown[] = []
  const active = new Map<string, unknown>()
  let run: { text: string; marks: string } | undefined
  for (let item = type._start; item !== null; item = item.right) {
    const { content } = item
    if (item.deleted) continue
    if (content instanceof Y.ContentFormat) {
      // Only their effect counts: Yjs removes superfluous marks whenever it sees some.
      active.set(content.key, content.value)
      continue
    }
    const marks = JSON.stringify([...active].filter(([, value]) => value !== null).sort())
    if (!(content instanceof Y.ContentString)) {
      run = undefined
      found.push(...dumpContent(content), marks)
    } else if (run?.marks === marks) {
      run.text += content.str
    } else {
      found.push((run = { text: content.str, marks }))
    }
  }
  const entries = [...type._map].filter(([, item]) => !item.deleted)
  for (const [key, item] of entries.sort(([a], [b]) => (a < b ? -1 : 1))) {
    found.push([`entry ${key}`, ...dumpContent(item.content)])
  }
  return found
}

function dumpContent(content: Y.Item['content']): unknown[] {
  if (content instanceof Y.ContentType) {
    const { type } = content
    const name = type instanceof Y.XmlElement ? type.nodeName : ''
    return [[`${type.constructor.name} ${name}`, ...dumpType(type)]]
  }
  if (content instanceof Y.ContentDoc) return [['subdocument', content.doc.guid]]
  if (content instanceof Y.ContentBinary) return [['binary', ...content.content]]
  if (content instanceof Y.ContentEmbed) return [['embed', content.embed]]
  return content.getContent().map((value: unknown) => ['value', value])
}
