import { chainCommands } from 'prosemirror-commands'
import { keydownHandler } from 'prosemirror-keymap'
import { NodeSelection, Plugin, TextSelection, type EditorState, type Transaction } from 'prosemirror-state'
import { Decoration, DecorationSet } from 'prosemirror-view'
import {
  captionedImage,
  moveAcrossImage,
  paragraphAfterImage,
  selectedImage,
  selectFromCaption,
  selectImageAfter,
  selectImageBefore,
} from '../commands/images.ts'

const handleKeys = keydownHandler({
  Enter: paragraphAfterImage,
  Backspace: chainCommands(selectFromCaption, selectImageBefore),
  Delete: selectImageAfter,
  ArrowUp: moveAcrossImage('up'),
  ArrowDown: moveAcrossImage('down'),
  ArrowLeft: moveAcrossImage('left'),
  ArrowRight: moveAcrossImage('right'),
})

/** The caret at the end of the selected picture's caption; null when no picture is selected. */
function toCaption(state: EditorState): Transaction | null {
  const image = selectedImage(state)
  if (image === null) return null
  const end = image.position + image.node.nodeSize - 1
  return state.tr.setSelection(TextSelection.create(state.doc, end))
}

/** Keys around pictures; what is typed while one is selected goes into its caption, not in its place. */
export function images(): Plugin {
  return new Plugin({
    props: {
      handleKeyDown: (view, event) => {
        const isComposing = event.isComposing || event.key === 'Process' || event.key === 'Unidentified'
        const tr = isComposing && view.editable ? toCaption(view.state) : null
        if (tr !== null) view.dispatch(tr)
        return tr === null && view.editable && handleKeys(view, event)
      },
      handleClickOn: (view, _position, node, nodePosition, event) => {
        const isOnPicture =
          event.target instanceof Element && event.target.closest('.coscribe-picture') !== null
        if (node.type.name !== 'image' || !isOnPicture) return false
        view.dispatch(view.state.tr.setSelection(NodeSelection.create(view.state.doc, nodePosition)))
        return true
      },
      handleTextInput: (view, _from, _to, text) => {
        const tr = toCaption(view.state)
        if (tr === null) return false
        view.dispatch(tr.insertText(text).scrollIntoView())
        return true
      },
      // A picture with an empty caption shows where to write one while somebody is at it.
      decorations: (state) => {
        const image = selectedImage(state) ?? captionedImage(state)
        if (image === null) return DecorationSet.empty
        const { position, node } = image
        const active = Decoration.node(position, position + node.nodeSize, {
          class: 'coscribe-figure-active',
        })
        return DecorationSet.create(state.doc, [active])
      },
    },
  })
}
