import {
  baseKeymap,
  chainCommands,
  joinBackward,
  joinForward,
  lift,
  setBlockType,
  splitBlock,
  wrapIn,
} from 'prosemirror-commands'
import { Schema, type Node } from 'prosemirror-model'
import { EditorState, type Command } from 'prosemirror-state'
import { EditorView } from 'prosemirror-view'
import { initProseMirrorDoc, undo as stockUndo, ySyncPlugin, yUndoPlugin } from 'y-prosemirror'
import type * as Y from 'yjs'
import { fragmentName } from '../../server/protocol/document.ts'
import { bindFragment, undo } from '../binding/binding.ts'
import { makePlainer, removeEmptyBefore } from '../commands/backspace.ts'
import { changeLevel, setStyle, toggleCodeBlock, toggleList } from '../commands/blocks.ts'
import { enter } from '../commands/enter.ts'
import { schema } from '../schema/index.ts'

/** An editor to put to the test: how it is made, and what its keys and buttons do. */
export interface Kit {
  readonly name: string
  block(text: string): Node
  open(doc: Y.Doc): { readonly view: EditorView; readonly repairs: () => number; destroy(): void }
  readonly commands: Readonly<Record<CommandName, Command>>
}

export type CommandName =
  'enter' | 'backspace' | 'joinForward' | 'list' | 'style' | 'wrap' | 'retype' | 'indent' | 'undo'

const setHeading = setStyle('heading1')

/** Ours, with a container that blocks can be wrapped in. */
export const ours: Kit = {
  name: 'ours',
  block: (text) => schema.node('paragraph', null, text === '' ? [] : schema.text(text)),
  open: (doc) => {
    const fragment = doc.getXmlFragment(fragmentName)
    const bound = bindFragment({ fragment, schema, startsFromDoc: true })
    const view = new EditorView(null, {
      state: EditorState.create({ doc: bound.doc, plugins: [...bound.plugins] }),
    })
    return {
      view,
      repairs: () => bound.keeper.repairs,
      destroy: () => {
        bound.keeper.destroy()
        view.destroy()
      },
    }
  },
  commands: {
    enter: chainCommands(enter, splitBlock),
    backspace: chainCommands(makePlainer, removeEmptyBefore, joinBackward),
    joinForward,
    list: toggleList('bullet'),
    style: setHeading,
    wrap: wrapIn(schema.nodes.callout),
    retype: toggleCodeBlock,
    indent: changeLevel(1),
    undo,
  },
}

const classic = new Schema({
  nodes: {
    doc: { content: 'block+' },
    paragraph: { group: 'block', content: 'inline*', toDOM: () => ['p', 0] },
    heading: { group: 'block', content: 'inline*', attrs: { level: { default: 1 } }, toDOM: () => ['h1', 0] },
    blockquote: { group: 'block', content: 'block+', toDOM: () => ['blockquote', 0] },
    code_block: { group: 'block', content: 'text*', code: true, toDOM: () => ['pre', 0] },
    bullet_list: { group: 'block', content: 'list_item+', toDOM: () => ['ul', 0] },
    list_item: { content: 'paragraph block*', toDOM: () => ['li', 0] },
    text: { group: 'inline' },
  },
})

/** y-prosemirror as it is, with the nodes most editors have. */
export const stock: Kit = {
  name: 'stock',
  block: (text) => classic.nodes.paragraph.create(null, text === '' ? null : classic.text(text)),
  open: (doc) => {
    const fragment = doc.getXmlFragment(fragmentName)
    const initial = initProseMirrorDoc(fragment, classic)
    const view = new EditorView(null, {
      state: EditorState.create({
        doc: initial.doc,
        plugins: [ySyncPlugin(fragment, { mapping: initial.mapping }), yUndoPlugin()],
      }),
    })
    return { view, repairs: () => 0, destroy: () => view.destroy() }
  },
  commands: {
    enter: baseKeymap['Enter'] ?? splitBlock,
    backspace: joinBackward,
    joinForward,
    list: chainCommands(lift, wrapIn(classic.nodes.bullet_list)),
    style: setBlockType(classic.nodes.heading),
    wrap: wrapIn(classic.nodes.blockquote),
    retype: setBlockType(classic.nodes.code_block),
    indent: lift,
    undo: stockUndo,
  },
}
