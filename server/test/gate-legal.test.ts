import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { checkUpdate } from '../gate.ts'
import { dump } from './edits.ts'
import {
  ann,
  author,
  bob,
  expectAccepted,
  expectRefused,
  limits,
  load,
  withSubdocuments,
} from './gate-scene.ts'
import { deleted, gc, one, skip, text, write } from './update-writer.ts'

const stateOf = (doc: Y.Doc) => Y.encodeStateAsUpdate(doc)
const lackedBy = (server: Y.Doc, doc: Y.Doc) => Y.encodeStateAsUpdate(doc, Y.encodeStateVector(server))

/** The updates that a document emits while something happens to it. */
function emitted(doc: Y.Doc, happens: () => void): Uint8Array[] {
  const updates: Uint8Array[] = []
  const collect = (update: Uint8Array) => updates.push(update)
  doc.on('update', collect)
  happens()
  doc.off('update', collect)
  return updates
}

function sameEverywhere(...docs: Y.Doc[]): void {
  for (const doc of docs) expect(dump(doc)).toEqual(dump(docs[0]!))
}

describe('[G2] legal traffic passes', () => {
  test('an empty update, and one that is known already', () => {
    const doc = author(ann)
    doc.getText('text').insert(0, 'hello')
    expectAccepted(Uint8Array.from([0, 0]), new Y.Doc())
    expectAccepted(Uint8Array.from([0, 0]), load(stateOf(doc)))
    expectAccepted(stateOf(doc), load(stateOf(doc)))
  })

  test('key after key, typed, deleted, undone and done again', () => {
    const doc = author(ann)
    const server = new Y.Doc()
    const content = doc.getText('text')
    const undo = new Y.UndoManager(content, { captureTimeout: 0 })
    const updates = emitted(doc, () => {
      for (const letter of 'hello 😀 world') content.insert(content.length, letter)
      for (let i = 0; i < 5; i++) content.delete(2, 2)
      for (let i = 0; i < 4; i++) undo.undo()
      for (let i = 0; i < 3; i++) undo.redo()
      content.format(0, 3, { bold: true })
      content.insertEmbed(1, { image: 'a.png' })
    })
    for (const update of updates) expectAccepted(update, server)
    sameEverywhere(doc, server)
  })

  test('a keystroke in less time than it takes to apply', () => {
    const [doc, server] = [author(ann), new Y.Doc()]
    const updates = emitted(doc, () => {
      for (let i = 0; i < 5000; i++) doc.getText('text').insert((i * 7919) % (i + 1), 'x')
    })
    const spent = { check: [] as number[], apply: [] as number[] }
    for (const update of updates) {
      const start = performance.now()
      checkUpdate(update, server, limits)
      const between = performance.now()
      Y.applyUpdate(server, update)
      spent.check.push(between - start)
      spent.apply.push(performance.now() - between)
    }
    const medianUs = (all: number[]) => 1000 * (all.sort((a, b) => a - b)[all.length >> 1] ?? 0)
    const [check, apply] = [medianUs(spent.check), medianUs(spent.apply)]
    process.stdout.write(
      `a keystroke: checked in ${check.toFixed(1)} us, applied in ${apply.toFixed(1)} us\n`,
    )
    expect(check).toBeLessThan(apply)
  })

  test('two people who wrote offline in the same places', () => {
    const [first, second, server] = [author(ann), author(bob), new Y.Doc()]
    first.getText('text').insert(0, 'shared')
    Y.applyUpdate(second, stateOf(first))
    first.getText('text').insert(3, 'from Ann')
    second.getText('text').insert(3, 'from Bob')
    second.getText('text').delete(0, 2)
    expectAccepted(lackedBy(server, first), server)
    expectAccepted(lackedBy(server, second), server)
    Y.applyUpdate(first, stateOf(server))
    Y.applyUpdate(second, stateOf(server))
    sameEverywhere(first, second, server)
  })

  test('a document with collected content, and with parents that were collected, into an empty one', () => {
    const doc = author(ann)
    const element = new Y.XmlElement('p')
    doc.getXmlFragment('default').insert(0, [element, new Y.XmlElement('p')])
    element.insert(0, [new Y.XmlText('gone')])
    doc.getXmlFragment('default').delete(0, 1)
    const structs = doc.store.clients.get(ann) ?? []
    expect(structs.some((struct) => struct instanceof Y.GC)).toBe(true)
    expectAccepted(stateOf(doc), new Y.Doc())
  })

  test('collected text of which the beginning still stands here', () => {
    const writer = author(ann)
    const element = new Y.XmlElement('p')
    writer.getXmlFragment('default').insert(0, [element])
    element.insert(0, [new Y.XmlText('known')])
    const here = new Y.Doc()
    Y.applyUpdate(here, stateOf(writer))
    element.insert(1, [new Y.XmlText(', and more')])
    writer.getXmlFragment('default').delete(0, 1)
    expectAccepted(stateOf(writer), here)
  })

  test('what was inside of a type that is gone, in the message that says so', () => {
    const inside = text('inside', { parent: [ann, 0] })
    expectAccepted(one(ann, 0, deleted(1, { parent: 'default' }), inside), new Y.Doc())
    expectAccepted(one(ann, 0, gc(1), inside), new Y.Doc())
  })

  test('an edit inside of something the server has collected meanwhile', () => {
    const [first, second, server] = [author(ann), author(bob), new Y.Doc()]
    const content = new Y.XmlText('inside')
    first.getXmlFragment('default').insert(0, [content])
    for (const doc of [second, server]) Y.applyUpdate(doc, stateOf(first))
    second.getXmlFragment('default').delete(0, 1)
    expectAccepted(lackedBy(server, second), server)
    content.insert(3, 'written meanwhile')
    content.delete(0, 2)
    content.format(1, 4, { bold: true })
    expectAccepted(lackedBy(server, first), server)
    Y.applyUpdate(first, stateOf(server))
    sameEverywhere(first, server)
  })

  test('all of the text a client that collects nothing has kept, map entries included', () => {
    const [doc, server] = [author(ann, { gc: false }), new Y.Doc()]
    for (let i = 0; i < 5; i++) doc.getMap('map').set('key', i)
    doc.getXmlFragment('default').insert(0, [new Y.XmlText('kept')])
    doc.getXmlFragment('default').delete(0, 1)
    expectAccepted(stateOf(doc), server)
    sameEverywhere(doc, server)
  })

  test('one person under several client ids, and text of ids that are gone', () => {
    const server = new Y.Doc()
    let known = new Uint8Array([0, 0])
    for (let session = 1; session <= 20; session++) {
      const doc = author(session * 1000)
      Y.applyUpdate(doc, known)
      doc.getText('text').insert(Math.floor(doc.getText('text').length / 2), `session ${session} `)
      known = Uint8Array.from(stateOf(doc))
      if (session % 5 === 0) expectAccepted(known, server)
    }
    expect(server.store.clients.size).toBe(20)
  })

  test('what IndexedDB gives back: every update ever emitted, merged', () => {
    const doc = author(ann)
    const updates = emitted(doc, () => {
      const fragment = doc.getXmlFragment('default')
      for (let i = 0; i < 30; i++) {
        fragment.insert(0, [new Y.XmlElement('p')])
        if (i % 3 === 0) fragment.delete(0, 1)
        doc.getText('text').insert(0, `line ${i}\n`)
        if (i % 4 === 0) doc.getText('text').delete(2, 4)
      }
    })
    expectAccepted(Y.mergeUpdates(updates), new Y.Doc())
    expectAccepted(Y.mergeUpdates([...updates].reverse()), new Y.Doc())
    const half = load(...updates.slice(0, 25))
    expectAccepted(Y.mergeUpdates(updates), half)
    sameEverywhere(doc, half)
  })

  test('a merge with a hole that the document has filled already', () => {
    const doc = author(ann)
    const updates = emitted(doc, () => {
      for (const letter of 'abcdef') doc.getText('text').insert(0, letter)
    })
    const holed = Y.mergeUpdates([updates[0]!, updates[4]!, updates[5]!])
    expect(Y.decodeUpdate(holed).structs.some((struct) => struct instanceof Y.Skip)).toBe(true)
    expectRefused(holed, 'missing', load(...updates.slice(0, 2)))
    expectAccepted(holed, load(...updates.slice(0, 4)))
    expectRefused(one(ann, 0, skip(6), gc(1)), 'missing', new Y.Doc())
  })

  test("one tab that carries another one's edits, before or after they arrive themselves", () => {
    const [first, second, server] = [author(ann), author(bob), new Y.Doc()]
    const own = emitted(first, () => first.getText('text').insert(0, 'from the first'))
    Y.applyUpdate(second, stateOf(first))
    const carried = emitted(second, () => second.getText('text').insert(5, 'from the second'))
    expectRefused(carried[0]!, 'missing', server)
    expectAccepted(lackedBy(server, second), server)
    expectAccepted(own[0]!, server)
    expectAccepted(carried[0]!, server)
    sameEverywhere(first.getText('text').length > 0 ? server : first, second)
  })

  test('blocks that refer to each other in both directions', () => {
    const [first, second] = [author(ann), author(bob)]
    for (let i = 0; i < 10; i++) {
      const [writer, reader] = i % 2 === 0 ? [first, second] : [second, first]
      writer.getText('text').insert(writer.getText('text').length >> 1, `${i}`)
      Y.applyUpdate(reader, stateOf(writer))
    }
    expectAccepted(stateOf(first), new Y.Doc())
  })

  test('a lot of pieces between two texts that were written at the same time', () => {
    const server = load(one(1, 0, text('A', { parent: 'text' })), one(2, 0, text('B', { parent: 'text' })))
    const right = [2, 0] as const
    const pieces = Array.from({ length: 300 }, (_, i) =>
      text('x', { origin: i === 0 ? [1, 0] : [ann, i - 1], right }),
    )
    expectAccepted(one(ann, 0, ...pieces), server)
    expect(JSON.stringify(dump(server))).toContain(`A${'x'.repeat(300)}B`)
  })

  test('an item that starts inside of what is known goes on from there', () => {
    const doc = author(ann)
    const content = doc.getText('text')
    content.insert(0, 'known')
    const server = load(stateOf(doc))
    content.insert(5, ' and more')
    const merged = stateOf(doc)
    expect(Y.decodeUpdate(merged).structs).toHaveLength(1)
    expectAccepted(merged, server)
    sameEverywhere(doc, server)
  })

  test('a caret between the halves of a character', () => {
    const [doc, server] = [author(ann), new Y.Doc()]
    const updates = emitted(doc, () => {
      doc.getText('text').insert(0, '😀')
      doc.getText('text').insert(1, 'x')
      doc.getText('text').insert(0, '👩‍🚀')
      doc.getText('text').delete(1, 2)
    })
    for (const update of updates) expectAccepted(update, server)
    expectAccepted(stateOf(doc), server)
    sameEverywhere(doc, server)
  })

  test('a character that was cut in two on its way, by somebody else', () => {
    const [first, second] = [author(ann), author(bob)]
    first.getText('text').insert(0, 'a😀b')
    const server = load(stateOf(first))
    Y.applyUpdate(second, stateOf(first))
    second.getText('text').insert(2, 'x')
    second.getText('text').delete(0, 1)
    first.getText('text').delete(2, 1)
    for (const doc of [first, second]) {
      const verdict = checkUpdate(stateOf(doc), server, limits)
      expect(verdict.ok).toBe(true)
      Y.applyUpdate(server, verdict.ok && verdict.instead !== undefined ? verdict.instead : stateOf(doc))
    }
    Y.applyUpdate(first, stateOf(server))
    Y.applyUpdate(second, stateOf(server))
    sameEverywhere(first, second, server)
  })

  test('a character that was cut in two only at its author, as Yjs does when a mark changes nothing', () => {
    const doc = author(ann)
    doc.getText('text').insert(0, 'a😀b')
    const server = load(stateOf(doc))
    expect(emitted(doc, () => doc.getText('text').format(2, 1, { bold: null }))).toEqual([])
    expect(JSON.stringify(dump(doc))).toContain('\ufffd')
    doc.getText('text').insert(4, 'c')
    expectAccepted(stateOf(doc), server)
    expect(JSON.stringify(dump(server))).toContain('a😀bc')
  })

  test('every kind of value, type and mark', () => {
    const doc = author(ann)
    const values = [undefined, null, true, -0, 2 ** 31, 2 ** 53, -1e300, 0.1, 10n, 'ünï', new Uint8Array([1])]
    values.forEach((value, i) => doc.getMap('map').set(`${i}`, value))
    doc.getMap('map').set('deep', { a: [{ b: [[null, undefined]] }], binary: new Uint8Array(3) })
    doc
      .getArray('array')
      .insert(0, [
        1,
        'two',
        { three: 3 },
        new Y.Map([['k', new Y.Array()]]),
        new Y.Text('text'),
        new Y.XmlHook('hook'),
      ])
    const element = new Y.XmlElement('image')
    doc.getXmlFragment('default').insert(0, [element, new Y.XmlText('text')])
    element.setAttribute('src', 'a.png')
    doc
      .getText('text')
      .applyDelta([{ insert: 'a', attributes: { link: { href: '#' }, bold: true } }, { insert: { x: 1 } }])
    const server = new Y.Doc()
    expectAccepted(stateOf(doc), server)
    sameEverywhere(doc, server)
    // Yjs sends a date as an empty object.
    doc.getMap('map').set('date', new Date(0))
    expectAccepted(stateOf(doc), server)
  })

  test('subdocuments, where they are enabled', () => {
    const doc = author(ann)
    doc.getMap('map').set('plain', new Y.Doc())
    doc
      .getArray('array')
      .insert(0, [new Y.Doc({ guid: 'named', autoLoad: true, gc: false, meta: { any: ['thing'] } })])
    doc.getMap('map').set('plain', new Y.Doc())
    expect(checkUpdate(stateOf(doc), new Y.Doc(), withSubdocuments)).toEqual({ ok: true })
  })

  test('one transaction with thousands of structs', () => {
    const [doc, server] = [author(ann), new Y.Doc()]
    const updates = emitted(doc, () =>
      doc.transact(() => {
        for (let i = 0; i < 5000; i++) doc.getText('text').insert((i * 7919) % (i + 1), 'x')
        for (let i = 0; i < 500; i++) doc.getText('text').delete((i * 31) % 1000, 1)
      }),
    )
    expect(Y.decodeUpdate(updates[0]!).structs.length).toBeGreaterThan(2000)
    expectAccepted(updates[0]!, server)
    sameEverywhere(doc, server)
  })

  test('a document of 1 MB, whole and as a diff', () => {
    const doc = author(ann)
    doc.transact(() => {
      const fragment = doc.getXmlFragment('default')
      for (let i = 0; i < 3000; i++) {
        const paragraph = new Y.XmlElement('paragraph')
        fragment.insert(i, [paragraph])
        paragraph.insert(0, [new Y.XmlText('All work and no play makes a document long. '.repeat(7))])
      }
    })
    const whole = stateOf(doc)
    expect(whole.length).toBeGreaterThan(900_000)
    const server = new Y.Doc()
    expectAccepted(whole, server)
    doc.getXmlFragment('default').delete(100, 1000)
    doc.getXmlFragment('default').insert(0, [new Y.XmlElement('heading')])
    expectAccepted(lackedBy(server, doc), server)
    sameEverywhere(doc, server)
  })

  test('what a server emits for a flush of several updates, at another server', () => {
    const [server, other] = [new Y.Doc(), new Y.Doc()]
    const people = [author(ann), author(bob)]
    for (let round = 0; round < 20; round++) {
      const updates = people.flatMap((doc) =>
        emitted(doc, () => doc.getText('text').insert(0, `${round} 😀`)),
      )
      updates.push(...emitted(people[0]!, () => people[0]!.getText('text').delete(1, 2)))
      const flushed = emitted(server, () => {
        server.transact(() => {
          for (const update of updates) {
            expect(checkUpdate(update, server, limits)).toEqual({ ok: true })
            Y.applyUpdate(server, update)
          }
        })
      })
      for (const update of flushed) expectAccepted(update, other)
      for (const doc of people) for (const update of flushed) Y.applyUpdate(doc, update)
    }
    sameEverywhere(server, other, ...people)
  })

  test('a client block without structs, and deletions of a client without ranges', () => {
    const blocks = [{ client: bob, clock: 3, structs: [] }]
    expectAccepted(write({ blocks, deletes: [{ client: bob, ranges: [] }] }), new Y.Doc())
    expectAccepted(one(bob, 0, text('x', { parent: 'text' })), new Y.Doc())
  })
})
