import { keydownHandler } from 'prosemirror-keymap'
import { Plugin, type Command } from 'prosemirror-state'
import { isInTable } from '../commands/insert-table.ts'
import { laterView } from '../plugins/later-view.ts'
import { bindings } from '../plugins/shortcuts.ts'
import { CalloutView } from './callout-view.ts'
import { chromeOf } from './chrome.ts'
import { CodeView } from './code-view.ts'
import { TableView } from './table-view.ts'

/** Focuses the controls of the innermost block that has some. */
const focusControls: Command = (state, _dispatch, view) => {
  if (view === undefined) return false
  const { $head } = state.selection
  for (let depth = $head.depth; depth > 0; depth--) {
    const node = $head.node(depth)
    const dom = view.nodeDOM($head.before(depth))
    const isTable = node.type.spec['tableRole'] === 'table'
    const place = isTable ? chromeOf(view) : dom
    const selector = isTable
      ? '.coscribe-table-bar [tabindex="0"]'
      : ':scope > [data-block-control], :scope > * > [data-block-control]'
    const control = place instanceof HTMLElement ? place.querySelector<HTMLElement>(selector) : null
    if (control === null || !(isTable || node.type.spec.code === true || 'kind' in node.attrs)) continue
    control.focus()
    return true
  }
  return false
}

/** Code blocks, callouts and tables with their controls; Alt-F9 goes to those of the block that the caret is in. */
export function blockControls(): Plugin {
  return new Plugin({
    props: {
      nodeViews: {
        callout: (node, view, getPosition) => new CalloutView(node, view, getPosition),
        code_block: (node, view, getPosition) => new CodeView(node, view, getPosition),
        table: (node, view) => new TableView(node, view.dom),
      },
      handleKeyDown: keydownHandler(bindings({ blockControls: focusControls })),
    },
    view: tableBar,
  })
}

/** The controls of tables, fetched when the caret is first in one. */
const tableBar = laterView({
  isNeeded: ({ editable, state }) => editable && isInTable(state),
  load: async () => {
    const { TableBar } = await import('./table-bar.ts')
    return (view) => new TableBar(view)
  },
})
