// @vitest-environment jsdom
import { beforeEach, describe, expect, test } from 'vitest'
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { fragmentName } from '../../server/protocol/document.ts'
import { createEditor } from '../editor.ts'
import type { Editor } from '../options.ts'
import { setLink } from '../commands/marks.ts'
import type { ConnectOptions, Sync } from '../sync/connect.ts'
import type { Status } from '../sync/status.ts'
import { p, Writer } from './page.ts'

/** A connection the test plays: nothing happens until it says so. */
class Line implements Sync {
  readonly doc: Y.Doc
  readonly awareness: Awareness
  readonly ready: Promise<void>
  readonly hasUnsaved = false
  readonly isLastPlace = false
  readonly earlierClients = new Set<number>()
  status: Status = { state: 'connecting' }
  isDestroyed = false
  open = (): void => undefined
  #listener: (status: Status) => void = () => undefined

  constructor({ doc, awareness }: ConnectOptions) {
    this.doc = doc
    this.awareness = awareness
    this.ready = new Promise((resolve) => (this.open = resolve))
  }

  onStatus(listener: (status: Status) => void): () => void {
    this.#listener = listener
    return () => (this.#listener = () => undefined)
  }

  say(status: Status): void {
    this.status = status
    this.#listener(status)
  }

  discard(): Promise<void> {
    return Promise.resolve()
  }

  destroy(): void {
    this.isDestroyed = true
  }
}

describe('An editor with a server', () => {
  let target: HTMLElement
  let line: Line
  let editor: Editor
  beforeEach(() => {
    target = document.createElement('div')
    document.body.replaceChildren(target)
    const connect = (options: ConnectOptions): Sync => (line = new Line(options))
    editor = createEditor(target, { server: 'ws://x.example', document: 'd', user: { name: 'Ada' }, connect })
  })

  test('[E31] shows a skeleton and nothing to edit until the document is here', async () => {
    expect(editor.view).toBeNull()
    expect(target.querySelector('[contenteditable]')).toBeNull()
    expect(target.querySelector('[role=status]')?.getAttribute('aria-label')).toBe('Opening the document…')
    const paragraph = new Y.XmlElement('paragraph')
    paragraph.insert(0, [new Y.XmlText('from the server')])
    line.doc.getXmlFragment(fragmentName).insert(0, [paragraph])
    line.open()
    await editor.ready
    expect(target.querySelector('[role=status]')).toBeNull()
    expect(target.querySelector('[contenteditable=true]')?.textContent).toBe('from the server')
    editor.destroy()
  })

  test('[E31] can be read but not edited while the server says so', async () => {
    line.open()
    await editor.ready
    const states: Status[] = []
    editor.on('status', (status) => states.push(status))
    line.say({ state: 'read-only' })
    expect(target.querySelector('[role=textbox]')?.getAttribute('contenteditable')).toBe('false')
    expect(target.querySelector('[role=textbox]')?.getAttribute('aria-readonly')).toBe('true')
    line.say({ state: 'saved' })
    expect(target.querySelector('[role=textbox]')?.getAttribute('contenteditable')).toBe('true')
    expect(states.map(({ state }) => state)).toEqual(['read-only', 'saved'])
    editor.destroy()
  })

  test('[S4] asks for a copy only when told to, in the name of its user', () => {
    const asked: ConnectOptions['offline'][] = []
    const connect = (options: ConnectOptions): Sync => {
      asked.push(options.offline)
      return new Line(options)
    }
    const common = { server: 'ws://x.example', document: 'd', connect }
    const editors = [
      createEditor(target, common),
      createEditor(target, { ...common, offline: false }),
      createEditor(target, { ...common, offline: true }),
      createEditor(target, { ...common, offline: true, user: { id: 'u1', name: 'Ada' } }),
      createEditor(target, { ...common, offline: { key: 'mine' }, user: { id: 'u1', name: 'Ada' } }),
    ]
    expect(asked).toEqual([undefined, undefined, { key: '' }, { key: 'u1' }, { key: 'mine' }])
    for (const each of editors) each.destroy()
  })

  test('[E32] leaves nothing behind when destroyed, before or after the document came', async () => {
    const { awareness } = editor
    editor.destroy()
    line.open()
    await editor.ready
    expect(editor.view).toBeNull()
    expect(target.innerHTML).toBe('')
    expect(line.isDestroyed).toBe(true)
    expect(awareness.getLocalState()).toBeNull()
    editor.destroy()
  })
})

describe('An editor on a document of one’s own', () => {
  test('[E32] leaves document and presence to their owner, and takes back what it put there', () => {
    const ydoc = new Y.Doc()
    const awareness = new Awareness(ydoc)
    const target = document.body.appendChild(document.createElement('div'))
    const editor = createEditor(target, { ydoc, awareness, user: { name: 'Ada' } })
    let changes = 0
    editor.on('change', () => changes++)
    editor.destroy()
    expect(awareness.getLocalState()).toEqual({ user: null })
    ydoc.getXmlFragment(fragmentName).insert(0, [new Y.XmlElement('paragraph')])
    expect([changes, target.innerHTML, ydoc.isDestroyed]).toEqual([0, '', false])
    awareness.destroy()
  })

  test('[E33] tells changes made here from changes made elsewhere', () => {
    const writer = new Writer()
    const seen: boolean[] = []
    writer.editor.on('change', ({ isLocal }) => seen.push(isLocal))
    writer.write(p('x'))
    writer.ydoc.getXmlFragment(fragmentName).insert(0, [new Y.XmlElement('paragraph')])
    expect(seen).toEqual([true, false])
  })

  test('[E33] tells its title as the server does: the title’s text, else the first text', () => {
    expect(new Writer().editor.title).toBe('')
    expect(new Writer().write(p(''), p('first'), p('x')).editor.title).toBe('first')
    expect(new Writer().write(p('first'), p(' A title ', { style: 'title' })).editor.title).toBe('A title')
  })

  test('[S7] tells the document as text and as HTML', () => {
    const ann = new Writer().write(p('Plan', { style: 'title' }), p('one', { list: 'bullet' }), p('end'))
    expect(ann.editor.getText()).toBe('Plan\n\n- one\n\nend')
    expect(ann.editor.getHTML()).toContain('<li>one</li>')
    expect([ann.editor.hasUnsaved, ann.editor.isLastPlace]).toEqual([false, false])
  })

  test('[E33] refuses to be made without a document, a place or a source', () => {
    const ydoc = new Y.Doc()
    expect(() => createEditor('#nowhere', { ydoc })).toThrow('#nowhere')
    expect(() => createEditor(document.body, {})).toThrow('server')
    expect(() => createEditor(document.body, { server: 'ws://x' })).toThrow('document')
  })
})

describe('The toolbar', () => {
  const tool = (name: string) =>
    document.querySelector<HTMLButtonElement>(`.coscribe-toolbar [data-tool=${name}]`)!

  test('[E34] shows what the selection is and what can be done', async () => {
    const writer = new Writer().write(p('text', { list: 'bullet' })).at(0, 0, 4)
    await expect.poll(() => tool('bullet').getAttribute('aria-pressed')).toBe('true')
    expect(tool('strong').getAttribute('aria-pressed')).toBe('false')
    expect(tool('outdent').disabled).toBe(true)
    expect(tool('rule').hasAttribute('aria-pressed')).toBe(false)
    writer.press('Ctrl-b')
    await expect.poll(() => tool('strong').getAttribute('aria-pressed')).toBe('true')
    tool('bullet').click()
    expect(writer.lines).toEqual(['<strong>text</strong>'])
  })

  test('[E34] is drawn after the frame that shows what was typed, once', async () => {
    const writer = new Writer().write(p('text', { list: 'bullet' })).at(0)
    await expect.poll(() => tool('bullet').getAttribute('aria-pressed')).toBe('true')
    const shown: unknown[] = []
    const look = new MutationObserver(() => shown.push(tool('strong').getAttribute('aria-pressed')))
    look.observe(tool('strong'), { attributeFilter: ['aria-pressed'] })
    for (let presses = 0; presses < 3; presses++) writer.press('Ctrl-b')
    await new Promise((resolve) => requestAnimationFrame(resolve))
    expect(shown).toEqual([])
    await expect.poll(() => shown).toEqual(['true'])
    look.disconnect()
  })

  test('[E34] is one stop for Tab, with arrow keys, Home and End inside', async () => {
    new Writer().write(p('text')).at(0)
    await expect.poll(() => tool('strong').disabled).toBe(false)
    const controls = [...document.querySelectorAll<HTMLElement>('.coscribe-toolbar :is(button, select)')]
    const stops = () => controls.filter((control) => control.tabIndex === 0)
    const press = (key: string) =>
      document.activeElement?.dispatchEvent(
        new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }),
      )
    expect(stops()).toHaveLength(1)
    tool('strong').focus()
    expect(stops()).toEqual([tool('strong')])
    press('ArrowRight')
    expect(document.activeElement).toBe(tool('em'))
    press('End')
    expect(document.activeElement).toBe(controls.at(-1))
  })

