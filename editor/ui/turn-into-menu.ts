import type { EditorView } from 'prosemirror-view'
import { activeKind, blockKinds, turnInto, type BlockKind } from '../commands/turn-into.ts'
import { isShortcut, keysOf, nameKeys } from '../plugins/shortcuts.ts'
import { laterIcon, type LaterIconName } from './later-icons.ts'
import { openMenu, type MenuItem } from './menu.ts'
import { text } from './text.ts'

/** What a kind of block is called. */
export function kindName(kind: BlockKind): string {
  return kind === 'bullet' || kind === 'ordered' || kind === 'task' ? text[kind] : text.styles[kind]
}

const iconOf = (kind: BlockKind): LaterIconName => (kind === 'code' ? 'codeBlock' : kind)

/** Menu items that make blocks something else; `prepare` selects them first where they aren't. */
export function turnIntoItems(view: EditorView, prepare: () => void = () => {}): MenuItem[] {
  const active = activeKind(view.state)
  return blockKinds.map((kind) => ({
    label: kindName(kind),
    picture: laterIcon(iconOf(kind)),
    isChecked: kind === active,
    ...(kind !== 'code' && isShortcut(kind) ? { keys: nameKeys(keysOf(kind)[0]) } : {}),
    run: () => {
      prepare()
      turnInto(kind)(view.state, view.dispatch, view)
    },
  }))
}

/** Opens the kinds of block that the selected ones can become. */
export function openTurnInto(view: EditorView, button: HTMLElement): void {
  const groups = [{ label: text.turnInto, items: turnIntoItems(view) }]
  openMenu(view, { label: text.turnInto, groups, anchor: button })
}
