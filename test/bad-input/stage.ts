import { expect } from 'vitest'
import * as Y from 'yjs'
import { metaName, schemaKey } from '../../server/protocol/document.ts'
import type { Hello } from '../../server/protocol/messages.ts'
import { dump } from '../../server/test/edits.ts'
import { written } from '../../server/test/gate-scene.ts'
import { step2Frame } from '../../server/test/wire-frames.ts'
import { type Door, enter, ours, readDocument, soon } from './guest.ts'
import { Person } from './person.ts'
import type { ServerChild } from './server-child.ts'

/** What people write; it must never turn up in a log. */
export const canary = 'kestrel'

/**
 * A document with what `written` says (Ann, 7, and Bob, 9, are gone), in which Eve and Finn are at work, and another
 * one with Gwen and Hal. Whatever is sent to the first, they are to notice nothing.
 */
export class Stage {
  readonly server: ServerChild
  /** Where people come in. */
  readonly door: Door
  readonly eve: Person
  readonly finn: Person
  readonly gwen: Person
  readonly hal: Person
  #words = 0

  private constructor(server: ServerChild, door: Door, people: readonly Person[]) {
    const [eve, finn, gwen, hal] = people
    if (!eve || !finn || !gwen || !hal) throw new Error('four people are needed')
    this.server = server
    this.door = door
    this.eve = eve
    this.finn = finn
    this.gwen = gwen
    this.hal = hal
  }

  static async set({ server, name, hello }: Setting): Promise<Stage> {
    const path = encodeURIComponent(name)
    const here: Door = { port: server.port, path, hello }
    const elsewhere: Door = { ...here, path: `${path}-elsewhere` }
    await write(here, Y.encodeStateAsUpdate(atFirst()))
    const people = [
      await Person.arrive(here, 'eve', 3_111_222_333),
      await Person.arrive(here, 'finn', 3_222_333_444),
      await Person.arrive(elsewhere, 'gwen', 3_333_444_555),
      await Person.arrive(elsewhere, 'hal', 3_444_555_666),
    ]
    return new Stage(server, here, people)
  }

  get path(): string {
    return this.door.path
  }

  get people(): readonly Person[] {
    return [this.eve, this.finn, this.gwen, this.hal]
  }

  /** The documents as those see them who were there all the time, by path. */
  get seen(): readonly { readonly path: string; readonly doc: Y.Doc; readonly others: readonly Y.Doc[] }[] {
    return [
      { path: this.path, doc: this.eve.doc, others: [this.finn.doc] },
      { path: `${this.path}-elsewhere`, doc: this.gwen.doc, others: [this.hal.doc] },
    ]
  }

  /** Each writes a word; gives the milliseconds until it was read. */
  async everybodyTypes(): Promise<number[]> {
    const word = `${canary}${++this.#words} `
    const { eve, finn, gwen, hal } = this
    return Promise.all([eve.typesTo(finn, word), finn.typesTo(eve, word), gwen.typesTo(hal, word)])
  }

  /** Everything everybody wrote is saved, is in the documents as a newcomer finds them, and all have the same. */
  async isWhole(): Promise<void> {
    for (const person of this.people) expect(person.trouble, person.name).toBeNull()
    await Promise.all(this.people.map((person) => person.allSaved()))
    for (const { path, doc, others } of this.seen) {
      const fresh = await readDocument({ ...this.door, path })
      for (const other of [fresh, ...others]) expectSame(other, doc)
      expect(fresh.store.pendingStructs ?? fresh.store.pendingDs).toBeNull()
    }
    const fresh = await readDocument(this.door)
    for (const { name, text } of [this.eve, this.finn]) expect(fresh.getText(name).toJSON()).toBe(text)
  }

  /** There is nothing in the document but what people wrote. */
  async isUntouched(): Promise<void> {
    const expected = atFirst()
    for (const { client, name, text } of [this.eve, this.finn]) {
      expected.clientID = client
      expected.getText(name).insert(0, text)
    }
    expectSame(await readDocument(this.door), expected)
  }

  /** The latest moment of the document's history, with what was deleted by then. */
  async past(): Promise<string> {
    const api = `http://127.0.0.1:${this.server.port}/api/documents/${this.path}/history`
    const { moments } = (await (await fetch(api)).json()) as { moments: { moment: string }[] }
    const answer = await fetch(`${api}/${moments.at(-1)?.moment ?? ''}`)
    const doc = new Y.Doc({ gc: false })
    Y.applyUpdate(doc, new Uint8Array(await answer.arrayBuffer()))
    const items = [...doc.store.clients.values()].flat().filter((struct) => struct instanceof Y.Item)
    return items.map(({ content }) => (content instanceof Y.ContentString ? content.str : '')).join('')
  }

  leave(): void {
    for (const person of this.people) person.leave()
  }
}

interface Setting {
  readonly server: ServerChild
  readonly name: string
  readonly hello: Hello | undefined
}

/** The same content, the same clocks. */
export function expectSame(doc: Y.Doc, expected: Y.Doc): void {
  expect(dump(doc)).toEqual(dump(expected))
  expect(Y.decodeStateVector(Y.encodeStateVector(doc))).toEqual(
    Y.decodeStateVector(Y.encodeStateVector(expected)),
  )
}

/** `written`, by an editor that knows schema 1. */
function atFirst(): Y.Doc {
  const doc = written()
  doc.clientID = 11
  doc.getMap(metaName).set(schemaKey, 1)
  return doc
}

async function write(door: Door, update: Uint8Array): Promise<void> {
  const socket = await enter(door, 'coscribe.1')
  socket.send(step2Frame(update))
  await soon(socket, 'the document to be saved', () => ours(socket).some(({ type }) => type === 'saved'))
  socket.destroy()
}