  test('[E34] a press on a button leaves the focus in the text', () => {
    new Writer().write(p('text')).at(0)
    const event = new MouseEvent('mousedown', { bubbles: true, cancelable: true })
    tool('strong').dispatchEvent(event)
    expect(event.defaultPrevented).toBe(true)
  })

  test('[E34] the select turns a block into each style and back into text', () => {
    const writer = new Writer().write(p('text')).at(0)
    const select = document.querySelector<HTMLSelectElement>('.coscribe-toolbar select')!
    for (const [value, line] of [
      ['title', 'title text'],
      ['quote', 'quote text'],
      ['code', 'code_block text'],
      ['heading2', 'heading2 text'],
      ['text', 'text'],
    ]) {
      select.value = value!
      select.dispatchEvent(new Event('change', { bubbles: true }))
      expect(writer.lines).toEqual([line])
      expect(select.value).toBe(value)
    }
  })
})

describe('The link editor', () => {
  const popover = () => document.querySelector<HTMLElement>('.coscribe-popover')!

  const field = () => popover().querySelector<HTMLInputElement>('input[name=address]')!
  /** The form is loaded beside the text. */
  const loaded = () => expect.poll(() => document.querySelector('.coscribe-popover')).not.toBeNull()

  function submit(address: string): void {
    const input = field()
    input.value = address
    popover()
      .querySelector('form')!
      .dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }))
  }

  test('[E35] opens with Mod-K, links the selection, and refuses what is no address', async () => {
    const writer = new Writer().write(p('see this')).at(0, 4, 4)
    await loaded()
    writer.press('Ctrl-k')
    expect(document.activeElement).toBe(field())
    submit('javascript:alert(1)')
    expect(popover().querySelector('[role=alert]')).not.toBeNull()
    expect(writer.lines).toEqual(['see this'])
    submit('example.com')
    expect(writer.lines).toEqual(['see <link>this</link>'])
    expect(popover().hidden).toBe(true)
  })

  test('[E35] stays open, on its text, while somebody else types', async () => {
    const writer = new Writer().write(p('see this')).at(0, 4, 4)
    await loaded()
    writer.press('Ctrl-k')
    const text = writer.ydoc.getXmlFragment(fragmentName).get(0)
    if (text instanceof Y.XmlElement && text.get(0) instanceof Y.XmlText) {
      const content = text.get(0)
      if (content instanceof Y.XmlText) writer.ydoc.transact(() => content.insert(0, 'now '), 'network')
    }
    expect(popover().hidden).toBe(false)
    submit('https://example.com')
    expect(writer.lines).toEqual(['now see <link>this</link>'])
  })

  test('[E35] an emptied field removes the link, and Escape changes nothing', async () => {
    const writer = new Writer().write(p('word')).at(0, 0, 4)
    await loaded()
    writer.run(setLink('https://a.example'))
    writer.at(0, 2).press('Ctrl-k')
    popover().dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }))
    expect([popover().hidden, writer.lines]).toEqual([true, ['<link>word</link>']])
    writer.press('Ctrl-k')
    submit('')
    expect(writer.lines).toEqual(['word'])
  })
})
