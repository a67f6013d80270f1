import { DOMSerializer, type Node } from 'prosemirror-model'
import { TextSelection, type Command, type EditorState } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { afterEach, expect } from 'vitest'
import type { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { fragmentName } from '../../server/protocol/document.ts'
import { undoneApart } from '../binding/binding.ts'
import { loadLaterPlugins } from '../editing-plugins.ts'
import { createEditor } from '../editor.ts'
import type { EditorExtension } from '../extensions.ts'
import type { Editor } from '../options.ts'
import { parseParagraph, schema, type ParagraphAttrs } from '../schema/index.ts'

// jsdom lays nothing out; ProseMirror asks where things are when it scrolls to them.
const nowhere = new DOMRect(0, 0, 0, 0)
Range.prototype.getClientRects = () => Object.assign([nowhere], { item: () => nowhere })
Range.prototype.getBoundingClientRect = () => nowhere
document.elementFromPoint = () => null

await loadLaterPlugins()

const open: (() => void)[] = []
afterEach(() => {
  for (const close of open.splice(0)) close()
})

/** A person at an editor of their own. */
export class Writer {
  readonly editor: Editor
  readonly ydoc: Y.Doc

  constructor(ydoc = new Y.Doc(), awareness?: Awareness, extensions: readonly EditorExtension[] = []) {
    this.ydoc = ydoc
    const target = document.body.appendChild(document.createElement('div'))
    this.editor = createEditor(target, {
      ydoc,
      extensions,
      ...(awareness === undefined ? {} : { awareness }),
    })
    open.push(() => {
      this.editor.destroy()
      target.remove()
    })
  }

  get view(): EditorView {
    if (this.editor.view === null) throw new Error('The editor has no view yet')
    return this.editor.view
  }

  get state(): EditorState {
    return this.view.state
  }

  get doc(): Node {
    return this.state.doc
  }

  /** Replaces everything by these blocks. */
  write(...blocks: Node[]): this {
    const { tr, schema } = this.state
    const own = blocks.map((block) => schema.nodeFromJSON(block.toJSON()))
    this.view.dispatch(undoneApart(tr.replaceWith(0, this.doc.content.size, own)))
    return this
  }

  /** Puts the caret (or a selection) into a block: `offset` characters into it, from the end when negative. */
  at(block: number, offset = 0, length = 0): this {
    const start = this.startOf(block)
    const from = offset < 0 ? start + this.doc.child(block).content.size + offset + 1 : start + offset
    this.view.dispatch(this.state.tr.setSelection(TextSelection.create(this.doc, from, from + length)))
    return this
  }

  startOf(block: number): number {
    let position = 1
    for (let index = 0; index < block; index++) position += this.doc.child(index).nodeSize
    return position
  }

  /** Types as a person does: letter by letter, through keys and input rules. */
  type(text: string): this {
    for (const letter of text) {
      if (letter === '\n') {
        this.press('Enter')
        continue
      }
      this.view.dom.dispatchEvent(
        new KeyboardEvent('keydown', { key: letter, bubbles: true, cancelable: true }),
      )
      const { from, to } = this.state.selection
      const deflt = () => this.state.tr.insertText(letter, from, to)
      const isHandled = this.view.someProp('handleTextInput', (f) => f(this.view, from, to, letter, deflt))
      if (isHandled !== true) this.view.dispatch(deflt())
    }
    return this
  }

  /** Presses a key such as `Ctrl-Shift-7`; true when the editor gave it a meaning. */
  press(keys: string): boolean {
    const parts = keys.split('-')
    const event = new KeyboardEvent('keydown', {
      key: parts.at(-1) ?? '',
      ctrlKey: parts.includes('Ctrl'),
      shiftKey: parts.includes('Shift'),
      altKey: parts.includes('Alt'),
      bubbles: true,
      cancelable: true,
    })
    this.view.dom.dispatchEvent(event)
    return event.defaultPrevented
  }

  run(command: Command): boolean {
    return this.editor.run(command)
  }

  paste(content: { html?: string; text?: string }): this {
    if (content.html === undefined) this.#pasteData({ 'text/plain': content.text ?? '', 'text/html': '' })
    else this.#pasteData({ 'text/plain': content.text ?? '', 'text/html': content.html })
    return this
  }

  #pasteData(data: Record<string, string>): void {
    const event = new Event('paste', { bubbles: true, cancelable: true })
    Object.assign(event, {
      clipboardData: { getData: (type: string) => data[type] ?? '', files: [], types: Object.keys(data) },
    })
    this.view.dom.dispatchEvent(event)
  }

  /** The document in short: `heading1 Title`, `bullet·1 item`, one line for each block. */
  get lines(): string[] {
    return this.doc.children.map(describe)
  }

  /** What Yjs holds. */
  get xml(): string {
    // eslint-disable-next-line @typescript-eslint/no-base-to-string -- Yjs prints its XML this way.
    return this.ydoc.getXmlFragment(fragmentName).toString()
  }

  get html(): string {
    const holder = document.createElement('div')
    holder.append(DOMSerializer.fromSchema(this.state.schema).serializeFragment(this.doc.content))
    return holder.innerHTML
  }
}

/** A block in short, marks as tags. */
export function describe(node: Node): string {
  if (!node.isTextblock || (node.type.name === 'image' && node.childCount === 0))
    return node.isAtom || node.childCount === 0
      ? `[${node.type.name}]`
      : `[${node.type.name}: ${node.textContent}]`
  const kind = node.type.name === 'paragraph' ? describeAttrs(parseParagraph(node.attrs)) : node.type.name
  const text = node.children.map((child) => {
    const names = child.marks.map((mark) => mark.type.name)
    const content = child.isText ? (child.text ?? '') : `[${child.type.name}]`
    return names.reduceRight((inner, name) => `<${name}>${inner}</${name}>`, content)
  })
  return [kind, text.join('')].filter((part) => part !== '').join(' ')
}

function describeAttrs({ style, list, level, checked, align }: ParagraphAttrs): string {
  const levelled = [list ?? (level === null ? null : 'indent'), level]
    .filter((part) => part !== null)
    .join('·')
  return [style, levelled, checked === true ? 'done' : null, align]
    .filter((part) => part !== null && part !== '')
    .join(' ')
}

/** A paragraph. */
export function p(text = '', attrs: Partial<ParagraphAttrs> = {}): Node {
  return schema.nodes.paragraph.create(attrs, text === '' ? null : schema.text(text))
}

/** Two writers on one document, whose connection the test cuts and mends. */
export function two(...blocks: Node[]): { ann: Writer; bob: Writer; meet: () => void; same: () => void } {
  const ann = new Writer()
  if (blocks.length > 0) ann.write(...blocks)
  const copy = new Y.Doc()
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(ann.ydoc))
  const bob = new Writer(copy)
  const meet = (): void => {
    const fromAnn = Y.encodeStateAsUpdate(ann.ydoc, Y.encodeStateVector(bob.ydoc))
    Y.applyUpdate(ann.ydoc, Y.encodeStateAsUpdate(bob.ydoc, Y.encodeStateVector(ann.ydoc)), 'network')
    Y.applyUpdate(bob.ydoc, fromAnn, 'network')
  }
  const same = (): void => {
    // What the one repairs after a meeting, the other has to hear of.
    for (let times = 0; times < 4; times++) meet()
    expect(bob.lines).toEqual(ann.lines)
    expect(bob.xml).toBe(ann.xml)
    expect(bob.doc.toJSON()).toEqual(ann.doc.toJSON())
  }
  return { ann, bob, meet, same }
}
