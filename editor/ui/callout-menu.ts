import type { Command } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { setCalloutKind, unwrapCallout } from '../commands/callouts.ts'
import { calloutKinds, type CalloutKind } from '../schema/index.ts'
import { laterIcon } from './later-icons.ts'
import { openMenu, type OpenMenu } from './menu.ts'
import { text } from './text.ts'

interface CalloutMenuOptions {
  readonly view: EditorView
  readonly anchor: HTMLElement
  /** What the callout is now. */
  readonly kind: CalloutKind
  readonly getPosition: () => number | undefined
  readonly onClose: () => void
}

/** As `openMenu`: the menu that changes a callout's kind, or takes the callout away. */
export function openCalloutMenu(options: CalloutMenuOptions): OpenMenu | null {
  const { view, anchor, kind, getPosition, onClose } = options
  const run = (command: (position: number) => Command) => () => {
    const position = getPosition()
    if (position !== undefined) command(position)(view.state, view.dispatch)
  }
  const kinds = calloutKinds.map((name) => ({
    label: text.callouts[name],
    picture: laterIcon(name),
    isChecked: name === kind,
    run: run((position) => setCalloutKind(position, name)),
  }))
  const groups = [{ items: kinds }, { items: [{ label: text.calloutRemove, run: run(unwrapCallout) }] }]
  return openMenu(view, { label: text.calloutKind, groups, anchor, returnTo: 'anchor', onClose })
}
