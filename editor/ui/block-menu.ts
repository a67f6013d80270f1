import type { ReferenceElement } from '@floating-ui/dom'
import type { Command } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { continueNumbering, restartNumbering } from '../commands/lists.ts'
import { deleteBlock, duplicateBlock, moveRange, selectBlock } from '../commands/move-blocks.ts'
import { keysOf, nameKeys } from '../plugins/shortcuts.ts'
import { laterIcon } from './later-icons.ts'
import { openMenu, type MenuGroup, type MenuItem, type OpenMenu } from './menu.ts'
import { laterText } from './later-text.ts'
import { text } from './text.ts'
import { turnIntoItems } from './turn-into-menu.ts'

interface BlockMenuOptions {
  readonly start: number
  /** Where the block now begins; null when somebody has deleted it. */
  readonly block: () => number | null
  readonly onClose: () => void
}

/** Opens what can be done to one block. */
export function openBlockMenu(
  view: EditorView,
  anchor: ReferenceElement,
  { start, block, onClose }: BlockMenuOptions,
): OpenMenu | null {
  // The menu is closed, and the block let go, before an item runs.
  let last: number | null = null
  const run = (command: (position: number) => Command) => () => {
    if (last !== null) command(last)(view.state, view.dispatch, view)
  }
  const move = (step: 1 | -1) =>
    run((from) => (state, dispatch) => {
      const node = state.doc.nodeAt(from)
      return node !== null && moveRange({ from, to: from + node.nodeSize }, step)(state, dispatch)
    })
  const { moveUp, moveDown, duplicate, remove } = laterText.block
  const [up, down] = [nameKeys(keysOf('moveUp')[0]), nameKeys(keysOf('moveDown')[0])]
  const actions: MenuGroup = {
    label: laterText.block.actions,
    items: [
      { label: moveUp, picture: laterIcon('moveUp'), keys: up, run: move(-1) },
      { label: moveDown, picture: laterIcon('moveDown'), keys: down, run: move(1) },
      { label: duplicate, picture: laterIcon('duplicate'), run: run(duplicateBlock) },
      { label: remove, picture: laterIcon('remove'), run: run(deleteBlock) },
    ],
  }
  const ofItem = (command: Command) =>
    run((from) => (state, dispatch) => {
      selectBlock(from)(state, dispatch)
      return command(view.state, dispatch)
    })
  const name = view.state.doc.nodeAt(start)?.type.name
  const isText = name === 'paragraph' || name === 'code_block'
  if (isText) selectBlock(start)(view.state, view.dispatch)
  const numbering = isText ? numberingItems(view, ofItem) : []
  const lists = numbering.length > 0 ? [{ label: laterText.numbering.name, items: numbering }] : []
  const kinds = isText ? [{ label: text.turnInto, items: turnIntoItems(view, run(selectBlock)) }] : []
  return openMenu(view, {
    label: laterText.block.menu,
    groups: [actions, ...lists, ...kinds],
    anchor,
    onClose: () => {
      last = block()
      onClose()
    },
  })
}

/** What applies to the numbered item with the caret; nothing for any other block. */
function numberingItems(view: EditorView, run: (command: Command) => () => void): MenuItem[] {
  const commands = { restart: restartNumbering(), continue: continueNumbering }
  return (['restart', 'continue'] as const)
    .filter((name) => commands[name](view.state))
    .map((name) => ({
      label: laterText.numbering[name],
      picture: laterIcon(name),
      run: run(commands[name]),
    }))
}
