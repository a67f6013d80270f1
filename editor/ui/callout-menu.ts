import type { Command } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { setCalloutKind, unwrapCallout } from '../commands/callouts.ts'
import { calloutKinds, type CalloutKind } from '../schema/index.ts'
import { blockIcon } from './block-icons.ts'
import { openMenu, type MenuEntry } from './control-menu.ts'
import { text } from './text.ts'

interface CalloutMenuOptions {
  readonly view: EditorView
  readonly anchor: HTMLElement
  /** What the callout is now. */
  readonly kind: CalloutKind
  readonly getPosition: () => number | undefined
  readonly onClose: () => void
}

/** Opens the menu that changes a callout's kind, or takes the callout away. */
export function openCalloutMenu({ view, anchor, kind, getPosition, onClose }: CalloutMenuOptions): {
  close(): void
} {
  const run = (command: (position: number) => Command) => () => {
    const position = getPosition()
    if (position !== undefined) command(position)(view.state, view.dispatch)
    view.focus()
  }
  const kinds: MenuEntry[] = calloutKinds.map((name) => ({
    label: text.callouts[name],
    icon: blockIcon(name),
    isChecked: name === kind,
    isRadio: true,
    run: run((position) => setCalloutKind(position, name)),
  }))
  const entries = [...kinds, null, { label: text.calloutRemove, run: run(unwrapCallout) }]
  return openMenu({
    anchor,
    page: view.dom.parentElement ?? view.dom,
    label: text.calloutKind,
    entries,
    onClose,
  })
}
